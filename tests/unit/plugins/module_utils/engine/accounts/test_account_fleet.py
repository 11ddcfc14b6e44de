# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run for many accounts: what fails in one stays there, few are open at a time, and each is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.accounts.account_fleet import (
    LISTED_AT_A_TIME,
    MOST_OPEN,
    AccountsStatus,
    position_of,
    run_in_accounts,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    Reason,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

FORBIDDEN = Failure(FailureKind.FORBIDDEN, "No.")
REFUSED = Failure(FailureKind.CREDENTIALS, "Unknown.")
OWN = Failure(FailureKind.CREDENTIALS, "Expired.", reason=Reason.OWN_CREDENTIALS)
Done = Outcome[str, None]


def account(number: int) -> Account:
    """An account with a name."""
    return Account(f"{number:012}", f"account-{number}")


@dataclass
class Accounts:
    """Accounts with their resources, such as `1/eu-west-1/a`, and what is done with them.

    `enter_failures`, `list_failures` and `outcomes` are by number of the account or by resource.
    """

    resources: dict[int, list[str]]
    enter_failures: dict[int, Exception] = field(default_factory=dict)
    list_failures: dict[int, Exception] = field(default_factory=dict)
    outcomes: dict[str, Done] = field(default_factory=dict)
    before_work: Callable[[str], None] = lambda item: None
    worked: list[str] = field(default_factory=list)
    reported: dict[int, tuple[str, str, Done]] = field(default_factory=dict)
    entered: list[int] = field(default_factory=list)
    open_now: set[int] = field(default_factory=set)
    most_open: int = 0
    listed_ahead: int = 0

    def enter(self, entered: Account) -> Job:
        """Enter an account."""
        number = int(entered.account_id)
        self.entered.append(number)
        if number in self.enter_failures:
            raise self.enter_failures[number]
        self.open_now.add(number)
        self.most_open = max(self.most_open, len(self.open_now))
        return Job(self, number)

    def run(self, *, concurrency: int = 4, stop_on_failure: bool = False) -> AccountsStatus:
        """The run."""

        def on_outcome(position: int, owner: Account, item: str, outcome: Done) -> None:
            assert position not in self.reported
            self.reported[position] = (owner.name, item, outcome)

        status = run_in_accounts(
            [account(number) for number in self.resources],
            self.enter,
            concurrency=concurrency,
            region_of=lambda item: item.split("/")[1],
            on_outcome=on_outcome,
            stop_on_failure=stop_on_failure,
            is_vanished=lambda item, outcome: item.endswith("vanished"),
            is_kept=lambda outcome: outcome.before == "kept",
        )
        assert not self.open_now, "each account is closed"
        return status

    @property
    def items(self) -> list[str]:
        """The reported resources, in the order of the result."""
        return [self.reported[position][1] for position in sorted(self.reported)]


@dataclass(frozen=True)
class Job:
    """The work in one account."""

    accounts: Accounts
    number: int

    def items(self) -> Iterator[str]:
        """The resources."""
        for item in self.accounts.resources[self.number]:
            self.accounts.listed_ahead += 1
            yield item
        if self.number in self.accounts.list_failures:
            raise self.accounts.list_failures[self.number]

    def work(self, item: str) -> Done:
        """Do the work."""
        assert self.number in self.accounts.open_now
        self.accounts.before_work(item)
        self.accounts.worked.append(item)
        return self.accounts.outcomes.get(item, Outcome(changed=True))

    def close(self) -> None:
        """Close the account, once."""
        self.accounts.open_now.remove(self.number)


def fleet(numbers: range, per_account: int = 3, region: str = "eu-west-1") -> Accounts:
    """Accounts with so many resources each."""
    return Accounts({number: [f"{number}/{region}/{place:04}" for place in range(per_account)] for number in numbers})


@pytest.mark.parametrize("concurrency", [1, 3, 32])
def test_every_resource_of_every_account(concurrency: int) -> None:
    """In the order of the task, with few accounts open."""
    accounts = fleet(range(60))
    status = accounts.run(concurrency=concurrency)
    assert accounts.items == [item for items in accounts.resources.values() for item in items]
    assert set(accounts.reported) == {position_of(order, place) for order in range(60) for place in range(3)}
    assert accounts.reported[position_of(59, 2)][:2] == ("account-59", "59/eu-west-1/0002")
    assert sorted(accounts.entered) == list(range(60))
    assert accounts.most_open <= MOST_OPEN
    total = status.total
    assert (total.matched, total.changed, total.is_complete, status.fatal) == (180, 180, True, None)
    assert {(each.status.matched, each.status.changed, each.failure) for each in status.accounts} == {(3, 3, None)}


