# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a read accepts: only the encryption that it names, and without a name no KMS key of an unknown account.

Whoever can write to a bucket can replace an object with one under a kind or a key of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, Result, Task
from .encryption_client import EncryptionClient
from .kind_rows import CUSTOMER_KEYS, ROWS, KindRow

OTHER_ACCOUNT = "222222222222"
CONTENT = "the content"
ROW_OF = {name: rows[0] for name, rows in ROWS.items()}


@dataclass(frozen=True)
class Reading:
    """Downloads of one bucket. A refused one has written no file, and both modes agree."""

    task: Task
    bucket: str
    dest: Path
    client: EncryptionClient

    def download(self, key: str = "a", **options: Any) -> Result:
        """The result of a download."""
        options = {"bucket": self.bucket, "key": key, "dest": str(self.dest), **options}
        predicted = self.task("s3_encrypted_object_download", check=True, **options)
        done = self.task("s3_encrypted_object_download", **options)
        for name in ("changed", "msg", "error"):
            assert predicted.get(name) == done.get(name), name
        return done

    def accept(self, key: str = "a", **options: Any) -> None:
        """The download succeeds."""
        done = self.download(key, **options)
        assert not done.get("failed"), done["msg"]
        assert self.dest.read_text() == CONTENT
        self.dest.unlink()

    def refuse(self, kind: str, words: str, key: str = "a", **options: Any) -> None:
        """The download fails."""
        done = self.download(key, **options)
        assert (done.get("failed"), self.dest.exists()) == (True, False), options
        assert done["error"]["kind"] == kind, done["msg"]
        assert words in done["msg"], done["msg"]


@pytest.fixture
def reading(task: Task, open_bucket: str, tmp_path: Path, s3: Any, kms: Any, at_aws: None) -> Reading:
    """Downloads, with the lab in the place of AWS."""
    return Reading(task, open_bucket, tmp_path / "dest", EncryptionClient(s3, kms))


def by_key(row: KindRow) -> dict[str, Any]:
    """The option with the customer key, for kinds that need one."""
    return {"customer_key": row.customer_key or CUSTOMER_KEYS["first"]} if row.reported in ("SSE-C", "CSE-C") else {}


def test_only_the_named_kind_is_accepted(reading: Reading, key_arn: str) -> None:
    """Each kind instead of each other one. S3 refuses a read of SSE-C without its key itself."""
    for name, row in ROW_OF.items():
        replace(row, key_arn=key_arn if row.kms_key else "").write(
            reading.client, reading.bucket, name, CONTENT.encode()
        )
    for stored in ROW_OF:
        for named, row in ROW_OF.items():
            options = {"encryption": named, **by_key(row)}
            if stored == named:
                reading.accept(stored, **options)
            elif stored == "SSE-C":
                reading.refuse("wrong_key", "SSE-C" if named != "CSE-C" else "customer key", stored, **options)
            else:
                reading.refuse("non_compliant", f"accepts only encryption: {named}", stored, **options)


def test_only_the_named_kms_key_is_accepted(reading: Reading, kms: Any, key_arn: str) -> None:
    """Of server-side kinds, the one that S3 reports; of CSE-KMS, the one that decrypts; and none for other kinds."""
    other = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/other", TargetKeyId=other)
    for name in ("SSE-S3", "SSE-KMS", "DSSE-KMS", "CSE-KMS"):
        row = ROW_OF[name]
        replace(row, key_arn=key_arn if row.kms_key else "").write(
            reading.client, reading.bucket, name, CONTENT.encode()
        )
    for name in ("SSE-KMS", "DSSE-KMS", "CSE-KMS"):
        for named in ("alias/app", key_arn, key_arn.rpartition("/")[2]):
            reading.accept(name, encryption=name, kms_key=named)
        for named in ("alias/other", other):
            kind = "wrong_key" if name == "CSE-KMS" else "non_compliant"
            reading.refuse(kind, "KMS key", name, encryption=name, kms_key=named)
    reading.refuse("non_compliant", "accepts only encryption: CSE-KMS", "SSE-S3", encryption="CSE-KMS", kms_key=key_arn)
    reading.refuse(
        "non_compliant", "accepts only encryption: CSE-KMS", "SSE-KMS", encryption="CSE-KMS", kms_key=key_arn
    )


