# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure a fleet of buckets, beside bare boto3, amazon.aws and Cloud Custodian. See benchmarks/README.md.

make bench                                          the short run, some minutes
make bench FULL=1                                   all servers and sizes
make bench ARGS="--servers lab --sizes 1000"        some of them
make bench ARGS=--show                              the tables of the last run again, even if it was interrupted
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import importlib.metadata
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
from contestants import CHANGE, MOVE, NOTHING, Contestant, Job, Programs
from measure import Sample, extrapolate, median, run
from servers import FastEndpoint, LabServer, Server

HERE = Path(__file__).parent
CACHE = environments.CACHE / "bench"
RESULTS = CACHE / "results.json"
THREADS = (8, 16, 32)
JOBS = (NOTHING, CHANGE, MOVE)

BARE, TWO, ALONE, PLAYBOOK, LOOP, CUSTODIAN = (
    "bare boto3 threads",
    "bare boto3 in two processes",
    "our module alone",
    "ansible-playbook with our task",
    "amazon.aws loop",
    "Cloud Custodian",
)


@dataclass(frozen=True)
class Plan:
    """What is measured, and how often."""

    servers: tuple[str, ...]
    sizes: tuple[int, ...]
    repetitions: int
    loop_buckets: int  # the number of buckets of the amazon.aws loop
    custodian_buckets: int  # the most buckets of Cloud Custodian
    contestants: tuple[str, ...]
    threads: tuple[int, ...] = THREADS  # of bare boto3; the fastest number counts
    jobs: tuple[str, ...] = JOBS


QUICK = Plan(("fast:0", "fast:20"), (100, 1000), 3, 10, 300, (BARE, TWO, ALONE, PLAYBOOK, LOOP, CUSTODIAN))
FULL = Plan(("fast:0", "fast:20", "lab"), (100, 1000, 10_000), 3, 40, 1000, QUICK.contestants)


@dataclass
class Scenario:
    """The results for one server, number of buckets and job, by its name."""

    server: str
    buckets: int
    job: str
    best_bare: str = ""
    results: dict[str, Sample] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)


class Bench:
    """Runs the measurements one after the other."""

    def __init__(self, plan: Plan, programs: Programs) -> None:
        self._plan = plan
        self._programs = programs
        self._slow: dict[tuple[str, str, str, int], Sample] = {}
        (CACHE / "work").mkdir(parents=True, exist_ok=True)
        (CACHE / "work" / "ansible.cfg").write_text("")  # Ansible's default settings

    def scenarios(self) -> Iterator[Scenario]:
        """Measure all scenarios, and yield each when it is complete."""
        for name in self._plan.servers:
            kind, _, delay = name.partition(":")
            server = LabServer(self._programs.tools / "python") if kind == "lab" else None
            with server or FastEndpoint(self._programs, int(delay or 0)) as running:
                for size in self._plan.sizes:
                    for job in self._plan.jobs:
                        yield self._scenario(running, size, job)

    def _scenario(self, server: Server, size: int, job: str) -> Scenario:
        scenario = Scenario(server.label, size, job)
        selected = self._plan.contestants
        bare = {
            f"{threads} threads": self._programs.bare(threads) for threads in self._plan.threads if BARE in selected
        }
        two = self._programs.bare(self._plan.threads[0], processes=2)
        ours = {TWO: two, ALONE: self._programs.module(), PLAYBOOK: self._programs.playbook()}
        ours = {name: contestant for name, contestant in ours.items() if name in selected}
        samples: dict[str, list[Sample]] = collections.defaultdict(list)
        for repetition in range(self._plan.repetitions):
            if repetition and size >= 10_000 and bare:  # only the fastest number of threads runs again
                best = min(bare, key=lambda name: samples[name][0].wall)
                bare = {best: bare[best]}
            for name, contestant in {**bare, **ours}.items():
                samples[name].append(self._run(server, contestant, size, job))
        if bare:
            scenario.best_bare = min(bare, key=lambda name: median(samples[name]).wall)
            scenario.results[BARE] = median(samples[scenario.best_bare])
        scenario.results |= {name: median(samples[name]) for name in ours}
        scenario.samples = dict(samples)
        for name, contestant, most in (
            (LOOP, self._programs.amazon_aws(), self._plan.loop_buckets),
            (CUSTODIAN, self._programs.custodian(), self._plan.custodian_buckets),
        ):
            if name in selected and job != MOVE:  # they do not look for logs
                scenario.results[name] = self._run_slow(server, name, contestant, size, job, most)
        return scenario

    def _run_slow(self, server: Server, name: str, contestant: Contestant, size: int, job: str, most: int) -> Sample:
        """Run a slow tool once, with at most `most` buckets, and extrapolate to the size."""
        measured = min(size, most)

        def take(buckets: int, repetitions: int) -> Sample:
            key = (server.label, name, job, buckets)
            if key not in self._slow:
                self._slow[key] = median([self._run(server, contestant, buckets, job) for _ in range(repetitions)])
            return self._slow[key]

        sample = take(measured, 1)
        return sample if measured == size else extrapolate(take(0, self._plan.repetitions), sample, measured, size)

    def _run(self, server: Server, contestant: Contestant, size: int, job: str) -> Sample:
        print(f"{server.label}, {size} buckets, {job}: {contestant.name}", file=sys.stderr)
        server.prepare_with(size, {NOTHING: server.kms_key, CHANGE: server.other_key, MOVE: None}[job])
        command = contestant.command(Job(size, job, server.kms_key, CACHE / "work"))
        sample = run(command, _environment(server), CACHE / "work" / "output.log")
        calls: dict[str, float] = dict(server.counts())
        unknown = [operation for operation in calls if operation.startswith("unknown")]
        reads, writes = calls.get("GetBucketEncryption", 0), calls.get("PutBucketEncryption", 0)
        examined = min(calls.get("GetBucketPolicy", 0), calls.get("GetBucketAcl", 0))
        is_other_job = writes > 0 if job == NOTHING else writes < size
        if unknown or reads < size or is_other_job or (job == MOVE and examined < size):
            raise SystemExit(f"{contestant.name} did not do the measured job: {calls}, see {CACHE / 'work'}")
        return dataclasses.replace(sample, calls=calls)


