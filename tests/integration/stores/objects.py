# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of the matrix about objects, for each kind of encryption."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .judge import REFUSED, Expected, is_absent, is_open
from .kinds import BUCKET, KEYS, Kind, put, reported_kind
from .outcome import FALSE_OK, NOT_OFFERED, OPEN, Outcome, Result, Run, expect_refusal, judged, written
from .store import Store

MIB = 1024 * 1024
ONE, OTHER = b"the first content", b"some other content"
PROPERTIES = {"content_type": "text/x-sealed", "cache_control": "max-age=60", "metadata": {"origin": "test"}}
PROPERTIES_IN_HEAD = {"ContentType": "text/x-sealed", "CacheControl": "max-age=60", "Metadata": {"origin": "test"}}
TAGS = {"team": "blue"}
NONE_THERE = Outcome(NOT_OFFERED, "The store does not keep an object under this kind that the SDK writes.")

Row = Callable[["Cell"], Outcome]


class Cell:
    """One row for one kind: the store, the kind, and an object of its own."""

    def __init__(self, store: Store, kind: Kind, key: str) -> None:
        self.store, self.kind, self.key = store, kind, key

    def task(self, **options: Any) -> Run:
        """The task s3_encrypted_object for this object."""

        def run(*, check: bool = False) -> Result:
            return self.store.task("s3_encrypted_object", bucket=BUCKET, key=self.key, check=check, **options)

        return run

    def expected(self, content: bytes, kind: Kind | None = None, **others: Any) -> Expected:
        """The judge of this object."""
        return Expected(self.store, self.key, kind or self.kind, content, **others)

    def is_intact(self) -> bool:
        """Whether the object that the SDK wrote is still there with its content."""
        try:
            found = self.store.s3.get_object(Bucket=BUCKET, Key=self.key, **self.kind.reading())["Body"].read()
        except REFUSED:
            return False
        return bool(found == ONE)

    def prepare(self, **properties: Any) -> bool:
        """Write the object with the SDK."""
        return put(self.store, self.kind, self.key, ONE, **properties)


def upload(cell: Cell) -> Outcome:
    """A new object of one request."""
    return written(cell.task(content=ONE.decode(), **cell.kind.options), cell.expected(ONE))


def upload_in_parts(cell: Cell) -> Outcome:
    """A new object of three parts."""
    content = os.urandom(6 * MIB) * 2
    source = cell.store.folder / "large.bin"
    source.write_bytes(content)
    run = cell.task(src=str(source), remote_src=True, part_size="5MiB", **cell.kind.options)
    return written(run, cell.expected(content))


def upload_with_properties(cell: Cell) -> Outcome:
    """A new object with a content type, a cache control and metadata."""
    run = cell.task(content=ONE.decode(), **PROPERTIES, **cell.kind.options)
    return written(run, cell.expected(ONE, properties=PROPERTIES_IN_HEAD))


def upload_with_tags(cell: Cell) -> Outcome:
    """A new object with a tag."""
    return written(cell.task(content=ONE.decode(), tags=TAGS, **cell.kind.options), cell.expected(ONE, tags=TAGS))


def replace_content(cell: Cell) -> Outcome:
    """Other content for an object."""
    if not cell.prepare():
        return NONE_THERE
    return written(cell.task(content=OTHER.decode(), **cell.kind.options), cell.expected(OTHER), cell.is_intact)


def _kept(kind: Kind) -> dict[str, Any]:
    """The options of a change that keeps the encryption: only SSE-C has to be named, with its key."""
    return kind.options if kind.customer_key else {}


def change_properties(cell: Cell) -> Outcome:
    """Other properties for an object; its content stays."""
    if not cell.prepare(ContentType="text/plain"):
        return NONE_THERE
    run = cell.task(**PROPERTIES, **_kept(cell.kind))
    return written(run, cell.expected(ONE, properties=PROPERTIES_IN_HEAD, names_encryption=False), cell.is_intact)


def change_tags(cell: Cell) -> Outcome:
    """A tag for an object; the rest stays."""
    if not cell.prepare():
        return NONE_THERE
    run = cell.task(tags=TAGS, **_kept(cell.kind))
    return written(run, cell.expected(ONE, tags=TAGS, names_encryption=False), cell.is_intact)


