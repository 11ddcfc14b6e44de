# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure a fleet of accounts, beside c7n-org and beside one task for each profile. See benchmarks/README.md.

make bench OF=accounts                                     20 accounts with 25 buckets in each of 4 regions
make bench OF=accounts FULL=1                              also 200 accounts
make bench OF=accounts ARGS="--sizes 10 --buckets 5"       smaller; --ours runs our task only
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
from bench import prepare_programs
from contestants import CHANGE, NOTHING, Programs
from measure import Sample, run
from servers import LabServer

FOLDER = environments.CACHE / "bench" / "accounts"
RESULTS = environments.CACHE / "bench" / "accounts.json"
WORLD = "ansible_collections.sealed.s3.tests.contract.account_fleet"
MODULE = "ansible_collections.sealed.s3.plugins.modules.bucket_default_encryption"
ROLE, EXTERNAL_ID = "EncryptionAdministration", "sealed-fleet"
# What Cloud Custodian calls besides what the documents of examples/accounts/ allow.
CUSTODIAN_ACTIONS = ("s3:GetBucketLocation",)
OURS, PLAYBOOK, PROFILES, CUSTODIAN = (
    "our module alone",
    "ansible-playbook with our task",
    "our task in a loop over profiles",
    "c7n-org",
)


@dataclass(frozen=True)
class World:
    """The accounts in the lab, and the credentials of the hub."""

    ids: tuple[str, ...]
    per_account: int
    environment: Mapping[str, str]

    @property
    def buckets(self) -> int:
        """The number of all buckets."""
        return len(self.ids) * self.per_account


class AccountsLab(LabServer):
    """The lab with many accounts. It enforces policies."""

    def set_up(self) -> None:
        """Create nothing yet."""

    def make_world(self, python: Path, accounts: int, buckets: int) -> World:
        """Start anew, with so many accounts, and so many buckets in each region of each."""
        self._request("POST", "/_lab/reset")
        command: list[str | Path] = [python, "-m", WORLD, self.url, str(accounts), str(buckets), *CUSTODIAN_ACTIONS]
        environment = {**os.environ, "PYTHONPATH": f"{environments.IMPORT_TREE}:{environments.LAB}"}
        found = json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)
        self._request("DELETE", "/_lab/calls")
        return World(tuple(found["ids"]), 4 * buckets, found["environment"])

    def take_counts(self) -> dict[str, int]:
        """The calls since the last time, by operation."""
        self._connection.close()  # after a long run the lab has closed it
        counts = self.counts()
        self._request("DELETE", "/_lab/calls")
        return counts


def options() -> dict[str, object]:
    """The settings of our task: SSE-KMS with the key that this alias has in each account and region."""
    settings = {"encryption": "SSE-KMS", "kms_key": "alias/data", "bucket_key_enabled": True}
    return {"select": {"names": ["data-*"]}, **settings, "results": "none"}


def entries(world: World) -> list[dict[str, str]]:
    """The option `accounts` of our task."""
    return [{"account_id": each, "role_name": ROLE, "external_id": EXTERNAL_ID} for each in world.ids]


def write(name: str, document: object) -> Path:
    """Write an input file as JSON, which is also YAML."""
    path = FOLDER / name
    path.write_text(json.dumps(document))
    return path


def ours(world: World, programs: Programs) -> list[str | Path]:
    """Our module's process, without Ansible's."""
    arguments = {"ANSIBLE_MODULE_ARGS": {**options(), "accounts": entries(world)}}
    return [programs.tools / "python", "-m", MODULE, write("arguments.json", arguments)]


def playbook(world: World, programs: Programs) -> list[str | Path]:
    """A playbook of one task."""
    task = {"sealed.s3.bucket_default_encryption": {**options(), "accounts": entries(world)}}
    return _play(programs, "ours.yml", task)


def profiles(world: World, programs: Programs) -> list[str | Path]:
    """A playbook of one task, which runs once for each profile."""
    task = {
        "sealed.s3.bucket_default_encryption": {**options(), "profile": "{{ item }}"},
        "loop": [f"account-{each}" for each in world.ids],
    }
    return _play(programs, "profiles.yml", task)


def _play(programs: Programs, name: str, task: Mapping[str, object]) -> list[str | Path]:
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    return [programs.tools / "ansible-playbook", write(name, [play])]


def custodian(world: World, programs: Programs) -> list[str | Path]:
    """c7n-org with an accounts file: its filter, its action, and one region, in which it finds all buckets."""
    accounts = [
        {
            "account_id": each,
            "name": f"account-{each}",
            "role": f"arn:aws:iam::{each}:role/{ROLE}",
            "external_id": EXTERNAL_ID,
            "regions": ["us-east-1"],
        }
        for each in world.ids
    ]
    encryption = {"crypto": "aws:kms", "key": "alias/data"}
    policy = {
        "name": "buckets-under-kms",
        "resource": "aws.s3",
        # Only the calls that the filter needs. Without this it makes ten more calls for each bucket.
        "query": [{"augment-keys": "none"}],
        "filters": [{"not": [{"type": "bucket-encryption", **encryption}]}],
        "actions": [{"type": "set-bucket-encryption", **encryption, "bucket-key": True}],
    }
    organization = write("accounts.yml", {"accounts": accounts})
    policies = write("custodian.yml", {"policies": [policy]})
    places: list[str | Path] = ["-s", FOLDER / "custodian", "--cache-path", FOLDER, "--cache-period", "0"]
    return [programs.own / "c7n-org", "run", "-c", organization, "-u", policies, *places]


