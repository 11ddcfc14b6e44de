# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How long a fleet of buckets takes, beside bare boto3, amazon.aws and Cloud Custodian. See benchmarks/README.md.

make bench                                          some minutes
make bench FULL=1                                   all of it
make bench ARGS="--servers lab --sizes 1000"        a part
make bench ARGS=--objects                           objects instead of buckets: see objects.py
make bench ARGS=--show                              the tables of the last run again, also of one that was cut off
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
from contestants import Contestant, Job, Programs
from measure import Sample, extrapolate, median, run
from servers import FastEndpoint, LabServer, Server

import lab

HERE = Path(__file__).parent
CACHE = environments.CACHE / "bench"
RESULTS = CACHE / "results.json"
THREADS = (8, 16, 32)

BARE, ALONE, PLAYBOOK, LOOP, CUSTODIAN = (
    "bare boto3 threads",
    "our module alone",
    "ansible-playbook with our task",
    "amazon.aws loop",
    "Cloud Custodian",
)


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    servers: tuple[str, ...]
    sizes: tuple[int, ...]
    repetitions: int
    loop_buckets: int  # how many buckets the loop of amazon.aws is measured with
    custodian_buckets: int  # how many Cloud Custodian is measured with at most
    contestants: tuple[str, ...]


QUICK = Plan(("fast:0", "fast:20"), (100, 1000), 3, 10, 300, (BARE, ALONE, PLAYBOOK, LOOP, CUSTODIAN))
FULL = Plan(("fast:0", "fast:20", "lab"), (100, 1000, 10_000), 3, 40, 1000, QUICK.contestants)


@dataclass
class Scene:
    """The results of one server, number of buckets and job."""

    server: str
    buckets: int
    change: bool
    best_bare: str = ""
    results: dict[str, Sample] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    @property
    def job(self) -> str:
        """For a table."""
        return "all to change" if self.change else "nothing to do"


class Bench:
    """The runs, one after the other."""

    def __init__(self, plan: Plan, programs: Programs) -> None:
        self._plan = plan
        self._programs = programs
        self._slow: dict[tuple[str, str, bool, int], Sample] = {}
        (CACHE / "work").mkdir(parents=True, exist_ok=True)
        (CACHE / "work" / "ansible.cfg").write_text("")  # the settings that Ansible has without any

    def scenes(self) -> Iterator[Scene]:
        """Measure everything, and yield each scene as it is done."""
        for name in self._plan.servers:
            kind, _, delay = name.partition(":")
            server = LabServer(self._programs.tools / "python") if kind == "lab" else None
            with server or FastEndpoint(self._programs.own / "python", int(delay or 0)) as running:
                for size in self._plan.sizes:
                    for change in (False, True):
                        yield self._scene(running, size, change)

    def _scene(self, server: Server, size: int, change: bool) -> Scene:
        scene = Scene(server.label, size, change)
        wanted = self._plan.contestants
        bare = {f"{threads} threads": self._programs.bare(threads) for threads in THREADS if BARE in wanted}
        ours = {ALONE: self._programs.module(), PLAYBOOK: self._programs.playbook()}
        ours = {name: contestant for name, contestant in ours.items() if name in wanted}
        samples: dict[str, list[Sample]] = collections.defaultdict(list)
        for repetition in range(self._plan.repetitions):
            if repetition and size >= 10_000 and bare:  # one run of each tells which it is
                best = min(bare, key=lambda name: samples[name][0].wall)
                bare = {best: bare[best]}
            for name, contestant in {**bare, **ours}.items():
                samples[name].append(self._run(server, contestant, size, change))
        if bare:
            scene.best_bare = min(bare, key=lambda name: median(samples[name]).wall)
            scene.results[BARE] = median(samples[scene.best_bare])
        scene.results |= {name: median(samples[name]) for name in ours}
        scene.samples = dict(samples)
        for name, contestant, most in (
            (LOOP, self._programs.amazon_aws(), self._plan.loop_buckets),
            (CUSTODIAN, self._programs.custodian(), self._plan.custodian_buckets),
        ):
            if name in wanted:
                scene.results[name] = self._run_slow(server, name, contestant, size, change, most)
        return scene

    def _run_slow(
        self, server: Server, name: str, contestant: Contestant, size: int, change: bool, most: int
    ) -> Sample:
        """Run a tool that takes long once, with at most this many buckets, and extrapolate from there."""
        measured = min(size, most)

        def take(buckets: int, repetitions: int) -> Sample:
            key = (server.label, name, change, buckets)
            if key not in self._slow:
                self._slow[key] = median([self._run(server, contestant, buckets, change) for _ in range(repetitions)])
            return self._slow[key]

        sample = take(measured, 1)
        return sample if measured == size else extrapolate(take(0, self._plan.repetitions), sample, measured, size)

    def _run(self, server: Server, contestant: Contestant, size: int, change: bool) -> Sample:
        print(f"{server.label}, {size} buckets, {'change' if change else 'look'}: {contestant.name}", file=sys.stderr)
        server.prepare(size, as_asked=not change)
        command = contestant.command(Job(size, change, server.kms_key, CACHE / "work"))
        sample = run(command, _environment(server), CACHE / "work" / "output.log")
        calls: dict[str, float] = dict(server.counts())
        strange = [operation for operation in calls if operation.startswith("unknown")]
        reads, writes = calls.get("GetBucketEncryption", 0), calls.get("PutBucketEncryption", 0)
        if strange or reads < size or (writes < size if change else writes > 0):
            raise SystemExit(f"{contestant.name} did not do what is measured: {calls}, see {CACHE / 'work'}")
        return dataclasses.replace(sample, calls=calls)


