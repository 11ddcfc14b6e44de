# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans that copy another object, case by case: how the content gets there, and what comes with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    CSE_C,
    CSE_KMS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import Archive
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.client_side_plan import own_content
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.copy_source import (
    CopySource,
    compare_stored,
    is_same_encryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject, ObjectReading
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits, to_multipart
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    InstructionFile,
    ObjectId,
    ObjectLock,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    ObjectPlan,
    ObjectStep,
    PutInstructionFile,
    PutObject,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sealing import FoundFile
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.client_side_strategies import (
    KeyOfData,
    SealedObject,
    sealed_object,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import KEYS, ONE, TWO

METADATA, IN_FILE = EnvelopePlace
OWN, OTHER_OWN = (KeyOfData(customer_key=key) for key in KEYS)
KMS, OTHER_KMS = KeyOfData(ONE), KeyOfData(TWO)
KEY = CustomerKey(b"k" * 32)
OTHER_FILE = FoundFile(InstructionFile(b"of another data key", '"f2"'))
AES, BY_KMS = ObjectEncryption("SSE-S3"), ObjectEncryption("SSE-KMS", ONE, False)
SHA = Checksum("SHA256", "AAA=", full_object=True)
OF_PARTS = Checksum("SHA256", "AAA=-2", full_object=False)
PROPERTIES = Properties(
    content_type="text/css",
    website_redirect_location="/x",
    metadata=(("a", "1"),),
    storage_class="STANDARD_IA",
)
SOURCE = ObjectState("from", "s", 5, AES, PROPERTIES, etag='"e1"', checksums=(SHA,), tags=(("t", "1"),), tag_count=1)
TARGET = ObjectState("to", "k", 3, AES, Properties(content_type="text/plain"), etag='"e2"', tags=(("own", "1"),))


def source_of_state(state: ObjectState, sealed: SealedObject | None = None) -> CopySource:
    """The source, opened if it is sealed."""
    return CopySource(ObjectId("from", "s"), state, opened=sealed.opened if sealed else None)


def plan(
    source: CopySource,
    before: ObjectState | None = None,
    *,
    encryption: DesiredEncryption | None = None,
    file: FoundFile | None = None,
) -> ObjectPlan:
    """The plan of a task that copies this source."""
    encryption = encryption or DesiredEncryption()
    desired = DesiredObject("to", "k", content=own_content(source.state), encryption=encryption, copied_from=source)
    return plan_encrypted_object(desired, ObjectReading(before, found_file=file))


def only(step: tuple[ObjectStep, ...]) -> CopyObject:
    """The copy, if there is nothing else."""
    (copy,) = step
    assert isinstance(copy, CopyObject)
    return copy


def test_a_new_object_takes_all_but_storage_class_and_redirect() -> None:
    made = plan(source_of_state(SOURCE))
    copy = only(made.steps)
    assert (copy.replace_properties, copy.if_match, copy.tags) == (False, None, (("t", "1"),))
    assert copy.properties == Properties(content_type="text/css", metadata=(("a", "1"),))
    assert made.after
    assert (made.after.size, made.after.checksums, made.after.tags) == (5, (SHA,), (("t", "1"),))
    assert made.after.properties.storage_class == "STANDARD"
    assert made.after.encryption.type is None  # the bucket's default


def test_an_existing_object_keeps_its_own_and_its_encryption_is_named() -> None:
    """The key of the same kind stays, as with any new content. Its lock does not."""
    before = replace(TARGET, encryption=BY_KMS, version_id="v", lock=ObjectLock(legal_hold=True))
    made = plan(source_of_state(SOURCE), before, encryption=DesiredEncryption(SSE_KMS))
    copy = only(made.steps)
    assert (copy.replace_properties, copy.if_match, copy.tags) == (True, '"e2"', (("own", "1"),))
    assert copy.properties == before.properties
    assert (copy.encryption.kms_key_arn, copy.lock) == (ONE, None)
    assert made.after
    assert (made.after.encryption, made.after.lock) == (BY_KMS, None)
    assert any("Object Lock" in warning for warning in made.warnings)


def test_the_key_of_the_source_is_not_that_of_the_copy() -> None:
    state = replace(SOURCE, encryption=ObjectEncryption("SSE-C", customer_key_md5=KEYS[0].md5))
    source = replace(source_of_state(state), decrypted_with=KEYS[0])
    copy = only(plan(source, encryption=DesiredEncryption(SSE_C, customer_key=KEY)).steps)
    assert (copy.source_key, copy.encryption.customer_key) == (KEYS[0], KEY)


def test_a_checksum_of_parts_becomes_one_of_the_whole() -> None:
    made = plan(source_of_state(replace(SOURCE, checksums=(OF_PARTS,))))
    assert made.after
    assert made.after.checksums == (Checksum("SHA256", "", full_object=True),)


def test_a_large_source_is_copied_in_parts_with_its_tags() -> None:
    source = source_of_state(replace(SOURCE, size=25, checksums=(Checksum("CRC32C", "AAAAAA==", full_object=True),)))
    copy = only(to_multipart(plan(source, TARGET), Limits(copy_limit=10), "CRC64NVME").steps)
    assert copy.in_parts
    assert (copy.in_parts.parts.size, copy.in_parts.tags) == (25, (("own", "1"),))
    assert copy.in_parts.checksum.algorithm == "CRC32C"


@pytest.mark.parametrize("encryption", [DesiredEncryption(SSE_S3), DesiredEncryption(CSE_C, customer_key=KEY)])
def test_an_archived_source_is_refused(encryption: DesiredEncryption) -> None:
    source = source_of_state(replace(SOURCE, archive=Archive("GLACIER")))
    with pytest.raises(OperationError, match="cannot be copied: it is archived in GLACIER"):
        plan(source, encryption=encryption)


def test_a_content_that_s3_cannot_encrypt_is_read_first() -> None:
    """Between the kinds of both sides. No lock comes with it."""
    source = source_of_state(SOURCE)
    (upload,) = plan(source, encryption=DesiredEncryption(CSE_C, customer_key=KEY)).steps
    assert isinstance(upload, PutObject)
    assert (upload.rewrites, upload.source, upload.lock) == (True, source, None)
    assert upload.operations == ("GetObject", "PutObject")
    sealed = sealed_object(OWN)
    source = source_of_state(sealed.state, sealed)
    made = plan(source, TARGET, encryption=DesiredEncryption(SSE_S3))
    (upload,) = made.steps
    assert isinstance(upload, PutObject)
    assert (upload.source, upload.sealing, upload.if_match) == (source, None, '"e2"')
    assert made.after
    assert made.after.checksums == ()


# The source, the encryption that the task names, and whether the data key is encrypted again.
KEPT = {
    "nothing named": (sealed_object(OWN), DesiredEncryption(), False),
    "only the bucket key": (sealed_object(OWN), DesiredEncryption(bucket_key_enabled=True), False),
    "the same kind": (sealed_object(KMS), DesiredEncryption(CSE_KMS), False),
    "the same key": (sealed_object(KMS), DesiredEncryption(CSE_KMS, ONE), False),
    "another key": (sealed_object(KMS), DesiredEncryption(CSE_KMS, TWO), True),
    "another kind": (sealed_object(OWN), DesiredEncryption(CSE_KMS, TWO), True),
    "another own key": (sealed_object(OWN), DesiredEncryption(CSE_C, customer_key=KEY), True),
}


@pytest.mark.parametrize("row", list(KEPT))
def test_an_envelope_in_the_metadata(row: str) -> None:
    sealed, encryption, wraps = KEPT[row]
    copy = only(plan(source_of_state(sealed.state, sealed), encryption=encryption).steps)
    assert (copy.rewrap is not None) is wraps
    assert copy.replace_properties is wraps
    assert copy.envelope_fields == sealed.state.envelope_fields


def test_an_envelope_in_a_file_is_copied_with_it_unless_another_one_is_there() -> None:
    """Without the key, too. Then the envelope is in the metadata of the copy."""
    sealed = sealed_object(OWN, IN_FILE)
    source = source_of_state(sealed.state)
    file, copy = plan(source).steps
    assert isinstance(file, PutInstructionFile)
    assert isinstance(copy, CopyObject)
    assert sealed.state.instruction_file
    assert (file.body, file.is_copy, file.if_match) == (sealed.state.instruction_file.body, True, None)
    assert (copy.rewrap, copy.envelope_fields) == (None, sealed.state.envelope_fields)

    the_same = FoundFile(sealed.state.instruction_file)
    assert only(plan(source, file=the_same).steps).rewrap is None
    made = plan(source, file=OTHER_FILE)
    moved = only(made.steps).rewrap
    assert moved
    assert (moved.place, moved.encryption) == (METADATA, None)
    assert any("is not used" in warning for warning in made.warnings)
    assert made.after
    assert made.after.encryption.client_side
    assert made.after.encryption.client_side.envelope is METADATA


def test_a_data_key_moves_to_a_file_under_the_named_key() -> None:
    sealed = sealed_object(KMS)
    encryption = DesiredEncryption(CSE_KMS, TWO, envelope=IN_FILE)
    file, copy = plan(source_of_state(sealed.state, sealed), encryption=encryption).steps
    assert isinstance(file, PutInstructionFile)
    assert isinstance(copy, CopyObject)
    assert file.rewrap
    assert file.rewrap.encryption
    assert (file.rewrap.encryption.kms_key_arn, file.is_copy) == (TWO, False)
    assert {name for name, _value in copy.envelope_fields} == {"x-amz-c", "x-amz-d", "x-amz-i"}


def test_a_file_of_an_older_format_cannot_move() -> None:
    sealed = sealed_object(OWN, IN_FILE)
    assert sealed.state.envelope
    old = replace(sealed.state, envelope=replace(sealed.state.envelope, format=Format.V2))
    with pytest.raises(OperationError, match="there is another instruction file already"):
        plan(source_of_state(old), file=OTHER_FILE)


STORED: dict[str, tuple[ObjectState, ObjectState, bool | None]] = {
    "other sizes": (SOURCE, replace(SOURCE, size=6), False),
    "the same checksum": (SOURCE, replace(SOURCE, encryption=BY_KMS, etag='"x"'), True),
    "another checksum": (SOURCE, replace(SOURCE, checksums=(replace(SHA, value="BBB="),)), False),
    "the same checksum of parts": (
        replace(SOURCE, checksums=(OF_PARTS,), encryption=BY_KMS),
        replace(SOURCE, checksums=(OF_PARTS,), encryption=BY_KMS, etag='"x"'),
        True,
    ),
    "other parts": (
        replace(SOURCE, checksums=(OF_PARTS,), encryption=BY_KMS),
        replace(SOURCE, checksums=(replace(OF_PARTS, value="BBB=-2"),), encryption=BY_KMS),
        None,
    ),
    "other algorithms": (
        replace(SOURCE, encryption=BY_KMS),
        replace(SOURCE, checksums=(Checksum("CRC32", "AAAAAA==", full_object=True),), encryption=BY_KMS),
        None,
    ),
    "the same MD5": (replace(SOURCE, checksums=()), replace(SOURCE, checksums=()), True),
    "another MD5": (replace(SOURCE, checksums=()), replace(SOURCE, checksums=(), etag='"x"'), False),
    "an MD5 of other parts": (
        replace(SOURCE, checksums=(), etag='"x-2"'),
        replace(SOURCE, checksums=(), etag='"y-2"'),
        None,
    ),
    "an ETag that is no MD5": (
        replace(SOURCE, checksums=(), encryption=BY_KMS),
        replace(SOURCE, checksums=(), encryption=BY_KMS),
        None,
    ),
}


@pytest.mark.parametrize("row", list(STORED))
def test_stored_bytes_are_compared_by_what_is_reported(row: str) -> None:
    one, other, expected = STORED[row]
    assert compare_stored(one, other) is expected
    assert compare_stored(other, one) is expected


def test_the_same_message_has_the_same_content_fields() -> None:
    """Wherever its data key is, and under whatever key."""
    fields = (("x-amz-3", "k"), ("x-amz-c", "115"), ("x-amz-d", "d"), ("x-amz-i", "i"), ("x-amz-w", "12"))
    one = replace(SOURCE, envelope_fields=fields)
    assert is_same_encryption(one, replace(SOURCE, envelope_fields=fields[1:4]))
    assert is_same_encryption(one, replace(SOURCE, envelope_fields=(("x-amz-3", "other"), *fields[1:])))
    assert not is_same_encryption(one, replace(SOURCE, envelope_fields=(*fields[:3], ("x-amz-i", "j"))))
    assert not is_same_encryption(one, SOURCE)
    old = replace(SOURCE, envelope_fields=(("x-amz-iv", "i"), ("x-amz-key-v2", "k")))
    assert is_same_encryption(old, old)
    assert not is_same_encryption(old, replace(SOURCE, envelope_fields=(("x-amz-iv", "i"), ("x-amz-key-v2", "l"))))


def test_nothing_is_named_for_a_bucket_default() -> None:
    assert only(plan(source_of_state(SOURCE)).steps).encryption.kind is BUCKET_DEFAULT
