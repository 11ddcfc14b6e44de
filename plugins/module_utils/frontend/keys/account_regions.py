# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The accounts and regions of a task for keys: a key is known by its alias, in each region of each account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...aws.accounts.sts import Sts
from ...engine.accounts.account_fleet import AccountsStatus
from ...engine.keys.kms_key import CallerIdentity
from ...model.errors import invalid_input
from ..accounts.account_run import run_in_task_accounts
from ..fleet_report import first_names
from ..progress import Progress
from ..region_names import require_regions

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...engine.fleet.fleet import FleetStatus
    from ...model.accounts.account import Account
    from ...model.outcome import Outcome
    from ..run import ModuleContext


@dataclass(frozen=True)
class EnteredAccount:
    """An account of the task with its clients, and the identity of its credentials.

    `turn` is for work that one thread at a time may do in the account.
    """

    account: Account
    clients: Clients
    identity: CallerIdentity
    turn: threading.Lock = field(default_factory=threading.Lock)


def parse_regions(task: ModuleContext) -> tuple[str, ...]:
    """The regions of a task for many accounts, for those accounts that name none of their own.

    Raises OperationError for options that one key in each account and region cannot have.
    """
    params = task.params
    if params["key_id"] is not None:
        raise invalid_input(
            "key_id is the key of one account, and the task has many.", "Name the key of each account by its alias."
        )
    regions, home = params["regions"], task.clients.region
    if regions is None:
        return (home,)
    if not regions:
        raise invalid_input("regions is empty, so there is no region to work in.", "Name one, or leave it out.")
    require_regions(task.clients, "regions", regions, task.module.warn)
    return tuple(dict.fromkeys(regions))


def named_regions(params: Mapping[str, Any], regions: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The regions of each account, as far as the options tell: those of equal accounts once."""
    entries = [*(params["accounts"] or ()), *([params["organization"]] if params["organization"] else ())]
    found = [tuple(dict.fromkeys(entry.get("regions") or ())) or tuple(regions) for entry in entries]
    return tuple(dict.fromkeys(found))


class RegionWarnings:
    """The warnings of all regions. Those that differ in names only are one, with the places of the others."""

    def __init__(self) -> None:
        # The warning without names -> by position: as it is, and where it applies.
        self._found: dict[str, dict[int, tuple[str, str]]] = {}

    def add(self, position: int, account: Account, region: str, warning: str, *names: str | None) -> None:
        """Add a warning. `names` are those in it of what differs between regions, such as the ARN of a key."""
        general = warning
        for name in (*names, account.account_id, region):
            general = general.replace(name, "") if name else general
        self._found.setdefault(general, {})[position] = (warning, f"{account.label} in {region}")

    def sentences(self) -> list[str]:
        """One sentence for each group, in the order of the task."""
        sentences = []
        for found in sorted(self._found.values(), key=lambda each: min(each.items())):
            (first, place), *others = (found[position] for position in sorted(found))
            more = [other for _warning, other in others]
            rest = f" The same for {len(more):,} more: {first_names(more)}." if more else ""
            sentences.append(f"{place}: {first}{rest}")
        return sentences


@dataclass(frozen=True)
class _KeysOfAccount:
    """The work in one account: an item is a region."""

    entered: EnteredAccount
    regions: tuple[str, ...]
    run: Callable[[EnteredAccount, str], Outcome[Any, Any]]

    def items(self) -> Iterator[str]:
        """The regions of the account."""
        return iter(self.regions)

    def work(self, item: str) -> Outcome[Any, Any]:
        """Do the work in one region."""
        return self.run(self.entered, item)

    def close(self) -> None:
        """Close the clients."""
        self.entered.clients.close()


def run_in_regions(
    task: ModuleContext,
    regions: tuple[str, ...],
    run: Callable[[EnteredAccount, str], Outcome[Any, Any]],
    on_outcome: Callable[[int, Account, str, Outcome[Any, Any]], None],
    *,
    counts: Callable[[FleetStatus], str] = lambda status: "",
    concurrency: int,
) -> AccountsStatus:
    """Do the work in each region of each account of the task, and return the numbers.

    An account without regions of its own has `regions`. Raises OperationError if the accounts cannot be listed.
    """
    progress = Progress(task.clock, "regions")

    def make_job(account: Account, clients: Clients) -> _KeysOfAccount:
        identity = CallerIdentity(Sts(clients))
        return _KeysOfAccount(EnteredAccount(account, clients, identity), account.regions or regions, run)

    def show(status: FleetStatus, accounts: str) -> None:
        numbers = ", ".join(filter(None, (counts(status), accounts)))
        progress.update(status.done, status.matched, is_complete=status.is_complete, counts=numbers)

    return run_in_task_accounts(
        task,
        make_job,
        concurrency=concurrency,
        region_of=lambda region: region,
        on_outcome=on_outcome,
        on_progress=show,
    )
