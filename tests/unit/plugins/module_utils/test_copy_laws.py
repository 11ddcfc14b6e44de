# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Laws of the plans that copy another object: the copy has the desired encryption, and nothing becomes unreadable."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.client_side_plan import needs_rewrite, own_content
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.client_side_steps import as_file_write
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.copy_source import CopySource
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import ObjectReading
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    InstructionFile,
    ObjectId,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    ObjectPlan,
    as_copy,
    as_upload,
    as_write,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sealing import FoundFile
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.client_side_strategies import (
    OTHER_DATA_KEY,
    ClientSideCase,
    KeyOfData,
    SealedObject,
    client_side_cases,
    found_file,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import KEYS

TARGET = ObjectState(
    "to",
    "k",
    3,
    ObjectEncryption("SSE-S3"),
    Properties(content_type="text/plain"),
    etag='"target"',
    tags=(("own", "1"),),
)
OTHER_FILE = replace(
    found_file(KeyOfData(customer_key=KEYS[0]), OTHER_DATA_KEY), file=InstructionFile(b"of another object", '"other"')
)
FILES = st.sampled_from([None, None, OTHER_FILE, FoundFile(OTHER_FILE.file, problem="no key opens it")])


@given(client_side_cases(), st.sampled_from([None, TARGET]), FILES)
def test_a_copy_satisfies_the_task(case: ClientSideCase, before: ObjectState | None, file: FoundFile | None) -> None:
    """Whatever the source is, and whatever instruction file the target has already."""
    state = case.state
    if state is None or case.desired.absent:
        return
    opened = case.object.opened if isinstance(case.object, SealedObject) else None
    source = CopySource(ObjectId("from", "s"), replace(state, archive=None), opened=opened)
    desired = replace(case.desired, content=own_content(state), copied_from=source)
    reading = ObjectReading(before, found_file=file)
    try:
        plan = plan_encrypted_object(desired, reading)
    except OperationError as error:
        assert_refusal(error)
        event("refused")
        return
    event(" ".join(plan.operations) or "nothing")
    if not plan.steps:
        assert before is not None
        return
    assert_written_once(plan, source)
    assert_encryption(plan, case)
    assert_readable(plan, source, file)


def assert_refusal(error: OperationError) -> None:
    """A task for client-side encryption may name no KMS key, and an old envelope has only one place."""
    assert any(words in error.failure.message for words in ("needs a KMS key", "older format")), error


def assert_written_once(plan: ObjectPlan, source: CopySource) -> None:
    """One write of the object, from the source, after its instruction file. S3 copies whatever it can."""
    writes = [number for number, step in enumerate(plan.steps) if as_write(step)]
    assert len(writes) == 1
    files = [number for number, step in enumerate(plan.steps) if as_file_write(step)]
    assert all(number < writes[0] for number in files)
    write = as_write(plan.steps[writes[0]])
    assert write
    assert write.source is source
    assert write.if_match == (plan.before.etag if plan.before else None)
    assert write.tags == (plan.after.tags if plan.after else None)


def assert_encryption(plan: ObjectPlan, case: ClientSideCase) -> None:
    """What the task names, and otherwise that of the source if it is on the client side."""
    desired, state, after = case.desired.encryption, case.state, plan.after
    assert after
    assert state
    if desired.kind.defers_to_bucket:
        assert after.encryption.type == (state.encryption.type if state.envelope else None)
    else:
        assert after.encryption.type == desired.kind.name
    opened = case.object.opened if isinstance(case.object, SealedObject) else None
    uploads = [upload for step in plan.steps if (upload := as_upload(step))]
    assert bool(uploads) is needs_rewrite(desired, state, opened)
    assert all(bool(upload.sealing) is desired.kind.is_client_side and upload.rewrites for upload in uploads)
    assert not any(copy.encryption.kind.is_client_side for step in plan.steps if (copy := as_copy(step)))


def assert_readable(plan: ObjectPlan, source: CopySource, file: FoundFile | None) -> None:
    """The data key of the copy is where the envelope says. A file with another one is never replaced."""
    written = [step for each in plan.steps if (step := as_file_write(each))]
    assert not (file and written and file.opened is None)
    for step in written:
        assert step.if_match == (file.file.etag if file else None)
        if file and step.rewrap and step.rewrap.opened:
            assert file.opened
            assert step.rewrap.opened.data_key == file.opened.data_key
    found = plan.after.encryption.client_side if plan.after else None
    copies = [copy for step in plan.steps if (copy := as_copy(step))]
    if found is None or not copies or source.state.envelope is None:
        return
    if found.envelope is EnvelopePlace.INSTRUCTION_FILE:
        assert written
    elif source.state.envelope.place is EnvelopePlace.INSTRUCTION_FILE:
        assert copies[0].rewrap
        assert source.state.envelope.format is Format.V3
    assert not (found.envelope is EnvelopePlace.METADATA and written)
