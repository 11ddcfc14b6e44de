# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What a recorded answer demands of the lab's answer, and whether an answer meets it.

A recorded answer has placeholders where values differ from run to run. In the table:

- ``{"$like": "…<name>…"}`` is a text with such places. A name with a number stands for one value in the whole test.
- ``{"$any": "time"}`` is any value of this type, where the recording has no value; ``true`` is any value at all.
- ``{"$ignored": true}`` is a field that is not compared.
- ``{"$unordered": […]}`` is a list in any order.
- ``{"$words": […]}`` is a sentence with these words, in any order. The sentences of AWS are not in the table.
- ``{"$json": …}`` is a text that is JSON, with this content.
- A field that is not listed must be absent.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

IGNORED = {"$ignored": True}
_NUMBER = re.compile(r":\d+$")
_PLACEHOLDER = re.compile(r"<([a-zA-Z][^<>]*)>")
_WORD = re.compile(rf"(?:{_PLACEHOLDER.pattern.replace('(', '(?:')}|\S)+")
_TYPES: dict[type, str] = {
    bool: "boolean",
    bytes: "bytes",
    datetime: "time",
    dict: "object",
    float: "number",
    int: "number",
    list: "list",
    str: "text",
    type(None): "nothing",
}

# Placeholders whose values have a known form. All others stand for any text.
_FORMS = {"account": r"\d{12}", "partition": "aws[a-z-]*", "region": r"[a-z]+(?:-[a-z]+)+-\d"}
_RECORDED_ACCOUNT = "111111111111"  # what stands in recordings for the account of whoever recorded

# Fields in which AWS writes sentences.
_SENTENCES = frozenset(
    {"Message", "message", "additionalMessage", "ArgumentValue", "ArgumentValue1", "ArgumentValue2", "Condition"}
)


def expectation(recorded: Any, answer: Any) -> Any:
    """Return what ``recorded`` demands. ``answer`` is an answer of the lab that agrees with it."""
    if isinstance(recorded, dict) and isinstance(answer, dict):
        fields = {
            name: _field(name, each, answer[name]) if name in answer else IGNORED for name, each in recorded.items()
        }
        return fields | {name: IGNORED for name in answer if name not in recorded}
    if isinstance(recorded, list) and isinstance(answer, list) and len(recorded) == len(answer):
        return _list_expectation(recorded, answer)
    seen = _comparable(answer)
    if recorded == seen and type(recorded) is type(seen):
        return recorded
    if isinstance(recorded, str) and isinstance(seen, str):
        return _text_expectation(recorded, seen) or any_of(answer)
    if isinstance(recorded, (dict, list)) and isinstance(seen, str):
        return _json_expectation(recorded, seen) or any_of(answer)
    return any_of(answer)


def any_of(answer: Any) -> dict[str, Any]:
    """Return the demand for any value of the type that this one has."""
    return {"$any": _TYPES.get(type(answer), True)}


def sentence(recorded: str, answer: str) -> Any:
    """Return what a recorded sentence demands: its words. They are sorted, so that the sentence is not in the table."""
    expected = expectation(recorded, answer)
    if isinstance(expected, str):
        words: list[Any] = sorted(expected.split())
    elif "$like" in expected:
        found = sorted(_WORD.findall(expected["$like"]), key=lambda word: (-len(_PLACEHOLDER.sub("", word)), word))
        literal = sorted(word for word in found if not _PLACEHOLDER.search(word))
        words = [*literal, *({"$like": word} for word in found if _PLACEHOLDER.search(word))]
    else:
        return expected
    if len(words) < 2:
        return expected
    return {"$words": words} if meets({"$words": words}, answer, {}) else any_of(answer)


def _field(name: str, recorded: Any, answer: Any) -> Any:
    if name in _SENTENCES and isinstance(recorded, str) and isinstance(answer, str):
        return sentence(recorded, answer)
    return expectation(recorded, answer)


