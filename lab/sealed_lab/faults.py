# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Fault injection: which calls a rule applies to, and what happens to them."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, TypedDict, get_args

from .clock import Clock
from .errors import ConnectionDropped

FaultKind = Literal[
    "throttle",
    "internal_error",
    "expired_credentials",
    "deny",
    "delay",
    "stale_read",
    "reset_before",
    "reset_after",
    "lost_answer",
    "cut_answer",
    "reset_answer",
    "corrupt_answer",
]
KINDS: tuple[str, ...] = get_args(FaultKind)
RESPONSE_FAULTS = frozenset({"reset_after", "lost_answer", "cut_answer", "reset_answer", "corrupt_answer"})
# Bytes that are sent before the reset: less than most clients read at a time.
_BYTES_BEFORE_RESET = 100 * 1024
# Seconds until the reset, so that these bytes arrive: a reset discards bytes in transit.
RESET_DELAY = 0.1


class FaultOptions(TypedDict, total=False):
    """The fields of a rule besides its kind. ``Fault`` describes them."""

    operation: str
    resource: str
    caller: str
    access: str
    after: int
    times: int | None
    every: int
    rate: float | None
    probability: float
    seed: int
    seconds: float


@dataclass(slots=True)
class Fault:
    """A rule.

    ``operation``, ``resource`` and ``caller`` are shell patterns (``PutObject``, ``kms:*``, ``arn:aws:s3:::b/*``). The
    first ``after`` matching calls succeed, then ``times`` calls fail (None: all). With ``every``, of each ``every``
    calls only the last fails. With ``rate``, only those calls fail that are more than ``rate`` in a second by the lab's
    clock, after as many at once. With ``probability`` below 1, each matching call fails at random, in a sequence that
    ``seed`` determines. For ``deny`` the operation is an IAM action, for example ``kms:GenerateDataKey``. It also
    applies where S3 calls KMS for the caller.
    """

    kind: FaultKind
    operation: str = "*"
    resource: str = "*"
    caller: str = "*"
    access: str = "*"
    after: int = 0
    times: int | None = 1
    every: int = 1
    rate: float | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    number: int = 0
    hits: int = 0
    _random: random.Random = field(default_factory=random.Random)
    _counted: int = 0
    _allowed: float = 0.0
    _allowed_at: float = -math.inf

    @classmethod
    def from_mapping(cls, fields: Mapping[str, Any]) -> Fault:
        """Return a rule from a JSON object. Raise ``ValueError`` for an unknown field or kind, or a wrong type."""
        names = {"kind", *FaultOptions.__annotations__}
        unknown = set(fields) - names
        if unknown or fields.get("kind") not in KINDS:
            raise ValueError(
                f"a fault needs one of the kinds {', '.join(KINDS)} and accepts the fields {', '.join(sorted(names))}"
            )
        wrong = sorted(name for name, value in fields.items() if not _has_type_of(name, value))
        if wrong:
            raise ValueError(f"a fault has a value of a wrong type in {', '.join(wrong)}")
        if fields.get("every", 1) < 1 or (fields.get("rate") is not None and fields["rate"] <= 0):
            raise ValueError("every is at least 1, and a rate more than 0")
        fault = cls(**fields)
        fault._random.seed(fault.seed)
        return fault

    def applies_to(self, service: str, operation: str, resource: str, caller: str, access: str) -> bool:
        """Return whether the patterns match this call."""
        return (
            (fnmatchcase(operation, self.operation) or fnmatchcase(f"{service}:{operation}", self.operation))
            and fnmatchcase(resource, self.resource)
            and fnmatchcase(caller, self.caller)
            and fnmatchcase(access, self.access)
        )

    def trigger(self, now: float) -> bool:
        """Count a matching call at this time of the lab, and return whether it has to fail."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None and self.times <= 0:
            return False
        self._counted += 1
        if self._counted % self.every or (self.rate is not None and self._is_within(self.rate, now)):
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True

    def _is_within(self, rate: float, now: float) -> bool:
        """Count a call, and return whether the rate allows it."""
        self._allowed = min(self._allowed + (now - self._allowed_at) * rate, max(rate, 1.0))
        self._allowed_at = now
        if self._allowed < 1.0:
            return False
        self._allowed -= 1.0
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as a JSON object."""
        names = ("number", "kind", "operation", "resource", "caller", "access", "after", "times", "every", "rate",
                 "probability", "seed", "seconds", "hits")  # fmt: skip
        return {name: getattr(self, name) for name in names}


def _has_type_of(name: str, value: Any) -> bool:
    if value is None:
        return name in ("times", "rate")
    if name in ("after", "times", "seed", "every"):
        return type(value) is int
    return type(value) in (int, float) if name in ("probability", "seconds", "rate") else isinstance(value, str)


@dataclass(slots=True)
class FaultTable:
    """The active rules."""

    clock: Clock
    rules: list[Fault] = field(default_factory=list)
    _next: int = 1

    def add(self, fault: Fault) -> Fault:
        """Activate a rule, and give it a number."""
        fault.number = self._next
        self._next += 1
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def remove(self, number: int) -> None:
        """Remove one rule."""
        self.rules = [rule for rule in self.rules if rule.number != number]

    def match_faults(self, service: str, operation: str, resource: str, caller: str, access: str) -> list[Fault]:
        """Return the rules that make this call fail, and count the call for each of them."""
        if not self.rules:
            return []
        return [
            rule
            for rule in self.rules
            if rule.kind != "deny"
            and rule.applies_to(service, operation, resource, caller, access)
            and rule.trigger(self.clock.now())
        ]

    def denies(self, action: str, resource: str, caller: str) -> bool:
        """Return whether a ``deny`` rule applies to this action, and count it."""
        for rule in self.rules:
            if (
                rule.kind == "deny"
                and fnmatchcase(action.lower(), rule.operation.lower())
                and fnmatchcase(resource, rule.resource)
                and fnmatchcase(caller, rule.caller)
                and rule.trigger(self.clock.now())
            ):
                return True
        return False


async def truncate(stream: AsyncIterator[bytes], length: int, *, abrupt: bool = False) -> AsyncIterator[bytes]:
    """Yield the first ``length`` bytes of a response body, then drop the connection (by a reset if ``abrupt``)."""
    async for piece in stream:
        if len(piece) >= length:
            yield piece[:length]
            if abrupt:
                await asyncio.sleep(RESET_DELAY)
            raise ConnectionDropped(abrupt=abrupt)
        length -= len(piece)
        yield piece


def reset_after_first_bytes(stream: AsyncIterator[bytes], length: int) -> AsyncIterator[bytes]:
    """Yield the first bytes of a response body, at most half of its ``length``, then reset the connection."""
    return truncate(stream, min(_BYTES_BEFORE_RESET, length // 2), abrupt=True)


async def flip_first_bit(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a response body with one bit of its first byte inverted."""
    first = True
    async for piece in stream:
        yield bytes([piece[0] ^ 1]) + piece[1:] if first and piece else piece
        first = False
