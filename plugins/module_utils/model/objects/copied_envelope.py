# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The envelope of an object that S3 copies: as the source has it, or with the same data key under another key.

An instruction file that exists already stays, unless it has the same data key: versions of the object may need it.
"""

from __future__ import annotations

from dataclasses import replace

from ..envelope import Envelope, EnvelopePlace, Format
from ..errors import assert_never, invalid_input
from ..kinds.encryption import DesiredEncryption
from .client_side_plan import EnvelopeChange, expected_after_rewrap, is_wrapped_as, not_kept, require_key
from .copy_source import CopySource
from .envelope_fields import CONTENT_FIELDS_V3
from .object_state import ObjectState
from .object_steps import PutInstructionFile
from .sealing import FoundFile, Rewrap

_OTHER_FILE = "it has another data key than the source"


def keeps_envelope(desired: DesiredEncryption, source: ObjectState) -> bool:
    """Whether the copy has the envelope of its source, because the task names no other kind, key, context or place."""
    return desired.kind.defers_to_bucket or desired.kind.is_satisfied(
        replace(desired, server_side=None), source.encryption
    )


def place_of_copy(desired: DesiredEncryption, source: ObjectState) -> EnvelopePlace | None:
    """Where the envelope of a copy belongs; None without an envelope."""
    return desired.envelope or (source.envelope.place if source.envelope else None)


def copy_envelope(desired: DesiredEncryption, source: CopySource, file: FoundFile | None) -> EnvelopeChange:
    """The envelope of the copy. `file` is the instruction file that the target has already.

    Raises OperationError if the envelope of an older format can be at no place.
    """
    state, envelope = source.state, source.state.envelope
    unchanged = EnvelopeChange(state.encryption, envelope_fields=state.envelope_fields)
    if envelope is None:
        return unchanged
    place = place_of_copy(desired, state) or envelope.place
    if keeps_envelope(desired, state):
        return _kept(unchanged, envelope, source, desired, file)
    wanted = replace(desired, server_side=None)
    kept = replace(wanted.with_current_values(state.encryption), envelope=place)
    require_key(kept, state.name)
    is_same_key = desired.kind.is_satisfied(replace(wanted, envelope=None), state.encryption)
    rewrap = Rewrap(envelope, source.opened, place, None if is_same_key else kept)
    change = replace(unchanged, expected=expected_after_rewrap(kept, state.encryption))
    match place:
        case EnvelopePlace.METADATA:
            return replace(change, rewrap=rewrap)
        case EnvelopePlace.INSTRUCTION_FILE:
            if _is_other(file, source):
                return _in_metadata(change, rewrap, file)
            of_file = replace(kept, server_side=desired.server_side)
            if file is None:
                steps: tuple[PutInstructionFile, ...] = (PutInstructionFile(of_file, None, rewrap),)
            elif is_wrapped_as(kept, file):
                steps = ()
            else:
                steps = (PutInstructionFile(of_file, file.file.etag, rewrap),)
            fields = tuple(each for each in state.envelope_fields if each[0] in CONTENT_FIELDS_V3)
            return replace(change, steps=steps, envelope_fields=fields)
        case _:
            assert_never(place)


def _kept(
    unchanged: EnvelopeChange,
    envelope: Envelope,
    source: CopySource,
    desired: DesiredEncryption,
    file: FoundFile | None,
) -> EnvelopeChange:
    """The same envelope: the same fields, and the same instruction file, if there is one."""
    copied = source.state.instruction_file
    match envelope.place:
        case EnvelopePlace.METADATA:
            return unchanged
        case EnvelopePlace.INSTRUCTION_FILE:
            if copied is None:
                raise AssertionError("an envelope in an instruction file was read from it")
            if file is None:
                step = PutInstructionFile(desired.of_server_side, body=copied.body, is_copy=True)
                return replace(unchanged, steps=(step,))
            if file.file.body == copied.body:
                return unchanged
            rewrap = Rewrap(envelope, source.opened, EnvelopePlace.METADATA)
            return _in_metadata(unchanged, rewrap, file)
        case _:
            assert_never(envelope.place)


def _is_other(file: FoundFile | None, source: CopySource) -> bool:
    """Whether the target has an instruction file with another data key, or with one that no key of the task opens."""
    if file is None:
        return False
    return file.opened is None or source.opened is None or file.opened.data_key != source.opened.data_key


def _in_metadata(change: EnvelopeChange, rewrap: Rewrap, file: FoundFile | None) -> EnvelopeChange:
    """The envelope in the metadata of the copy, because the place of its instruction file is taken."""
    if rewrap.envelope.format is not Format.V3:
        raise invalid_input(
            f"The copy has a data key of the older format {rewrap.envelope.format.value} in an instruction file, and "
            "there is another instruction file already where that of the copy belongs.",
            "Delete that file if no version of the object needs it. Or name encryption, so that the content is "
            "encrypted again.",
        )
    rewrap = replace(rewrap, place=EnvelopePlace.METADATA)
    if rewrap.encryption:
        rewrap = replace(rewrap, encryption=replace(rewrap.encryption, envelope=EnvelopePlace.METADATA))
    found = change.expected.client_side
    expected = change.expected
    if found:
        expected = replace(expected, client_side=replace(found, envelope=EnvelopePlace.METADATA))
    warnings = (*change.warnings, not_kept((file.problem if file else "") or _OTHER_FILE))
    return replace(change, expected=expected, steps=(), rewrap=rewrap, envelope_fields=(), warnings=warnings)
