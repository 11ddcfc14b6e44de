# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A directory that tests of s3_encrypted_sync upload."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import Result, Task

# The calls of every upload, whatever it finds: one list of objects for each thousand, and one of unfinished uploads.
LISTS = {"ListObjectsV2": 1, "ListMultipartUploads": 1}


class Pusher:
    """Uploads a directory to the prefix `site` of a bucket."""

    def __init__(self, task: Task, bucket: str, root: Path, calls: Callable[[], list[str]]) -> None:
        self.task, self.bucket, self.root, self._calls = task, bucket, root, calls
        self.options: dict[str, Any] = {}
        self.calls: dict[str, int] = {}

    def write(self, files: dict[str, str]) -> None:
        """Write files below the directory."""
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def run(self, *, check: bool = False, **options: Any) -> Result:
        """The result of one run. `calls` has its calls."""
        self._calls()
        chosen = {"bucket": self.bucket, "prefix": "site", "src": str(self.root), **self.options, **options}
        result = self.task("s3_encrypted_sync", check=check, **chosen)
        self.calls = dict(Counter(self._calls()))
        return result

    def both(self, **options: Any) -> Result:
        """The result of a real run, after a check run that has to report the same."""
        check = self.run(check=True, **options)
        done = self.run(**options)
        assert not done.get("failed"), done["msg"]
        for name in ("changed", "objects", "failed_objects", "diff", "warnings"):
            assert check.get(name) == done.get(name), (name, check, done)
        counts = ("matched", "changed", "unchanged", "deleted", "failed", "bytes")
        assert [check["summary"][name] for name in counts] == [done["summary"][name] for name in counts]
        return done

    def keys(self, s3: Any) -> list[str]:
        """The keys in the bucket."""
        return [found["Key"] for found in s3.list_objects_v2(Bucket=self.bucket).get("Contents", ())]


def changed_keys(result: Result) -> list[str]:
    """The keys of the changed rows."""
    return [row["key"] for row in result["objects"] if row["changed"]]


def text_of(result: Result) -> str:
    """All that a user can see of a result."""
    return json.dumps(result, ensure_ascii=False)
