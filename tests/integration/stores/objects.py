# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of the matrix about objects, for each kind of encryption."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ansible_collections.sealed.s3.tests.contract.kind_rows import KindRow, reported_kind

from . import directories
from .judge import Expected, is_absent, is_open
from .kinds import BUCKET, REFUSED, WRONG_KEY, in_file, put, with_other_key
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

    def __init__(self, store: Store, kind: KindRow, key: str) -> None:
        self.store, self.kind, self.key = store, kind, key

    def task(self, **options: Any) -> Run:
        """The task s3_encrypted_object for this object."""

        def run(*, check: bool = False) -> Result:
            named = {**self.kind.connection, **options}
            return self.store.task("s3_encrypted_object", bucket=BUCKET, key=self.key, check=check, **named)

        return run

    def expected(self, content: bytes, kind: KindRow | None = None, **others: Any) -> Expected:
        """The judge of this object."""
        return Expected(self.store, self.key, kind or self.kind, content, **others)

    def is_intact(self) -> bool:
        """Whether the object that the SDK wrote is still there with its content."""
        try:
            found, _metadata = self.kind.read(self.store.client, BUCKET, self.key)
        except REFUSED:
            return False
        return found == ONE

    def prepare(self, **properties: Any) -> bool:
        """Write the object with the SDK."""
        return put(self.store, self.kind, self.key, ONE, **properties)


def upload(cell: Cell) -> Outcome:
    """A new object of one request."""
    return written(cell.task(content=ONE.decode(), **cell.kind.written), cell.expected(ONE))


def upload_in_parts(cell: Cell) -> Outcome:
    """A new object of three parts."""
    content = os.urandom(6 * MIB) * 2
    source = cell.store.folder / "large.bin"
    source.write_bytes(content)
    run = cell.task(src=str(source), remote_src=True, part_size="5MiB", **cell.kind.written)
    return written(run, cell.expected(content))


def upload_with_properties(cell: Cell) -> Outcome:
    """A new object with a content type, a cache control and metadata."""
    run = cell.task(content=ONE.decode(), **PROPERTIES, **cell.kind.written)
    return written(run, cell.expected(ONE, properties=PROPERTIES_IN_HEAD))


def upload_with_tags(cell: Cell) -> Outcome:
    """A new object with a tag."""
    return written(cell.task(content=ONE.decode(), tags=TAGS, **cell.kind.written), cell.expected(ONE, tags=TAGS))


def replace_content(cell: Cell) -> Outcome:
    """Other content for an object."""
    if not cell.prepare():
        return NONE_THERE
    return written(cell.task(content=OTHER.decode(), **cell.kind.written), cell.expected(OTHER), cell.is_intact)


def copy_another_object(cell: Cell) -> Outcome:
    """A copy of another object under the same kind, with its metadata and its tags."""
    source = Cell(cell.store, cell.kind, f"{cell.key}-source")
    if not source.prepare(ContentType="text/plain"):
        return NONE_THERE
    key = {"customer_key": cell.kind.customer_key} if cell.kind.customer_key else {}
    run = cell.task(copy_src={"bucket": BUCKET, "key": source.key, **key}, **cell.kind.written)
    return written(run, cell.expected(ONE), source.is_intact)


def _kept(kind: KindRow) -> dict[str, Any]:
    """The options of a change that keeps the encryption: only SSE-C has to be named, with its key."""
    return kind.options if kind.customer_key and not kind.client_side else {}


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
    options = {"bucket": BUCKET, "key": cell.key, **cell.kind.read_options}
    result = cell.store.task("s3_encrypted_object_info", **options)

    def judge(result: Result) -> str | None:
        (found,) = result["objects"]
        expected = len(ONE) + (16 if cell.kind.client_side else 0)  # the tag
        if found["size"] != expected:
            return f"The size is {found['size']}."
        return cell.expected(ONE, names_encryption=False)({"object": found})

    return judged(result, judge)


def download(cell: Cell, **named: Any) -> Outcome:
    """Download an object."""
    if not cell.prepare():
        return NONE_THERE
    dest = cell.store.folder / "downloaded"
    dest.unlink(missing_ok=True)

    def run(*, check: bool = False) -> Result:
        options = {"bucket": BUCKET, "key": cell.key, "dest": str(dest), **cell.kind.read_options, **named}
        return cell.store.task("s3_encrypted_object_download", check=check, **options)

    def judge(_result: Result) -> str | None:
        return None if dest.exists() and dest.read_bytes() == ONE else "The file is not the object."

    return written(run, judge)


