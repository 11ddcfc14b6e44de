# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What a recorded answer demands of the lab's answer, and whether an answer meets it.

A recorded answer has placeholders where values differ from run to run. In the table:

- ``{"$like": "…<name>…"}`` is a text with such places. A name with a number stands for one value in the whole test.
- ``{"$any": true}`` is a value that must be there, ``{"$ignored": true}`` a field that is not compared.
- ``{"$unordered": […]}`` is a list in any order.
- A field that is not listed must be absent.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

ANY = {"$any": True}
IGNORED = {"$ignored": True}
_NUMBER = re.compile(r":\d+$")
_PLACEHOLDER = re.compile(r"<([a-zA-Z][^<>]*)>")


def expectation(recorded: Any, answer: Any) -> Any:
    """Return what ``recorded`` demands. ``answer`` is an answer of the lab that agrees with it."""
    if isinstance(recorded, dict) and isinstance(answer, dict):
        fields = {
            name: expectation(each, answer[name]) if name in answer else IGNORED for name, each in recorded.items()
        }
        return fields | {name: IGNORED for name in answer if name not in recorded}
    if isinstance(recorded, list) and isinstance(answer, list) and len(recorded) == len(answer):
        return _list_expectation(recorded, answer)
    answer = _comparable(answer)
    if recorded == answer and type(recorded) is type(answer):
        return recorded
    if isinstance(recorded, str) and isinstance(answer, str) and _PLACEHOLDER.search(recorded):
        pattern = {"$like": recorded}
        return pattern if meets(pattern, answer, {}) else ANY
    return ANY


def _list_expectation(recorded: list[Any], answer: list[Any]) -> Any:
    """Return what a recorded list demands. A test may have sorted both lists before it compared them."""
    in_order = [expectation(each, other) for each, other in zip(recorded, answer, strict=True)]
    if meets(in_order, answer, {}) and not any(each == ANY for each in in_order):
        return in_order
    rest = list(answer)
    found = []
    for each in recorded:
        nearest = max(rest, key=lambda other: _likeness(each, other))
        rest.remove(nearest)
        found.append(expectation(each, nearest))
    return {"$unordered": found} if rest == [] and found != in_order else in_order


def _likeness(recorded: Any, answer: Any) -> int:
    """Return how many values of two items are equal."""
    if isinstance(recorded, dict) and isinstance(answer, dict):
        return sum(_likeness(value, answer.get(name)) for name, value in recorded.items())
    return int(recorded == _comparable(answer))


def unbound(expected: Any) -> Any:
    """Return an expectation whose names stand for another value at each place."""
    if isinstance(expected, dict):
        return {name: _without_numbers(each) if name == "$like" else unbound(each) for name, each in expected.items()}
    return [unbound(each) for each in expected] if isinstance(expected, list) else expected


def _without_numbers(pattern: str) -> str:
    return _PLACEHOLDER.sub(lambda found: f"<{_NUMBER.sub('', found[1])}>", pattern)


def meets(expected: Any, answer: Any, known: dict[str, str]) -> bool:
    """Return whether ``answer`` is as expected. ``known`` holds the values of the names of this test, and gets more."""
    return not differences(expected, answer, known)


def differences(expected: Any, answer: Any, known: dict[str, str], path: str = "") -> list[str]:
    """Return each difference as a text; nothing if ``answer`` is as expected."""
    if expected == ANY:
        return [] if answer is not None else [f"{path}: is missing"]
    if expected == IGNORED:
        return []
    answer = _comparable(answer)
    if isinstance(expected, dict) and "$like" in expected:
        return _unlike(expected["$like"], answer, known, path)
    if isinstance(expected, dict) and "$unordered" in expected:
        return _unordered(expected["$unordered"], answer, known, path)
    if isinstance(expected, dict) and isinstance(answer, dict):
        return _fields(expected, answer, known, path)
    if isinstance(expected, list) and isinstance(answer, list) and len(expected) == len(answer):
        pairs = enumerate(zip(expected, answer, strict=True))
        return [each for index, (one, two) in pairs for each in differences(one, two, known, f"{path}[{index}]")]
    return [] if expected == answer else [f"{path}: {answer!r}, but AWS answered {expected!r}"]


def _fields(expected: dict[str, Any], answer: dict[str, Any], known: dict[str, str], path: str) -> list[str]:
    found = []
    for name, value in expected.items():
        if name in answer:
            found += differences(value, answer[name], known, f"{path}.{name}")
        elif value != IGNORED:
            found.append(f"{path}.{name}: is missing")
    return found + [f"{path}.{name}: AWS did not send it" for name in answer if name not in expected]


def _unordered(expected: list[Any], answer: Any, known: dict[str, str], path: str) -> list[str]:
    rest = list(answer) if isinstance(answer, list) else []
    for each in expected:
        found = next((other for other in rest if meets(each, other, dict(known))), None)
        if found is None:
            return [f"{path}: no item is {each!r}"]
        differences(each, found, known)
        rest.remove(found)
    return [f"{path}: AWS did not send {each!r}" for each in rest]


def _unlike(pattern: str, answer: Any, known: dict[str, str], path: str) -> list[str]:
    names: list[str] = []
    parts = _PLACEHOLDER.split(pattern)
    expression = re.escape(parts[0])
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        if name in known:
            expression += re.escape(known[name])
        else:
            names.append(name)
            expression += "(.+)"
        expression += re.escape(literal)
    match = re.fullmatch(expression, answer, re.DOTALL) if isinstance(answer, str) else None
    if match is None:
        return [f"{path}: {answer!r} is not like {pattern!r}, with {known!r}"]
    for name, value in zip(names, match.groups(), strict=True):
        if _NUMBER.search(name):  # a name without a number stands for another value at each place
            known[name] = value
    return []


def _comparable(value: Any) -> Any:
    """Return bytes as text, and times and other objects as what cannot be compared."""
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return "bytes"
    return str(value) if isinstance(value, datetime) else value


def kind_of_message(message: str) -> str:
    """Return the words of an error message, in the order of the alphabet: what AWS speaks of, not its sentence.

    Values are left out: what is quoted, and each word with a digit or a sign in it.
    """
    text = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`|\[[^\]]*\]|\{[^}]*\}|<[^>]*>", " ", message)
    words = (word.strip(".,:;!?()").lower() for word in text.split())
    return " ".join(sorted({word for word in words if re.fullmatch(r"[a-z]+", word)}))