CONTESTANTS: dict[str, Callable[[World, Programs], list[str | Path]]] = {
    OURS: ours,
    PLAYBOOK: playbook,
    PROFILES: profiles,
    CUSTODIAN: custodian,
}


class Bench:
    """Runs the contestants one after the other, each on new accounts, and then on the same again."""

    def __init__(self, server: AccountsLab, programs: Programs) -> None:
        self._server = server
        self._programs = programs

    def measure(self, name: str, accounts: int, buckets: int) -> dict[str, Sample]:
        """One run for each job."""
        world = self._server.make_world(self._programs.tools / "python", accounts, buckets)
        return {job: self._run(name, world, job) for job in (CHANGE, NOTHING)}

    def _run(self, name: str, world: World, job: str) -> Sample:
        print(f"{len(world.ids)} accounts, {world.buckets:,} buckets, {job}: {name}", file=sys.stderr, flush=True)
        log = FOLDER / "output.log"
        command = CONTESTANTS[name](world, self._programs)
        sample = run(command, self._environment(world, name), log)
        calls = self._server.take_counts()
        written = calls.get("PutBucketEncryption", 0)
        if written != (world.buckets if job == CHANGE else 0) or calls["GetBucketEncryption"] < world.buckets:
            raise SystemExit(f"{name} did not make the expected calls: {calls}, see {log}")
        print(f"  {dict(collections.Counter(calls))}", file=sys.stderr, flush=True)
        return dataclasses.replace(sample, calls={key: float(value) for key, value in calls.items()})

    def _environment(self, world: World, name: str) -> dict[str, str]:
        """The lab in the place of AWS, with the credentials of the hub: in a profile, or as variables."""
        given = world.environment if name != PROFILES else _write_profiles(world)
        inherited = {key: value for key, value in self._server.environment().items() if key not in world.environment}
        return {
            **inherited,
            **given,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        }


def _write_profiles(world: World) -> dict[str, str]:
    """Write a profile for each account, with the role that the hub assumes; the variable that leads to them."""
    secrets = [f"{name.lower()} = {value}" for name, value in world.environment.items()]
    lines = ["[profile hub]", *secrets]
    for each in world.ids:
        role = f"role_arn = arn:aws:iam::{each}:role/{ROLE}"
        lines += [f"[profile account-{each}]", role, f"external_id = {EXTERNAL_ID}", "source_profile = hub"]
    config = FOLDER / "config"
    config.write_text("\n".join(lines) + "\n")
    return {"AWS_CONFIG_FILE": str(config)}


def table(document: dict[str, Any]) -> str:
    """One row for each size, job and contestant."""
    head = ["accounts", "buckets", "job", "what runs", "wall seconds", "processor seconds", "API calls", "STS calls"]
    rows = [[*head, "peak MiB"], ["---:", "---:", "---", "---", "---:", "---:", "---:", "---:", "---:"]]
    for row in document["rows"]:
        sample = Sample(**row["result"])
        sts = sample.calls.get("AssumeRole", 0) + sample.calls.get("GetCallerIdentity", 0)
        figures = [f"{sample.wall:.0f}", f"{sample.cpu:.1f}", f"{sample.requests:,.0f}", f"{sts:,.0f}"]
        place = [f"{row['accounts']}", f"{row['buckets']:,}", row["job"], row["name"]]
        rows.append([*place, *figures, f"{sample.peak_mib:.0f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: list[str]) -> None:
    """Measure, print the table, and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also 200 accounts")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--buckets", type=int, default=25, help="in each of 4 regions of each account")
    parser.add_argument("--ours", action="store_true", help="without c7n-org and the loop")
    given = parser.parse_args(arguments)
    sizes = given.sizes or [20, *([200] if given.full else [])]
    # Exit by an exception, so that the context managers stop the server.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    programs = prepare_programs()
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = [OURS, PLAYBOOK] if given.ours else list(CONTESTANTS)
    document: dict[str, Any] = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "rows": [],
    }
    with environments.locked("bench-run"), AccountsLab(programs.tools / "python") as server:
        for size in sizes:
            found = {name: Bench(server, programs).measure(name, size, given.buckets) for name in names}
            for job in (NOTHING, CHANGE):
                for name, samples in found.items():
                    place = {"accounts": size, "buckets": size * 4 * given.buckets, "job": job, "name": name}
                    document["rows"].append({**place, "result": dataclasses.asdict(samples[job])})
            RESULTS.write_text(json.dumps(document, indent=1))
    print(table(document))
    print(f"All figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