def test_a_named_context_has_to_be_equal(
    reading: Reading, key_arn: str, calls: Callable[[], list[str]], kms: Any
) -> None:
    """Another one is refused before any call of KMS. Without a name, the stored context is used."""
    context = {"app": "billing", "b c": "<d>"}
    reading.client.write(reading.bucket, "a", CONTENT.encode(), kms_key=key_arn, context=context)
    reading.client.write(reading.bucket, "none", CONTENT.encode(), kms_key=key_arn)
    reading.accept()
    reading.accept(encryption_context=context)
    reading.accept(encryption="CSE-KMS", kms_key="alias/app", encryption_context=dict(reversed(context.items())))
    calls()
    for other in ({"app": "billing"}, {**context, "more": "1"}, {"app": "Billing", "b c": "<d>"}, {"app": ""}):
        reading.refuse("invalid", "is not that of the object", encryption_context=other)
        reading.refuse("invalid", "is not that of the object", encryption="CSE-KMS", encryption_context=other)
    reading.refuse("invalid", "is not that of the object", "none", encryption_context=context)
    assert set(calls()) == {"HeadObject"}


@pytest.fixture
def foreign_key(lab: Any) -> str:
    """A KMS key of another account, whose policy lets everyone use it."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    theirs = lab.client("kms", region="us-east-1", account=OTHER_ACCOUNT)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(theirs.create_key(Policy=policy)["KeyMetadata"]["Arn"])


def test_a_key_of_an_unknown_account_has_to_be_named(
    reading: Reading, foreign_key: str, key_arn: str, calls: Callable[[], list[str]], s3: Any
) -> None:
    """The key of the caller's account, and one that kms_key names, are accepted."""
    reading.client.write(reading.bucket, "a", CONTENT.encode(), kms_key=foreign_key)
    reading.client.write(reading.bucket, "own", CONTENT.encode(), kms_key=key_arn)
    reading.accept("own")
    words = f"whose account is neither expected_bucket_owner nor your account {ACCOUNT}"
    reading.refuse("wrong_key", words)
    reading.refuse("wrong_key", "name it in kms_key", encryption="CSE-KMS")
    reading.refuse("wrong_key", words, expected_bucket_owner=ACCOUNT)
    reading.accept(kms_key=foreign_key)
    reading.accept(encryption="CSE-KMS", kms_key=foreign_key, expected_bucket_owner=ACCOUNT)


def test_a_key_of_the_expected_bucket_owner_is_accepted(
    reading: Reading, lab: Any, foreign_key: str, calls: Callable[[], list[str]]
) -> None:
    """The bucket of another account, which lets this one read it."""
    theirs = lab.client("s3", region="us-east-1", account=OTHER_ACCOUNT)
    theirs.create_bucket(Bucket="example-theirs")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::example-theirs", "arn:aws:s3:::example-theirs/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    theirs.put_bucket_policy(Bucket="example-theirs", Policy=policy)
    client = EncryptionClient(theirs, lab.client("kms", region="us-east-1", account=OTHER_ACCOUNT))
    client.write("example-theirs", "a", CONTENT.encode(), kms_key=foreign_key)
    there = {"bucket": "example-theirs"}
    reading.refuse("wrong_key", "expected_bucket_owner", **there)
    calls()
    reading.accept(**there, expected_bucket_owner=OTHER_ACCOUNT)
    assert "GetCallerIdentity" not in calls()


def test_a_change_trusts_no_key_of_an_unknown_account(
    reading: Reading, foreign_key: str, key_arn: str, s3: Any
) -> None:
    """It is not kept for new content, nor opened for another kind. A task that names it may keep it."""
    reading.client.write(reading.bucket, "a", CONTENT.encode(), kms_key=foreign_key)
    before = s3.head_object(Bucket=reading.bucket, Key="a")["ETag"]
    where = {"bucket": reading.bucket, "key": "a"}
    own = {"encryption": "CSE-KMS", "kms_key": key_arn}
    for options in (
        {**own, "content": "new"},
        own,
        {"encryption": "CSE-KMS", "content": CONTENT},
        {"encryption": "SSE-S3"},
        {"encryption": "CSE-C", "customer_key": CUSTOMER_KEYS["first"]},
        {"content": "new"},
    ):
        for check in (True, False):
            refused = reading.task("s3_encrypted_object", check=check, **where, **options)
            assert (refused["error"]["kind"], refused["changed"]) == ("wrong_key", False), options
            assert "If you trust this key, keep it: name it in kms_key." in refused["msg"]
    assert s3.head_object(Bucket=reading.bucket, Key="a")["ETag"] == before
    kept = {"encryption": "CSE-KMS", "kms_key": foreign_key}
    assert not reading.task("s3_encrypted_object", **where, **kept, content=CONTENT)["changed"]
    replaced = reading.task("s3_encrypted_object", **where, **kept, content="new")
    assert replaced["actions"] == ["PutObject"]
    assert reading.client.read(reading.bucket, "a").content == b"new"