def _environment(server: Server) -> dict[str, str]:
    """The environment of every tool, without the user's settings."""
    return {
        **server.environment(),
        "PYTHONPATH": str(environments.IMPORT_TREE),
        "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        "ANSIBLE_CONFIG": str(CACHE / "work" / "ansible.cfg"),
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }


# Tables


def tables(scenarios: list[Scenario], names: Iterable[str]) -> str:
    """Four tables in Markdown: the ratios, and the figures behind them."""
    cells: dict[str, Callable[[Scenario, str], str]] = {
        "Wall seconds (and the fastest number of threads for bare boto3)": _wall,
        "Processor seconds": _cpu,
        "Peak memory of the largest process in MiB, and API calls": _memory_and_calls,
    }
    parts = ["Ratios of wall time, and of processor time in brackets:", _ratios(scenarios)]
    for title, cell in cells.items():
        parts += [f"{title}:", _table(list(names), scenarios, cell)]
    return "\n\n".join(parts)


def _ratios(scenarios: list[Scenario]) -> str:
    pairs = {
        "our module alone / bare boto3": (ALONE, BARE),
        "our module alone / two processes": (ALONE, TWO),
        "our playbook / bare boto3": (PLAYBOOK, BARE),
        "amazon.aws loop / our playbook": (LOOP, PLAYBOOK),
        "Cloud Custodian / our playbook": (CUSTODIAN, PLAYBOOK),
    }

    def cell(scenario: Scenario, name: str) -> str:
        one, other = (scenario.results.get(which) for which in pairs[name])
        if one is None or other is None:
            return ""
        mark = "~" if one.extrapolated or other.extrapolated else ""
        return f"{mark}{_short(one.wall / other.wall)} ({_short(one.cpu / other.cpu)})"

    return _table(list(pairs), scenarios, cell)


