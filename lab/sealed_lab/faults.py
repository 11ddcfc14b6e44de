# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Failures on request: which calls they befall, and what happens to them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .errors import ConnectionDropped, ServiceError

KINDS = (
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
)
RESPONSE_FAULTS = frozenset({"reset_after", "lost_answer", "cut_answer", "reset_answer", "corrupt_answer"})
# What goes out before an answer is reset: less than most clients read at a time.
_BYTES_BEFORE_RESET = 100 * 1024
# Seconds for it to arrive: a reset drops what is still on its way.
RESET_DELAY = 0.1


@dataclass(slots=True)
class Fault:
    """A rule.

    ``operation``, ``resource`` and ``caller`` are shell patterns (``PutObject``, ``kms:*``, ``arn:aws:s3:::b/*``).
    ``after`` calls that fit go through first, then ``times`` calls fail (None: for ever). With ``probability`` each
    call that fits fails by chance, drawn from ``seed``. For ``deny`` the operation is an IAM action, for example
    ``kms:GenerateDataKey``, also where S3 does it on the caller's behalf.
    """

    kind: str
    operation: str = "*"
    resource: str = "*"
    caller: str = "*"
    access: str = "*"
    after: int = 0
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    number: int = 0
    hits: int = 0
    _random: random.Random = field(default_factory=random.Random)

    @classmethod
    def from_mapping(cls, fields: Mapping[str, Any]) -> Fault:
        """A rule from JSON; unknown names and kinds are refused."""
        names = {
            "kind",
            "operation",
            "resource",
            "caller",
            "access",
            "after",
            "times",
            "probability",
            "seed",
            "seconds",
        }
        unknown = set(fields) - names
        if unknown or fields.get("kind") not in KINDS:
            raise ValueError(f"a fault has a kind of {', '.join(KINDS)} and may have {', '.join(sorted(names))}")
        fault = cls(**fields)
        fault._random.seed(fault.seed)
        return fault

    def applies_to(self, service: str, operation: str, resource: str, caller: str, access: str) -> bool:
        """Whether the rule is about this call."""
        return (
            (fnmatchcase(operation, self.operation) or fnmatchcase(f"{service}:{operation}", self.operation))
            and fnmatchcase(resource, self.resource)
            and fnmatchcase(caller, self.caller)
            and fnmatchcase(access, self.access)
        )

    def trigger(self) -> bool:
        """Count a call that fits; True when it is to fail."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None and self.times <= 0:
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("number", "kind", "operation", "resource", "caller", "access", "after", "times", "probability",
                 "seed", "seconds", "hits")  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class FaultTable:
    """The rules in force."""

    rules: list[Fault] = field(default_factory=list)
    _next: int = 1

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force."""
        fault.number = self._next
        self._next += 1
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """No more failures."""
        self.rules.clear()

    def remove(self, number: int) -> None:
        """Take one rule out."""
        self.rules = [rule for rule in self.rules if rule.number != number]

    def match_faults(self, service: str, operation: str, resource: str, caller: str, access: str) -> list[Fault]:
        """The rules that befall this call."""
        if not self.rules:
            return []
        return [
            rule
            for rule in self.rules
            if rule.kind != "deny" and rule.applies_to(service, operation, resource, caller, access) and rule.trigger()
        ]

    def denies(self, action: str, resource: str, caller: str) -> bool:
        """Whether a ``deny`` rule refuses this action."""
        for rule in self.rules:
            if (
                rule.kind == "deny"
                and fnmatchcase(action.lower(), rule.operation.lower())
                and fnmatchcase(resource, rule.resource)
                and fnmatchcase(caller, rule.caller)
                and rule.trigger()
            ):
                return True
        return False


async def truncate(stream: AsyncIterator[bytes], length: int, *, abrupt: bool = False) -> AsyncIterator[bytes]:
    """The first ``length`` bytes of an answer, then a connection that is closed or, when ``abrupt``, reset."""
    async for piece in stream:
        if len(piece) >= length:
            yield piece[:length]
            if abrupt:
                await asyncio.sleep(RESET_DELAY)
            raise ConnectionDropped(abrupt=abrupt)
        length -= len(piece)
        yield piece


def reset_after_first_bytes(stream: AsyncIterator[bytes], length: int) -> AsyncIterator[bytes]:
    """The first bytes of an answer of ``length``, at most half of them, then a connection that is reset."""
    return truncate(stream, min(_BYTES_BEFORE_RESET, length // 2), abrupt=True)


async def flip_first_bit(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """An answer with one bit turned in its first byte."""
    first = True
    async for piece in stream:
        yield bytes([piece[0] ^ 1]) + piece[1:] if first and piece else piece
        first = False


def service_error_for(kind: str, service: str) -> ServiceError | None:
    """How a service words a failure of this kind."""
    s3 = service in ("s3", "s3control")
    if kind == "throttle":
        if s3:
            return ServiceError("SlowDown", "Please reduce your request rate.", 503)
        if service in ("sts", "iam"):
            return ServiceError("Throttling", "Rate exceeded", 400)
        return ServiceError("ThrottlingException", "Rate exceeded", 400)
    if kind == "internal_error":
        if s3:
            return ServiceError("InternalError", "We encountered an internal error. Please try again.", 500)
        if service == "kms":
            return ServiceError(
                "KMSInternalException", "The request was rejected because an internal exception occurred.", 500
            )
        return ServiceError("InternalFailure", "The request processing has failed because of an unknown error.", 500)
    if kind == "expired_credentials":
        message = "The provided token has expired."
        if s3:
            return ServiceError("ExpiredToken", message, 400)
        if service in ("sts", "iam"):
            return ServiceError("ExpiredToken", "The security token included in the request is expired", 403)
        return ServiceError("ExpiredTokenException", "The security token included in the request is expired", 400)
    return None
