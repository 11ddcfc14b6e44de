# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption: no key in any output, and neither plaintext nor customer key in any request."""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task
from .encryption_client import EncryptionClient, derive
from .kind_rows import FILE
from .test_new_kinds import sent
from .test_secrets import everything_logged

__all__ = ["everything_logged", "sent"]  # fixtures

PART = 5 * 1024 * 1024
PLAINTEXT = "the plaintext that must stay secret"
OTHER_PLAINTEXT = "another plaintext that must stay secret"
# These occur in nothing else, also not by chance.
FIRST, SECOND, WRONG = (base64.b64encode(os.urandom(24)).decode() for _key in range(3))


def forms(key: bytes) -> list[str]:
    """The formats in which a text could contain a key."""
    return [
        repr(key)[2:-1],
        key.decode("latin-1"),
        key.hex(),
        key.hex().upper(),
        base64.b64encode(key).decode().rstrip("="),
        base64.urlsafe_b64encode(key).decode().rstrip("="),
        ", ".join(map(str, key)),
    ]


def found(keys: dict[str, bytes], text: str) -> list[str]:
    """The names of the keys that a text contains."""
    return [name for name, key in keys.items() if any(form in text for form in forms(key))]


@pytest.fixture
def debug_levels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every logger at DEBUG, whatever level the collection sets, as a debugging tool may do."""
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    with monkeypatch.context() as patch:
        patch.setattr(logging.Logger, "setLevel", lambda _logger, _level: None)
        yield
    for logger, level in before:
        logger.setLevel(level)


class Tasks:
    """Runs tasks in both modes with the most verbose settings, and collects their results and the keys they use."""

    def __init__(self, task: Task, client: EncryptionClient, bucket: str) -> None:
        self.task, self.client, self.bucket = task, client, bucket
        self.results: list[dict[str, Any]] = []
        self.keys = {name: key.encode() for name, key in (("first", FIRST), ("second", SECOND), ("wrong", WRONG))}

    def run(self, module: str = "s3_encrypted_object", *, error: str = "", **options: Any) -> dict[str, Any]:
        """Run a task, which ends with this error, or without one."""
        options = {"bucket": self.bucket, "debug_botocore_endpoint_logs": True, **options}
        self.results.append(self.task(module, check=True, **options))
        done = self.task(module, **options)
        self.results.append(done)
        assert done.get("error", {}).get("kind", "") == error, done.get("msg")
        return done

    def note_keys(self, key: str, customer_key: str = "") -> None:
        """Find out the data key of an object, and the keys that are derived from it."""
        opened = self.client.read(self.bucket, key, customer_key=customer_key.encode() or None)
        number = len(self.keys)
        self.keys[f"data key {number}"] = opened.data_key
        self.keys[f"content key {number}"] = derive(opened.data_key, opened.message_id, b"DERIVEKEY", 32)


@pytest.fixture
def tasks(task: Task, open_bucket: str, s3: Any, kms: Any, at_aws: None) -> Tasks:
    """Tasks at AWS."""
    return Tasks(task, EncryptionClient(s3, kms), open_bucket)


def use_client_side_encryption(tasks: Tasks, folder: Path, s3: Any) -> None:
    """All operations under both kinds, with failures: a wrong key, an altered object, an altered envelope."""
    large = folder / "large"
    large.write_bytes(PLAINTEXT.encode() + b"x" * PART)
    dest = {"dest": str(folder / "dest"), "overwrite": "always"}
    by_kms = {"encryption": "CSE-KMS", "kms_key": "alias/app"}
    key_file = folder / "second.key"
    key_file.write_text(SECOND.encode().hex())
    key_file.chmod(0o600)
    for name, place in (("metadata", {}), ("file", FILE)):
        where = {"key": name}
        first = {"encryption": "CSE-C", "customer_key": FIRST, **place}
        tasks.run(**where, content=PLAINTEXT, **first)
        tasks.note_keys(name, FIRST)
        tasks.run("s3_encrypted_object_download", **where, **dest, customer_key=FIRST)
        tasks.run("s3_encrypted_object_download", **where, **dest, customer_key=WRONG, error="wrong_key")
        tasks.run("s3_encrypted_object_download", **where, **dest, error="wrong_key")
        tasks.run("s3_encrypted_object_info", **where, customer_key=FIRST)
        tasks.run(**where, content=OTHER_PLAINTEXT, encryption="CSE-C", customer_key=WRONG, error="wrong_key")
        tasks.run(**where, encryption="CSE-C", customer_key_file=str(key_file), previous_customer_key=FIRST)
        tasks.run(**where, content=OTHER_PLAINTEXT, content_diff=False, **{**first, "customer_key": SECOND})
        tasks.note_keys(name, SECOND)
        tasks.run(**where, **by_kms, **place, previous_customer_key=SECOND)
        tasks.note_keys(name)
        tasks.run("s3_encrypted_object_download", **where, **dest)
        tasks.run(**where, content=PLAINTEXT, **by_kms)
        tasks.note_keys(name)
    tasks.run(key="large", src=str(large), part_size="5MiB", **by_kms)
    tasks.note_keys("large")
    tasks.run("s3_encrypted_object_download", key="large", **dest)
    stored = s3.get_object(Bucket=tasks.bucket, Key="metadata")
    body, fields = stored["Body"].read(), stored["Metadata"]
    altered = bytes([body[0] ^ 1]) + body[1:]
    s3.put_object(Bucket=tasks.bucket, Key="altered", Body=altered, Metadata=fields)
    tasks.run("s3_encrypted_object_download", key="altered", **dest, error="not_authentic")
    s3.put_object(Bucket=tasks.bucket, Key="mixed", Body=body, Metadata={**fields, "x-amz-d": "A" * 38 + "=="})
    tasks.run("s3_encrypted_object_download", key="mixed", **dest, error="not_authentic")
    tasks.run(key="metadata", state="absent")


def test_no_output_contains_a_key(
    tasks: Tasks, key_arn: str, tmp_path: Path, s3: Any, everything_logged: Any, debug_levels: None
) -> None:
    """Neither a customer key, nor a data key, also of KMS, nor a key of a content: in no result, error, diff or log."""
    use_client_side_encryption(tasks, tmp_path, s3)
    output = str(tasks.results) + everything_logged.getvalue()
    for proof in ("resource_actions", "Invoked with", "GenerateDataKey", "CSE-C", "HTTP/1.1"):
        assert proof in output
    assert len(tasks.keys) == 3 + 2 * 9
    assert found(tasks.keys, output) == []
    assert PLAINTEXT not in output
    assert OTHER_PLAINTEXT not in output


def test_no_request_contains_a_customer_key_or_a_plaintext(
    tasks: Tasks, key_arn: str, tmp_path: Path, s3: Any, sent: list[str]
) -> None:
    """S3 gets the ciphertext and the envelope. KMS alone gets a data key, to encrypt it again."""
    use_client_side_encryption(tasks, tmp_path, s3)
    ours = [request for request in sent if "sealed.s3" in request]
    assert len(ours) > 100
    customer_keys = {name: tasks.keys[name] for name in ("first", "second", "wrong")}
    to_s3 = [request for request in ours if "https://kms." not in request]
    assert len(to_s3) < len(ours)
    for request in ours:
        assert found(customer_keys, request) == []
        assert "customer-key" not in request.lower()
        assert PLAINTEXT not in request
        assert OTHER_PLAINTEXT not in request
    for request in to_s3:
        assert found(tasks.keys, request) == []


def test_the_first_request_has_no_customer_key_unless_s3_needs_it(
    tasks: Tasks, tmp_path: Path, s3: Any, sent: list[str]
) -> None:
    """A read that does not name the encryption: only an object that S3 does not give out gets the key."""
    own = {"customer_key": FIRST}
    tasks.run(key="a", content=PLAINTEXT, encryption="CSE-C", **own)
    s3.put_object(Bucket=tasks.bucket, Key="plain", Body=b"plain")
    tasks.run(key="c", content="content", encryption="SSE-C", **own)
    sent.clear()
    for key in ("a", "plain"):
        tasks.run("s3_encrypted_object_download", key=key, dest=str(tmp_path / "dest"), overwrite="always", **own)
        tasks.run("s3_encrypted_object_info", key=key, **own)
    assert len(sent) > 4
    assert [request for request in sent if "customer-key" in request.lower()] == []
    tasks.run("s3_encrypted_object_download", key="c", dest=str(tmp_path / "dest"), overwrite="always", **own)
    assert "customer-key" in sent[-1].lower()