def test_a_long_list_is_read_as_it_is_worked_on() -> None:
    """Memory does not grow with the number of resources of an account."""
    accounts = fleet(range(2), per_account=5 * LISTED_AT_A_TIME)
    most = 0

    def measure(_item: str) -> None:
        nonlocal most
        most = max(most, accounts.listed_ahead - len(accounts.worked))

    accounts.before_work = measure
    status = accounts.run()
    assert status.total.matched == 10 * LISTED_AT_A_TIME
    assert most <= 2 * 2 * LISTED_AT_A_TIME + 8


def test_the_numbers_of_each_account() -> None:
    """Failed, vanished, kept and unchanged resources are counted as in a run for one account."""
    accounts = Accounts(
        {1: ["1/r/failed", "1/r/vanished", "1/r/kept", "1/r/same", "1/r/changed"], 2: []},
        outcomes={"1/r/failed": Outcome(failure=FORBIDDEN), "1/r/kept": Outcome(before="kept"), "1/r/same": Outcome()},
    )
    status = accounts.run()
    first, second = (each.status for each in status.accounts)
    assert (first.failed, first.vanished, first.kept, first.unchanged, first.changed) == (1, 1, 1, 1, 1)
    assert (second.matched, second.is_complete) == (0, True)
    assert status.total == first
    assert [item.split("/")[2] for item in accounts.items] == ["failed", "kept", "same", "changed"]


def test_what_fails_in_an_account_stays_there() -> None:
    """One that cannot be entered, one whose list ends early, and one whose code has a bug."""
    accounts = fleet(range(4))
    accounts.enter_failures = {0: OperationError(FORBIDDEN), 3: ZeroDivisionError()}
    accounts.list_failures = {1: OperationError(REFUSED)}
    status = accounts.run()
    assert accounts.items == [*accounts.resources[1], *accounts.resources[2]]
    failures = [each.failure for each in status.accounts]
    assert (failures[0], failures[1], failures[2]) == (FORBIDDEN, REFUSED, None)
    assert failures[3]
    assert "ZeroDivisionError" in failures[3].message
    assert [each.account for each in status.failed] == [account(0), account(1), account(3)]
    assert not status.unfinished
    assert (status.total.matched, status.total.is_complete, status.total.listing_failure) == (6, False, None)


@pytest.mark.parametrize("is_entry", [True, False])
def test_a_stop_starts_nothing_more(is_entry: bool) -> None:
    """Neither an account nor a resource."""
    accounts = fleet(range(40))
    if is_entry:
        accounts.enter_failures = {0: OperationError(FORBIDDEN)}
    else:
        accounts.outcomes = {"0/eu-west-1/0000": Outcome(failure=FORBIDDEN)}
    status = accounts.run(concurrency=1, stop_on_failure=True)
    assert len(accounts.worked) <= 1
    assert len(accounts.entered) <= MOST_OPEN
    assert len(status.unfinished) >= 40 - MOST_OPEN
    assert not status.total.is_complete


def test_credentials_of_the_task_end_the_run() -> None:
    """Each further account would have the same failure."""
    accounts = fleet(range(40))
    accounts.enter_failures = {0: OperationError(OWN)}
    status = accounts.run(concurrency=1)
    assert status.fatal == status.total.fatal == OWN
    assert len(accounts.entered) <= 2


def test_refused_credentials_cost_their_region() -> None:
    """A region that is not enabled costs one call, and the rest of the account is done."""
    accounts = Accounts({1: [f"1/{region}/{n}" for n in range(20) for region in ("me-south-1", "eu-west-1")], 2: []})
    accounts.outcomes = {item: Outcome(failure=REFUSED) for item in accounts.resources[1] if "me-south-1" in item}
    status = accounts.run(concurrency=1)
    assert [item for item in accounts.worked if "me-south-1" in item] == ["1/me-south-1/0"]
    assert (status.total.changed, status.total.failed) == (20, 20)


def test_a_slow_account_delays_only_itself() -> None:
    """All resources of the others are done while it answers nothing."""
    go_on, accounts = threading.Event(), fleet(range(5), per_account=30)
    done = threading.Semaphore(0)

    def wait(item: str) -> None:
        if item.startswith("0/"):
            assert go_on.wait(30)
        else:
            done.release()

    def release() -> None:
        for _number in range(120):
            assert done.acquire(timeout=30)
        go_on.set()

    accounts.before_work = wait
    observer = threading.Thread(target=release)
    observer.start()
    assert accounts.run(concurrency=4).total.changed == 150
    observer.join()


def test_an_interrupted_run_closes_its_accounts() -> None:
    """After the work that runs."""
    accounts, before = fleet(range(30)), threading.active_count()

    def interrupt(_position: int, _account: Account, _item: str, _outcome: Done) -> None:
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        run_in_accounts(
            [account(number) for number in accounts.resources],
            accounts.enter,
            concurrency=4,
            region_of=lambda item: "",
            on_outcome=interrupt,
        )
    assert not accounts.open_now
    assert threading.active_count() == before