def info(cell: Cell) -> Outcome:
    """Read what an object is."""
    if not cell.prepare():
        return NONE_THERE
    options = {"bucket": BUCKET, "key": cell.key, **cell.kind.reading_options()}
    result = cell.store.task("s3_encrypted_object_info", **options)

    def judge(result: Result) -> str | None:
        (found,) = result["objects"]
        if found["size"] != len(ONE):
            return f"The size is {found['size']}."
        return cell.expected(ONE, names_encryption=False)({"object": found})

    return judged(result, judge)


def download(cell: Cell) -> Outcome:
    """Download an object."""
    if not cell.prepare():
        return NONE_THERE
    dest = cell.store.folder / "downloaded"
    dest.unlink(missing_ok=True)

    def run(*, check: bool = False) -> Result:
        options = {"bucket": BUCKET, "key": cell.key, "dest": str(dest), **cell.kind.reading_options()}
        return cell.store.task("s3_encrypted_object_download", check=check, **options)

    def judge(_result: Result) -> str | None:
        return None if dest.exists() and dest.read_bytes() == ONE else "The file is not the object."

    return written(run, judge)


def _refused_download(cell: Cell, **options: Any) -> Outcome:
    if not cell.kind.customer_key or not cell.prepare():
        return NONE_THERE
    dest = cell.store.folder / "refused"
    dest.unlink(missing_ok=True)
    result = cell.store.task("s3_encrypted_object_download", bucket=BUCKET, key=cell.key, dest=str(dest), **options)
    if not result.get("failed") and is_open(cell.store, cell.key):
        reported = result["object"]["encryption"]["type"]
        return Outcome(FALSE_OK, "The result says SSE-C.") if reported == "SSE-C" else Outcome(OPEN)
    return Outcome(FALSE_OK, "A file was written.") if dest.exists() else expect_refusal(result, "wrong_key")


def download_without_the_key(cell: Cell) -> Outcome:
    """A download without the customer key has to be refused."""
    return _refused_download(cell)


def download_with_another_key(cell: Cell) -> Outcome:
    """A download with another customer key has to be refused."""
    return _refused_download(cell, customer_key=KEYS["wrong"])


def delete(cell: Cell) -> Outcome:
    """Delete an object."""
    if not cell.prepare():
        return NONE_THERE
    run = cell.task(state="absent")
    return written(run, lambda _result: None if is_absent(cell.store, cell.key) else "The object exists.")


def _kind_now(cell: Cell) -> str:
    return reported_kind(cell.store.s3.head_object(Bucket=BUCKET, Key=cell.key, **cell.kind.reading()))


def change_to(target: Kind) -> Row:
    """Change the encryption of an object to another kind."""

    def row(cell: Cell) -> Outcome:
        if not cell.prepare():
            return NONE_THERE
        if target.reported == _kind_now(cell) != "SSE-C":
            return Outcome(NOT_OFFERED, "The object is under this kind already.")
        options = dict(target.options)
        if cell.kind.customer_key:
            options["previous_customer_key"] = cell.kind.customer_key
        return written(cell.task(**options), cell.expected(ONE, target), cell.is_intact)

    return row


ROWS: dict[str, Row] = {
    "upload": upload,
    "upload in parts": upload_in_parts,
    "upload with properties": upload_with_properties,
    "upload with tags": upload_with_tags,
    "replace the content": replace_content,
    "change properties": change_properties,
    "change tags": change_tags,
    "read": info,
    "download": download,
    "download without the key": download_without_the_key,
    "download with another key": download_with_another_key,
    "delete": delete,
}


def run_rows(store: Store, kinds: list[Kind]) -> dict[str, dict[str, Outcome]]:
    """The outcome of each row for each kind. The last kind is only for objects that change their customer key."""
    *columns, second_key = kinds
    targets = {f"change to {kind.title}": change_to(kind) for kind in kinds if kind.reported}
    table: dict[str, dict[str, Outcome]] = {}
    for title, row in {**ROWS, **targets}.items():
        table[title] = {}
        for number, kind in enumerate(columns):
            if kind.customer_key or title != f"change to {second_key.title}":
                key = f"{title}/{number}".replace(" ", "-")
                table[title][kind.title] = row(Cell(store, kind, key))
    return table
