# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The object after its steps.

AWS carries out what it accepts, so nothing is read where its answer says all. Any other store has to prove it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.registry import find_kind
from ...model.objects.object_state import ObjectState
from ...model.objects.object_steps import as_copy, as_tagging, as_update, as_upload, as_write, source_of
from ...model.objects.write_answer import state_after
from ...model.secret import CustomerKey
from ...model.tags import Tags
from ..transfer.content import Source
from .head_object import find_object
from .object_access import ObjectAccess
from .object_context import ObjectContext
from .object_reading import read_tags
from .store_proof import (
    is_reported,
    require_content,
    require_copied,
    require_customer_key_needed,
    require_deleted,
    require_grants,
    require_properties,
    require_same_bytes,
    unverified,
)
from .write_verification import require_as_planned


def read_written(access: ObjectAccess, key: CustomerKey | None) -> ObjectState:
    """HeadObject after a write. A refusal is followed up, and says that the object was written."""
    try:
        found = find_object(access.s3, access.target, key).object
    except OperationError as error:
        message = f"{access.name} was written, but cannot be read back: {error.failure.message}"
        raise OperationError(replace(error.failure, message=message)) from error
    if found is None:
        raise unverified(
            access.name,
            f"{access.name} was written, but does not exist.",
            "The store lost it, or another client has deleted it: run the task again.",
        )
    return found


@dataclass(frozen=True)
class ReadBack:
    """Reads one object after its steps, as far as their answers do not prove it. Raises OperationError."""

    access: ObjectAccess
    source: Source | None
    context: ObjectContext

    def state(self, planned: ObjectState | None) -> ObjectState | None:
        """The object as it is now; raises OperationError where the store did not apply what it accepted."""
        at_aws = not self.access.s3.custom_endpoint
        if planned is None:
            if not at_aws:
                require_deleted(self.access)
            return None
        context = self.context
        state = (
            context.updated
            or (self._known(planned) if at_aws else None)
            or read_written(self.access, self._key(planned))
        )
        state = self._with_client_side(planned, state)
        require_as_planned(planned, state, context.desired.encryption)
        if not at_aws:
            self._prove(planned, state)
        tags = self._tags(planned, at_aws)
        # HeadObject reports the number of tags only, and tags may have been written after a change in place.
        tag_count = planned.tag_count if context.updated else state.tag_count
        return replace(state, tags=tags, tag_count=tag_count if tags is planned.tags else len(tags or ()))

    def _with_client_side(self, planned: ObjectState, state: ObjectState) -> ObjectState:
        """The object with its client-side encryption, if its metadata has the envelope that was written, or stayed."""
        if planned.encryption.client_side is None or state.encryption.client_side:
            return state
        before = self.context.before
        expected = before.envelope_fields if before else ()
        for step in self.context.done:
            write = as_write(step)
            expected = write.envelope_fields if write else expected
        if state.envelope_fields != expected:
            raise unverified(
                state.name,
                f"{state.name} was written with an envelope of client-side encryption in its metadata, but is reported "
                "with another one.",
                "The store at this endpoint may not keep metadata, or another client wrote the object at the same "
                "moment. Restore the object, and check it before you rely on it.",
            )
        return replace(state, encryption=planned.encryption.with_server_side(state.encryption))

    def _known(self, planned: ObjectState) -> ObjectState | None:
        """The state without a read: by the answer of an upload, or because only tags were written."""
        context, done = self.context, self.context.done
        if not any(as_write(step) or as_update(step) for step in done):
            return planned
        upload = next(filter(None, map(as_upload, done)), None)
        if upload is None or context.written is None:
            return None
        return state_after(upload, context.before, planned, context.written)

    def _key(self, planned: ObjectState) -> CustomerKey | None:
        needs_key = find_kind(planned.encryption.server_side.type).key_in_requests
        context = self.context
        return context.desired.encryption.request_key or (context.reading.decrypted_with if needs_key else None)

    def _prove(self, planned: ObjectState, state: ObjectState) -> None:
        """What AWS need not prove: properties, checksum, that a customer key is needed, and that bytes are readable."""
        context, key = self.context, self._key(planned)
        for step in context.done:
            write, upload = as_write(step), as_upload(step)
            if write:
                require_properties(write, context.desired, state)
                require_customer_key_needed(self.access.s3, self.access.target, state)
                require_grants(self.access, write)
            source = source_of(step)
            copied = source.state if source else context.before
            if as_copy(step) and copied:
                require_copied(copied, state, keeps_tags=context.desired.tags is None and source is None)
            if upload and (upload.sealing or upload.rewrites):
                is_reported(upload.content, state)
            elif upload and self.source:
                require_content(self.access, upload.content, self.source, key, state)
        if context.sample is not None:
            require_same_bytes(self.access, key, context.sample, state)

    def _tags(self, planned: ObjectState, at_aws: bool) -> Tags | None:
        """The tags. S3 has no condition for them, so a merged change is read back also at AWS."""
        done = self.context.done
        is_tagged = any(map(as_tagging, done))
        must_read = (
            (is_tagged and self._merges) if at_aws else (is_tagged or (any(map(as_write, done)) and planned.tags))
        )
        if not must_read:
            return planned.tags
        found = read_tags(self.access)
        if differing := self._differing_tags(dict(planned.tags or ()), dict(found)):
            raise _overwritten(self.access.name, differing, at_aws)
        return found

    @property
    def _merges(self) -> bool:
        """Whether the task names some tags, and keeps the others."""
        return self.context.desired.tags is not None and not self.context.desired.purge_tags

    def _differing_tags(self, planned: dict[str, str], found: dict[str, str]) -> list[str]:
        """The names of the tags that are not as written. Of a merge, only those that the task names are compared."""
        expected = dict(self.context.desired.tags or ()) if self._merges else planned
        unexpected = set() if self._merges else set(found) - set(planned)
        return sorted({name for name, value in expected.items() if found.get(name) != value} | unexpected)


def _overwritten(name: str, differing: list[str], at_aws: bool) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.CONFLICT if at_aws else FailureKind.UNVERIFIED,
            f"The tags of {name} were written, but these are reported otherwise: {', '.join(differing)}.",
            "Another client wrote the tags at the same moment, for which S3 has no condition"
            + (": run the task again." if at_aws else ", or the store does not keep them: run the task again."),
            resource=name,
        )
    )
