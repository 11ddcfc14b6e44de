# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Waiting for AWS to show what was written: IAM and KMS are eventually consistent.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
and https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ...model.errors import Failure, FailureKind, OperationError, Reason

if TYPE_CHECKING:
    from ...model.keys.key_state import KeyState
    from ..clock import Clock

ResultT = TypeVar("ResultT")
Delays = tuple[float, ...]

# Seconds between attempts to write a policy with a new principal: a minute in all. KMS mostly knows a new user or role
# within some seconds.
UNKNOWN_PRINCIPAL_DELAYS: Delays = (1, 2, 4, 8, 15, 30)
# Seconds between reads of a new replica until KMS has made it: a minute in all.
REPLICATION_DELAYS: Delays = (1, 2, 4, 8, 15, 30)
# Seconds between writes to a key that this run has created or enabled, while KMS does not know of that.
PROPAGATION_DELAYS: Delays = (1, 2, 4)
# Seconds between checks for a key whose CreateKey response was lost.
LOST_RESPONSE_DELAYS: Delays = (1, 2, 4)
# Seconds between searches in the index of the tagging API before a key is created. AWS does not document how late the
# index is, and every new key costs these seconds. So a second key becomes unlikely, but not impossible.
INDEX_DELAYS: Delays = (1, 2)
THROTTLING_DELAYS: Delays = (1, 2, 4, 8, 16)
# Seconds after a read that does not show what was written: a minute in all. KMS mostly shows a change within some
# seconds.
CONSISTENCY_DELAYS: Delays = (0.25, 0.5, 1, 2, 4, 8, 15, 30)
# The number of consecutive reads that must agree: each may be answered by a part of KMS that does not know a change
# yet.
CONSECUTIVE_READS = 3
# Within about four seconds.
FINAL_READS = 5


@dataclass(frozen=True, slots=True)
class Waiter:
    """Repeats a call until AWS shows what was written. It waits by its clock."""

    clock: Clock

    def wait_for_result(self, read: Callable[[], ResultT | None], delays: Delays) -> ResultT | None:
        """The first result that is not None; None if the read after the last delay has none either."""
        for delay in delays:
            result = read()
            if result is not None:
                return result
            self.clock.sleep(delay)
        return read()

    def wait_until_consistent(
        self,
        read: Callable[[], ResultT],
        is_expected: Callable[[ResultT], bool],
        is_final: Callable[[ResultT], bool] = lambda _result: False,
    ) -> ResultT:
        """The result of CONSECUTIVE_READS expected reads; or, after a minute, the last result.

        A result that `is_final` cannot become an expected one, unless it comes from a part of AWS that is late. It is
        returned after FINAL_READS such reads in a row.
        """
        delays, agreeing, final = iter(CONSISTENCY_DELAYS), 0, 0
        while True:
            result = read()
            if is_expected(result):
                agreeing += 1
                if agreeing == CONSECUTIVE_READS:
                    return result
                continue
            agreeing, final = 0, final + 1 if is_final(result) else 0
            delay = next(delays, None)
            if delay is None or final == FINAL_READS:
                return result
            self.clock.sleep(delay)

    def read_consistent(self, read: Callable[[], ResultT]) -> ResultT:
        """The result of CONSECUTIVE_READS equal reads; or, after a minute, the last result."""
        last = read()
        for delay in CONSISTENCY_DELAYS:
            results = [read() for _read in range(CONSECUTIVE_READS - 1)]
            if all(result == last for result in results):
                break
            last = results[-1]
            self.clock.sleep(delay)
        return last

    def retry_while_propagating(self, write: Callable[[], ResultT]) -> ResultT:
        """Write to a key that this run has created, enabled or restored; again while KMS does not know of that."""
        temporary = (FailureKind.ABSENT, FailureKind.KEY_UNUSABLE)
        return self._retry(write, PROPAGATION_DELAYS, lambda failure: failure.kind in temporary)

    def retry_throttled(self, call: Callable[[], ResultT]) -> ResultT:
        """A call that the SDK does not repeat; again while KMS refuses it because of its rate, and so does nothing."""
        return self._retry(call, THROTTLING_DELAYS, lambda failure: failure.reason is Reason.RATE_LIMITED)

    def wait_until_replicated(self, read: Callable[[], KeyState]) -> KeyState:
        """The replica, once KMS has made it; raises OperationError if that takes more than a minute."""
        for delay in REPLICATION_DELAYS:
            try:
                key = read()
                if key.state != "Creating":
                    return key
            except OperationError as error:
                if error.failure.kind is not FailureKind.ABSENT:
                    raise
            self.clock.sleep(delay)
        key = read()
        if key.state == "Creating":
            key.require_enabled()
        return key

    def retry_unknown_principals(self, principals: tuple[str, ...], write: Callable[[], ResultT]) -> ResultT:
        """Write a policy with these new principals; again while KMS does not know them.

        Raises OperationError that names them if KMS does not know them after a minute.
        """
        if not principals:
            return write()
        try:
            return self._retry(write, UNKNOWN_PRINCIPAL_DELAYS, _is_unknown_principal)
        except OperationError as error:
            if not _is_unknown_principal(error.failure):
                raise
            raise OperationError(_unknown(error.failure, principals)) from error

    def _retry(self, call: Callable[[], ResultT], delays: Delays, is_temporary: Callable[[Failure], bool]) -> ResultT:
        """The result of the call, which is repeated after each delay while its failure is temporary."""
        for delay in delays:
            try:
                return call()
            except OperationError as error:
                if not is_temporary(error.failure):
                    raise
            self.clock.sleep(delay)
        return call()


def _is_unknown_principal(failure: Failure) -> bool:
    return failure.reason is Reason.UNKNOWN_PRINCIPAL


def _unknown(failure: Failure, principals: tuple[str, ...]) -> Failure:
    one = len(principals) == 1
    who = "the principal" if one else "at least one of the principals"
    message = (
        f"KMS does not know {who} {', '.join(principals)}, which the key policy names "
        f"(tried for {sum(UNKNOWN_PRINCIPAL_DELAYS):.0f} seconds): {failure.message}"
    )
    unknown = replace(failure, kind=FailureKind.INVALID, message=message)
    return unknown.with_advice(
        "Create it first, or correct its name." if one else "Create them first, or correct their names."
    )
