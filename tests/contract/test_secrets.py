# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""No key bytes in any result, diff, error or log line, at any level."""

from __future__ import annotations

import base64
import io
import logging
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object

from .conftest import Task

OWN_KEY = "12345678901234567890123456789012"
OTHER_KEY = "abcdefghabcdefghabcdefghabcdefgh"


def forms(key: str) -> list[str]:
    """The formats in which output could contain a key."""
    raw = key.encode()
    return [key, raw.hex(), raw.hex().upper(), base64.b64encode(raw).decode().rstrip("="), repr(raw)]


@pytest.fixture
def everything_logged(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Everything that any logger writes, at level DEBUG."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    # the system log of the target
    monkeypatch.setattr(
        AnsibleModule, "log", lambda _module, text, log_args=None: written.write(f"{text} {log_args}\n")
    )
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_result_or_log_contains_a_key(
    task: Task, open_bucket: str, s3: Any, tmp_path: Path, everything_logged: Any
) -> None:
    """For all operations on an object under two keys, including failures."""
    s3.create_bucket(Bucket="example-blocked")
    where = {"bucket": open_bucket, "key": "a"}
    first = {"encryption": "SSE-C", "customer_key": OWN_KEY}
    second = {"encryption": "SSE-C", "customer_key": OTHER_KEY}
    below, source = {"bucket": open_bucket, "prefix": "p"}, tmp_path / "source"
    source.mkdir()
    (source / "a").write_text("text")
    (tmp_path / "first.key").write_bytes(OWN_KEY.encode())
    (tmp_path / "second.key").write_text(OTHER_KEY.encode().hex())
    files = {
        "customer_key_file": str(tmp_path / "second.key"),
        "previous_customer_key_file": str(tmp_path / "first.key"),
    }
    results = [
        task("s3_encrypted_object", **where, content="one", **first),
        task("s3_encrypted_object", **where, content="two", **first),
        task("s3_encrypted_object", **where, **second),
        task("s3_encrypted_object", **where, **second, previous_customer_key=OWN_KEY, check=True),
        task("s3_encrypted_object", **where, **second, previous_customer_key=OWN_KEY),
        task("s3_encrypted_object", **where, content="three", encryption="SSE-C", **files),
        task("s3_encrypted_object_info", **where, customer_key=base64.b64encode(OTHER_KEY.encode()).decode()),
        task("s3_encrypted_object_info", **where, customer_key=OTHER_KEY.encode().hex().upper()),
        task("s3_encrypted_object_info", **where, customer_key=OWN_KEY),
        task("bucket_reencryption_info", bucket=open_bucket, versions="all", customer_key=OTHER_KEY),
        task("bucket_reencryption_info", bucket=open_bucket, sample=5, customer_key=OWN_KEY),
        task("s3_encrypted_object_download", **where, dest=str(tmp_path / "a"), customer_key=OTHER_KEY),
        task("s3_encrypted_object_download", **where, dest=str(tmp_path / "b"), customer_key=OWN_KEY),
        task("s3_encrypted_object_download", **where, dest=str(tmp_path / "b"), customer_key=OWN_KEY + "="),
        task("s3_encrypted_sync", **below, src=str(source), **first),
        task("s3_encrypted_sync", **below, src=str(source), **second),
        task(
            "s3_encrypted_sync",
            bucket=open_bucket,
            prefix="p",
            src=str(source),
            **second,
            previous_customer_key=OWN_KEY,
        ),
        task("s3_encrypted_sync", **below, dest=str(tmp_path / "down"), **first),
        task("s3_encrypted_sync", **below, dest=str(tmp_path / "down"), **second),
        task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OWN_KEY[:-1]),
        task("s3_encrypted_object_info", **where, customer_key=OWN_KEY.encode().hex()[:-1]),
        task("s3_encrypted_object", bucket="example-nowhere", key="a", content="x", **first),
        task("s3_encrypted_object", bucket="example-blocked", key="a", content="x", **first),
        task("s3_encrypted_object", **where, encryption="SSE-S3", previous_customer_key=OTHER_KEY),
        task("s3_encrypted_object", **where, state="absent"),
    ]
    output = str(results) + everything_logged.getvalue()
    assert "blocked" in [result["error"]["kind"] for result in results if result.get("error")]
    assert "sse-c" in output.lower()
    assert "Invoked with" in output
    for key in (OWN_KEY, OTHER_KEY):
        for form in forms(key):
            assert form not in output


