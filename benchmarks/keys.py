# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure one KMS key, beside amazon.aws.kms_key, with 1 alias in the account and with 1,000.

See benchmarks/README.md.

make bench OF=keys                            some minutes
make bench OF=keys ARGS="--repetitions 9"     more runs of each
make bench OF=keys ARGS=--show                the table of the last run again
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
from measure import Sample, median, run
from names import ACCOUNT
from servers import LabServer, signed

CACHE = environments.CACHE / "bench"
RESULTS = CACHE / "keys.json"
FOLDER = CACHE / "keys"
SIZES = (1, 1000)
DELAYS = (0, 20)  # milliseconds by which each response is delayed, as in a near or a distant region

OURS, THEIRS = "sealed.s3.kms_key_for_s3", "amazon.aws.kms_key"
ALONE, PLAYBOOK = "the module alone", "a playbook of one task"

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
SAME = {"description": "for the benchmark", "tags": {"purpose": "benchmark"}}
# The same settings in the options of each: a description, a tag, automatic rotation, and the whole policy.
OPTIONS: dict[str, dict[str, Any]] = {
    OURS: {**SAME, "rotation_enabled": True, "policy": POLICY},
    THEIRS: {**SAME, "enable_key_rotation": True, "policy": json.dumps(POLICY), "state": "present"},
}


class KeyLab(LabServer):
    """The lab with a number of keys, each with one alias. All have the settings of the task."""

    def __init__(self, python: Path) -> None:
        super().__init__(python)
        self._created = 0

    def set_up(self) -> None:
        """Create nothing: `prepare` creates the keys of a scenario."""

    def prepare(self, count: int, *, compliant: bool) -> None:
        """Create the missing keys, and reset the counts. Keys that a run has created are kept: they do not matter."""
        self._request("DELETE", "/_lab/faults")
        while self._created < count:
            self._create_key(f"alias/bench-{self._created}")
            self._created += 1
        self._request("DELETE", "/_lab/calls")

    def delay(self, milliseconds: int) -> None:
        """Delay every response until the next `prepare`."""
        if milliseconds:
            fault = {"kind": "delay", "seconds": milliseconds / 1000, "times": None}
            self._request("POST", "/_lab/faults", json.dumps(fault))

    def _create_key(self, alias: str) -> None:
        tags = [{"TagKey": name, "TagValue": value} for name, value in OPTIONS[OURS]["tags"].items()]
        settings = {"Policy": json.dumps(POLICY), "Description": OPTIONS[OURS]["description"], "Tags": tags}
        key = self._kms("CreateKey", settings)["KeyMetadata"]["KeyId"]
        self._kms("CreateAlias", {"AliasName": alias, "TargetKeyId": key})
        self._kms("EnableKeyRotation", {"KeyId": key})

    def _kms(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        headers = {"X-Amz-Target": f"TrentService.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        response: dict[str, Any] = json.loads(
            self._request("POST", "/", json.dumps(parameters), signed(**headers)) or b"{}"
        )
        return response


@dataclass
class Scenario:
    """The figures of one module for one job, in an account with this many aliases."""

    delay: int
    aliases: int
    job: str
    how: str
    module: str
    result: Sample
    samples: list[Sample]


class Bench:
    """Runs the measurements one after the other, alternately ours and theirs."""

    def __init__(self, tools: Path, repetitions: int) -> None:
        self._tools = tools
        self._repetitions = repetitions
        self._new = 0
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "ansible.cfg").write_text("")  # Ansible's default settings

    def scenarios(self) -> Iterator[Scenario]:
        """Measure all scenarios."""
        with KeyLab(self._tools / "python") as server:
            places = itertools.product(SIZES, DELAYS, ("nothing to do", "a new key"), (ALONE, PLAYBOOK))
            for size, delay, job, how in places:
                samples: dict[str, list[Sample]] = {OURS: [], THEIRS: []}
                for _repetition in range(self._repetitions):
                    for module, runs in samples.items():
                        runs.append(self._run(server, size, delay, job, how, module))
                for module, runs in samples.items():
                    yield Scenario(delay, size, job, how, module, median(runs), runs)

    def _run(self, server: KeyLab, size: int, delay: int, job: str, how: str, module: str) -> Sample:
        print(f"{size} aliases, {delay} ms, {job}: {module}, {how}", file=sys.stderr)
        server.prepare(size, compliant=True)
        server.delay(delay)
        self._new += 1
        alias = "alias/bench-0" if job == "nothing to do" else f"alias/new-{self._new}"
        command = self._command(how, module, {**OPTIONS[module], "alias": alias})
        sample = run(command, _environment(server), FOLDER / "output.log")
        calls: dict[str, float] = dict(server.counts())
        if calls.get("CreateKey", 0) != (job == "a new key"):
            raise SystemExit(f"{module} did not do the measured job: {calls}, see {FOLDER}")
        return dataclasses.replace(sample, calls=calls)

    def _command(self, how: str, module: str, options: dict[str, Any]) -> list[str | Path]:
        if how == ALONE:
            arguments = FOLDER / "arguments.json"
            arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
            collection, _dot, name = module.rpartition(".")
            return [
                self._tools / "python",
                "-m",
                f"ansible_collections.{collection}.plugins.modules.{name}",
                arguments,
            ]
        playbook = FOLDER / "playbook.yml"
        playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [{module: options}]}]))
        return [self._tools / "ansible-playbook", playbook]


