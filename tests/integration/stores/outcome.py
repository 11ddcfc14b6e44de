# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The outcome of one task at a store, and whether it is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Result = dict[str, Any]

WORKS = "works"
UNSUPPORTED = "unsupported"  # an error that says so; nothing is claimed
UNVERIFIED = "unverified"  # written, and the module says that the store reports something else
OPEN = "no protection"  # the store gives an object out without its key, and the module does not claim otherwise
NOT_OFFERED = "–"  # the store refuses to have such an object, so there is nothing to test
# The outcomes below are faults of the collection, at any store.
FALSE_OK = "FALSE OK"  # the module said ok, and it is not so
UNSTABLE = "CHANGES AGAIN"  # a second run changes what the first one already did
WRONG_PREVIEW = "WRONG PREVIEW"  # check mode and the real run differ, and both succeed
DAMAGE = "DAMAGE"  # the module failed, and what was there before is lost
DEFECT = "DEFECT"  # an exception that nothing handles


@dataclass(frozen=True)
class Outcome:
    """An outcome, and the sentence behind it: the error of the module, or what the judge found."""

    name: str
    sentence: str = ""


class Run(Protocol):
    """Runs one task with the same options each time."""

    def __call__(self, *, check: bool = False) -> Result:
        """Run the task, or predict what it would do."""


# Says why a result is not true, or None. It uses the SDK or plain HTTP, and never a module of the collection.
Judge = Callable[[Result], "str | None"]


def _error_kind(result: Result) -> str:
    """The kind of the error: that of the task, or of the first bucket or object of a failed fleet or sync."""
    rows = (*result.get("buckets", ()), *result.get("objects", ()))
    errors = [result.get("error"), *(each.get("error") for each in rows)]
    return next((str(error["kind"]) for error in errors if error), "")


def refused_as(result: Result) -> Outcome:
    """The outcome of a task that failed."""
    kind = _error_kind(result)
    sentence = " ".join(result["msg"].split())
    if "met a case that it does not handle" in sentence or not kind:
        return Outcome(DEFECT, sentence)
    if kind in (UNSUPPORTED, UNVERIFIED):
        return Outcome(kind, sentence)
    return Outcome(f"refused ({kind})", sentence)


def judged(result: Result, judge: Judge) -> Outcome:
    """The outcome of one run: that of its error, or that of the judge."""
    if result.get("failed"):
        return refused_as(result)
    untrue = judge(result)
    warnings = " ".join(result.get("warnings", []))
    if "unverified" in warnings.lower():
        return Outcome(UNVERIFIED, warnings)
    return Outcome(FALSE_OK, f"{untrue} Warnings: {warnings or 'none'}.") if untrue else Outcome(WORKS)


def written(run: Run, judge: Judge, is_intact: Callable[[], bool] = lambda: True) -> Outcome:
    """The outcome of a task that changes something: in check mode, for real, and again.

    After a refusal, `is_intact` says whether everything is as it was before.
    """
    predicted = run(check=True)
    result = run()
    outcome = judged(result, judge)
    if outcome.name not in (WORKS, UNVERIFIED, FALSE_OK) and not is_intact():
        return Outcome(DAMAGE, outcome.sentence)
    if outcome.name != WORKS:
        return outcome
    if predicted.get("failed") or predicted["changed"] != result["changed"]:
        return Outcome(WRONG_PREVIEW, f"Check mode: {predicted.get('msg', predicted['changed'])}.")
    repeated = run()
    if repeated.get("failed"):
        return refused_as(repeated)
    if repeated["changed"]:
        return Outcome(UNSTABLE, f"The second run: {repeated.get('actions', repeated.get('summary'))}.")
    return judged(repeated, judge)


def expect_refusal(result: Result, kind: str) -> Outcome:
    """The outcome of a task that has to fail, with an error of this kind."""
    if not result.get("failed"):
        return Outcome(FALSE_OK, "The task had to fail.")
    return Outcome(WORKS) if _error_kind(result) == kind else refused_as(result)
