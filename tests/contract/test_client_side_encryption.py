# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption: what the table of kinds in test_kinds.py does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .conftest import Task


def both(task: Task, module: str = "s3_encrypted_object", **options: Any) -> dict[str, Any]:
    """The result of a real run that succeeds, after a check run with the same result."""
    check = task(module, check=True, **options)
    real = task(module, **options)
    assert not real.get("failed"), real["msg"]
    for name in ("changed", "diff", "actions", "warnings"):
        assert check.get(name) == real.get(name), name
    return real


def test_a_hint_without_an_envelope_is_refused(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """The client for Ruby leaves only the size of the plaintext beside an instruction file, which may be lost."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"ciphertext", Metadata={"x-amz-unencrypted-content-length": "3"})
    dest = tmp_path / "dest"
    refused = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(dest))
    assert (refused["error"]["kind"], dest.exists()) == ("not_authentic", False)
    assert "neither it nor an instruction file has an encrypted data key" in refused["msg"]
    (listed,) = task("s3_encrypted_object_info", bucket=bucket, prefix="")["objects"]
    assert listed["error"]["kind"] == "not_authentic"
    assert both(task, bucket=bucket, key="a", content="new", overwrite="always")["object"]["size"] == 3
