# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Runs a playbook of examples/ as a team does: a copy of its folder, without a change, with credentials of its own.

A lab is in the place of AWS. The account of the examples is the one that AWS reserves for documentation.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .preloaded_python import preloaded_python

EXAMPLES = Path(__file__).parents[2] / "examples"
ACCOUNT = "111122223333"
REGION = "us-east-1"
PROFILES = {"default": ACCOUNT, "production": "444455556666", "staging": "777788889999"}


def collections() -> Path:
    """The folder with `ansible_collections` that the tests import from."""
    found = importlib.util.find_spec("ansible_collections.sealed.s3")
    assert found
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]).parents[2]


@dataclass(frozen=True)
class Run:
    """A run of ansible-playbook: its exit status, and what it printed."""

    status: int
    printed: str

    @property
    def changed(self) -> dict[str, int]:
        """The number of changed tasks of each host."""
        recap = re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", self.printed, re.MULTILINE)
        return {host: int(number) for host, number in recap}


@dataclass
class Example:
    """A copy of a folder of examples/, with a playbook in it, and the environment of the person who runs it."""

    lab: Any
    folder: Path
    playbook: str
    home: Path
    python: Path

    def run(self, *arguments: str, status: int = 0) -> Run:
        """Run the playbook, and require this exit status. In `make soak playbooks`, exactly as a team does."""
        self.lab.calls.clear()
        programs = Path(sys.executable).parent
        command = [str(programs / "ansible-playbook"), self.playbook, *arguments]
        if os.environ.get("SEALED_SOAK") != "1":
            command += ["-e", f"ansible_python_interpreter={self.python}"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {
            **inherited,
            **self.lab.aws_environment(),
            "HOME": str(self.home),
            "ANSIBLE_COLLECTIONS_PATH": str(collections()),
            "AWS_EC2_METADATA_DISABLED": "true",
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        found = Run(done.returncode, done.stdout + done.stderr)
        assert found.status == status, found.printed
        assert "Traceback" not in found.printed, found.printed
        return found

    def client(self, service: str, profile: str = "default", region: str = REGION) -> Any:
        """A client of the SDK for an account, to prepare and to check."""
        return self.lab.client(service, region=region, account=PROFILES[profile])

    def writes(self) -> list[str]:
        """The operations of the last run that were not reads."""
        reads = ("Get", "Head", "List", "Describe", "Lookup", "AssumeRole")
        return [operation for operation in self.lab.calls.operations() if not operation.startswith(reads)]


def new_home(folder: Path) -> Path:
    """A home directory with the profiles of the accounts. The lab uses the id of the access key as the account."""
    config = folder / ".aws" / "config"
    config.parent.mkdir(parents=True)
    names = {profile: f"profile {profile}" for profile in PROFILES} | {"default": "default"}
    lines = "[{}]\naws_access_key_id = {}\naws_secret_access_key = any-key-signs-for-the-lab\n"
    config.write_text("".join(lines.format(names[profile], account) for profile, account in PROFILES.items()))
    return folder


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The interpreter that runs the modules."""
    with preloaded_python(tmp_path_factory.mktemp("python")) as path:
        yield path


@pytest.fixture
def example(request: pytest.FixtureRequest, lab: Any, python: Path, tmp_path: Path) -> Example:
    """The example that the module of the test names as PLAYBOOK."""
    source = EXAMPLES / request.module.PLAYBOOK
    folder = tmp_path / source.parent.name
    shutil.copytree(source.parent, folder)
    return Example(lab, folder, source.name, new_home(tmp_path / "home"), python)
