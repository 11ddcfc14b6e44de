# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The log of all calls. Tests count calls in it, and verify that a check run wrote nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

READ = "read"
WRITE = "write"
_READ_PREFIXES = ("Get", "List", "Head", "Describe", "Simulate", "Select")
# These cryptographic and session operations change no resource.
_READ_NAMES = {
    "Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom",
    "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "Sign", "Verify", "GenerateMac", "VerifyMac",
    "DeriveSharedSecret", "Encapsulate", "Decapsulate", "AssumeRole", "CreateSession", "DecodeAuthorizationMessage",
}  # fmt: skip
_WRITE_NAMES = {"GetParametersForImport"}


def access_of(operation: str) -> str:
    """Return ``read`` or ``write``: whether the operation changes a resource."""
    if operation in _WRITE_NAMES:
        return WRITE
    return READ if operation in _READ_NAMES or operation.startswith(_READ_PREFIXES) else WRITE


@dataclass(slots=True)
class CallRecord:
    """One call.

    ``error`` is AWS's error code, or "" for success. ``fault`` is the kind of the fault that was injected.
    """

    number: int = 0
    time: float = 0.0
    service: str = ""
    operation: str = ""
    resource: str = ""
    region: str = ""
    account: str = ""
    caller: str = ""
    access: str = ""
    status: int = 0
    error: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    fault: str = ""
    user_agent: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return asdict(self)


_FIELDS = frozenset(each.name for each in fields(CallRecord))


@dataclass(slots=True)
class CallLog:
    """The last ``capacity`` calls."""

    capacity: int = 200_000
    _records: deque[CallRecord] = field(default_factory=deque)
    _next: int = 1

    def add(self, record: CallRecord) -> None:
        """Append a finished call."""
        record.number = self._next
        self._next += 1
        self._records.append(record)
        if len(self._records) > self.capacity:
            self._records.popleft()

    def clear(self) -> None:
        """Delete all records. The numbering of calls continues."""
        self._records.clear()

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(list(self._records))

    def select(self, **filters: Any) -> list[CallRecord]:
        """Return the calls whose fields equal the filters.

        A filter that is callable is called with the value. ``since`` is a call number: only later calls are returned.
        Raise ``ValueError`` for a field that calls do not have.
        """
        since = filters.pop("since", 0)
        unknown = filters.keys() - _FIELDS
        if unknown:
            raise ValueError(f"a call has no field {sorted(unknown)[0]!r}, only {', '.join(sorted(_FIELDS))}")
        selected = []
        for record in list(self._records):
            if record.number <= since:
                continue
            if all(_matches(getattr(record, name), expected) for name, expected in filters.items()):
                selected.append(record)
        return selected

    def writes(self) -> list[CallRecord]:
        """Return the calls that can change a resource."""
        return self.select(access=WRITE)

    def operations(self) -> list[str]:
        """Return the names of the operations, in order."""
        return [record.operation for record in list(self._records)]


def _matches(value: Any, expected: Any) -> bool:
    if isinstance(expected, Callable):  # type: ignore[arg-type]
        return bool(expected(value))
    return bool(value == expected)
