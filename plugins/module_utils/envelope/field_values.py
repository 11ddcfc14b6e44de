# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The values of the fields of an envelope: chosen words, bytes in base64, and texts in JSON."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..model.envelope import EnvelopePlace, Texts
from ..model.errors import Failure, FailureKind, OperationError, assert_never
from ..model.objects.encoded_words import decode_words
from ..model.objects.envelope_fields import CONTEXT, DESCRIPTION, HINTS, TAG_LENGTH

_T = TypeVar("_T")
# The fields that some clients write as numbers into an instruction file.
_NUMBERS = (TAG_LENGTH, *HINTS)
# An empty one counts as absent: the client for Go writes the one that is unused so.
MAY_BE_EMPTY = (CONTEXT, DESCRIPTION)
_ADVICE = "Write the object again from its source, and check who may write to the bucket."


def refused(fault: str, advice: str = _ADVICE) -> OperationError:
    """The exception for an envelope that is not as the specification says. The fault completes the sentence."""
    return OperationError(
        Failure(
            FailureKind.NOT_AUTHENTIC,
            f"The envelope of client-side encryption is refused: {fault}. It was altered, or was written by something "
            "that is not an S3 Encryption Client.",
            advice,
        )
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one place, by name."""

    values: Mapping[str, str]
    place: EnvelopePlace

    @property
    def where(self) -> str:
        """The place, at the beginning of a clause."""
        match self.place:
            case EnvelopePlace.METADATA:
                return "the metadata of the object"
            case EnvelopePlace.INSTRUCTION_FILE:
                return "the instruction file"
            case _:
                assert_never(self.place)

    def named(self, names: Iterable[str]) -> str:
        """Which of these fields exist, for a sentence; empty if none does."""
        return ", ".join(name for name in names if name in self.values)

    def missing(self, names: Iterable[str]) -> str:
        """Which of these fields do not exist, for a sentence; empty if all do."""
        return ", ".join(name for name in names if name not in self.values)

    def require(self, names: Collection[str]) -> None:
        """Raise OperationError if one of these fields does not exist."""
        missing = self.missing(names)
        if missing:
            raise refused(f"{self.where} has no {missing}")

    def choose(self, name: str, choices: Mapping[str, _T]) -> _T:
        """What the value of a field stands for. Raises OperationError for an unknown value."""
        value = self.values[name]
        if value not in choices:
            raise refused(f"{name} is {value[:60]!r}, and not {' or '.join(choices)}")
        return choices[value]

    def decoded(self, name: str, length: int | None) -> bytes:
        """The bytes of a field. Raises OperationError for other than base64, or another length.

        No other text than the one that base64 gives for the bytes is accepted.
        """
        text = self.values[name]
        try:
            value = base64.b64decode(text.encode("ascii", "replace"), validate=True)
        except binascii.Error:
            value = None
        if value is None or base64.b64encode(value).decode("ascii") != text:
            raise refused(f"{name} is not base64")
        if length is not None and len(value) != length:
            raise refused(f"{name} has {len(value)} bytes instead of {length}")
        return value

    def texts(self, name: str) -> Texts:
        """The texts of a field with a JSON object, by name. A field that is absent or empty has none."""
        value = self.values.get(name, "")
        if not value:
            return ()
        if self.place is EnvelopePlace.METADATA:
            value = _decode_metadata(value)
        return tuple(sorted(_json_texts(value, name).items()))


def read_instruction_file(body: bytes) -> Fields:
    """The fields of an instruction file."""
    what = "the instruction file"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_json(what) from None
    texts = _json_texts(text, what, _NUMBERS)
    values = {name: value for name, value in texts.items() if value or name not in MAY_BE_EMPTY}
    return Fields(values, EnvelopePlace.INSTRUCTION_FILE)


def _decode_metadata(value: str) -> str:
    """A value as it was written. S3 returns other characters than ASCII in encoded words, once or twice encoded.

    Twice encoded: the bytes of UTF-8 were sent as if each were a character of ISO 8859-1. Text that is by chance both
    is taken as twice encoded; no other client can tell them apart either.
    """
    text = decode_words(value)
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def _json_texts(text: str, what: str, numbers: Collection[str] = ()) -> dict[str, str]:
    """A JSON object of strings. Raises OperationError for anything else, also for a name that occurs twice."""
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise _not_json(what) from None
    if not isinstance(pairs, _Pairs):
        raise _not_json(what)
    texts: dict[str, str] = {}
    for name, value in pairs.pairs:
        if name in numbers and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not _is_text(name + value):
            raise refused(f"{what} has a value for {name[:60]!a} that is not a text")
        if name in texts:
            raise refused(f"{what} has {name[:60]!r} twice")
        texts[name] = value
    return texts


@dataclass(frozen=True, slots=True)
class _Pairs:
    """An object of JSON, also with the names that occur twice."""

    pairs: list[tuple[str, object]]


def _is_text(value: str) -> bool:
    """Whether it has no half of a surrogate pair, which JSON can express and UTF-8 cannot."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _not_json(what: str) -> OperationError:
    return refused(f"{what} is not a JSON object of texts")
