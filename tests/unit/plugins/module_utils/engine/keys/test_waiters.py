# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Waiting until AWS shows what was written: the number of calls, and the delays between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import (
    CONSECUTIVE_READS,
    CONSISTENCY_DELAYS,
    PROPAGATION_DELAYS,
    REPLICATION_DELAYS,
    UNKNOWN_PRINCIPAL_DELAYS,
    Waiter,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

ResultT = TypeVar("ResultT")
ABSENT = OperationError(Failure(FailureKind.ABSENT, "does not exist"))
DENIED = OperationError(Failure(FailureKind.FORBIDDEN, "no"))
UNKNOWN = OperationError(Failure(FailureKind.INVALID, "invalid principal", reason=Reason.UNKNOWN_PRINCIPAL))


def calls(results: Iterable[ResultT | OperationError]) -> Callable[[], ResultT]:
    """A call that returns, or raises, one result after the other."""
    rest: Iterator[ResultT | OperationError] = iter(results)

    def call() -> ResultT:
        result = next(rest)
        if isinstance(result, OperationError):
            raise result
        return result

    return call


@pytest.fixture
def clock() -> FakeClock:
    """The clock, with the waits so far."""
    return FakeClock()


@pytest.mark.parametrize(
    ("results", "expected", "slept"),
    [(["a"], "a", []), ([None, "a"], "a", [1]), ([None, None, "a"], "a", [1, 2]), ([None, None, None], None, [1, 2])],
)
def test_a_result_is_waited_for(
    results: list[str | None], expected: str | None, slept: list[float], clock: FakeClock
) -> None:
    """Until a call returns one, or after the last delay."""
    assert Waiter(clock).wait_for_result(calls(results), (1, 2)) == expected
    assert clock.slept == slept


def test_consecutive_reads_have_to_agree(clock: FakeClock) -> None:
    """A stale read between them starts the count again."""
    reads = [False, True, True, False, True, True, True]
    assert Waiter(clock).wait_until_consistent(calls(reads), lambda result: result)
    assert tuple(clock.slept) == CONSISTENCY_DELAYS[:2]


def test_reads_that_never_agree(clock: FakeClock) -> None:
    """The last result is returned after all delays."""
    reads = [False] * (len(CONSISTENCY_DELAYS) + 1)
    assert not Waiter(clock).wait_until_consistent(calls(reads), lambda result: result)
    assert tuple(clock.slept) == CONSISTENCY_DELAYS


def test_equal_reads(clock: FakeClock) -> None:
    """The result of consecutive equal reads, and not the first one."""
    assert Waiter(clock).read_consistent(calls(["new"] * CONSECUTIVE_READS)) == "new"
    assert clock.slept == []
    assert Waiter(clock).read_consistent(calls(["old", "old", "new", "new", "new"])) == "new"
    assert tuple(clock.slept) == CONSISTENCY_DELAYS[:1]


def test_a_write_is_repeated_while_a_key_propagates(clock: FakeClock) -> None:
    """If KMS does not know the key; another failure is raised at once."""
    assert Waiter(clock).retry_while_propagating(calls([ABSENT, ABSENT, "done"])) == "done"
    assert tuple(clock.slept) == PROPAGATION_DELAYS[:2]
    with pytest.raises(OperationError, match="no"):
        Waiter(clock).retry_while_propagating(calls([DENIED]))
    with pytest.raises(OperationError, match="does not exist"):
        Waiter(clock).retry_while_propagating(calls([ABSENT] * 4))


def test_a_replica_is_waited_for(clock: FakeClock) -> None:
    """Until KMS has created it, or with an error after a minute."""
    creating, enabled = KeyState("one", state="Creating"), KeyState("one")
    assert Waiter(clock).wait_until_replicated(calls([ABSENT, creating, enabled])) == enabled
    assert tuple(clock.slept) == REPLICATION_DELAYS[:2]
    with pytest.raises(OperationError, match="still creating"):
        Waiter(clock).wait_until_replicated(calls([creating] * (len(REPLICATION_DELAYS) + 1)))


def test_unknown_principals(clock: FakeClock) -> None:
    """A policy without new principals is sent once; the error names the new ones."""
    with pytest.raises(OperationError, match="invalid principal"):
        Waiter(clock).retry_unknown_principals((), calls([UNKNOWN]))
    assert clock.slept == []
    with pytest.raises(OperationError, match="role/new"):
        Waiter(clock).retry_unknown_principals(("role/new",), calls([UNKNOWN] * (len(UNKNOWN_PRINCIPAL_DELAYS) + 1)))
    assert tuple(clock.slept) == UNKNOWN_PRINCIPAL_DELAYS