@pytest.mark.parametrize("option", ["customer_key_file", "previous_customer_key_file"])
@pytest.mark.parametrize("form", range(3))
def test_a_key_in_the_option_for_its_file_is_not_shown(
    task: Task,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: Any,
    option: str,
    form: int,
) -> None:
    """It is refused, and no file of that name is made."""
    monkeypatch.chdir(tmp_path)
    key = (OWN_KEY, OWN_KEY.encode().hex(), base64.b64encode(OWN_KEY.encode()).decode())[form]
    generate = {"customer_key_generate": True} if option == "customer_key_file" else {"customer_key": OTHER_KEY}
    options: dict[str, Any] = {"bucket": bucket, "key": "a", "content": "x", "encryption": "SSE-C", option: key}
    result = task("s3_encrypted_object", **options, **generate)
    assert result["failed"]
    assert f"{option} is the name of a file, and its value has the form of a key" in result["msg"]
    output = str(result) + everything_logged.getvalue()
    assert "Invoked with" in output
    assert not any(text in output for text in forms(OWN_KEY))
    assert list(tmp_path.iterdir()) == []


def test_the_invocation_hides_a_key_in_the_option_for_its_file(bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Ansible prints the invocation of a task that fails, and at verbosity 3."""
    arguments = {"bucket": bucket, "key": "a", "content": "x", "encryption": "SSE-C", "customer_key_file": OWN_KEY}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        s3_encrypted_object.main()
    written = capsys.readouterr().out
    assert '"invocation"' in written
    assert OWN_KEY not in written


@pytest.mark.parametrize(
    ("mode", "words"),
    [(0o600, ""), (0o640, ""), (0o644, "read by all users of the host (mode 0644)"), (0o620, "written by other users")]
    + [(0o666, "written by other users (mode 0666)")],
)
def test_a_key_file_that_others_can_reach(task: Task, open_bucket: str, tmp_path: Path, mode: int, words: str) -> None:
    """Each module warns, with the path, and uses the key."""
    path = tmp_path / "own.key"
    path.write_text(OWN_KEY)
    path.chmod(mode)
    where = {"bucket": open_bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="x", encryption="SSE-C", customer_key=OWN_KEY)
    dest = str(tmp_path / "a")
    for module, options, option in (
        ("s3_encrypted_object", {"content": "x", "encryption": "SSE-C"}, "customer_key_file"),
        ("s3_encrypted_object", {"content": "x", "encryption": "SSE-S3"}, "previous_customer_key_file"),
        ("s3_encrypted_object_info", {}, "customer_key_file"),
        ("s3_encrypted_object_download", {"dest": dest}, "customer_key_file"),
    ):
        result = task(module, **where, **options, **{option: str(path)}, check=True)
        assert "msg" not in result
        about = [warning for warning in result.get("warnings", ()) if str(path) in warning]
        assert len(about) == bool(words)
        assert not words or (words in about[0] and about[0].startswith(option))


def test_a_customer_key_that_ends_in_a_line_end(task: Task, open_bucket: str) -> None:
    """As a value that was encrypted with Ansible Vault from a file."""
    written = base64.b64encode(OWN_KEY.encode()).decode()
    options = {"bucket": open_bucket, "key": "a", "content": "x", "encryption": "SSE-C"}
    assert task("s3_encrypted_object", **options, customer_key=f"{written}\n")["changed"]
    assert not task("s3_encrypted_object", **options, customer_key=written)["changed"]


def test_content_that_equals_a_key_is_hidden(task: Task, open_bucket: str) -> None:
    """Content may be in results, but a key may not, also if it is the content."""
    result = task(
        "s3_encrypted_object", bucket=open_bucket, key="a", content=OWN_KEY, encryption="SSE-C", customer_key=OWN_KEY
    )
    assert OWN_KEY not in str(result)
