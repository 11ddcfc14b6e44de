# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of the matrix about directories, for each kind of encryption."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible_collections.sealed.s3.tests.contract.kind_rows import KindRow

from .judge import Expected, is_absent
from .kinds import BUCKET, REFUSED, put
from .outcome import NOT_OFFERED, Outcome, Result, Run, written
from .store import Store

SYNC = "s3_encrypted_sync"
ONE, OTHER = b"the first content", b"some other content"
NONE_THERE = Outcome(NOT_OFFERED, "The store does not keep an object under this kind that the SDK writes.")


class Prefix:
    """A prefix of its own for one row and kind, and a directory on this host."""

    def __init__(self, store: Store, kind: KindRow, key: str) -> None:
        self.store, self.kind, self.key = store, kind, key
        self.directory = store.folder / "directory"
        shutil.rmtree(self.directory, ignore_errors=True)

    def write_files(self, **contents: bytes) -> None:
        """Write files. In a name, `__` stands for a slash."""
        for name, content in contents.items():
            path = self.directory / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def write_objects(self, **contents: bytes) -> bool:
        """Write objects with the SDK. False: the store does not keep them under this kind."""
        return all(put(self.store, self.kind, f"{self.key}/{name}", content) for name, content in contents.items())

    def push(self) -> Run:
        """The task that uploads the directory."""
        options = {"src": str(self.directory), "remote_src": True, "delete": True, **self.kind.written}
        return lambda *, check=False: self.store.task(SYNC, bucket=BUCKET, prefix=self.key, check=check, **options)

    def pull(self) -> Run:
        """The task that downloads the prefix."""
        options = {"dest": str(self.directory), "delete": True, **self.kind.read_options}
        return lambda *, check=False: self.store.task(SYNC, bucket=BUCKET, prefix=self.key, check=check, **options)

    def has_objects(self, **contents: bytes) -> str | None:
        """What is wrong with the objects, or with what is reported of them."""
        for name, content in contents.items():
            key = f"{self.key}/{name.replace('__', '/')}"
            reported = self.store.task("s3_encrypted_object_info", bucket=BUCKET, key=key, **self.kind.read_options)
            if reported.get("failed"):
                return f"{key}: {reported['msg']}"
            (found,) = reported["objects"]
            wrong = Expected(self.store, key, self.kind, content)({"object": found})
            if wrong:
                return f"{key}: {wrong}"
        return None

    def is_intact(self, **contents: bytes) -> bool:
        """Whether the objects that the SDK wrote are still there."""
        try:
            read = [self.kind.read(self.store.client, BUCKET, f"{self.key}/{name}")[0] for name in contents]
        except REFUSED:
            return False
        return read == list(contents.values())


def push(prefix: Prefix) -> Outcome:
    """Upload a directory to an empty prefix."""
    prefix.write_files(a=ONE, folder__b=OTHER)
    return written(prefix.push(), lambda _result: prefix.has_objects(a=ONE, folder__b=OTHER))


def push_changes(prefix: Prefix) -> Outcome:
    """One file has another content, one has no object, one is equal to its object, and one object has no file."""
    before = {"changed": ONE, "equal": ONE, "obsolete": ONE}
    if not prefix.write_objects(**before):
        return NONE_THERE
    prefix.write_files(changed=OTHER, equal=ONE, new=ONE)

    def judge(_result: Result) -> str | None:
        if not is_absent(prefix.store, f"{prefix.key}/obsolete"):
            return "The object without a file exists."
        return prefix.has_objects(changed=OTHER, equal=ONE, new=ONE)

    return written(prefix.push(), judge, lambda: prefix.is_intact(equal=ONE))


def pull(prefix: Prefix) -> Outcome:
    """Download a prefix into a directory with an equal, another and an obsolete file."""
    if not prefix.write_objects(changed=ONE, equal=OTHER, new=ONE):
        return NONE_THERE
    prefix.write_files(changed=OTHER, equal=OTHER, obsolete=ONE)

    def judge(_result: Result) -> str | None:
        found = {path.relative_to(prefix.directory).as_posix(): path.read_bytes() for path in _files(prefix.directory)}
        return None if found == {"changed": ONE, "equal": OTHER, "new": ONE} else f"The files are {sorted(found)}."

    return written(prefix.pull(), judge)


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


ROWS = {"push a directory": push, "push changes, and delete": push_changes, "pull a prefix": pull}
