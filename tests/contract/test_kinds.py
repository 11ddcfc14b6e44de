# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Each kind of the registry with each operation, and each kind to each other, judged without our code.

`make soak kinds` has all rows of all kinds, at AWS and at another endpoint, with a check run before each real run.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import OBJECT_KINDS

from . import scale
from .conftest import Result, Task
from .encryption_client import EncryptionClient, Unreadable
from .kind_rows import ALIASES, CUSTOMER_KEYS, ROWS, KindRow, kinds_without_row, reported_kind

EVERY_ROW = list(itertools.chain.from_iterable(ROWS.values()))
# A kind of the registry that has no row ends the collection of this file.
MAIN_ROWS = [ROWS[name][0] for name in OBJECT_KINDS]
OTHER_KEYS = [ROWS[name][min(1, len(ROWS[name]) - 1)] for name in OBJECT_KINDS]
TESTED = EVERY_ROW if scale.IS_SOAK else MAIN_ROWS
PLACES = ["at AWS", "elsewhere"] if scale.IS_SOAK else ["at AWS"]

KEY = "reports/année 2026+1%.txt"
CONTENT, OTHER = "the content", "other content, and more"
METADATA, TAGS = {"owner": "ann"}, {"team": "blue"}


def title(row: KindRow) -> str:
    """The id of a case."""
    return row.title


