# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The diff of the keys of many accounts: changes that differ in the account and region only are shown once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .key_diff import key_diff

if TYPE_CHECKING:
    from ...model.accounts.account import Account
    from ..result import Result
    from .key_run import KeyRun

# What stands for the account and the region in a change that several keys have in common.
_ACCOUNT, _REGION = "<account_id>", "<region>"
# The number of changes, and of accounts for all of them, that a person reads.
_MOST = 100


@dataclass(frozen=True, slots=True)
class _Place:
    """The account and region of a key."""

    account: Account
    region: str


@dataclass
class KeysDiff:
    """Collects changes in any order, and shows them in the order of the task."""

    # The lines of a change as several keys may have it -> by position, where it is.
    _changes: dict[tuple[str, ...], dict[int, _Place]] = field(default_factory=dict, init=False)
    _only: Result = field(default_factory=dict, init=False)

    def add(self, position: int, account: Account, region: str, run: KeyRun) -> None:
        """Add the change of one key."""
        name = f"the key in {region} of account {account.label}"
        diff = key_diff(run.before, run.after, name)
        self._only = diff
        lines = tuple(_lines(diff, is_new=run.before is None))
        common = (line.replace(account.account_id, _ACCOUNT).replace(region, _REGION) for line in lines)
        self._changes.setdefault(tuple(common), {})[position] = _Place(account, region)

    def result(self) -> Result:
        """Before and after of a single key; for several, each change with its accounts and regions."""
        if not self._changes:
            return {"before": {}, "after": {}}
        if sum(len(places) for places in self._changes.values()) == 1:
            return self._only
        groups = sorted(self._changes.items(), key=lambda group: (-len(group[1]), min(group[1])))
        shown = groups[:_MOST]
        most = max(1, _MOST // len(shown))
        texts = [_group(lines, [places[position] for position in sorted(places)], most) for lines, places in shown]
        rest = groups[_MOST:]
        if rest:
            number = sum(len(places) for _lines, places in rest)
            texts.append(f"{_count(number)} with {len(rest):,} other change{'s' if len(rest) > 1 else ''}\n")
        return {"prepared": "".join(texts)}


def _count(number: int) -> str:
    return "1 key" if number == 1 else f"{number:,} keys"


def _group(lines: tuple[str, ...], places: list[_Place], most: int) -> str:
    """One change, with the regions of each account in which it is made."""
    regions: dict[str, list[str]] = {}
    for place in places:
        regions.setdefault(place.account.label, []).append(place.region)
    only = places[0] if len(places) == 1 else None
    if only:
        lines = tuple(line.replace(_ACCOUNT, only.account.account_id).replace(_REGION, only.region) for line in lines)
    where = [f"    {label}: {', '.join(names)}\n" for label, names in list(regions.items())[:most]]
    if len(regions) > most:
        where.append(f"    and {len(regions) - most:,} more accounts\n")
    return "".join([f"{_count(len(places))}:\n", *(f"  {line}\n" for line in lines), *where])


def _lines(diff: Mapping[str, Any], *, is_new: bool) -> Iterator[str]:
    """The parts that differ, each on a line of its own."""
    if is_new:
        yield "- the key does not exist yet"
    yield from (f"- {part}" for part in _parts(diff["before"]))
    yield from (f"+ {part}" for part in _parts(diff["after"]))


def _parts(value: Any, path: str = "") -> Iterator[str]:
    """Each value with its path. A part that only the other side has is not shown."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _parts(inner, f"{path}.{name}" if path else str(name))
    elif path and value is not None:
        yield f"{path}: {json.dumps(value, ensure_ascii=False)}"
