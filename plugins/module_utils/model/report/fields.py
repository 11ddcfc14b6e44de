# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Values that come from outside, such as a JSON file or a variable of a play, with clear errors for other ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from ..errors import OperationError, invalid_input

# Larger numbers are no numbers of AWS: a bucket of 2^62 bytes would have four exabytes.
LARGEST = 1 << 62
_SURROGATES = re.compile("[\ud800-\udfff]")
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
# No number of a result has more digits, and Python takes long to convert very many.
_MOST_DIGITS = 20
# More lists and objects within each other than the options of a module have.
_DEEPEST = 10


def plain_text(text: str) -> str:
    """The text as Python's own type: Ansible marks texts by types of its own. Half of a surrogate pair is replaced."""
    text = str.__str__(text)
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def parse_json(text: str | bytes) -> object:
    """The value of a JSON text of a stranger.

    Raises ValueError for anything that is not JSON, also for NaN, a name that an object has twice, numbers with very
    many digits, and more lists within lists than Python reads.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_int=_parse_int, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("too many lists or objects within each other") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has a name twice")
    return found


def _parse_int(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return int(digits)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an object. `where` says where it is, and `advice` what to do if it is not as it has to be."""

    values: Mapping[object, object]
    where: str
    advice: str

    @classmethod
    def of(cls, value: object, where: str, advice: str) -> Fields:
        """The fields of a value; raises OperationError if it is no object."""
        if not isinstance(value, Mapping):
            raise invalid_input(f"{where} is {_kind(value)}, and not an object.", advice)
        return cls(value, where, advice)

    def error(self, name: str, expected: str) -> OperationError:
        """The error for a field that is not as expected."""
        if name not in self.values:
            return invalid_input(f"{self.where} has no {name}.", self.advice)
        return invalid_input(f"{name} of {self.where} is {_kind(self.values[name])}, and not {expected}.", self.advice)

    def text(self, name: str) -> str:
        """A text that has to be there."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.error(name, "a text")
        return plain_text(value)

    def text_or_none(self, name: str) -> str | None:
        """A text; None if it is null or not there."""
        return None if self.values.get(name) is None else self.text(name)

    def flag_or_none(self, name: str) -> bool | None:
        """True or false; None if it is null or not there."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.error(name, "true or false")

    def number(self, name: str) -> int:
        """A whole number from 0 that has to be there."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(name, "a whole number")
        if not 0 <= value <= LARGEST:
            raise invalid_input(f"{name} of {self.where} is out of range.", self.advice)
        return int(value)

    def number_or_none(self, name: str) -> int | None:
        """A whole number from 0; None if it is null or not there."""
        return None if self.values.get(name) is None else self.number(name)

    def time_or_none(self, name: str) -> datetime | None:
        """A time in ISO 8601 with its time zone, in UTC; None if it is null or not there."""
        text = self.text_or_none(name)
        if text is None:
            return None
        try:
            time = datetime.fromisoformat(text.replace("Z", "+00:00"))
            if time.tzinfo is None:
                raise ValueError("no time zone")
            return time.astimezone(timezone.utc)
        except (ValueError, OverflowError) as error:
            raise invalid_input(
                f"{name} of {self.where} is not a time in ISO 8601 with a time zone.", self.advice
            ) from error

    def fields(self, name: str) -> Fields:
        """An object that has to be there."""
        value = self.values.get(name)
        if not isinstance(value, Mapping):
            raise self.error(name, "an object")
        return Fields(value, f"{name} of {self.where}", self.advice)

    def fields_or_none(self, name: str) -> Fields | None:
        """An object; None if it is null or not there."""
        return None if self.values.get(name) is None else self.fields(name)

    def items(self, name: str) -> Sequence[object]:
        """A list that has to be there."""
        value = self.values.get(name)
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.error(name, "a list")
        return value

    def each(self, name: str) -> Iterator[Fields]:
        """The objects of a list; none if the list is null or not there."""
        for position, value in enumerate(self.items(name) if self.values.get(name) is not None else ()):
            yield Fields.of(value, f"{name}[{position}] of {self.where}", self.advice)

    def texts_or_none(self, name: str) -> list[str] | None:
        """A list of texts; None if it is null or not there."""
        if self.values.get(name) is None:
            return None
        texts = [each for each in self.items(name) if isinstance(each, str)]
        if len(texts) < len(self.items(name)):
            raise self.error(name, "a list of texts")
        return [plain_text(each) for each in texts]

    def json(self, name: str) -> str:
        """An object as JSON, the same for equal ones; raises OperationError for what JSON cannot express."""
        try:
            value = _plain(self.fields(name).values, _DEEPEST)
            return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
        except ValueError as error:
            raise self.error(name, "an object of JSON") from error


def _plain(value: object, depth: int) -> object:
    """The value in Python's own types; raises ValueError for what JSON cannot express, and for deeper ones."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int) and abs(value) <= LARGEST:
        return int(value)
    if depth and isinstance(value, Mapping):
        return {_name(name): _plain(each, depth - 1) for name, each in value.items()}
    if depth and isinstance(value, Sequence):
        return [_plain(each, depth - 1) for each in value]
    raise ValueError


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise ValueError
    return plain_text(name)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return next((words for kind, words in _KINDS.items() if isinstance(value, kind)), "of an unknown type")
