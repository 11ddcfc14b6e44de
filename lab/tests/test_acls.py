# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""ACLs of objects in a bucket that has not disabled them, and locks that are visible only with permission."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from client_calls import BODY, copy_in_place, raises_client_error, sse_kms

from sealed_lab import RunningLab

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
STRANGER = "a" * 64
OTHER = "222222222222"


@pytest.fixture
def acl_bucket(s3: Any, new_bucket: Callable[..., str]) -> str:
    """A bucket whose objects can have ACLs, also public ones."""
    name = new_bucket(ObjectOwnership="BucketOwnerPreferred")
    s3.delete_public_access_block(Bucket=name)
    return name


def grants(s3: Any, bucket: str) -> list[tuple[str, str]]:
    """Return the grants without the owner's full control."""
    acl = s3.get_object_acl(Bucket=bucket, Key="k")
    return [
        (grant["Permission"], grant["Grantee"].get("URI") or grant["Grantee"]["ID"])
        for grant in acl["Grants"]
        if (grant["Grantee"].get("ID"), grant["Permission"]) != (acl["Owner"]["ID"], "FULL_CONTROL")
    ]


def test_canned_acl_is_stored_and_not_copied(s3: Any, acl_bucket: str) -> None:
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, ACL="public-read")
    assert grants(s3, acl_bucket) == [("READ", ALL_USERS)]
    copy_in_place(s3, acl_bucket, "k", StorageClass="STANDARD_IA")
    assert grants(s3, acl_bucket) == []
    s3.put_object_acl(Bucket=acl_bucket, Key="k", ACL="authenticated-read")
    assert [permission for permission, _who in grants(s3, acl_bucket)] == ["READ"]
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY)
    assert grants(s3, acl_bucket) == []


def test_grants_replace_the_whole_acl(s3: Any, acl_bucket: str) -> None:
    """The owner's full control is not added to the grants."""
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY)
    own = s3.get_object_acl(Bucket=acl_bucket, Key="k")["Owner"]["ID"]
    named = {"GrantFullControl": f'id="{own}"', "GrantRead": f'uri="{ALL_USERS}", id="{STRANGER}"'}
    copy_in_place(s3, acl_bucket, "k", StorageClass="STANDARD_IA", **named)
    assert grants(s3, acl_bucket) == [("READ", ALL_USERS), ("READ", STRANGER)]
    copy_in_place(s3, acl_bucket, "k", StorageClass="STANDARD", GrantRead=f"id={STRANGER}")
    assert len(s3.get_object_acl(Bucket=acl_bucket, Key="k")["Grants"]) == 1


def test_acl_by_document(s3: Any, acl_bucket: str) -> None:
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY)
    acl = s3.get_object_acl(Bucket=acl_bucket, Key="k")
    more = {"Grantee": {"ID": STRANGER, "Type": "CanonicalUser"}, "Permission": "WRITE"}
    policy = {"Owner": acl["Owner"], "Grants": [*acl["Grants"], more]}
    s3.put_object_acl(Bucket=acl_bucket, Key="k", AccessControlPolicy=policy)
    assert grants(s3, acl_bucket) == [("WRITE", STRANGER)]


def test_bucket_with_disabled_acls(s3: Any, acl_bucket: str) -> None:
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, ACL="public-read")
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=acl_bucket, OwnershipControls=rules)
    assert grants(s3, acl_bucket) == []
    with raises_client_error("AccessControlListNotSupported", 400):
        s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, ACL="public-read")
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, ACL="bucket-owner-full-control")


def test_public_acls_can_be_blocked(s3: Any, new_bucket: Callable[..., str]) -> None:
    """A new bucket blocks them."""
    name = new_bucket(ObjectOwnership="ObjectWriter")
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=name, Key="k", Body=BODY, ACL="public-read")
    s3.put_object(Bucket=name, Key="k", Body=BODY, GrantRead=f"id={STRANGER}")


def test_invalid_grants(s3: Any, acl_bucket: str) -> None:
    for grantee in ("id=short", "uri=http://example.org/", "name=me"):
        with raises_client_error("InvalidArgument", 400):
            s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, GrantRead=grantee)
    with raises_client_error("InvalidRequest", 400):
        s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, GrantRead=f"id={STRANGER}", ACL="private")


def test_setting_an_acl_requires_put_object_acl(s3: Any, acl_bucket: str, lab: Any) -> None:
    lab.faults.add("deny", operation="s3:PutObjectAcl", times=None)
    s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY)
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=acl_bucket, Key="k", Body=BODY, ACL="public-read")


def test_head_with_checksums_requires_decrypt(s3: Any, bucket: str, key: dict[str, Any], lab: Any) -> None:
    """HEAD without checksums needs no kms:Decrypt. The error of HEAD is only a status."""
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(key["Arn"]))
    lab.faults.add("deny", operation="kms:Decrypt", times=None)
    assert "ChecksumCRC64NVME" not in s3.head_object(Bucket=bucket, Key="k")
    with raises_client_error("403", 403):
        s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")