def _table(names: list[str], scenarios: list[Scenario], cell: Callable[[Scenario, str], str]) -> str:
    rows = [["server", "buckets", "job", *names], ["---", "---:", "---", *["---:"] * len(names)]]
    rows += [
        [scenario.server, f"{scenario.buckets:,}", scenario.job, *(cell(scenario, name) for name in names)]
        for scenario in scenarios
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _wall(scenario: Scenario, name: str) -> str:
    threads = f" ({scenario.best_bare.split()[0]})" if name == BARE and name in scenario.results else ""
    return _figure(scenario, name, "wall") + threads


def _cpu(scenario: Scenario, name: str) -> str:
    return _figure(scenario, name, "cpu")


def _figure(scenario: Scenario, name: str, figure: str) -> str:
    if name not in scenario.results:
        return ""
    sample = scenario.results[name]
    return f"{'~' if sample.extrapolated else ''}{_short(getattr(sample, figure))}"


def _memory_and_calls(scenario: Scenario, name: str) -> str:
    if name not in scenario.results:
        return ""
    sample = scenario.results[name]
    mark = "~" if sample.extrapolated else ""
    return f"{sample.peak_mib:.0f} · {mark}{sample.requests:,.0f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


# Preparation


def prepare_programs() -> Programs:
    """Prepare the measured tools: the environment of the checks, and another one for the rest."""
    environments.prepare()
    tools, venv = environments.VENV / "bin", CACHE / "venv"
    requirements = HERE / "requirements.txt"
    stamp = venv / ".built-from"
    with environments.locked("bench"):
        if not stamp.exists() or stamp.read_text() != requirements.read_text():
            print("preparing the environment of the benchmarks …", file=sys.stderr)
            cache = {"UV_CACHE_DIR": str(environments.CACHE / "uv"), "UV_COMPILE_BYTECODE": "1"}  # pip compiles, too
            environments.call(tools / "uv", "venv", "--quiet", "--clear", "--python", tools / "python", venv, env=cache)
            options = ("--quiet", "--no-config", "--python", venv / "bin" / "python", "-r", requirements)
            environments.call(tools / "uv", "pip", "install", *options, env=cache)
            stamp.write_text(requirements.read_text())
    return Programs(tools, venv / "bin")


def _describe_machine(programs: Programs) -> dict[str, str]:
    def versions(folder: Path, *names: str) -> Iterator[tuple[str, str]]:
        places = [str(path) for path in folder.parent.glob("lib/python*/site-packages")]
        for name in names:
            found = next(iter(importlib.metadata.distributions(name=name, path=places)), None)
            yield name, found.version if found else "?"

    manifest = environments.IMPORT_TREE / "ansible_collections" / "amazon" / "aws" / "MANIFEST.json"
    python = environments.call(programs.tools / "python", "-c", "import platform; print(platform.python_version())")
    return {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "cores": str(os.cpu_count()),
        "machine": platform.machine(),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": python.strip(),
        **dict(versions(programs.tools, "boto3", "ansible-core")),
        "amazon.aws": json.loads(manifest.read_text())["collection_info"]["version"],
        **dict(versions(programs.own, "c7n")),
    }


_JOB_NAMES = dict(zip(("nothing", "change", "move"), JOBS, strict=True))


def _plan(arguments: list[str]) -> Plan:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="all servers, all sizes")
    parser.add_argument("--servers", help="such as fast:0,fast:20,lab; the number is the delay in milliseconds")
    parser.add_argument("--sizes", help="such as 100,1000")
    parser.add_argument("--repetitions", type=int)
    parser.add_argument("--threads", help="the numbers of threads of bare boto3, such as 8,16,32")
    parser.add_argument("--loop-buckets", type=int, help="the number of buckets of the amazon.aws loop")
    parser.add_argument("--custodian-buckets", type=int, help="the most buckets of Cloud Custodian")
    parser.add_argument("--ours", action="store_true", help="without amazon.aws and Cloud Custodian, which are slow")
    parser.add_argument("--jobs", help="such as change,move; all of them are nothing, change, move")
    given = parser.parse_args(arguments)
    plan = FULL if given.full else QUICK
    overrides = {
        "servers": tuple(given.servers.split(",")) if given.servers else None,
        "sizes": tuple(int(size) for size in given.sizes.split(",")) if given.sizes else None,
        "repetitions": given.repetitions,
        "loop_buckets": given.loop_buckets,
        "custodian_buckets": given.custodian_buckets,
        "contestants": (BARE, TWO, ALONE, PLAYBOOK) if given.ours else None,
        "jobs": tuple(_JOB_NAMES[name] for name in given.jobs.split(",")) if given.jobs else None,
        "threads": tuple(int(number) for number in given.threads.split(",")) if given.threads else None,
    }
    return dataclasses.replace(plan, **{name: value for name, value in overrides.items() if value is not None})


def _show(document: dict[str, Any]) -> str:
    scenarios = [_read_scenario(scenario) for scenario in document["scenarios"]]
    plan = document["plan"]
    machine = ", ".join(f"{name} {value}" for name, value in document["machine"].items())
    source = (
        f"{plan['loop_buckets']} buckets with the amazon.aws loop, {plan['custodian_buckets']} with Cloud Custodian"
    )
    return f"{machine}.\n\n{tables(scenarios, plan['contestants'])}\n\nFigures with ~ are extrapolated from {source}."


def _read_scenario(written: dict[str, Any]) -> Scenario:
    results = {name: Sample(**sample) for name, sample in written["results"].items()}
    samples = {name: [Sample(**sample) for sample in several] for name, several in written["samples"].items()}
    return Scenario(**{**written, "results": results, "samples": samples})


def main(arguments: list[str]) -> None:
    """Measure, print the tables, and store the figures."""
    if arguments == ["--show"]:
        print(_show(json.loads(RESULTS.read_text())))
        return
    # Exit by an exception, so that the context managers stop the servers.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    plan = _plan(arguments)
    programs = prepare_programs()
    document: dict[str, Any] = {
        "machine": _describe_machine(programs),
        "plan": dataclasses.asdict(plan),
        "scenarios": [],
    }
    with environments.locked("bench-run"):  # parallel runs would disturb each other
        for scenario in Bench(plan, programs).scenarios():
            document["scenarios"].append(dataclasses.asdict(scenario))
            RESULTS.write_text(json.dumps(document, indent=1))  # what is measured is kept if the rest is cut off
    print(_show(document))
    print(f"All figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
