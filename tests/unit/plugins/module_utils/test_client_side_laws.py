# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The laws of client-side encryption, as property tests of the plan, and of runs through the engine and the codec.

1. A plan's resulting state satisfies the desired state, and a plan from it has no steps.
2. What the task does not name does not change, and an envelope is never removed without its content.
3. After each step, the object can be read with a data key that exists: a file is written before the object that needs
   it, is replaced by the same data key only, and is deleted last.
4. A data key is kept for new content only where the task names `envelope: instruction_file`.
5. Every step sends content that is encrypted, or that the task wants to be encrypted by S3 only.
6. A check run writes nothing, makes no data key, and reports what the real run does. No secret is in its outcome.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.client_side.envelope_reading import (
    ClientSidePorts,
    with_envelope,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.client_side.key_opening import (
    KeysOfTask,
    open_object,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.kms_keys import KmsKeys
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject, Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.envelope_fields import CONTENT_FIELDS_V3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    DeleteInstructionFile,
    DeleteObject,
    ObjectPlan,
    ObjectStep,
    PutInstructionFile,
    PutObject,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sealing import FoundFile, OpenedKey, Rewrap
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import strategies as draw
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.client_side_strategies import (
    CLIENT_SIDE_ENCRYPTIONS,
    DESIRED_OBJECTS,
    FILE,
    ClientSideCase,
    KeyOfData,
    SealedObject,
    client_side_cases,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, FakeKms, FakeS3
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import (
    FakeDataKeys,
    FakeInstructionFiles,
    client_side_ports,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.test_laws import assert_object_keeps, two_keys

MANY = settings(max_examples=max(400, settings().max_examples))
NEW_DATA_KEY, NEW_FILE_KEY = Secret(b"n" * 32), Secret(b"f" * 32)


@dataclass(frozen=True)
class Stored:
    """What S3 stores at one moment: the data key of the content (None: S3 has the plaintext) and where it lies."""

    exists: bool
    data_key: Secret | None
    place: EnvelopePlace | None
    file_key: Secret | None

    @property
    def is_readable(self) -> bool:
        """Whether the data key of the content is there."""
        needs_file = self.exists and self.place is EnvelopePlace.INSTRUCTION_FILE
        return not needs_file or self.file_key == self.data_key


def stored(case: ClientSideCase) -> Stored:
    """The state before the run."""
    file_key = case.file.opened.data_key if case.file and case.file.opened else None
    if not isinstance(case.object, SealedObject):
        return Stored(case.object is not None, None, None, file_key)
    envelope = case.object.state.envelope
    assert envelope is not None
    in_file = envelope.place is EnvelopePlace.INSTRUCTION_FILE
    data_key = case.object.opened.data_key
    return Stored(True, data_key, envelope.place, data_key if in_file else file_key)


def data_key_of(rewrap: Rewrap) -> Secret:
    """The data key that is encrypted again. A change of an object itself has always opened it."""
    assert rewrap.opened
    return rewrap.opened.data_key


def after_step(before: Stored, step: ObjectStep) -> Stored:
    """What S3 stores after a step, by the meaning of its values."""
    match step:
        case PutInstructionFile():
            return replace(before, file_key=data_key_of(step.rewrap) if step.rewrap else NEW_FILE_KEY)
        case PutObject(sealing=None):
            return replace(before, exists=True, data_key=None, place=None)
        case PutObject(sealing=sealing) if sealing:
            made_before = NEW_FILE_KEY if sealing.place is EnvelopePlace.INSTRUCTION_FILE else NEW_DATA_KEY
            key = sealing.kept.data_key if sealing.kept else made_before
            return replace(before, exists=True, data_key=key, place=sealing.place)
        case CopyObject(rewrap=rewrap) if rewrap:
            return replace(before, data_key=data_key_of(rewrap), place=rewrap.place)
        case CopyObject() if before.data_key is not None:
            names = {name for name, _value in step.envelope_fields}
            moves = names == set(CONTENT_FIELDS_V3)
            return replace(before, place=EnvelopePlace.INSTRUCTION_FILE if moves else before.place)
        case DeleteInstructionFile():
            return replace(before, file_key=None)
        case DeleteObject():
            return replace(before, exists=False)
        case _:
            return before


def states(case: ClientSideCase, plan: ObjectPlan) -> Iterator[Stored]:
    """What S3 stores before the first step, and after each."""
    state = stored(case)
    yield state
    for step in plan.steps:
        state = after_step(state, step)
        yield state


def assert_satisfies(case: ClientSideCase, plan: ObjectPlan) -> None:
    """Law 1, independent of the code."""
    desired, after = case.desired.encryption, plan.after
    assert after is not None
    if not desired.kind.is_client_side:
        if not desired.kind.defers_to_bucket:
            assert after.encryption.type == desired.kind.name
            assert after.encryption.client_side is None
        if case.content is not None:
            assert (after.encryption.client_side is None) == (after.size == len(case.content))
        return
    found = after.encryption.client_side
    assert found is not None
    assert after.encryption.type == desired.kind.name
    assert desired.kms_key_arn in (None, after.encryption.kms_key_arn)
    assert after.encryption.customer_key_md5 == (desired.customer_key.md5 if desired.customer_key else None)
    assert desired.encryption_context in ((), found.context)
    assert desired.of_server_side.is_satisfied_by(found.server_side)
    if case.content is not None:
        assert found.plaintext_size in (len(case.content), None)
    if found.envelope is not desired.envelope and desired.envelope is not None:
        assert found.envelope is EnvelopePlace.METADATA
        assert [
            warning for warning in plan.warnings if "the instruction file that exists already is not used" in warning
        ]


def unused_files(plan: ObjectPlan) -> list[str]:
    """The warnings that the envelope is in the metadata, because the instruction file cannot be used."""
    return [each for each in plan.warnings if "the instruction file that exists already is not used" in each]


def next_case(case: ClientSideCase, plan: ObjectPlan) -> ClientSideCase:
    """The same task over what the plan has made: S3 reports the planned encryption, and the envelope was written."""
    *_earlier, last = states(case, plan)
    after = plan.after
    if after is None:
        return replace(case, object=None)
    file, found = file_after(case, plan, last), after.encryption.client_side
    if found is None or last.data_key is None:
        return replace(
            case, object=replace(after, envelope_fields=(), envelope=None), file=file_after(case, plan, last)
        )
    if not plan.steps or found.format is not Format.V3:
        return replace(case, object=SealedObject(after, _opened(case)))
    key = KeyOfData(after.encryption.kms_key_arn, found.context or (), case.desired.encryption.customer_key)
    if not case.desired.encryption.kind.is_client_side and isinstance(case.object, SealedObject):
        key = replace(key, customer_key=case.object.opened.customer_key)
    envelope = key.envelope(last.data_key, found.envelope)
    state = replace(
        after,
        envelope=envelope,
        envelope_fields=after.envelope_fields or (("x-amz-c", "115"),),
        instruction_file=FILE if found.envelope is EnvelopePlace.INSTRUCTION_FILE else None,
    )
    return replace(case, object=SealedObject(state, key.opened(last.data_key)), file=file)


def _opened(case: ClientSideCase) -> OpenedKey:
    assert isinstance(case.object, SealedObject)
    return case.object.opened


def file_after(case: ClientSideCase, plan: ObjectPlan, last: Stored) -> FoundFile | None:
    """The instruction file after the steps."""
    file = case.file
    for step in plan.steps:
        match step:
            case PutInstructionFile():
                encryption = step.encryption
                key = KeyOfData(encryption.kms_key_arn, encryption.encryption_context, encryption.customer_key)
                assert last.file_key is not None
                envelope = key.envelope(last.file_key, EnvelopePlace.INSTRUCTION_FILE)
                file = FoundFile(FILE, envelope, key.opened(last.file_key))
            case DeleteInstructionFile():
                file = None
            case _:
                pass
    return file


@MANY
@given(client_side_cases())
def test_a_plan_satisfies_the_desired_state(case: ClientSideCase) -> None:
    """All laws, in the model alone."""
    desired = case.desired
    try:
        plan = plan_encrypted_object(desired, case.reading())
    except OperationError as error:
        assert_refusal(case, error)
        event("refused")
        return
    event(" ".join(plan.operations) or "nothing")
    if case.state is not None and not desired.absent and desired.overwrite is Overwrite.NEVER:
        assert (plan.steps, plan.after) == ((), case.state)
        return
    assert_steps(case, plan)
    assert all(state.is_readable for state in states(case, plan))
    if desired.absent:
        assert plan.after is None
        return
    assert_satisfies(case, plan)
    assert_keeps(case, plan)
    if desired.overwrite is Overwrite.DIFFERENT:
        following = next_case(case, plan)
        again = plan_encrypted_object(desired, following.reading(same_content=True))
        assert (again.steps, again.after) == ((), following.state)
        assert unused_files(again) == unused_files(plan)


def assert_refusal(case: ClientSideCase, error: OperationError) -> None:
    """A plan is refused for few reasons."""
    desired, kind = case.desired, error.failure.kind
    if kind is FailureKind.ABSENT:
        assert case.object is None
        assert case.content is None
    elif "needs a KMS key" in error.failure.message:
        assert (desired.encryption.kind.name, desired.encryption.kms_key_arn) == ("CSE-KMS", None)
    else:
        assert kind in (FailureKind.INVALID, FailureKind.UNSUPPORTED)
        assert desired.change_method is ChangeMethod.UPDATE


def assert_steps(case: ClientSideCase, plan: ObjectPlan) -> None:
    """Laws 3 to 5, for each step."""
    steps = plan.steps
    for number, step in enumerate(steps):
        match step:
            case PutInstructionFile():
                assert [later for later in steps[:number] if isinstance(later, (PutObject, CopyObject))] == []
                assert step.if_match == (case.file.file.etag if case.file else None)
                if case.file:
                    assert step.rewrap
                    assert case.file.opened
                    assert data_key_of(step.rewrap) == case.file.opened.data_key
                assert step.encryption.kind.is_client_side
            case DeleteInstructionFile():
                assert number == len(steps) - 1
                assert [written for written in steps if isinstance(written, PutInstructionFile)] == []
            case PutObject():
                assert (step.sealing is not None) == step.encryption.kind.is_client_side
                assert step.encryption.envelope is (step.sealing.place if step.sealing else None)
                if step.sealing and step.sealing.kept:
                    assert case.desired.encryption.envelope is EnvelopePlace.INSTRUCTION_FILE
                    assert case.file
                    assert step.sealing.kept == case.file.opened
            case CopyObject():
                assert not step.encryption.kind.is_client_side
                assert step.encryption.customer_key == step.encryption.request_key
                if case.state and case.state.envelope_fields:
                    assert step.rewrap or step.envelope_fields
            case _:
                pass


def assert_keeps(case: ClientSideCase, plan: ObjectPlan) -> None:
    """Law 2: what is not named does not change."""
    before, after, desired = case.state, plan.after, case.desired
    if before is None or after is None:
        return
    uploads = [step for step in plan.steps if isinstance(step, PutObject)]
    has_new_content = any(not step.rewrites for step in uploads)
    if not desired.encryption.kind.is_client_side and before.encryption.client_side is None:
        assert_object_keeps(desired, before, after, has_new_content)
    kept = before.encryption.client_side
    named = desired.encryption
    if not uploads and kept and named.kind.defers_to_bucket:
        assert after.encryption == before.encryption
    if not has_new_content and (kept or uploads):
        assert after.lock == before.lock
    found = after.encryption.client_side
    if kept is None or found is None or named.kind.name != before.encryption.type:
        return
    if named.kms_key_arn is None and not has_new_content:
        assert after.encryption.kms_key_arn == before.encryption.kms_key_arn
    if not named.encryption_context and not has_new_content:
        kept_with_file = case.file.envelope.named_context if case.file and case.file.envelope else None
        is_file_used = bool(uploads) and found.envelope is EnvelopePlace.INSTRUCTION_FILE
        assert found.context == kept.context or (is_file_used and found.context == kept_with_file)
    if named.envelope is None and not uploads:
        assert found.envelope is kept.envelope
    if named.server_side is None and not has_new_content:
        assert found.server_side == kept.server_side
    for step in plan.steps:
        if isinstance(step, CopyObject) and not step.rewrap:
            assert set(step.envelope_fields) <= set(before.envelope_fields)
            assert found.format is kept.format


# Runs

PLAINTEXTS = (b"", b"the first content, which is secret", b"another secret content, which is longer")


@dataclass
class World:
    """S3, KMS and the instruction files, and the keys that open what the tasks write."""

    s3: FakeS3
    kms: FakeKms
    ports: ClientSidePorts

    @property
    def files(self) -> FakeInstructionFiles:
        """The instruction files."""
        assert isinstance(self.ports.files, FakeInstructionFiles)
        return self.ports.files

    @property
    def data_keys(self) -> FakeDataKeys:
        """The data keys of KMS."""
        assert isinstance(self.ports.data_keys, FakeDataKeys)
        return self.ports.data_keys

    def writes(self) -> list[str]:
        """All that was written, and the data keys that were made."""
        made = [call for call in self.data_keys.reads if call != "Decrypt"]
        return [*self.s3.writes, *self.files.writes, *self.kms.writes, *made]

    def plaintext(self) -> bytes | None:
        """The content of the object, as a download reads it."""
        found = self.s3.objects.get(("bucket", "key"))
        if found is None:
            return None
        content = self.s3.bytes["bucket", "key"]
        target = ObjectId("bucket", "key")
        state = with_envelope(self.files, target, replace(found, envelope=None))
        if state.envelope is None:
            return content
        assert all(secret not in content for secret in PLAINTEXTS if secret)
        opened = open_object(self.ports, KeysOfTask(REGION, customer_keys=draw.KEYS), state)
        return b"".join(ContentCipher.open(state.envelope, opened.data_key).decrypt([content]))

    @property
    def needs_file(self) -> bool:
        """Whether the data key of the object is in its instruction file."""
        found = self.s3.objects.get(("bucket", "key"))
        return found is not None and found.needs_file

    def stored(self) -> object:
        """All that is stored."""
        return dict(self.s3.objects), dict(self.s3.bytes), dict(self.files.files)


def new_world() -> World:
    """A bucket, and two KMS keys."""
    s3 = FakeS3()
    s3.add_bucket("bucket")
    s3.in_place = InPlaceSupport.SUPPORTED
    return World(s3, two_keys(), client_side_ports())


def run(world: World, desired: DesiredObject, content: bytes | None, *, check_mode: bool) -> Outcome[Any, Any]:
    """One run. The task names KMS keys by their ids, and both customer keys."""
    encryption, by_s3 = desired.encryption, desired.encryption.of_server_side
    is_client_side = encryption.kind.is_client_side
    keys = KmsKeys(
        KeyRef.parse(by_s3.kms_key_arn) if by_s3.kms_key_arn else None,
        KeyRef.parse(encryption.kms_key_arn) if encryption.kms_key_arn and is_client_side else None,
    )
    server_side = replace(by_s3, kms_key_arn=None) if is_client_side and encryption.server_side else None
    resource = EncryptedObjectResource(
        replace(desired, encryption=replace(encryption, kms_key_arn=None, server_side=server_side)),
        keys,
        next(key for key in draw.KEYS if key != encryption.customer_key),
        None if content is None else Source(data=content),
        world.s3,
        world.s3,
        BucketSettings(world.s3),
        KeyResolver(world.kms),
        world.ports,
        FakeClock(),
        concurrency=1,
    )
    return reconcile(resource, check_mode=check_mode)


TASKS = st.tuples(DESIRED_OBJECTS, st.sampled_from([None, None, *PLAINTEXTS]))


def secret_texts(world: World) -> Iterator[str]:
    """All formats in which a text could contain a key or a content."""
    for key in (*draw.KEYS, *world.data_keys.made):
        raw = key.reveal()
        yield from (repr(raw)[2:-1], raw.hex(), base64.b64encode(raw).decode())


@settings(max_examples=max(60, settings().max_examples))
@given(CLIENT_SIDE_ENCRYPTIONS, st.lists(TASKS, min_size=1, max_size=3))
def test_runs_do_what_their_check_runs_report(
    first: DesiredEncryption, tasks: list[tuple[DesiredObject, bytes | None]]
) -> None:
    """From one object to the next, with real keys and real ciphertext."""
    world, content = new_world(), None
    created = DesiredObject("bucket", "key", encryption=first)
    for desired, source in ((created, PLAINTEXTS[1]), *tasks):
        before, done, needed_file = world.stored(), world.writes(), world.needs_file
        check = run(world, desired, source, check_mode=True)
        assert world.writes() == done
        real = run(world, desired, source, check_mode=False)
        assert check.failure == real.failure
        assert (check.changed, check.actions, check.warnings) == (real.changed, real.actions, real.warnings)
        assert (check.before, check.planned) == (real.before, real.planned)
        assert [text for text in secret_texts(world) if text in repr((check, real))] == []
        event(" ".join(real.actions) or (f"refused: {real.failure.kind.value}" if real.failure else "nothing"))
        if real.failure:
            assert not real.changed
            assert world.stored() == before
            continue
        if desired.absent:
            content = None
            assert not (needed_file and world.files.files)
        elif source is not None and (content is None or desired.overwrite is not Overwrite.NEVER):
            content = source
        assert world.plaintext() == content
        if desired.overwrite is not Overwrite.ALWAYS or source is None:
            again = run(world, desired, source, check_mode=False)
            assert (again.failure, again.changed) == (None, False)