def download_that_names_the_key(cell: Cell) -> Outcome:
    """Download an object under the KMS key that the task names, and under no other."""
    return download(cell, encryption=cell.kind.reported, kms_key=cell.kind.kms_key)


def _refused_download(cell: Cell, **options: Any) -> Outcome:
    if not cell.kind.customer_key or not cell.prepare():
        return NONE_THERE
    dest = cell.store.folder / "refused"
    dest.unlink(missing_ok=True)
    where = {"bucket": BUCKET, "key": cell.key, "dest": str(dest), **cell.kind.connection}
    result = cell.store.task("s3_encrypted_object_download", **where, **options)
    if not result.get("failed") and not cell.kind.client_side and is_open(cell.store, cell.key):
        reported = result["object"]["encryption"]["type"]
        return Outcome(FALSE_OK, "The result says SSE-C.") if reported == "SSE-C" else Outcome(OPEN)
    return Outcome(FALSE_OK, "A file was written.") if dest.exists() else expect_refusal(result, "wrong_key")


def download_without_the_key(cell: Cell) -> Outcome:
    """A download without the customer key has to be refused."""
    return _refused_download(cell)


def download_with_another_key(cell: Cell) -> Outcome:
    """A download with another customer key has to be refused."""
    return _refused_download(cell, customer_key=WRONG_KEY)


def delete(cell: Cell) -> Outcome:
    """Delete an object."""
    if not cell.prepare():
        return NONE_THERE
    run = cell.task(state="absent")
    return written(run, lambda _result: None if is_absent(cell.store, cell.key) else "The object exists.")


def _kind_now(cell: Cell) -> str | None:
    if cell.kind.client_side:
        return cell.kind.reported
    return reported_kind(cell.store.s3.head_object(Bucket=BUCKET, Key=cell.key, **cell.kind.reading()))


def change_to(target: KindRow) -> Row:
    """Change the encryption of an object to another kind."""

    def row(cell: Cell) -> Outcome:
        if not cell.prepare():
            return NONE_THERE
        if target.reported == _kind_now(cell) != "SSE-C":
            return Outcome(NOT_OFFERED, "The object is under this kind already.")
        return written(cell.task(**target.written, **cell.kind.previous), cell.expected(ONE, target), cell.is_intact)

    return row


def change_customer_key(cell: Cell) -> Outcome:
    """Another customer key for an object of the same kind."""
    target = with_other_key(cell.kind)
    if target is None or not cell.prepare():
        return NONE_THERE
    return written(cell.task(**target.written, **cell.kind.previous), cell.expected(ONE, target), cell.is_intact)


def _with_file(cell: Cell) -> Cell:
    """The same cell, for an object with its envelope in an instruction file."""
    return Cell(cell.store, in_file(cell.kind), cell.key)


def upload_with_file(cell: Cell) -> Outcome:
    """A new object with an instruction file."""
    kind = in_file(cell.kind)
    return written(cell.task(content=ONE.decode(), **kind.written), cell.expected(ONE, kind))


def move_to_file(cell: Cell) -> Outcome:
    """The envelope moves from the metadata to an instruction file; the content stays."""
    kind = in_file(cell.kind)
    if not cell.prepare():
        return NONE_THERE
    return written(cell.task(**kind.written), cell.expected(ONE, kind), cell.is_intact)


def move_to_metadata(cell: Cell) -> Outcome:
    """The envelope moves from an instruction file to the metadata; the content stays."""
    inside = _with_file(cell)
    if not inside.prepare():
        return NONE_THERE
    return written(cell.task(**cell.kind.written, envelope="metadata"), cell.expected(ONE), inside.is_intact)


def replace_content_with_file(cell: Cell) -> Outcome:
    """Other content for an object with an instruction file, which stays."""
    inside = _with_file(cell)
    if not inside.prepare():
        return NONE_THERE
    return written(cell.task(content=OTHER.decode(), **inside.kind.written), inside.expected(OTHER), inside.is_intact)


def change_customer_key_in_file(cell: Cell) -> Outcome:
    """Another customer key in the instruction file; the object is not written."""
    inside = _with_file(cell)
    target = with_other_key(inside.kind)
    if target is None or not inside.prepare():
        return NONE_THERE
    return written(cell.task(**target.written, **cell.kind.previous), cell.expected(ONE, target), inside.is_intact)


def _of_directory(row: Callable[[directories.Prefix], Outcome]) -> Row:
    """A row about a prefix, for the prefix of this cell."""
    return lambda cell: row(directories.Prefix(cell.store, cell.kind, cell.key))