def _environment(server: Server) -> dict[str, str]:
    """What every tool is given: the endpoint, credentials, and nothing of a real account or of the user's settings."""
    inherited = {name: value for name, value in lab.environment(server.url).items() if not name.startswith("ANSIBLE_")}
    return {
        **inherited,
        "PYTHONPATH": str(environments.IMPORT_TREE),
        "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        "ANSIBLE_CONFIG": str(CACHE / "work" / "ansible.cfg"),
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }


# Tables


def tables(scenes: list[Scene], names: Iterable[str]) -> str:
    """Four tables in Markdown: the ratios, and what they are made of."""
    cells: dict[str, Callable[[Scene, str], str]] = {
        "Wall seconds (and the number of threads that was best for bare boto3)": _wall,
        "Processor seconds": _cpu,
        "Peak memory of the largest process in MiB, and API calls": _memory_and_calls,
    }
    told = ["Ratios of wall time, and of processor time in brackets:", _ratios(scenes)]
    for title, cell in cells.items():
        told += [f"{title}:", _table(list(names), scenes, cell)]
    return "\n\n".join(told)


def _ratios(scenes: list[Scene]) -> str:
    pairs = {
        "our module alone / bare boto3": (ALONE, BARE),
        "our playbook / bare boto3": (PLAYBOOK, BARE),
        "amazon.aws loop / our playbook": (LOOP, PLAYBOOK),
        "Cloud Custodian / our playbook": (CUSTODIAN, PLAYBOOK),
    }

    def cell(scene: Scene, name: str) -> str:
        one, other = (scene.results.get(which) for which in pairs[name])
        if one is None or other is None:
            return ""
        mark = "~" if one.extrapolated or other.extrapolated else ""
        return f"{mark}{_short(one.wall / other.wall)} ({_short(one.cpu / other.cpu)})"

    return _table(list(pairs), scenes, cell)


