# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Strategies of hypothesis: states that resources can have at AWS, and desired states that a playbook can name."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TypeVar

from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DesiredBucketDefault,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredKey, DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    DSSE_KMS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    Content,
    DesiredObject,
    Overwrite,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    Grant,
    ObjectLock,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import freeze_tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    AWS_MANAGED,
    DEFAULT_POLICY,
    key_arn,
)

ONE, TWO = key_arn("one"), key_arn("two")

# Bytes that are not found in other data by chance.
KEYS = tuple(CustomerKey(hashlib.sha256(name).digest()) for name in (b"first", b"second"))

CONTENTS = (b"", b"old", b"new", b"longer than the others")


def content_of(data: bytes) -> Content:
    """The size and checksum of these bytes."""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return Content(len(data), Checksum("SHA256", digest, full_object=True))


# Buckets

BLOCKED = st.sampled_from([None, (), ("SSE-C",)])
FOREIGN = st.sampled_from(["", json.dumps({"Future": {"Field": 1}})])

KEY_OF_TEXT = {None: None, ONE: ONE, "alias/one": ONE, TWO: TWO}

RULES = st.one_of(
    st.just(BucketDefault(None)),
    st.builds(
        BucketDefault,
        st.sampled_from(["SSE-S3", "aws:fsx", "aws:backup"]),
        bucket_key_enabled=st.booleans(),
        blocked=BLOCKED,
        foreign=FOREIGN,
    ),
    st.builds(
        lambda kind, key, bucket_key, blocked, foreign: BucketDefault(
            kind, key, KEY_OF_TEXT[key], bucket_key, blocked, foreign
        ),
        st.sampled_from(["SSE-KMS", "DSSE-KMS"]),
        st.sampled_from([None, ONE, "alias/one", TWO]),
        st.booleans(),
        BLOCKED,
        FOREIGN,
    ),
    st.builds(BucketDefault, st.none(), blocked=st.just(("SSE-C",)), bucket_key_enabled=st.booleans()),
)

DESIRED_BUCKETS = st.builds(
    DesiredBucketDefault,
    kind=st.sampled_from([None, SSE_S3, SSE_KMS, DSSE_KMS]),
    kms_key_arn=st.sampled_from([None, ONE, TWO]),
    bucket_key_enabled=st.sampled_from([None, False, True]),
    blocked=BLOCKED,
    minimum=st.booleans(),
) | st.just(DesiredBucketDefault(absent=True))

# How a playbook names a key of this account; one key has two names.
KEY_TEXTS = st.sampled_from([None, "one", ONE, "alias/one", "alias/two", TWO, "alias/aws/s3"])
# How the rule of a bucket names a key, which may be deleted.
RULE_TEXTS = st.sampled_from([None, "one", ONE, "alias/one", TWO, "alias/deleted", key_arn("deleted")])

# Objects

METADATA = st.sampled_from([(), (("a", "1"),), (("a", "2"), ("b", "ü"))])


ValueT = TypeVar("ValueT")


def some(*values: ValueT) -> st.SearchStrategy[ValueT | None]:
    """One of these values, or None for an option that is not named."""
    return st.sampled_from([None, *values])


NAMED_PROPERTIES = st.builds(
    Properties,
    content_type=some("text/plain", "image/png"),
    cache_control=some("no-cache"),
    content_encoding=some("gzip"),
    metadata=st.none() | METADATA,
    storage_class=some("STANDARD", "STANDARD_IA"),
) | st.just(Properties())
PROPERTIES = st.builds(
    Properties,
    content_type=st.sampled_from(["text/plain", "image/png", "binary/octet-stream"]),
    cache_control=some("no-cache", "max-age=1"),
    content_disposition=some("inline"),
    content_encoding=some("gzip"),
    content_language=some("de"),
    expires=some("Thu, 01 Dec 2044 16:00:00 GMT"),
    website_redirect_location=some("/there"),
    metadata=METADATA,
    storage_class=st.sampled_from(["STANDARD", "STANDARD_IA", "GLACIER_IR"]),
)
TAGS = st.dictionaries(st.sampled_from(["a", "b", "team"]), st.sampled_from(["", "1", "ü"])).map(freeze_tags)

ENCRYPTIONS = st.one_of(
    st.just(ObjectEncryption("SSE-S3")),
    st.just(ObjectEncryption("NONE")),
    st.builds(ObjectEncryption, st.just("SSE-KMS"), st.sampled_from([ONE, TWO, AWS_MANAGED]), st.booleans()),
    st.builds(ObjectEncryption, st.just("DSSE-KMS"), st.sampled_from([ONE, AWS_MANAGED])),
    st.sampled_from([ObjectEncryption("SSE-C", customer_key_md5=key.md5) for key in KEYS]),
)
DESIRED_ENCRYPTIONS = st.one_of(
    st.just(DesiredEncryption(BUCKET_DEFAULT)),
    st.just(DesiredEncryption(SSE_S3)),
    st.builds(
        DesiredEncryption,
        st.just(SSE_KMS),
        st.sampled_from([None, ONE, TWO]),
        st.sampled_from([None, False, True]),
        st.sampled_from([(), (("project", "x"),)]),
    ),
    st.builds(DesiredEncryption, st.just(DSSE_KMS), st.sampled_from([None, ONE, TWO])),
    st.builds(DesiredEncryption, st.just(SSE_C), customer_key=st.sampled_from(KEYS)),
)


