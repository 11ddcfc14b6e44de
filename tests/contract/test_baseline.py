# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The playbooks of the collection, from its tarball: a baseline for several accounts, and its audit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from .account_world import MEMBER_ROLE, REGION, UNIT, AccountWorld, make_account_world
from .playbooks import MODULES_IN_WORKER, QUIET

ROOT = Path(__file__).parents[2]
BUCKETS = {
    "production": {"example-orders": REGION, "example-archive": "eu-west-1", "example-elsewhere": "ap-southeast-2"},
    "staging": {"example-access-logs": REGION, "example-partner": REGION},
}
OF_ALL: dict[str, Any] = {
    "baseline_regions": [REGION, "eu-west-1"],
    "baseline_key": {"alias": "alias/s3-data", "administrators": [f"role/{MEMBER_ROLE}"]},
    "baseline_default_encryption": {
        "encryption": "SSE-KMS",
        "kms_key": "alias/s3-data",
        "blocked_encryption_types": ["SSE-C"],
    },
    "baseline_policy": {"minimum_tls_version": "1.2"},
    "baseline_overrides": [{"names": ["*-access-logs"], "default_encryption": {"encryption": "SSE-S3"}}],
}
OF_STAGING = {
    "names": ["*-partner"],
    "default_encryption": {"blocked_encryption_types": []},
    "policy": {"minimum_tls_version": None, "require_tls": True},
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the tarball installs, and amazon.aws."""
    folder = tmp_path_factory.mktemp("collections")
    target = folder / "ansible_collections" / "sealed" / "s3"
    target.mkdir(parents=True)
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    command = [galaxy, "collection", "build", ROOT, "--output-path", folder]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (tarball,) = folder.glob("sealed-s3-*.tar.gz")
    with tarfile.open(tarball) as archive:
        archive.extractall(target, filter="data")
    (found,) = (path for path in map(_amazon, sys.path) if path.is_dir())
    (folder / "ansible_collections" / "amazon").symlink_to(found)
    return folder


def _amazon(folder: str) -> Path:
    return Path(folder, "ansible_collections", "amazon")


@dataclass(frozen=True)
class Run:
    """What a run printed, and the writes of AWS that it made."""

    printed: str
    writes: list[str]

    @property
    def changed(self) -> int:
        """The number of tasks that changed something."""
        return sum(map(int, re.findall(r"changed=(\d+)", self.printed)))


@dataclass(frozen=True)
class Team:
    """A folder with files of variables and an inventory, and the credentials of the hub."""

    world: AccountWorld
    folder: Path
    environment: Mapping[str, str]

    def run(self, playbook: str, *arguments: str, status: int = 0) -> Run:
        """Run a playbook of the collection, and require this exit status."""
        self.world.lab.calls.clear()
        done = subprocess.run(
            [*MODULES_IN_WORKER, f"sealed.s3.{playbook}", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == status, printed
        assert "Traceback" not in printed
        reads = ("Get", "Head", "List", "Describe", "AssumeRole")
        writes = [name for name in self.world.lab.calls.operations() if not name.startswith(reads)]
        return Run(" ".join(printed.split()), writes)

    def write(self, name: str, variables: Mapping[str, Any]) -> str:
        """Write a file, and return its name."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(dict(variables)))
        return name

    def inventory(self, **of_group: Any) -> str:
        """Write an inventory with a host for each account, as sealed.s3.accounts makes them, and the exceptions."""
        hosts: dict[str, dict[str, Any]] = {
            name: {
                "account_id": self.world.ids[name],
                "account_name": name,
                "role_arn": self.world.role_arn(name),
            }
            for name in BUCKETS
        }
        hosts["staging"]["baseline_account_overrides"] = [OF_STAGING]
        return self.write("inventory.yml", {"accounts": {"hosts": hosts, "vars": {**OF_ALL, **of_group}}})


@pytest.fixture
def team(lab: Any, installed: Path, tmp_path: Path) -> Team:
    """Two accounts with buckets, and a folder to run playbooks in."""
    world, credentials = make_account_world(lab)
    for account, buckets in BUCKETS.items():
        for name, region in buckets.items():
            world.make_bucket(account, name, region)
    paths = os.pathsep.join([str(installed), str(ROOT / "lab")])
    environment = {
        **credentials,
        **lab.aws_environment(),
        **QUIET,
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "PYTHONPATH": paths,
        "AWS_REGION": REGION,
        "PWD": str(tmp_path),
    }
    return Team(world, tmp_path, environment)


def defaults(world: AccountWorld) -> dict[str, tuple[str, bool, list[str]]]:
    """The algorithm of each bucket, whether it names a key, and what it blocks."""
    found = {}
    for account, buckets in BUCKETS.items():
        for name, region in buckets.items():
            answer = world.client("s3", account, region).get_bucket_encryption(Bucket=name)
            (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
            default = rule["ApplyServerSideEncryptionByDefault"]
            blocked = [each for each in rule["BlockedEncryptionTypes"]["EncryptionType"] if each != "NONE"]
            found[name] = (default["SSEAlgorithm"], "KMSMasterKeyID" in default, blocked)
    return found


def test_a_baseline_of_an_organization(team: Team) -> None:
    """Planned before the key exists, made, and not changed again by the same accounts as hosts of an inventory."""
    exceptions = [{"accounts": ["staging"], **OF_STAGING}, *OF_ALL["baseline_overrides"]]
    organization = {"units": [UNIT], "role_name": MEMBER_ROLE}
    variables = {**OF_ALL, "baseline_organization": organization, "baseline_overrides": exceptions}
    file = f"@{team.write('baseline.yml', variables)}"

    planned = team.run("baseline", "-e", file, "--check", "--diff")
    assert (planned.changed, planned.writes) == (3, [])
    assert "The alias alias/s3-data in us-east-1 does not exist yet in 2 accounts" in planned.printed

    made = team.run("baseline", "-e", file)
    assert made.changed == 3
    of_lab = ("AES256", False, ["SSE-C"])
    assert defaults(team.world) == {
        "example-orders": ("aws:kms", True, ["SSE-C"]),
        "example-archive": ("aws:kms", True, ["SSE-C"]),
        "example-elsewhere": of_lab,
        "example-access-logs": of_lab,
        "example-partner": ("aws:kms", True, []),
    }
    assert made.writes.count("CreateKey") == 4
    assert made.writes.count("PutBucketPolicy") == 4

    again = team.run("baseline", "-i", team.inventory(), "-e", "baseline_hosts=accounts")
    assert (again.changed, again.writes) == (0, [])


@pytest.mark.parametrize(
    ("variables", "refusal"),
    [
        ({"baseline_policy": {"minimum_tls": "1.2"}}, "minimum_tls"),
        ({"baseline_organization": {"role_name": MEMBER_ROLE}}, "Set only one of baseline_organization"),
        ({"baseline_overrides": [{"names": ["*"]}]}, "needs default_encryption or policy."),
    ],
)
def test_variables_that_would_have_no_effect(team: Team, variables: dict[str, Any], refusal: str) -> None:
    """Refused before the first call."""
    inventory = team.inventory(**variables)
    refused = team.run("baseline", "-i", inventory, "-e", "baseline_hosts=accounts", status=2)
    assert refusal in refused.printed
    assert list(team.world.lab.calls) == []