def test_lock_is_returned_only_with_permission(s3: Any, new_bucket: Callable[..., str], lab: Any) -> None:
    """Retention and legal hold have separate permissions.

    The date of the response is that of the lab's clock, by which locks expire.
    """
    name = new_bucket(ObjectLockEnabledForBucket=True)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    s3.put_object(
        Bucket=name, Key="k", Body=BODY, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until,
        ObjectLockLegalHoldStatus="ON",
    )  # fmt: skip
    head = s3.head_object(Bucket=name, Key="k")
    assert (head["ObjectLockMode"], head["ObjectLockLegalHoldStatus"]) == ("GOVERNANCE", "ON")
    lab.clock.advance(days=3)
    date = s3.head_object(Bucket=name, Key="k")["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert parsedate_to_datetime(date) > until
    lab.faults.add("deny", operation="s3:GetObjectRetention", times=None)
    head = s3.head_object(Bucket=name, Key="k")
    assert "ObjectLockMode" not in head
    assert "ObjectLockRetainUntilDate" not in head
    assert head["ObjectLockLegalHoldStatus"] == "ON"
    lab.faults.add("deny", operation="s3:GetObjectLegalHold", times=None)
    assert "ObjectLockLegalHoldStatus" not in s3.head_object(Bucket=name, Key="k")


@pytest.fixture
def shared(lab: RunningLab, s3: Any, acl_bucket: str) -> Callable[[str], list[str]]:
    """Returns the operations that a caller may do on a bucket with a private, a public and a shared object."""
    other = lab.client("s3", account=OTHER)
    grantee = other.list_buckets()["Owner"]["ID"]
    s3.put_object(Bucket=acl_bucket, Key="private", Body=BODY)
    s3.put_object(Bucket=acl_bucket, Key="public", Body=BODY, ACL="public-read")
    s3.put_object(Bucket=acl_bucket, Key="signed", Body=BODY, ACL="authenticated-read")
    s3.put_object(Bucket=acl_bucket, Key="shared", Body=BODY, GrantRead=f"id={grantee}")
    third = lab.client("s3", account="333333333333")
    clients = {"other": other, "third": third, "anonymous": lab.client("s3", signature_version=UNSIGNED)}

    def allowed(who: str) -> list[str]:
        client = clients[who]
        found = []
        for key in ("private", "public", "signed", "shared"):
            with contextlib.suppress(ClientError):
                client.get_object(Bucket=acl_bucket, Key=key)
                found.append(key)
        with contextlib.suppress(ClientError):
            client.list_objects_v2(Bucket=acl_bucket)
            found.append("list")
        with contextlib.suppress(ClientError):
            client.put_object(Bucket=acl_bucket, Key="new", Body=BODY)
            found.append("put")
        return found

    return allowed


@pytest.mark.behaviour
def test_acls_give_access(s3: Any, acl_bucket: str, shared: Callable[[str], list[str]]) -> None:
    """To other accounts and to everybody, unless IgnorePublicAcls ignores the public ones."""
    assert shared("anonymous") == ["public"]
    assert shared("third") == ["public", "signed"]
    assert shared("other") == ["public", "signed", "shared"]
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read-write")
    assert shared("anonymous") == ["public", "list", "put"]
    s3.put_public_access_block(Bucket=acl_bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert shared("anonymous") == []
    assert shared("other") == ["shared"]
    s3.delete_public_access_block(Bucket=acl_bucket)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{acl_bucket}/*"}
    s3.put_bucket_policy(Bucket=acl_bucket, Policy=json.dumps({"Statement": deny}))
    assert shared("anonymous") == ["list", "put"]
    s3.delete_bucket_policy(Bucket=acl_bucket)
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="private")
    s3.put_bucket_ownership_controls(
        Bucket=acl_bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    assert shared("anonymous") == []


@pytest.mark.behaviour
def test_a_writer_owns_its_object(lab: RunningLab, s3: Any, new_bucket: Callable[..., str]) -> None:
    """It can read and delete it and give it an ACL, unless the bucket owner owns all objects."""
    bucket = new_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    s3.put_object(Bucket=bucket, Key="of-owner", Body=BODY)
    anonymous = lab.client("s3", signature_version=UNSIGNED)
    anonymous.put_object(Bucket=bucket, Key="of-anonymous", Body=BODY, ACL="public-read")
    anonymous.get_object_acl(Bucket=bucket, Key="of-anonymous")
    owners = {each["Key"]: each["Owner"]["ID"] for each in s3.list_objects(Bucket=bucket)["Contents"]}
    assert owners["of-anonymous"] == "65a011a29cdf8ec533ec3d1ccaae921c"
    assert owners["of-owner"] == s3.list_buckets()["Owner"]["ID"]
    result = anonymous.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in sorted(owners)]})
    assert [each["Key"] for each in result["Deleted"]] == ["of-anonymous"]
    assert [(each["Key"], each["Code"]) for each in result["Errors"]] == [("of-owner", "AccessDenied")]


@pytest.mark.enforcement
def test_an_acl_does_not_replace_the_policies_of_a_user(
    lab: RunningLab, acl_bucket: str, shared: Callable[[str], list[str]]
) -> None:
    iam = lab.client("iam", account=OTHER)
    iam.create_user(UserName="u")
    user = lab.client("s3", credentials=iam.create_access_key(UserName="u")["AccessKey"])
    lab.enforcing = True
    with raises_client_error("AccessDenied", 403):
        user.get_object(Bucket=acl_bucket, Key="shared")
    iam.attach_user_policy(UserName="u", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    user.get_object(Bucket=acl_bucket, Key="shared")
    with raises_client_error("AccessDenied", 403):
        user.get_object(Bucket=acl_bucket, Key="private")