def _table(names: list[str], scenes: list[Scene], cell: Callable[[Scene, str], str]) -> str:
    rows = [["server", "buckets", "job", *names], ["---", "---:", "---", *["---:"] * len(names)]]
    rows += [
        [scene.server, f"{scene.buckets:,}", scene.job, *(cell(scene, name) for name in names)] for scene in scenes
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _wall(scene: Scene, name: str) -> str:
    threads = f" ({scene.best_bare.split()[0]})" if name == BARE and name in scene.results else ""
    return _figure(scene, name, "wall") + threads


def _cpu(scene: Scene, name: str) -> str:
    return _figure(scene, name, "cpu")


def _figure(scene: Scene, name: str, figure: str) -> str:
    if name not in scene.results:
        return ""
    sample = scene.results[name]
    return f"{'~' if sample.extrapolated else ''}{_short(getattr(sample, figure))}"


def _memory_and_calls(scene: Scene, name: str) -> str:
    if name not in scene.results:
        return ""
    sample = scene.results[name]
    mark = "~" if sample.extrapolated else ""
    return f"{sample.peak_mib:.0f} · {mark}{sample.requests:,.0f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


# Preparation


def _programs() -> Programs:
    """Prepare what is measured: the tools of the environments, and an environment for the rest."""
    environments.prepare()
    tools, venv = environments.VENV / "bin", CACHE / "venv"
    requirements = HERE / "requirements.txt"
    stamp = venv / ".made-from"
    with environments.locked("bench"):
        if not stamp.exists() or stamp.read_text() != requirements.read_text():
            print("preparing the environment of the benchmarks …", file=sys.stderr)
            cache = {"UV_CACHE_DIR": str(environments.CACHE / "uv"), "UV_COMPILE_BYTECODE": "1"}  # as pip does
            environments.call(tools / "uv", "venv", "--quiet", "--clear", "--python", tools / "python", venv, env=cache)
            options = ("--quiet", "--no-config", "--python", venv / "bin" / "python", "-r", requirements)
            environments.call(tools / "uv", "pip", "install", *options, env=cache)
            stamp.write_text(requirements.read_text())
    return Programs(tools, venv / "bin")


def _surroundings(programs: Programs) -> dict[str, str]:
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


def _plan(arguments: list[str]) -> Plan:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="all servers, all sizes")
    parser.add_argument("--servers", help="such as fast:0,fast:20,lab; the number is the delay in milliseconds")
    parser.add_argument("--sizes", help="such as 100,1000")
    parser.add_argument("--repetitions", type=int)
    parser.add_argument("--loop-buckets", type=int, help="how many buckets the loop of amazon.aws is measured with")
    parser.add_argument("--custodian-buckets", type=int, help="how many Cloud Custodian is measured with at most")
    parser.add_argument("--ours", action="store_true", help="leave out amazon.aws and Cloud Custodian, which take long")
    given = parser.parse_args(arguments)
    plan = FULL if given.full else QUICK
    wanted = {
        "servers": tuple(given.servers.split(",")) if given.servers else None,
        "sizes": tuple(int(size) for size in given.sizes.split(",")) if given.sizes else None,
        "repetitions": given.repetitions,
        "loop_buckets": given.loop_buckets,
        "custodian_buckets": given.custodian_buckets,
        "contestants": (BARE, ALONE, PLAYBOOK) if given.ours else None,
    }
    return dataclasses.replace(plan, **{name: value for name, value in wanted.items() if value is not None})


def _show(document: dict[str, Any]) -> str:
    scenes = [_read_scene(scene) for scene in document["scenes"]]
    plan = document["plan"]
    surroundings = ", ".join(f"{name} {value}" for name, value in document["surroundings"].items())
    source = f"{plan['loop_buckets']} buckets of the amazon.aws loop, {plan['custodian_buckets']} of Cloud Custodian"
    return f"{surroundings}.\n\n{tables(scenes, plan['contestants'])}\n\n~ is extrapolated, from {source}."


def _read_scene(written: dict[str, Any]) -> Scene:
    results = {name: Sample(**sample) for name, sample in written["results"].items()}
    samples = {name: [Sample(**sample) for sample in several] for name, several in written["samples"].items()}
    return Scene(**{**written, "results": results, "samples": samples})


def main(arguments: list[str]) -> None:
    """Measure, print the tables, and keep the figures."""
    if arguments[:1] == ["--objects"]:
        environments.prepare()
        python = environments.VENV / "bin" / "python"  # it needs what the stores of the integration tests need
        os.execv(python, [str(python), str(HERE / "objects.py"), *arguments[1:]])
    if arguments == ["--show"]:
        print(_show(json.loads(RESULTS.read_text())))
        return
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # let the servers be stopped
    plan = _plan(arguments)
    programs = _programs()
    document: dict[str, Any] = {"surroundings": _surroundings(programs), "plan": dataclasses.asdict(plan), "scenes": []}
    with environments.locked("bench-run"):  # two at once would measure each other
        for scene in Bench(plan, programs).scenes():
            document["scenes"].append(dataclasses.asdict(scene))
            RESULTS.write_text(json.dumps(document, indent=1))  # what is measured is kept if the rest is cut off
    print(_show(document))
    print(f"All figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
