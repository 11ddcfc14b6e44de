# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with src: what is written, what is deleted, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result, Task

Push = Callable[..., Result]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A directory with three files."""
    root = tmp_path / "site"
    (root / "css").mkdir(parents=True)
    (root / "index.html").write_text("<html>")
    (root / "css" / "a.css").write_text("a {}")
    (root / "empty").write_bytes(b"")
    return root


@pytest.fixture
def push(task: Task, open_bucket: str, source: Path) -> Push:
    """Pushes the directory to the prefix `site`."""

    def run(**options: Any) -> Result:
        return task("s3_encrypted_sync", **{"bucket": open_bucket, "prefix": "site", "src": str(source), **options})

    return run


def test_a_directory_is_uploaded_once(push: Push, s3: Any, open_bucket: str) -> None:
    """The first run uploads all files, the second changes nothing."""
    first = push()
    assert first["changed"], first
    assert [row["key"] for row in first["objects"]] == ["site/css/a.css", "site/empty", "site/index.html"]
    found = s3.get_object(Bucket=open_bucket, Key="site/index.html")
    assert (found["Body"].read(), found["ContentType"]) == (b"<html>", "text/html")
    again = push()
    assert (again["changed"], again["summary"]["unchanged"]) == (False, 3), again
