# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Count how many recorded answers of AWS the lab agrees with, and write the table.

count.py FOLDER    fetches the sources into FOLDER, runs their tests against a lab, and writes the table and the counts

It ends with exit status 1 if less than 98 % agree, if there are more exceptions than 2 % of the rows, if an answer
differs that is not an exception, if the rule leaves out more than 10 %, or if the table does not repeat what the tests
found.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sealed_lab import RunningLab

from . import scope, table
from .replay import SSE_C_BLOCKED_SINCE, Replay, reset
from .sources import SOURCES, Source


@dataclass
class Count:
    """What was found so far."""

    agreeing: int = 0
    excepted: dict[str, str] = field(default_factory=dict)
    differing: dict[str, str] = field(default_factory=dict)
    outside: Counter[str] = field(default_factory=Counter)
    cases: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The recorded answers in scope."""
        return self.agreeing + len(self.excepted) + len(self.differing)

    def figures(self) -> dict[str, Any]:
        """Return the counts as they are written."""
        left_out = self.outside.total()
        return {
            "rows": self.rows,
            "agreeing": self.agreeing,
            "exceptions": len(self.excepted),
            "differing": len(self.differing),
            "out_of_scope": left_out,
            "out_of_scope_reasons": dict(sorted(self.outside.items())),
            "sources": {each.name: {"address": each.address, "commit": each.commit} for each in SOURCES},
        }

    def faults(self) -> list[str]:
        """Return what keeps this count from being good enough."""
        all_answers = self.rows + self.outside.total()
        found = [f"{name}: {difference}" for name, difference in self.differing.items()]
        if self.agreeing < 0.98 * self.rows:
            found.append(f"only {self.agreeing} of {self.rows} agree")
        if len(self.excepted) > 0.02 * self.rows:
            found.append(f"{len(self.excepted)} exceptions of {self.rows}")
        if self.outside.total() > 0.1 * all_answers:
            found.append(f"the rule leaves out {self.outside.total()} of {all_answers}")
        return found


def count_source(source: Source, folder: Path, count: Count) -> None:
    """Run the tests of a source, and add what they found."""
    checkout = source.fetch(folder)
    reasons = table.exceptions()
    is_new = source.date >= SSE_C_BLOCKED_SINCE
    with RunningLab(blocks_sse_c=is_new, enforcing=source.caller == "user") as lab:
        environment = {**lab.aws_environment(), "HTTP_PROXY": lab.url, "http_proxy": lab.url, "LAB_URL": lab.url}
        for test in source.tests:
            found = source.run(checkout, test, environment, folder / f"{source.name}-{Path(test).stem}.jsonl")
            observed = {each["test"]: each for each in found}
            dates: dict[str, str] = {}
            for name, answer, date in source.recorded(checkout, test):
                dates[name] = date
                if not source.has_test(checkout, name):
                    count.outside["a recording whose test no longer exists"] += 1
                    continue
                missing = observed.setdefault(name, {"test": name, "requests": [], "answers": []})
                if not any(each["name"] == answer for each in missing["answers"]):
                    missing["answers"].append({"name": answer, "request": None, "difference": "the test did not run"})
            for case in observed.values():
                _add(count, source, case | {"date": dates.get(case["test"], source.date)}, reasons)


def _add(count: Count, source: Source, case: dict[str, Any], reasons: dict[str, str]) -> None:
    reason = scope.outside(case["requests"])
    kept = []
    for answer in case["answers"]:
        name = f"{case['test']}: {answer['name']}"
        if reason:
            count.outside[reason] += 1
        elif name in reasons:
            count.excepted[name] = reasons[name]
            kept.append({"name": answer["name"], "exception": reasons[name]})
        elif answer.get("difference"):
            count.differing[name] = answer["difference"]
        elif answer.get("request") is None and "expected" not in answer:
            count.outside["not the answer to one request"] += 1
        else:
            count.agreeing += 1
            kept.append({each: answer[each] for each in ("name", "request", "expected") if each in answer})
    if kept:
        count.cases.append(
            {
                "source": source.name,
                "test": case["test"],
                "date": case["date"],
                "as": source.caller,
                "requests": _needed(case["requests"], kept),
                "answers": kept,
            }
        )


def _needed(requests: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the requests up to the last one whose answer was recorded; all of a test that holds as a whole."""
    if any("expected" in each and "request" not in each for each in answers):
        return requests
    return requests[: max((each.get("request", -1) for each in answers), default=-1) + 1]


def replay(cases: list[dict[str, Any]]) -> list[str]:
    """Return where the table does not repeat what the tests found."""
    found = []
    with RunningLab() as lab:
        repeated = Replay(lab)
        for case in cases:
            reset(lab, case)
            found += [f"{case['test']}: {each}" for each in repeated.run(case)]
    return found


def choose_places(cases: list[dict[str, Any]]) -> None:
    """Let each case use the address of the lab, which takes less time, unless its answers depend on that of AWS."""
    with RunningLab() as lab:
        repeated = Replay(lab)
        for case in cases:
            reset(lab, case)
            case["place"] = "lab"
            if repeated.run(case):
                case["place"] = "aws"


def main(arguments: list[str]) -> int:
    """Run the command line."""
    folder = Path(arguments[0])
    count = Count()
    for source in SOURCES:
        count_source(source, folder, count)
    choose_places(count.cases)
    table.write(count.cases, count.figures())
    faults = count.faults() + replay(list(table.cases()))
    for fault in faults:
        print(fault)
    print(f"result: {summary(count.figures())}")
    return 1 if faults else 0


def summary(figures: dict[str, Any]) -> str:
    """Return the counts as one line."""
    return (
        f"recorded answers of AWS: {figures['agreeing']} of {figures['rows']} agree, "
        f"{figures['exceptions']} exceptions, {figures['out_of_scope']} out of scope"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
