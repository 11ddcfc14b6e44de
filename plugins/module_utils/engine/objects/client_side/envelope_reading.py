# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The envelope of an object, from its metadata and from its instruction file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ....envelope.parsing import missing_file, needs_instruction_file, parse_envelope, parse_instruction_file
from ....model.envelope import Envelope, Format, plaintext_size
from ....model.errors import Failure, FailureKind, OperationError
from ....model.kinds.kind import ClientSide, ObjectEncryption
from ....model.kinds.registry import UNSUPPORTED_CLIENT_SIDE, find_kind, find_kind_by_wrap

if TYPE_CHECKING:
    from ....aws.accounts.ports import CallerIdentityPort
    from ....aws.keys.ports import DataKeyPort
    from ....aws.objects.ports import InstructionFilePort
    from ....model.objects.object_state import InstructionFile, ObjectId, ObjectState


@dataclass(frozen=True)
class ClientSidePorts:
    """What is called for client-side encryption beside the calls for the object, and the older formats to accept."""

    files: InstructionFilePort
    data_keys: DataKeyPort
    identity: CallerIdentityPort
    formats: frozenset[Format] = frozenset({Format.V2})


def with_envelope(
    files: InstructionFilePort, target: ObjectId, state: ObjectState, *, reads_file: bool = False
) -> ObjectState:
    """The object with its envelope, and with the encryption that it shows. Nothing is decrypted.

    Objects of V1 and V2 whose envelope is in an instruction file may have no sign of it in their metadata. So with
    `reads_file`, the file is read wherever the metadata has no complete envelope. Raises OperationError for an
    envelope that is not as its specification says.
    """
    fields = state.envelope_fields
    if not fields:
        return _before_v3(files, target, state) if reads_file else state
    needs_file = needs_instruction_file(fields)
    file = files.get_instruction_file(target) if needs_file else None
    try:
        envelope = parse_envelope(fields, file.body if file else None)
        if envelope is None and needs_file:
            raise missing_file(fields)
    except OperationError as error:
        message = f"{state.name}: {error.failure.message}"
        raise OperationError(replace(error.failure, message=message).with_resource(state.name)) from error
    return state if envelope is None else shown_by(envelope, state, file)


def _before_v3(files: InstructionFilePort, target: ObjectId, state: ObjectState) -> ObjectState:
    """An object without any field of an envelope, which only an instruction file of V1 or V2 can belong to.

    Any other file beside it has been left behind, or is no instruction file at all.
    """
    file = files.get_instruction_file(target)
    if file is None:
        return state
    state = replace(state, instruction_file=file)
    try:
        envelope = parse_instruction_file(file.body)
    except OperationError:
        return state
    return state if envelope.format is Format.V3 else shown_by(envelope, state, file)


def shown_by(envelope: Envelope, state: ObjectState, file: InstructionFile | None) -> ObjectState:
    """The object with the encryption that its envelope shows.

    Raises OperationError for a ciphertext under a customer key, which no task can name beside another one.
    """
    if find_kind(state.encryption.type).key_in_requests:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"The object {state.key!r} in the bucket {state.bucket} is encrypted on the client side, and its "
                f"ciphertext by {state.encryption.type}, which is not supported together.",
                "Read it with the client that wrote it, and write it again with another server_side.",
                resource=state.name,
            )
        )
    kind = find_kind_by_wrap(envelope.wrap)
    has_context = kind is not None and kind.accepts("encryption_context")
    client_side = ClientSide(
        envelope.format,
        envelope.place,
        state.encryption.server_side,
        plaintext_size(envelope.format, state.size),
        envelope.named_context if has_context else None,
    )
    encryption = ObjectEncryption(kind.name if kind else UNSUPPORTED_CLIENT_SIDE, client_side=client_side)
    return replace(state, encryption=encryption, envelope=envelope, instruction_file=file)


def require_accepted_format(state: ObjectState, formats: frozenset[Format]) -> None:
    """Raise OperationError for an older format that the task does not accept."""
    envelope = state.envelope
    if envelope is None or envelope.format is Format.V3 or envelope.format in formats:
        return
    risk = (
        " Its content is not authenticated: anyone who can write to the bucket may have changed it."
        if envelope.format is Format.V1_CBC
        else ""
    )
    raise OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            f"The object {state.key!r} in the bucket {state.bucket} has the older format {envelope.format.value} of "
            f"client-side encryption, which the task does not accept.{risk}",
            f"Add {envelope.format.value} to legacy_formats, if you trust who can write to the bucket.",
            resource=state.name,
        )
    )