def _environment(server: KeyLab) -> dict[str, str]:
    """The environment of every run, without the user's settings."""
    return {
        **server.environment(),
        "AWS_REGION": "us-east-1",
        "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        "ANSIBLE_CONFIG": str(FOLDER / "ansible.cfg"),
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }


def table(scenarios: list[Scenario]) -> str:
    """One row for each job: calls, wall seconds and processor seconds of both, and the ratio."""
    head = ["aliases", "response delay", "job", "what runs", "calls", "wall seconds", "processor seconds"]
    rows = [head, ["---:", "---:", "---", "---", "---:", "---:", "---:"]]
    by_place = {
        (scenario.aliases, scenario.delay, scenario.job, scenario.how, scenario.module): scenario.result
        for scenario in scenarios
    }
    for aliases, delay, job, how in dict.fromkeys(place[:4] for place in by_place):
        one, other = by_place.get((aliases, delay, job, how, OURS)), by_place.get((aliases, delay, job, how, THEIRS))
        if one and other:
            figures = [
                _pair(one.requests, other.requests, 0),
                _pair(one.wall, other.wall, 2),
                _pair(one.cpu, other.cpu, 2),
            ]
            rows.append([f"{aliases:,}", f"{delay} ms", job, how, *figures])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _pair(ours: float, theirs: float, digits: int) -> str:
    return f"{theirs:,.{digits}f} : {ours:,.{digits}f} = {theirs / ours:.1f}"


def _describe_machine(tools: Path) -> dict[str, str]:
    manifest = environments.IMPORT_TREE / "ansible_collections" / "amazon" / "aws" / "MANIFEST.json"
    versions = "import boto3, ansible; print(boto3.__version__, ansible.__version__)"
    boto3, ansible = environments.call(tools / "python", "-c", versions).split()
    return {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "cores": str(os.cpu_count()),
        "machine": platform.machine(),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "boto3": boto3,
        "ansible-core": ansible,
        "amazon.aws": json.loads(manifest.read_text())["collection_info"]["version"],
    }


def _show(document: dict[str, Any]) -> str:
    scenarios = [_read_scenario(scenario) for scenario in document["scenarios"]]
    machine = ", ".join(f"{name} {value}" for name, value in document["machine"].items())
    return f"{machine}. {THEIRS} : {OURS}.\n\n{table(scenarios)}"


def _read_scenario(written: dict[str, Any]) -> Scenario:
    samples = [Sample(**sample) for sample in written["samples"]]
    return Scenario(**{**written, "result": Sample(**written["result"]), "samples": samples})


def main(arguments: list[str]) -> None:
    """Measure, print the table, and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="the table of the last run")
    given = parser.parse_args(arguments)
    if given.show:
        print(_show(json.loads(RESULTS.read_text())))
        return
    # Exit by an exception, so that the context managers stop the lab.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    tools = environments.VENV / "bin"
    document: dict[str, Any] = {"machine": _describe_machine(tools), "scenarios": []}
    with environments.locked("bench-run"):  # parallel runs would disturb each other
        for scenario in Bench(tools, given.repetitions).scenarios():
            document["scenarios"].append(dataclasses.asdict(scenario))
            RESULTS.write_text(json.dumps(document, indent=1))
    document["machine"]["load after"] = " ".join(f"{load:.1f}" for load in os.getloadavg())
    RESULTS.write_text(json.dumps(document, indent=1))
    print(_show(document))
    print(f"All figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
