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


def test_no_result_or_log_contains_a_key(task: Task, open_bucket: str, tmp_path: Path, everything_logged: Any) -> None:
    """For all operations on an object under two keys, including failures."""
    where = {"bucket": open_bucket, "key": "a"}
    first = {"encryption": "SSE-C", "customer_key": OWN_KEY}
    second = {"encryption": "SSE-C", "customer_key": OTHER_KEY}
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
        task("s3_encrypted_object_download", **where, dest=str(tmp_path / "a"), customer_key=OTHER_KEY),
        task("s3_encrypted_object_download", **where, dest=str(tmp_path / "b"), customer_key=OWN_KEY),
        task("s3_encrypted_object_download", **where, dest=str(tmp_path / "b"), customer_key=OWN_KEY + "="),
        task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OWN_KEY[:-1]),
        task("s3_encrypted_object_info", **where, customer_key=OWN_KEY.encode().hex()[:-1]),
        task("s3_encrypted_object", bucket="example-nowhere", key="a", content="x", **first),
        task("s3_encrypted_object", **where, encryption="SSE-S3", previous_customer_key=OTHER_KEY),
        task("s3_encrypted_object", **where, state="absent"),
    ]
    output = str(results) + everything_logged.getvalue()
    assert "sse-c" in output.lower()
    assert "Invoked with" in output
    for key in (OWN_KEY, OTHER_KEY):
        for form in forms(key):
            assert form not in output


def test_content_that_equals_a_key_is_hidden(task: Task, open_bucket: str) -> None:
    """Content may be in results, but a key may not, also if it is the content."""
    result = task(
        "s3_encrypted_object", bucket=open_bucket, key="a", content=OWN_KEY, encryption="SSE-C", customer_key=OWN_KEY
    )
    assert OWN_KEY not in str(result)
