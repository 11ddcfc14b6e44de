# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The limits of S3: the largest value is accepted, and the next one refused before anything is written."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_KMS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject, ObjectReading
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.limits import require_within_limits
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState, Properties
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags, freeze_tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import content_of

DESIRED = DesiredObject("bucket", "key")


def tags(number: int, prefix: str = "t") -> Tags:
    """This many tags."""
    return freeze_tags({f"{prefix}{index}": "" for index in range(number)})


def with_metadata(size: int) -> DesiredObject:
    """Metadata of this size in bytes."""
    return replace(DESIRED, properties=Properties(metadata=(("name", "v" * (size - 4)),)))


def with_headers(size: int) -> DesiredObject:
    """Headers of this size in bytes, of which the encryption context takes 40."""
    context = (("n" * 10, "v" * 20),)
    encryption = DesiredEncryption(SSE_KMS, encryption_context=context)
    return replace(DESIRED, encryption=encryption, properties=Properties(content_disposition="d" * (size - 40)))


# the largest that is accepted, the smallest that is not, and the message
LIMITS = [
    pytest.param(
        replace(DESIRED, key="ü" * 512), replace(DESIRED, key="ü" * 512 + "a"), "key has 1025 bytes in UTF-8", id="key"
    ),
    pytest.param(replace(DESIRED, tags=tags(10)), replace(DESIRED, tags=tags(11)), "The task names 11 tags", id="tags"),
    pytest.param(with_metadata(2048), with_metadata(2049), "metadata has 2049 bytes", id="metadata"),
    pytest.param(with_headers(8192), with_headers(8193), "have 8193 bytes as headers", id="headers"),
    pytest.param(
        replace(DESIRED, properties=Properties(cache_control="c" * 8192)),
        replace(DESIRED, properties=Properties(cache_control="c" * 8193)),
        "cache_control has 8193 bytes as headers, and S3 accepts 8192 for a request. Shorten it.",
        id="one header",
    ),
    pytest.param(
        replace(DESIRED, properties=Properties(storage_class="STANDARD_IA")),
        replace(DESIRED, properties=Properties(storage_class="EXPRESS_ONEZONE")),
        "'EXPRESS_ONEZONE' is not a storage class",
        id="storage class",
    ),
    *(
        pytest.param(
            replace(DESIRED, properties=Properties(metadata=(("a", kept),))),
            replace(DESIRED, properties=Properties(metadata=(("a", decoded),))),
            "metadata.a is an encoded word of RFC 2047",
            id=f"encoded word: {decoded}",
        )
        for kept, decoded in (
            ("=?UTF-8?Q?=C3=A9?=", "=?UTF-8?Q?ascii?="),
            ("=?UTF-8?B?not base64?=", "=?utf-8?b?YWJj?="),
            ("a=?b", "=?us-ascii?q?a_b?="),
        )
    ),
]


@pytest.mark.parametrize(("largest", "too_large", "message"), LIMITS)
def test_the_first_value_beyond_a_limit_is_refused(
    largest: DesiredObject, too_large: DesiredObject, message: str
) -> None:
    """The kind is that of invalid options."""
    require_within_limits(largest, at_aws=True)
    with pytest.raises(OperationError, match=re.escape(message)) as error:
        require_within_limits(too_large, at_aws=True)
    assert error.value.failure.kind is FailureKind.INVALID


def test_another_store_has_its_own_rules() -> None:
    """Such as the storage classes that an operator of Ceph defines. Other stores may keep encoded words as they are."""
    properties = Properties(storage_class="COLD", metadata=(("a", "=?UTF-8?Q?ascii?="),))
    require_within_limits(replace(DESIRED, properties=properties), at_aws=False)


@pytest.mark.parametrize("uploads", [True, False])
@pytest.mark.parametrize(("named", "refused"), [(3, False), (4, True)])
def test_kept_tags_count(uploads: bool, named: int, refused: bool) -> None:
    """With seven tags that purge_tags: false keeps. A tag of AWS does not count."""
    kept = (*tags(7, "kept"), ("aws:stack", "a"))
    state = ObjectState("bucket", "key", 3, ObjectEncryption("SSE-S3"), etag='"e"', tags=kept, tag_count=8)
    desired = replace(DESIRED, tags=tags(named), purge_tags=False, content=content_of(b"new") if uploads else None)
    reading = ObjectReading(state)
    if not refused:
        assert plan_encrypted_object(desired, reading).steps
        return
    with pytest.raises(OperationError, match="bucket/key would have 11 tags, and an object can have 10"):
        plan_encrypted_object(desired, reading)