class World:
    """A bucket with two KMS keys, the modules, and another client."""

    def __init__(self, task: Task, s3: Any, kms: Any, bucket: str, folder: Path) -> None:
        self.task, self.s3, self.bucket, self.folder = task, s3, bucket, folder
        self.client = EncryptionClient(s3, kms)
        self.arns = {alias: kms.create_key()["KeyMetadata"]["Arn"] for alias in ALIASES.values()}
        for alias, arn in self.arns.items():
            kms.create_alias(AliasName=alias, TargetKeyId=arn)

    def complete(self, row: KindRow) -> KindRow:
        """The row with the ARN of its key."""
        return replace(row, key_arn=self.arns.get(row.kms_key, ""))

    def run(self, module: str, *, check: bool = scale.IS_SOAK, **options: Any) -> Result:
        """The result of a task that succeeds, after a check run with the same result."""
        predicted = self.task(module, check=True, bucket=self.bucket, **options) if check else {}
        done = self.task(module, bucket=self.bucket, **options)
        assert not done.get("failed"), done["msg"]
        for name in ("changed", "diff", "actions", "warnings") if check else ():
            assert predicted.get(name) == done.get(name), (name, predicted, done)
        return done

    def ensure(self, key: str = KEY, *, check: bool = scale.IS_SOAK, **options: Any) -> Result:
        """The same for s3_encrypted_object. A second run changes nothing."""
        done = self.run("s3_encrypted_object", key=key, check=check, **options)
        again = self.run("s3_encrypted_object", key=key, check=False, **options)
        assert (again["changed"], again["diff"]["before"], again["diff"]["after"]) == (False, {}, {})
        return done

    def judge(self, row: KindRow, content: str, *, key: str = KEY, metadata: dict[str, str] | None = None) -> None:
        """Compare the object with what other clients read, and with what they must not read."""
        expected = (content.encode(), METADATA if metadata is None else metadata)
        assert row.read(self.client, self.bucket, key) == expected
        head = self.s3.head_object(Bucket=self.bucket, Key=key, **row.reading())
        arn = self.arns.get(row.kms_key, "")
        if not row.client_side:
            assert (reported_kind(head), head.get("SSEKMSKeyId", "")) == (row.reported, arn)
        elif row.customer_key:
            with pytest.raises(Unreadable):
                self.client.read(self.bucket, key, customer_key=CUSTOMER_KEYS["wrong"].encode())
        else:
            assert self.client.read(self.bucket, key).kms_key_arn == arn
        tags = self.s3.get_object_tagging(Bucket=self.bucket, Key=key)["TagSet"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == TAGS

    def read_by_modules(self, row: KindRow, content: str, key: str = KEY) -> Result:
        """Report and download the object, and return what is reported."""
        (found,) = self.run("s3_encrypted_object_info", key=key, check=False, **row.read_options)["objects"]
        assert (found["encryption"]["type"], found["metadata"], found["tags"]) == (row.reported, METADATA, TAGS)
        dest = self.folder / "downloaded"
        dest.unlink(missing_ok=True)
        for changed in (True, False):
            got = self.run("s3_encrypted_object_download", key=key, dest=str(dest), **row.read_options)
            assert (got["changed"], dest.read_text()) == (changed, content)
        return dict(found)


@pytest.fixture(params=PLACES)
def world(request: pytest.FixtureRequest, task: Task, s3: Any, kms: Any, open_bucket: str, tmp_path: Path) -> World:
    """The world, with the lab in the place of AWS or as another endpoint."""
    if request.param == "at AWS":
        request.getfixturevalue("at_aws")
    return World(task, s3, kms, open_bucket, tmp_path)


def test_every_kind_has_a_row() -> None:
    """The registry decides what the matrix has. A row of a kind that was removed is an error, too."""
    assert kinds_without_row(OBJECT_KINDS, EVERY_ROW) == []
    assert kinds_without_row([*OBJECT_KINDS, "CSE-TOY"], EVERY_ROW) == ["CSE-TOY"]
    assert list(ROWS) == list(OBJECT_KINDS)


@pytest.mark.parametrize("row", TESTED, ids=title)
def test_each_operation(world: World, row: KindRow) -> None:
    """Check mode reports the result of the real run, a second run changes nothing, and other clients agree."""
    made = world.ensure(check=True, content=CONTENT, metadata={"Owner": "ann"}, tags=TAGS, **row.written)
    assert made["actions"] == (["PutInstructionFile", "PutObject"] if row.in_file else ["PutObject"])
    world.judge(row, CONTENT)
    encryption = made["object"]["encryption"]
    assert (encryption["type"], encryption["kms_key_arn"]) == (row.reported, world.arns.get(row.kms_key))
    assert (encryption["customer_key_md5"] is not None) is bool(row.customer_key)
    of_client = [encryption.get(name) for name in ("format", "envelope", "plaintext_size", "encryption_context")]
    place = "instruction_file" if row.in_file else "metadata"
    context = row.context if row.kms_key else None
    assert of_client == (["v3", place, len(CONTENT), context] if row.client_side else [None] * 4)
    assert made["object"]["size"] == len(CONTENT) + (16 if row.client_side else 0)

    replaced = world.ensure(check=True, content=OTHER, **row.written)
    assert replaced["actions"] == ["PutObject"]
    world.judge(row, OTHER)
    reported = world.read_by_modules(row, OTHER)
    # A report without a key does not know which key decrypts an envelope, and a write at AWS is not read again.
    unknown = ("kms_key_arn", "customer_key_md5") if row.client_side else ()
    expected = {**replaced["object"]["encryption"], **dict.fromkeys(unknown)}
    assert reported["encryption"] == expected
    names = ("size", "etag", "checksum", "version_id", "content_type")
    assert [reported[name] for name in names] == [replaced["object"][name] for name in names]

    # A copy by S3 needs the key of SSE-C. Any other encryption is kept without being named.
    options = row.options if row.reported == "SSE-C" else {}
    changed = world.ensure(check=True, metadata={"owner": "bea"}, **options, **row.connection)
    assert changed["actions"] == ["CopyObject"]
    world.judge(row, OTHER, metadata={"owner": "bea"})
    if row.client_side:
        world.ensure(check=True, server_side={"encryption": "SSE-KMS", "kms_key": ALIASES["second"]}, **row.written)
        assert world.s3.head_object(Bucket=world.bucket, Key=KEY)["ServerSideEncryption"] == "aws:kms"
        world.judge(row, OTHER, metadata={"owner": "bea"})

    deleted = world.ensure(check=True, state="absent", **row.connection)
    assert deleted["actions"] == (["DeleteObject", "DeleteInstructionFile"] if row.in_file else ["DeleteObject"])
    assert world.s3.list_objects_v2(Bucket=world.bucket)["KeyCount"] == 0


@pytest.mark.parametrize("row", [row for row in TESTED if row.customer_key], ids=title)
def test_a_customer_key_is_needed(world: World, row: KindRow) -> None:
    """Without it, and with another one, nothing is read or changed. The upload of other content is refused as well."""
    world.ensure(content=CONTENT, metadata=METADATA, tags=TAGS, **row.written)
    dest = world.folder / "never"
    where = {"bucket": world.bucket, "key": KEY, **row.connection}
    wrong = {"customer_key": CUSTOMER_KEYS["wrong"]}
    for key in ({}, wrong):
        refused = world.task("s3_encrypted_object_download", **where, dest=str(dest), **key)
        assert (refused["error"]["kind"], dest.exists()) == ("wrong_key", False)
    for content in ({}, {"content": OTHER}):
        for check in (True, False):
            refused = world.task("s3_encrypted_object", check=check, **where, **content, **{**row.options, **wrong})
            assert (refused["error"]["kind"], refused["changed"]) == ("wrong_key", False)
    world.judge(row, CONTENT)


@pytest.mark.parametrize("row", [row for row in TESTED if row.client_side], ids=title)
def test_upload_in_parts(world: World, row: KindRow) -> None:
    """A content of three parts, of which the last is small. test_large_objects.py has the server-side kinds."""
    source = world.folder / "large"
    source.write_bytes(os.urandom(5 * 1024 * 1024) * 2 + b"the last part")
    options: dict[str, Any] = {"src": str(source), "part_size": "5MiB"}
    world.ensure(**options, **row.written)
    assert row.read(world.client, world.bucket, KEY)[0] == source.read_bytes()
    dest = world.folder / "downloaded"
    world.run("s3_encrypted_object_download", key=KEY, dest=str(dest), **row.read_options)
    assert dest.read_bytes() == source.read_bytes()


def targets(source: KindRow) -> list[KindRow]:
    """The rows that an object changes to: each kind, and the same kind under another key."""
    if scale.IS_SOAK:
        return EVERY_ROW
    return [
        other if other.reported == source.reported else row for row, other in zip(MAIN_ROWS, OTHER_KEYS, strict=True)
    ]


def after(source: KindRow, target: KindRow) -> KindRow:
    """The target, which keeps the place of the envelope and the context where the task does not name them."""
    both_by_kms = source.reported == target.reported == "CSE-KMS"
    return replace(
        target,
        in_file=target.in_file or (source.in_file and target.client_side),
        context=target.context or (source.context if both_by_kms else {}),
    )


@pytest.mark.parametrize("source", TESTED, ids=title)
def test_kind_to_kind(world: World, source: KindRow) -> None:
    """The content of an object of another client stays, whatever the kinds are."""
    for number, target in enumerate(targets(source)):
        key = f"{number} {target.title}"
        properties = {"Metadata": METADATA, "Tagging": "team=blue"}
        world.complete(source).write(world.client, world.bucket, key, CONTENT.encode(), **properties)
        done = world.run("s3_encrypted_object", key=key, **target.written, **source.previous)
        assert done["object"]["encryption"]["type"] == target.reported, target.title
        again = world.run("s3_encrypted_object", key=key, check=False, **target.written)
        assert (again["changed"], again["diff"]["after"]) == (False, {}), target.title
        world.judge(after(source, target), CONTENT, key=key)
        if scale.IS_SOAK:
            world.read_by_modules(target, CONTENT, key)
