# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The playbooks of the collection, from its tarball: a baseline for several accounts, and its audit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .account_world import MEMBER_ROLE, REGION, UNIT, AccountWorld, make_account_world
from .playbooks import ANSIBLE_PLAYBOOK, MODULES_IN_WORKER, QUIET

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
    subprocess.run(
        [galaxy, "collection", "build", ROOT, "--output-path", folder], cwd=folder, check=True, capture_output=True
    )
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

    def run(self, playbooks: str, *arguments: str, status: int = 0, program: Sequence[str] = MODULES_IN_WORKER) -> Run:
        """Run playbooks of the collection, and require this exit status."""
        self.world.lab.calls.clear()
        done = subprocess.run(
            [*program, *(f"sealed.s3.{name}" for name in playbooks.split()), *arguments],
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

    def permit(self, account: str, document: str) -> None:
        """Replace what the role of an account may do."""
        self.world.lab.enforcing = False
        self.world.permit(account, MEMBER_ROLE, self.world.document(document))
        self.world.lab.enforcing = True

    def report(self) -> dict[str, Any]:
        """The report of the last audit."""
        found: dict[str, Any] = json.loads((self.folder / "audit.json").read_text())
        return found

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
    """Planned before the key exists, made, audited, and not changed by the same accounts as hosts of an inventory."""
    exceptions = [{"accounts": ["staging"], **OF_STAGING}, *OF_ALL["baseline_overrides"]]
    organization = {"units": [UNIT], "role_name": MEMBER_ROLE}
    variables = {**OF_ALL, "baseline_organization": organization, "baseline_overrides": exceptions}
    file = f"@{team.write('baseline.yml', variables)}"

    planned = team.run("baseline", "-e", file, "--check", "--diff")
    assert (planned.changed, planned.writes) == (3, [])
    assert "The alias alias/s3-data in us-east-1 does not exist yet in 2 accounts" in planned.printed

    reports = f"@{team.write('audit.yml', {'baseline_reports': [{'dest': 'audit.json'}]})}"
    made = team.run("baseline audit", "-e", file, "-e", reports)
    assert made.changed == 3 + 4  # Ansible prints the sum after each playbook, and the last has the report
    assert "accounts: 2, buckets: 4, KMS keys: 4, passed: 8, failed: 0, not read: 0" in made.printed
    assert team.report()["totals"]["findings"] == 0
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

    # One bucket without its policy, one key without its rotation, and one account that cannot be entered.
    team.world.lab.enforcing = False
    team.world.client("s3", "production").delete_bucket_policy(Bucket="example-orders")
    kms = team.world.client("kms", "production")
    kms.disable_key_rotation(KeyId=kms.describe_key(KeyId="alias/s3-data")["KeyMetadata"]["KeyId"])
    team.world.trust("staging", team.world.document("trust_policy_external_id"))
    team.world.lab.enforcing = True
    for account in BUCKETS:  # an audit may only read
        team.permit(account, "member_audit_policy")
    team.write("audit.yml", {"baseline_reports": [{"dest": f"audit.{suffix}"} for suffix in ("html", "json")]})
    failed = team.run("audit", "-e", file, "-e", reports, "--tags", "of_nothing_here", status=2)
    assert failed.writes == []
    assert "accounts: 2, buckets: 2, KMS keys: 2, passed: 2, failed: 2, not read: 1" in failed.printed
    production = team.world.ids["production"]
    assert f"KMS key alias/s3-data differs in account {production}, {REGION}: EnableKeyRotation" in failed.printed
    assert "1 of 2 accounts could not be entered or listed." in failed.printed
    found = team.report()
    assert found["totals"]["unread_accounts"] == 1
    assert {finding["rule"] for finding in found["findings"]} == {
        "bucket-policy-tls",
        "bucket-policy-tls-version",
        "kms-key-rotation",
    }
    assert "example-orders" in (team.folder / "audit.html").read_text()


def test_variables_that_would_have_no_effect(team: Team) -> None:
    """Refused before the first call."""
    hosts = ("-e", "baseline_hosts=accounts", "--check")
    misspelled = team.inventory(baseline_policy={"minimum_tls": "1.2"})
    refused = team.run("audit", "-i", misspelled, *hosts, status=2, program=ANSIBLE_PLAYBOOK)
    assert "baseline_policy.minimum_tls" in refused.printed

    forgotten = team.run("baseline", "-i", team.inventory(), status=2, program=ANSIBLE_PLAYBOOK)
    assert "such as production, and this play leaves them out: set baseline_hosts to all" in forgotten.printed

    several = team.inventory(
        baseline_organization={"role_name": MEMBER_ROLE},
        baseline_overrides=[{"names": ["*"]}, {"names": ["a"], "policy": {"require_tls": False}}],
        baseline_policy=None,
        baseline_reports=[{"dest": "missing/audit.html"}, {"dest": "./missing/audit.html"}, {"dest": "audit.json"}],
    )
    refused = team.run("audit", "-i", several, *hosts[:2], "--limit", "staging", status=2, program=ANSIBLE_PLAYBOOK)
    for refusal in (
        "Set only one of baseline_organization",
        "Each entry of baseline_overrides and of baseline_account_overrides needs default_encryption or policy.",
        "An exception has policy, so set baseline_policy.",
        f"The folder of a report does not exist: {team.folder}/missing",
        "baseline_reports names the same file twice.",
    ):
        assert refusal in refused.printed

    # Ansible succeeds where a play has no host.
    for chosen in (("-e", "baseline_hosts=acounts"), ("-e", "baseline_hosts=production", "--limit", "staging")):
        refused = team.run("audit", "-i", several, *chosen, status=4, program=ANSIBLE_PLAYBOOK)
        assert "No host is chosen: there is none for" in refused.printed
    assert list(team.world.lab.calls) == []


def test_an_account_whose_buckets_cannot_be_listed(team: Team) -> None:
    """Not read, and so not passed. Of the parts of a baseline, there is one only."""
    variables = {"baseline_policy": {"require_tls": True}, "baseline_reports": [{"dest": "audit.json"}]}
    failed = team.run("audit", "-e", f"@{team.write('one.yml', variables)}", status=2)
    assert "buckets: 0, KMS keys: 0, passed: 0, failed: 0, not read: 1" in failed.printed
    assert 'FAILED! => {"changed": false, "msg": "s3:ListAllMyBuckets' in failed.printed
    assert team.report()["totals"]["unread_accounts"] == 1


@pytest.mark.parametrize(
    "page", ["README.md", "docs/baseline.md", "roles/baseline/README.md", "examples/audit/baseline.yml"]
)
def test_the_variables_of_documents(page: str) -> None:
    """Every block of YAML can be read, and all of its variables are those of the role."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) if page.endswith(".md") else [text]
    assert blocks
    specs = (ROOT / "roles" / "baseline" / "meta" / "argument_specs.yml").read_text()
    for block in map(yaml.safe_load, blocks):
        variables = {} if isinstance(block, list) else {name: block[name] for name in block if "baseline" in str(name)}
        options = yaml.safe_load(specs)["argument_specs"]["audit"]["options"]  # the validator changes its defaults
        assert ArgumentSpecValidator(options).validate(variables).error_messages == []


def test_the_readme_has_every_variable() -> None:
    """As the argument specs and the defaults have them."""
    role = ROOT / "roles" / "baseline"
    options = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["audit"]["options"]
    listed = re.findall(r"^\| `(baseline_\w+)` \|", (role / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(options)
    assert set(yaml.safe_load((role / "defaults" / "main.yml").read_text())) <= set(options)