PUBLIC = (Grant("FULL_CONTROL", "id", "me"), Grant("READ", "uri", "http://acs.amazonaws.com/groups/global/AllUsers"))
LOCKS = st.sampled_from(
    [None, None, ObjectLock("GOVERNANCE", "2044-12-01T16:00:00+00:00"), ObjectLock(legal_hold=True)]
)


@st.composite
def objects(draw: st.DrawFn) -> tuple[ObjectState, bytes]:
    """A possible object of S3, and its bytes."""
    data = draw(st.sampled_from(CONTENTS))
    encryption = draw(ENCRYPTIONS)
    tags = draw(TAGS)
    etag = hashlib.md5(data if encryption.type in ("SSE-S3", "NONE") else b"?" + data).hexdigest()
    sha = content_of(data).checksum
    state = ObjectState(
        "bucket",
        "key",
        len(data),
        encryption,
        draw(PROPERTIES),
        etag=f'"{etag}"',
        last_modified="2026-10-01T00:00:00+00:00",
        checksums=draw(st.sampled_from([(), (sha,), (Checksum("XXHASH3", "AAAAAAAAAAA=", full_object=True),)])),
        tags=tags,
        tag_count=len(tags),
        lock=draw(LOCKS),
    )
    return state, data


def objects_or_none() -> st.SearchStrategy[tuple[ObjectState, bytes] | None]:
    """Usually one, because there are more cases with one."""
    return st.integers(0, 4).flatmap(lambda number: objects() if number else st.none())


# The content that a playbook names is drawn separately: `content` in this class is what the engine computes of it.
DESIRED_OBJECTS = st.builds(
    DesiredObject,
    st.just("bucket"),
    st.just("key"),
    absent=st.sampled_from([False, False, False, True]),
    encryption=DESIRED_ENCRYPTIONS,
    properties=NAMED_PROPERTIES,
    new_content_type=some("text/html"),
    tags=st.none() | TAGS,
    purge_tags=st.booleans(),
    overwrite=st.sampled_from([Overwrite.DIFFERENT, Overwrite.DIFFERENT, Overwrite.ALWAYS, Overwrite.NEVER]),
    change_method=st.sampled_from(ChangeMethod),
)

# Keys

PRINCIPALS = st.lists(
    st.sampled_from([f"arn:aws:iam::111122223333:role/{name}" for name in ("admin", "app")]), max_size=2
).map(tuple)
POLICIES = st.sampled_from(
    [
        DEFAULT_POLICY,
        json.dumps(
            {
                "Id": "mine",
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Logs",
                        "Effect": "Allow",
                        "Principal": {"Service": ["logs.amazonaws.com"]},
                        "Action": ["kms:Decrypt*", "kms:Encrypt*"],
                        "Resource": ["*"],
                    }
                ],
            }
        ),
    ]
)
KEY_TAGS = st.dictionaries(st.sampled_from(["a", "team", "aws:stack"]), st.sampled_from(["", "1"])).map(freeze_tags)


@st.composite
def kms_keys(draw: st.DrawFn) -> KeyState:
    """A possible customer managed key of KMS, also one that an earlier run has not completed."""
    state = draw(st.sampled_from(["Enabled", "Enabled", "Disabled", "PendingDeletion"]))
    aliases = draw(st.sampled_from([("alias/one",), ("alias/one", "alias/other"), ()]))
    tags = draw(KEY_TAGS)
    if not aliases:
        tags = freeze_tags({**dict(tags), UNFINISHED_TAG: "alias/one"})
        state = "Enabled"
    return KeyState(
        "one",
        ONE,
        state,
        draw(st.sampled_from(["", "photos"])),
        aliases,
        draw(POLICIES),
        draw(st.sampled_from([Rotation(False), Rotation(True, 365), Rotation(True, 90)])),
        tags,
        creation_date="2026-10-01T00:00:00+00:00",
    )


def kms_keys_or_none() -> st.SearchStrategy[KeyState | None]:
    """Usually one, because there are more cases with one."""
    return st.integers(0, 4).flatmap(lambda number: kms_keys() if number else st.none())


def desired_policies() -> st.SearchStrategy[DesiredPolicy]:
    """Policy options. Statements that do not belong to an option are kept."""
    return st.builds(
        DesiredPolicy,
        st.none() | PRINCIPALS,
        st.none() | PRINCIPALS,
        st.booleans(),
        st.sampled_from([None, (), ("logging.s3.amazonaws.com",)]),
        st.sampled_from([None, (), ("444455556666",)]),
        st.sampled_from([None, (), ("raw",)]),
    )


@st.composite
def desired_keys(draw: st.DrawFn) -> DesiredKey:
    """A key by its alias, or by its id with or without an alias to set."""
    alias, key_id = draw(
        st.sampled_from([("alias/one", None), ("alias/one", None), (None, "one"), ("alias/two", "one")])
    )
    rotation = draw(st.sampled_from([None, False, True]))
    return DesiredKey(
        alias,
        key_id,
        draw(some("", "pictures", "photos")),
        draw(st.sampled_from([None, None, False, True])),
        draw(desired_policies()),
        rotation,
        draw(st.sampled_from([None, 180])) if rotation else None,
        draw(st.none() | TAGS),
        draw(st.booleans()),
        rotate_if_older_than_days=draw(st.sampled_from([None, 7, 90])),
    )
