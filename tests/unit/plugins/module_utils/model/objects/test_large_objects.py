# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""When an upload or a copy is made in parts, and what it then has to name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_C, SSE_KMS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    Content,
    DesiredObject,
    ObjectReading,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import (
    Limits,
    needs_multipart_copy,
    to_multipart,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    COPY_LIMIT,
    CopyObject,
    ObjectPlan,
    PutObject,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.parts import COPIED_PART, DEFAULT_PART
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey

CRC, SHA = Checksum("CRC32", "AAAAAA==", full_object=True), Checksum("SHA256", "sha", full_object=True)
TAGS = (("team", "a"),)
DESIRE = DesiredObject("b", "k")
PROPERTIES = Properties("text/plain", metadata=(("a", "b"),), storage_class="STANDARD")
LARGE = ObjectState(
    "b", "k", COPY_LIMIT + 1, ObjectEncryption("SSE-S3"), PROPERTIES, etag='"e"', checksums=(CRC,), tags=TAGS
)
ASKED = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS))


def planned(desired: DesiredObject, actual: ObjectState | None, limits: Limits | None = None) -> ObjectPlan:
    """The plan of an object whose content is not the desired one."""
    return to_multipart(plan_encrypted_object(desired, ObjectReading(actual)), limits or Limits(), "CRC64NVME")


@pytest.mark.parametrize(
    ("size", "operations"),
    [
        pytest.param(0, ("PutObject",), id="empty"),
        pytest.param(DEFAULT_PART, ("PutObject",), id="one part"),
        pytest.param(
            DEFAULT_PART + 1, ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"), id="one byte more"
        ),
    ],
)
def test_content_above_one_part(size: int, operations: tuple[str, ...]) -> None:
    """The resulting state is the same with and without parts."""
    content = Content(size, CRC)
    plan = planned(replace(DESIRE, content=content), None)
    (step,) = plan.steps
    assert step.operations == operations
    assert plan.after == plan_encrypted_object(replace(DESIRE, content=content), ObjectReading(None)).after


def test_an_upload_in_parts_names_the_same_as_a_put() -> None:
    """It is split as requested."""
    desired = replace(
        DESIRE, content=Content(11, CRC), encryption=DesiredEncryption(SSE_C, customer_key=CustomerKey(b"k" * 32))
    )
    limits = Limits(part_size=5)
    (put,) = plan_encrypted_object(desired, ObjectReading(LARGE)).steps
    (step,) = planned(desired, LARGE, limits).steps
    assert isinstance(step, PutObject)
    assert step.in_parts
    for name in ("properties", "tags", "encryption", "content", "if_match"):
        assert getattr(step, name) == getattr(put, name)
    assert [part.size for part in step.in_parts.parts] == [5, 5, 1]
    assert (step.in_parts.checksum, step.in_parts.tags) == (CRC, step.tags)


@pytest.mark.parametrize(
    ("size", "operations"),
    [
        pytest.param(COPY_LIMIT, ("CopyObject",), id="what CopyObject takes"),
        pytest.param(
            COPY_LIMIT + 1, ("CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"), id="one byte more"
        ),
    ],
)
def test_a_copy_above_5_gib(size: int, operations: tuple[str, ...]) -> None:
    """S3 copies it in parts."""
    actual = replace(LARGE, size=size)
    assert needs_multipart_copy(plan_encrypted_object(ASKED, ObjectReading(actual)), Limits()) == (size > COPY_LIMIT)
    (step,) = planned(ASKED, actual).steps
    assert step.operations == operations


def test_a_copy_in_parts_names_everything_that_is_kept() -> None:
    """CopyObject would keep properties, tags and checksum by itself."""
    plan = planned(ASKED, LARGE)
    (step,) = plan.steps
    assert isinstance(step, CopyObject)
    assert step.in_parts
    assert (step.properties, step.if_match) == (PROPERTIES, '"e"')
    assert (step.in_parts.tags, step.in_parts.checksum) == (TAGS, CRC)
    assert step.in_parts.parts.part_size == COPIED_PART
    assert plan.after
    assert (plan.after.checksums, plan.after.tags, plan.after.properties) == ((CRC,), TAGS, PROPERTIES)


@pytest.mark.parametrize(
    "former", [(), (SHA,), (replace(CRC, full_object=False),)], ids=["none", "SHA-256", "of parts"]
)
def test_a_copy_in_parts_has_a_checksum_of_the_whole_object(former: tuple[Checksum, ...]) -> None:
    """Its value is known only afterwards."""
    plan = planned(ASKED, replace(LARGE, checksums=former))
    (step,) = plan.steps
    assert isinstance(step, CopyObject)
    assert step.in_parts
    assert step.in_parts.checksum == Checksum("CRC64NVME", "", full_object=True)
    assert plan.after
    assert plan.after.checksums == (step.in_parts.checksum,)


def test_a_copy_in_parts_writes_changed_tags() -> None:
    """It saves a call, and the object never has wrong tags."""
    plan = planned(replace(ASKED, tags=(("team", "b"),)), LARGE)
    (step,) = plan.steps
    assert isinstance(step, CopyObject)
    assert step.in_parts
    assert step.in_parts.tags == (("team", "b"),)


def test_other_steps_are_unchanged() -> None:
    """A change of only the tags is not a copy, whatever the size."""
    plan = planned(replace(DESIRE, tags=(("team", "b"),)), LARGE)
    assert plan.operations == ("PutObjectTagging",)
    assert not needs_multipart_copy(plan, Limits())