def _text_expectation(recorded: str, answer: str) -> Any:
    """Return the pattern that a recorded text is; None if it has no placeholder, or the answer is not like it."""
    pattern = {"$like": recorded.replace(_RECORDED_ACCOUNT, "<account>")}
    return pattern if _PLACEHOLDER.search(pattern["$like"]) and meets(pattern, answer, {}) else None


def _json_expectation(recorded: Any, answer: str) -> Any:
    """Return the demand for a document that was recorded in its parsed form; None if the answer is not like it."""
    document = _parsed(answer)
    if not isinstance(document, type(recorded)):
        return None
    expected = {"$json": expectation(recorded, document)}
    return expected if meets(expected, answer, {}) else None


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def _list_expectation(recorded: list[Any], answer: list[Any]) -> Any:
    """Return what a recorded list demands. A test may have sorted both lists before it compared them."""
    in_order = [expectation(each, other) for each, other in zip(recorded, answer, strict=True)]
    is_met = meets(in_order, answer, {})
    if is_met and not _unknown(in_order):
        return in_order
    rest = list(answer)
    nearest = []
    for each in recorded:
        other = max(rest, key=lambda item: _likeness(each, item))
        rest.remove(other)
        nearest.append(expectation(each, other))
    if nearest != in_order and (not is_met or _unknown(nearest) < _unknown(in_order)):
        return {"$unordered": nearest}
    return in_order


def _unknown(expected: Any) -> int:
    """Return how many values may be anything, except times, of which no recording has the value."""
    if isinstance(expected, dict):
        if "$any" in expected:
            return int(expected["$any"] != "time")
        return sum(_unknown(each) for each in expected.values())
    return sum(_unknown(each) for each in expected) if isinstance(expected, list) else 0


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
    if expected == IGNORED:
        return []
    if isinstance(expected, dict) and "$any" in expected:
        return _not_any(expected["$any"], answer, path)
    answer = _comparable(answer)
    match expected:
        case {"$like": pattern}:
            return _unlike(pattern, answer, known, path)
        case {"$unordered": items}:
            return _unordered(items, answer, known, path)
        case {"$words": words}:
            return _unordered(words, answer.split() if isinstance(answer, str) else None, known, path)
        case {"$json": content}:
            return differences(content, _parsed(answer), known, path)
    if isinstance(expected, dict) and isinstance(answer, dict):
        return _fields(expected, answer, known, path)
    if isinstance(expected, list) and isinstance(answer, list) and len(expected) == len(answer):
        pairs = enumerate(zip(expected, answer, strict=True))
        return [each for index, (one, two) in pairs for each in differences(one, two, known, f"{path}[{index}]")]
    is_same = expected == answer and type(expected) is type(answer)
    return [] if is_same else [f"{path}: {answer!r}, but AWS answered {expected!r}"]


def _not_any(kind: Any, answer: Any, path: str) -> list[str]:
    is_met = answer is not None if kind is True else kind == any_of(answer)["$any"]
    return [] if is_met else [f"{path}: {answer!r} is no {kind}"]


def _fields(expected: dict[str, Any], answer: dict[str, Any], known: dict[str, str], path: str) -> list[str]:
    found = []
    for name, value in expected.items():
        if name in answer:
            found += differences(value, answer[name], known, f"{path}.{name}")
        elif value != IGNORED:
            found.append(f"{path}.{name}: is missing")
    return found + [f"{path}.{name}: AWS did not send it" for name in answer if name not in expected]


def _unordered(expected: list[Any], answer: Any, known: dict[str, str], path: str) -> list[str]:
    if not isinstance(answer, list):
        return [f"{path}: {answer!r} has no items"]
    rest = list(answer)
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
            expression += f"({_FORMS.get(name, '.+')})"
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

    Values are left out: what is quoted, and each word with a digit, a sign or a placeholder in it.
    """
    text = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`|\[[^\]]*\]|\{[^}]*\}|[^\s<]*<[^>]*>\S*", " ", message)
    words = (word.strip(".,:;!?()").lower() for word in text.split())
    return " ".join(sorted({word for word in words if re.fullmatch(r"[a-z]+", word)}))
