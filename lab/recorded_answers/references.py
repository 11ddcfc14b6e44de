# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find what a request took from an earlier answer: ids, keys, tokens and ciphertexts, which differ in each run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .values import UNQUOTED, leaves

_LONGEST = 50_000  # characters of a body that may have references
_SHORTEST = 10  # shorter texts are words, not ids


class References:
    """The values that the answers of one test have brought so far, and where each of them was first."""

    def __init__(self) -> None:
        self._found: dict[Any, list[Any]] = {}
        self._sent: set[Any] = set()
        self._wrapped: dict[bytes, dict[str, Any]] = {}

    def add_answer(self, step: int, answer: Any) -> None:
        """Keep the values of an answer that no earlier request contained."""
        for path, value in leaves(answer):
            known = value in self._found or value in self._sent
            if _is_id(value) and not known:
                self._found[value] = [step, *path]
                if isinstance(value, str) and len(value) > _SHORTEST and value == f'"{value[1:-1]}"':
                    self._found[value[1:-1]] = [step, *path, UNQUOTED]

    def add_wrapped(self, ciphertext: bytes, source: dict[str, Any]) -> None:
        """Keep how a ciphertext comes about that a request will contain."""
        self._wrapped[ciphertext] = source

    def in_request(self, value: Any) -> Any:
        """Return ``value`` with references in the place of what came from earlier answers."""
        if isinstance(value, dict):
            return {name: self.in_request(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.in_request(each) for each in value]
        if isinstance(value, (str, bytes, datetime)) and value in self._found:
            return {"$from": self._found[value]}
        if isinstance(value, bytes):
            return self._in_text(value) or self._with_wrapped(value)
        if isinstance(value, str):
            value = self._inside(value)
            self._sent.add(value)
        return value

    def _in_text(self, value: bytes) -> Any:
        """Return a text, as the form of a browser, with references in it; None if it has none."""
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return None
        template = self._inside(text) if len(text) <= _LONGEST else text
        return {"$text": template} if template != text else None

    def _with_wrapped(self, value: bytes) -> Any:
        for ciphertext, source in self._wrapped.items():
            if value.startswith(ciphertext):
                return {"$wrapped": self.in_request(source), "$then": value[len(ciphertext) :]}
        return self._extended(value)

    def _extended(self, value: bytes) -> Any:
        """Return what a test appended to bytes of an earlier answer."""
        for found, path in self._found.items():
            if isinstance(found, bytes) and value.startswith(found):
                return {"$from": path, "$then": value[len(found) :]}
        return value

    def _inside(self, text: str) -> str:
        for value in sorted((each for each in self._found if isinstance(each, str)), key=len, reverse=True):
            if value in text:
                text = text.replace(value, "{{" + "|".join(str(each) for each in self._found[value]) + "}}")
        return text


def _is_id(value: Any) -> bool:
    return isinstance(value, datetime) or (isinstance(value, (str, bytes)) and len(value) >= _SHORTEST)