def delete_with_file(cell: Cell) -> Outcome:
    """Delete an object and its instruction file."""
    if not _with_file(cell).prepare():
        return NONE_THERE

    file = f"{cell.key}.instruction"
    warnings: list[str] = []

    def judge(result: Result) -> str | None:
        """Where the versions of the object cannot be listed, the file stays, and the first run says so."""
        warnings.extend(result["warnings"])
        if not is_absent(cell.store, cell.key):
            return "The object exists."
        stays = any(file in warning for warning in warnings)
        return "The instruction file exists." if not stays and not is_absent(cell.store, file) else None

    return written(cell.task(state="absent"), judge)


ROWS: dict[str, Row] = {
    "upload": upload,
    "upload in parts": upload_in_parts,
    "upload with properties": upload_with_properties,
    "upload with tags": upload_with_tags,
    "replace the content": replace_content,
    "copy another object": copy_another_object,
    "change properties": change_properties,
    "change tags": change_tags,
    "read": info,
    "download": download,
    "download without the key": download_without_the_key,
    "download with another key": download_with_another_key,
    "delete": delete,
    **{title: _of_directory(row) for title, row in directories.ROWS.items()},
}

# Those for client-side kinds only.
ROWS_OF_ENVELOPE: dict[str, Row] = {
    "upload, instruction file": upload_with_file,
    "move the envelope to an instruction file": move_to_file,
    "move the envelope to the metadata": move_to_metadata,
    "replace the content, instruction file": replace_content_with_file,
    "delete, instruction file": delete_with_file,
}


def rows_of(kind: KindRow) -> dict[str, Row]:
    """The rows that a kind has, beside the changes to other kinds."""
    rows = dict(ROWS)
    if kind.customer_key:
        rows["change the customer key"] = change_customer_key
    if kind.client_side:
        rows |= ROWS_OF_ENVELOPE
    if kind.client_side and kind.customer_key:
        rows["change the customer key, instruction file"] = change_customer_key_in_file
    if kind.client_side and kind.kms_key:
        rows["download that names the key"] = download_that_names_the_key
    return rows


# The kinds for which the sample has a row. It has all other rows for each kind.
SAMPLE: dict[str, tuple[str, ...]] = {
    "upload in parts": ("SSE-KMS", "CSE-C"),
    "upload with properties": ("SSE-C", "CSE-KMS"),
    "upload with tags": ("default", "CSE-C"),
    "replace the content": ("SSE-S3", "CSE-KMS"),
    "copy another object": ("SSE-KMS", "CSE-C"),
    "change properties": ("SSE-KMS", "CSE-C"),
    "change tags": ("SSE-C", "CSE-KMS"),
    "read": ("SSE-KMS", "CSE-C"),
    "delete": ("SSE-C", "CSE-KMS"),
    "push a directory": ("SSE-C",),
    "push changes, and delete": ("SSE-KMS", "CSE-C"),
    "pull a prefix": ("CSE-KMS",),
    "upload, instruction file": ("CSE-KMS",),
    "move the envelope to an instruction file": ("CSE-C",),
    "move the envelope to the metadata": ("CSE-KMS",),
    "replace the content, instruction file": ("CSE-C",),
    "delete, instruction file": ("CSE-KMS",),
    "change to SSE-S3": ("SSE-KMS", "CSE-C"),
    "change to SSE-KMS": ("SSE-C", "CSE-KMS"),
    "change to DSSE-KMS": ("SSE-S3", "CSE-C"),
    "change to SSE-C": ("SSE-S3", "CSE-C"),
    "change to CSE-KMS": ("default", "SSE-C"),
    "change to CSE-C": ("SSE-KMS", "CSE-KMS"),
}


def run_rows(store: Store, kinds: list[KindRow], *, sample: bool = False) -> dict[str, dict[str, Outcome]]:
    """The outcome of each row for each kind that has it, or for the kinds of the sample."""
    targets = {f"change to {kind.title}": change_to(kind) for kind in kinds if kind.reported}
    rows = [(kind, {**rows_of(kind), **targets}) for kind in kinds]
    titles = {title: None for _kind, own in rows for title in own if title not in targets}
    table: dict[str, dict[str, Outcome]] = {}
    for title in (*titles, *targets):
        selected = SAMPLE.get(title) if sample else None
        table[title] = {}
        for number, (kind, own) in enumerate(rows):
            if title in own and (selected is None or kind.title in selected):
                key = f"{title}/{number}".replace(" ", "-").replace(",", "")
                table[title][kind.title] = own[title](Cell(store, kind, key))
        if selected and len(table[title]) != len(selected):
            raise AssertionError(f"the sample of {title!r} names a kind that does not exist")
    return table
