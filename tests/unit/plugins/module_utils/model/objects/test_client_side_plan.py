# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The part of a plan that is about client-side encryption, case by case: the steps, and the warnings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    LARGEST_PLAINTEXT,
    EnvelopePlace,
    Format,
    Texts,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import Kind
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    CSE_C,
    CSE_KMS,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.client_side_plan import (
    needs_rewrite,
    plan_envelope,
    seal,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    Content,
    DesiredObject,
    ObjectReading,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.envelope_fields import CONTENT_FIELDS_V3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    DeleteInstructionFile,
    ObjectPlan,
    ObjectStep,
    PutInstructionFile,
    PutObject,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sealing import FoundFile
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.client_side_strategies import (
    CONTEXT,
    FILE,
    OTHER_DATA_KEY,
    PROBLEM,
    UNUSABLE_FILE,
    ClientSideCase,
    KeyOfData,
    SealedObject,
    found_file,
    sealed_object,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import KEYS, ONE, TWO, content_of

METADATA, IN_FILE = EnvelopePlace
OWN, OTHER_OWN = (KeyOfData(customer_key=key) for key in KEYS)
KMS, OTHER_KMS, KMS_WITH_CONTEXT = KeyOfData(ONE), KeyOfData(TWO), KeyOfData(ONE, CONTEXT)
PLAIN = ObjectState("bucket", "key", 3, sealed_object(OWN).state.encryption.server_side, etag='"etag"', tags=())


def wants(key: KeyOfData, place: EnvelopePlace | None = None) -> DesiredEncryption:
    """A task that names this key."""
    kind = CSE_C if key.customer_key else CSE_KMS
    return DesiredEncryption(kind, key.kms_key_arn, None, key.context, key.customer_key, place)


BY_S3 = DesiredEncryption(SSE_S3)
BY_KMS = DesiredEncryption(SSE_KMS, ONE)
KEY_OMITTED = DesiredEncryption(CSE_KMS)


def described(step: ObjectStep) -> str:
    """One line for a step, with what decides whether the object stays readable."""
    match step:
        case PutInstructionFile():
            condition = f"if {step.if_match}" if step.if_match else "if there is none"
            if step.rewrap is None:
                return f"file: new data key, {condition}"
            return f"file: same data key{' under another key' if step.rewrap.encryption else ''}, {condition}"
        case PutObject():
            content = "upload itself" if step.rewrites else "upload"
            if step.sealing is None:
                return f"{content} for S3 to encrypt"
            which = "the data key of the file" if step.sealing.kept else "a new data key"
            return f"{content} with {which}, {step.sealing.place.value}"
        case CopyObject() if step.rewrap:
            key = " under another key" if step.rewrap.encryption else ""
            return f"copy with the same data key{key}, {step.rewrap.place.value}"
        case CopyObject():
            names = {name for name, _value in step.envelope_fields}
            return "copy to instruction_file" if names == set(CONTENT_FIELDS_V3) else "copy as it is"
        case DeleteInstructionFile():
            return f"delete the file, if {step.etag}"
        case _:
            return type(step).__name__


def assert_plan(plan: ObjectPlan, steps: list[str], warnings: list[str]) -> None:
    """The plan has these steps and no others, and one warning for each of these parts."""
    assert [described(step) for step in plan.steps] == steps
    assert len(plan.warnings) == len(warnings)
    assert all(part in warning for part, warning in zip(warnings, plan.warnings, strict=True))


REWRAP = "copy with the same data key under another key, metadata"
MOVE = "copy to instruction_file"
NEW_FILE = "file: same data key, if there is none"
NEW_FILE_OTHER_KEY = "file: same data key under another key, if there is none"
REWRAP_FILE = 'file: same data key under another key, if "file"'
SAME_FILE = 'file: same data key, if "file"'
REWRITE = "upload itself with a new data key, metadata"
DELETE_FILE = 'delete the file, if "file"'
DECRYPT = "upload itself for S3 to encrypt"
# Parts of warnings.
STAYS, UNUSED, OTHER_KEY = "The instruction file of 'key' stays", PROBLEM, "another data key than the object"

SAME = found_file(OWN)
V3, V3_FILE = sealed_object(OWN), sealed_object(OWN, IN_FILE)
V3_KMS, V3_KMS_FILE = sealed_object(KMS_WITH_CONTEXT), sealed_object(KMS_WITH_CONTEXT, IN_FILE)


def old(file_format: Format, key: KeyOfData = OWN, place: EnvelopePlace = METADATA) -> SealedObject:
    return sealed_object(key, place, file_format)


EXISTING = [
    # the object, the encryption that the task names, the file that is there, the steps, and parts of warnings
    ("the same key", V3, wants(OWN), None, [], []),
    ("the same key and place", V3, wants(OWN, METADATA), SAME, [], []),
    ("another key", V3, wants(OTHER_OWN), None, [REWRAP], []),
    ("another kind", V3, wants(KMS), None, [REWRAP], []),
    ("the same KMS key", V3_KMS, wants(KMS), None, [], []),
    ("the same KMS key and context", V3_KMS, wants(KMS_WITH_CONTEXT), None, [], []),
    ("the KMS key omitted", V3_KMS, KEY_OMITTED, None, [], []),
    ("another KMS key", V3_KMS, wants(OTHER_KMS), None, [REWRAP], []),
    ("another context", V3_KMS, wants(KeyOfData(ONE, (("a", "1"),))), None, [REWRAP], []),
    ("from a KMS key to an own one", V3_KMS, wants(OWN), None, [REWRAP], []),
    ("into a new file", V3, wants(OWN, IN_FILE), None, [NEW_FILE, MOVE], []),
    ("into a new file, key omitted", V3_KMS, replace(KEY_OMITTED, envelope=IN_FILE), None, [NEW_FILE, MOVE], []),
    ("another key, into a new file", V3, wants(OTHER_OWN, IN_FILE), None, [NEW_FILE_OTHER_KEY, MOVE], []),
    ("into the file that is left of a copy", V3, wants(OWN, IN_FILE), SAME, [MOVE], []),
    ("into its file under another key", V3, wants(OWN, IN_FILE), found_file(OTHER_OWN), [SAME_FILE, MOVE], []),
    ("another key, into its file", V3, wants(OTHER_OWN, IN_FILE), SAME, [REWRAP_FILE, MOVE], []),
    ("another key, into its file, as wanted", V3, wants(OTHER_OWN, IN_FILE), found_file(OTHER_OWN), [MOVE], []),
    ("another kind, into its file", V3, wants(KMS, IN_FILE), SAME, [REWRAP_FILE, MOVE], []),
    ("a file of another content", V3, wants(OWN, IN_FILE), found_file(OWN, OTHER_DATA_KEY), [], [OTHER_KEY]),
    (
        "another key, and a file of another content",
        *(V3, wants(OTHER_OWN, IN_FILE), found_file(OTHER_OWN, OTHER_DATA_KEY), [REWRAP], [OTHER_KEY]),
    ),
    ("an unusable file", V3, wants(OWN, IN_FILE), UNUSABLE_FILE, [], [UNUSED]),
    ("another key, and an unusable file", V3, wants(OTHER_OWN, IN_FILE), UNUSABLE_FILE, [REWRAP], [UNUSED]),
    ("in a file, the same key", V3_FILE, wants(OWN), None, [], []),
    ("in a file, the same key and place", V3_FILE, wants(OWN, IN_FILE), SAME, [], []),
    ("in a file, another key", V3_FILE, wants(OTHER_OWN), None, [REWRAP_FILE], []),
    ("in a file, another key and the same place", V3_FILE, wants(OTHER_OWN, IN_FILE), SAME, [REWRAP_FILE], []),
    ("in a file, another kind", V3_FILE, wants(KMS), None, [REWRAP_FILE], []),
    ("in a file, another context", V3_KMS_FILE, wants(KeyOfData(ONE, (("a", "1"),))), None, [REWRAP_FILE], []),
    ("in a file, KMS key omitted", V3_KMS_FILE, KEY_OMITTED, None, [], []),
    ("out of a file", V3_FILE, wants(OWN, METADATA), None, ["copy with the same data key, metadata"], [STAYS]),
    ("out of a file, another key", V3_FILE, wants(OTHER_OWN, METADATA), None, [REWRAP], [STAYS]),
    *(
        (f"{file_format.value}, the same key", old(file_format), wants(OWN), None, [], [])
        for file_format in (Format.V2, Format.V1, Format.V1_CBC)
    ),
    *(
        (f"{file_format.value}, another key", old(file_format), wants(OTHER_OWN), None, [REWRITE], [])
        for file_format in (Format.V2, Format.V1, Format.V1_CBC)
    ),
    ("V2, another kind", old(Format.V2), wants(KMS), None, [REWRITE], []),
    ("V2, another context", old(Format.V2, KMS), wants(KMS_WITH_CONTEXT), None, [REWRITE], []),
    (
        "V2, into a new file",
        *(old(Format.V2), wants(OWN, IN_FILE), None),
        ["file: new data key, if there is none", "upload itself with a new data key, instruction_file"],
        [],
    ),
    (
        "V2, and a file that can be kept",
        *(old(Format.V2), wants(OWN, IN_FILE), found_file(OWN, OTHER_DATA_KEY)),
        [REWRAP_FILE, "upload itself with the data key of the file, instruction_file"],
        [],
    ),
    (
        "V2, and a file under another key",
        *(old(Format.V2), wants(OWN, IN_FILE), found_file(KMS, OTHER_DATA_KEY)),
        [REWRAP_FILE, "upload itself with the data key of the file, instruction_file"],
        [],
    ),
    ("V2, and an unusable file", old(Format.V2), wants(OWN, IN_FILE), UNUSABLE_FILE, [REWRITE], [UNUSED]),
    ("V2 in a file, the same key", old(Format.V2, OWN, IN_FILE), wants(OWN, IN_FILE), UNUSABLE_FILE, [], []),
    ("V2 in a file, another key", old(Format.V2, OWN, IN_FILE), wants(OTHER_OWN), None, [REWRITE], [STAYS]),
    (
        "V2 in a file, another key and the same place",
        *(old(Format.V2, OWN, IN_FILE), wants(OTHER_OWN, IN_FILE), UNUSABLE_FILE, [REWRITE], [UNUSED]),
    ),
    ("to S3", V3, BY_S3, None, [DECRYPT], ["becomes weaker"]),
    ("to S3, V1", old(Format.V1), BY_S3, None, [DECRYPT], ["becomes weaker"]),
    ("to S3, from a file", V3_FILE, BY_S3, None, [DECRYPT, DELETE_FILE], ["becomes weaker"]),
    ("to a KMS key of S3, from a file", V3_KMS_FILE, BY_KMS, None, [DECRYPT, DELETE_FILE], ["becomes weaker"]),
    ("omitted", V3_FILE, DesiredEncryption(), None, [], []),
]


@pytest.mark.parametrize(
    ("found", "encryption", "file", "steps", "warnings"), [each[1:] for each in EXISTING], ids=[e[0] for e in EXISTING]
)
def test_the_envelope_of_a_content_that_stays(
    found: SealedObject, encryption: DesiredEncryption, file: FoundFile | None, steps: list[str], warnings: list[str]
) -> None:
    """The file is written before the object that needs it, with its ETag, and deleted last."""
    case = ClientSideCase(DesiredObject("bucket", "key", encryption=encryption), None, found, file)
    plan = plan_encrypted_object(case.desired, case.reading())
    assert_plan(plan, steps, warnings)


NEW_IN_FILE = ["file: new data key, if there is none", "upload with a new data key, instruction_file"]
KEPT = "upload with the data key of the file, instruction_file"
NEW = "upload with a new data key, metadata"
CONTENTS = [
    ("place omitted", wants(OWN), None, [NEW], []),
    ("place omitted, and a file", wants(OWN), SAME, [NEW], []),
    ("metadata, and a file", wants(OWN, METADATA), SAME, [NEW], []),
    ("no file", wants(OWN, IN_FILE), None, NEW_IN_FILE, []),
    ("no file, KMS", wants(KMS, IN_FILE), None, NEW_IN_FILE, []),
    ("a file under this key", wants(OWN, IN_FILE), SAME, [REWRAP_FILE, KEPT], []),
    ("a file under another key", wants(OTHER_OWN, IN_FILE), SAME, [REWRAP_FILE, KEPT], []),
    ("a file under another kind", wants(KMS, IN_FILE), SAME, [REWRAP_FILE, KEPT], []),
    ("a file under this KMS key", wants(KMS, IN_FILE), found_file(KMS), [REWRAP_FILE, KEPT], []),
    ("a file with another context", wants(KMS_WITH_CONTEXT, IN_FILE), found_file(KMS), [REWRAP_FILE, KEPT], []),
    ("context omitted", wants(KMS, IN_FILE), found_file(KMS_WITH_CONTEXT), [REWRAP_FILE, KEPT], []),
    ("KMS key omitted", replace(KEY_OMITTED, envelope=IN_FILE), found_file(KMS_WITH_CONTEXT), [REWRAP_FILE, KEPT], []),
    ("an unusable file", wants(OWN, IN_FILE), UNUSABLE_FILE, [NEW], [UNUSED]),
]


@pytest.mark.parametrize("before", [None, PLAIN, V3, old(Format.V1_CBC)], ids=["new", "plain", "V3", "CBC"])
@pytest.mark.parametrize(
    ("encryption", "file", "steps", "warnings"), [each[1:] for each in CONTENTS], ids=[each[0] for each in CONTENTS]
)
def test_the_data_key_of_a_new_content(
    before: SealedObject | ObjectState | None,
    encryption: DesiredEncryption,
    file: FoundFile | None,
    steps: list[str],
    warnings: list[str],
) -> None:
    """It is new, but for a file whose data key opens. The object of before does not matter, if it needs no file.

    The file is written again, so that another client that deletes it at this moment finds that it has changed.
    """
    desired = DesiredObject("bucket", "key", content=content_of(b"new"), encryption=encryption)
    case = ClientSideCase(desired, b"new", before, file)
    plan = plan_encrypted_object(desired, case.reading())
    assert_plan(plan, steps, warnings)
    assert plan.after is not None
    assert plan.after.size == len(b"new") + 16
    assert plan.after.encryption.client_side
    assert plan.after.encryption.client_side.plaintext_size == len(b"new")


@pytest.mark.parametrize(
    ("encryption", "steps"),
    [(wants(OWN, IN_FILE), [KEPT]), (wants(OTHER_OWN, IN_FILE), [REWRAP_FILE, KEPT]), (wants(OWN), [NEW])],
    ids=["the same key", "another key", "place omitted"],
)
def test_a_file_that_the_object_needs_is_not_written_for_new_content(
    encryption: DesiredEncryption, steps: list[str]
) -> None:
    """The condition on the object is enough, unless the data key is to be under another key."""
    desired = DesiredObject("bucket", "key", content=content_of(b"new"), encryption=encryption)
    plan = plan_encrypted_object(desired, ClientSideCase(desired, b"new", V3_FILE, SAME).reading())
    assert [described(step) for step in plan.steps] == steps


def test_new_content_leaves_the_old_file() -> None:
    """Other versions may need it. Under S3's encryption, it is deleted after the object."""
    desired = DesiredObject("bucket", "key", content=content_of(b"new"), encryption=wants(OWN))
    plan = plan_encrypted_object(desired, ObjectReading(V3_FILE.state))
    assert [described(step) for step in plan.steps] == [NEW]
    (warning,) = plan.warnings
    assert STAYS in warning
    by_s3 = plan_encrypted_object(replace(desired, encryption=BY_S3), ObjectReading(V3_FILE.state))
    assert [described(step) for step in by_s3.steps] == ["upload for S3 to encrypt", DELETE_FILE]


REWRITES = [
    (BUCKET_DEFAULT, PLAIN, True, False, "omitted, plain"),
    (BUCKET_DEFAULT, V3.state, True, False, "omitted, sealed"),
    (SSE_S3, PLAIN, True, False, "S3, plain"),
    (SSE_S3, V3.state, True, True, "S3, sealed"),
    (SSE_S3, old(Format.V1).state, False, True, "S3, sealed and unread"),
    (CSE_C, PLAIN, True, True, "own key, plain"),
    (CSE_C, V3.state, True, False, "own key, sealed under it"),
    (CSE_C, V3.state, False, False, "own key, sealed under it and unread"),
    (CSE_C, V3_FILE.state, True, False, "own key, in a file"),
    (CSE_C, V3_KMS.state, True, False, "own key, under KMS"),
    (CSE_C, V3_KMS.state, False, True, "own key, under KMS and unread"),
    (CSE_C, old(Format.V2).state, True, False, "own key, V2 under it"),
    (CSE_C, old(Format.V1).state, True, False, "own key, V1 under it"),
    (CSE_C, old(Format.V2, KMS).state, True, True, "own key, V2 under KMS"),
    (CSE_C, old(Format.V1, KMS).state, True, True, "own key, V1 under KMS"),
    (CSE_C, old(Format.V1_CBC, KMS).state, True, True, "own key, CBC under KMS"),
]


@pytest.mark.parametrize(
    ("kind", "before", "opened", "rewrites"), [e[:4] for e in REWRITES], ids=[e[4] for e in REWRITES]
)
def test_when_a_content_is_read_and_written_again(
    kind: Kind, before: ObjectState, opened: bool, rewrites: bool
) -> None:
    """Where S3 would have to decrypt or to encrypt, and where the data key cannot be kept."""
    encryption = wants(OWN) if kind is CSE_C else DesiredEncryption(kind)
    assert needs_rewrite(encryption, before, OWN.opened(OTHER_DATA_KEY) if opened else None) is rewrites


@pytest.mark.parametrize("size", [0, 1, LARGEST_PLAINTEXT, LARGEST_PLAINTEXT + 1])
def test_a_content_is_not_larger_than_one_message(size: int) -> None:
    """64 GiB less 32 bytes. A larger one is refused when the plan is made."""
    step = PutObject(Properties(), (), wants(OWN), Content(size, Checksum("SHA256", "", full_object=True)), None)
    if size > LARGEST_PLAINTEXT:
        with pytest.raises(OperationError, match=f"The content has {size} bytes") as error:
            seal(step, ObjectReading(None), "bucket/key")
        assert error.value.failure.kind is FailureKind.INVALID
    else:
        assert seal(step, ObjectReading(None), "bucket/key").step.content.size == size + 16


@pytest.mark.parametrize(
    "file", [None, SAME, UNUSABLE_FILE], ids=["no file", "a file of an own key", "an unusable file"]
)
@pytest.mark.parametrize("place", [None, *EnvelopePlace], ids=["omitted", "metadata", "file"])
@pytest.mark.parametrize("before", [None, PLAIN, V3], ids=["new", "plain", "under an own key"])
def test_a_new_data_key_needs_a_named_kms_key(
    before: SealedObject | ObjectState | None, place: EnvelopePlace | None, file: FoundFile | None
) -> None:
    """Only S3 can use the AWS managed key."""
    desired = DesiredObject("bucket", "key", encryption=replace(KEY_OMITTED, envelope=place))
    for content in (content_of(b"new"), None) if before else (content_of(b"new"),):
        case = ClientSideCase(replace(desired, content=content), None, before, file)
        with pytest.raises(OperationError, match="needs a KMS key for a new data key") as error:
            plan_encrypted_object(case.desired, case.reading())
        assert error.value.failure.kind is FailureKind.INVALID


SERVER_SIDES = [
    ("in place", V3, wants(OWN), ["UpdateObjectEncryption"]),
    ("in a file, in place", V3_FILE, wants(OWN), ["UpdateObjectEncryption"]),
    ("V1, in place", old(Format.V1), wants(OWN), ["UpdateObjectEncryption"]),
    ("with another key", V3, wants(OTHER_OWN), [REWRAP]),
    ("in a file, with another key", V3_FILE, wants(OTHER_OWN), ["UpdateObjectEncryption", REWRAP_FILE]),
    ("with another place", V3, wants(OWN, IN_FILE), [NEW_FILE, MOVE]),
]


@pytest.mark.parametrize(
    ("found", "encryption", "steps"), [each[1:] for each in SERVER_SIDES], ids=[each[0] for each in SERVER_SIDES]
)
def test_the_server_side_of_the_ciphertext(
    found: SealedObject, encryption: DesiredEncryption, steps: list[str]
) -> None:
    """It is changed in place where S3 can, and with the copy otherwise."""
    desired = DesiredObject("bucket", "key", encryption=replace(encryption, server_side=BY_KMS))
    reading = ClientSideCase(desired, None, found, None).reading()
    plan = plan_encrypted_object(desired, replace(reading, in_place=InPlaceSupport.SUPPORTED))
    assert [described(step) for step in plan.steps] == steps
    assert plan.after is not None
    assert plan.after.encryption.client_side
    assert (plan.after.encryption.server_side.type, plan.after.encryption.server_side.kms_key_arn) == ("SSE-KMS", ONE)
    written = [step.encryption for step in plan.steps if isinstance(step, CopyObject)]
    assert [(each.kind, each.kms_key_arn) for each in written] == [(SSE_KMS, ONE)] * len(written)


@pytest.mark.parametrize("file_format", [Format.V2, Format.V1_CBC])
def test_a_rewrite_keeps_the_server_side(file_format: Format) -> None:
    """An option that is omitted keeps its value, also where the content has to be encrypted again."""
    by_kms = replace(PLAIN.encryption, type="SSE-KMS", kms_key_arn=TWO, bucket_key_enabled=True)
    found = sealed_object(KMS, METADATA, file_format, by_kms)
    for encryption in (wants(OTHER_KMS), wants(OWN)):
        desired = DesiredObject("bucket", "key", encryption=encryption)
        plan = plan_encrypted_object(desired, ClientSideCase(desired, None, found, None).reading())
        (step,) = plan.steps
        assert isinstance(step, PutObject)
        assert step.encryption.server_side == DesiredEncryption(SSE_KMS, TWO, True)
        assert plan.after is not None
        assert plan.after.encryption.server_side == by_kms


@pytest.mark.parametrize("encryption", [wants(OTHER_OWN), wants(OWN, IN_FILE), BY_S3, BY_KMS])
def test_a_change_of_the_envelope_in_the_metadata_is_no_change_in_place(encryption: DesiredEncryption) -> None:
    """change_method: update is refused, where the object has to be written."""
    desired = DesiredObject("bucket", "key", encryption=encryption, change_method=ChangeMethod.UPDATE)
    with pytest.raises(OperationError, match="cannot be encrypted in place: S3 does not see client-side encryption"):
        plan_encrypted_object(desired, ClientSideCase(desired, None, V3, None).reading())


@pytest.mark.parametrize("found", [V3, V3_FILE, old(Format.V2), old(Format.V1_CBC)], ids=["V3", "file", "V2", "CBC"])
@pytest.mark.parametrize("metadata", [(), (("a", "1"),)], ids=["none", "some"])
def test_the_metadata_of_the_user_never_removes_an_envelope(found: SealedObject, metadata: Texts) -> None:
    """Whether or not the task names an encryption."""
    found = replace(found, state=replace(found.state, properties=Properties(metadata=(("b", "2"),))))
    for encryption in (DesiredEncryption(), wants(OWN)):
        desired = DesiredObject("bucket", "key", encryption=encryption, properties=Properties(metadata=metadata))
        plan = plan_encrypted_object(desired, ClientSideCase(desired, None, found, None).reading())
        (step,) = plan.steps
        assert isinstance(step, CopyObject)
        assert (step.properties.metadata, step.envelope_fields) == (metadata, found.state.envelope_fields)
        assert step.replace_properties
        assert plan.after is not None
        assert plan.after.encryption == found.state.encryption


def test_an_unread_data_key_changes_nothing() -> None:
    """The envelope of an object whose data key is not needed stays."""
    desired = DesiredObject("bucket", "key", encryption=wants(OWN))
    for reading in (ObjectReading(V3.state), ObjectReading(PLAIN)):
        assert reading.object
        change = plan_envelope(desired, reading.object, reading)
        assert (change.expected, change.steps, change.needs_copy) == (reading.object.encryption, (), False)
        assert change.envelope_fields == reading.object.envelope_fields


def test_the_file_of_a_deleted_object_is_deleted_after_it() -> None:
    """The deletion of one version leaves the file to the others."""
    desired = DesiredObject("bucket", "key", absent=True)
    plan = plan_encrypted_object(desired, ObjectReading(V3_FILE.state))
    assert plan.operations == ("DeleteObject", "DeleteInstructionFile")
    assert plan.steps[-1] == DeleteInstructionFile(FILE.etag, after_object=True)
    one_version = replace(desired, version_id="v1")
    assert plan_encrypted_object(one_version, ObjectReading(V3_FILE.state)).operations == ("DeleteObject",)
    assert plan_encrypted_object(desired, ObjectReading(V3.state)).operations == ("DeleteObject",)
