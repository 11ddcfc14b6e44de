# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Playbooks that run on this host, also through a connection as to another one: what they return, send and leave."""

from __future__ import annotations

import base64
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from .conftest import Result
from .scale import IS_SOAK

PLUGINS = Path(__file__).with_name("connection_plugins")
# The second is for playbooks that are not about how Ansible sends a module.
ANSIBLE_PLAYBOOK = (str(Path(sys.executable).with_name("ansible-playbook")),)
MODULES_IN_WORKER = (
    ANSIBLE_PLAYBOOK if IS_SOAK else (sys.executable, str(Path(__file__).with_name("ansible_playbook.py")))
)
PASSWORD = "open sesame"  # of the vault
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
HERE, ELSEWHERE = "local", "elsewhere"  # the transports of the connection plugin


class Site:
    """A directory with a playbook, its files, its target, and the log of the connection to the target.

    The directory `files` is on the controller only: a target elsewhere does not see it.
    """

    def __init__(self, folder: Path, transport: str, secret: str = "") -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir()
        self.remote, self.local = folder / "remote", folder / "local"
        self.local.mkdir(mode=0o700)
        self.secret = secret
        self.printed = ""
        self.warned = ""  # with errors, as far as Ansible writes them to standard error
        self.variables: dict[str, Any] = {
            "ansible_connection": "elsewhere",
            "ansible_remote_tmp": str(self.remote),
            "ansible_async_dir": str(folder / "async"),
            "ansible_python_interpreter": sys.executable,
        }
        self.environment = {
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS),
            "ANSIBLE_LOCAL_TEMP": str(self.local),
            **QUIET,
            **coverage_environment(),
            "ELSEWHERE_TRANSPORT": transport,
            "ELSEWHERE_LOG": str(folder / "notes"),
            "ELSEWHERE_SECRET": secret,
            "ELSEWHERE_WATCHES": f"{self.remote}:{self.local}:/var/tmp",
        }
        if transport == ELSEWHERE:
            self.environment["ELSEWHERE_HIDES"] = str(self.files)

    def play(
        self,
        *tasks: dict[str, Any],
        arguments: tuple[str, ...] = (),
        program: Sequence[str] = ANSIBLE_PLAYBOOK,
        **keywords: Any,
    ) -> list[Result]:
        """Run these tasks, also after a failure, and return their results in order."""
        command = [*program, *self.written(*tasks, **keywords), *arguments]
        done = subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )
        self.printed, self.warned = done.stdout, done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        results = re.findall(r"RESULTS ([\w+/=]+)", done.stdout)
        found: list[Result] = json.loads(base64.b64decode(results[-1]))
        return found

    def written(self, *tasks: dict[str, Any], **keywords: Any) -> list[str]:
        """Write a playbook with these tasks, and return the arguments of ansible-playbook for it."""
        numbered = [
            {**task, "register": f"result_{number}", "ignore_errors": True} for number, task in enumerate(tasks)
        ]
        names = ", ".join(f"result_{number}" for number in range(len(tasks)))
        print_results = {"ansible.builtin.debug": {"msg": f"RESULTS {{{{ [{names}] | to_json | b64encode }}}}"}}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [*numbered, print_results], **keywords}
        playbook = self.folder / "play.yml"
        playbook.write_text(yaml.safe_dump([play], sort_keys=False))
        (self.folder / "notes").unlink(missing_ok=True)
        return [str(playbook), "-e", json.dumps(self.variables)]

    def encrypt(self, path: Path) -> None:
        """Encrypt a file with Ansible Vault."""
        path.write_bytes(encrypted(path.read_bytes()))
        assert path.read_bytes().startswith(b"$ANSIBLE_VAULT")

    @property
    def vault(self) -> tuple[str, ...]:
        """The command line options with the password of the vault."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        return ("--vault-password-file", str(password))

    @property
    def notes(self) -> list[dict[str, str]]:
        """The log of the connection in the last run."""
        path = self.folder / "notes"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def sent(self) -> list[str]:
        """The modes of the files that the task copied to the target."""
        return [note["mode"] for note in self.notes if note.get("sent") == "source"]

    def files_with_secret(self) -> list[Path]:
        """The files that still contain the secret. A task in the background may delete files meanwhile."""
        folders = (self.remote, self.local, Path("/var/tmp"))
        files = [Path(place, name) for folder in folders for place, _, names in os.walk(folder) for name in names]
        return [path for path in files if self.secret.encode() in content_now(path)]


def content_now(path: Path) -> bytes:
    """The content of a file, or nothing if it does not exist any more."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


@functools.cache
def encrypted(content: bytes) -> bytes:
    """The content as Ansible Vault encrypts it, in a process: an import of it here would change how modules run."""
    program = str(Path(sys.executable).with_name("ansible-vault"))
    with tempfile.NamedTemporaryFile("w") as password:
        password.write(PASSWORD)
        password.flush()
        command = [program, "encrypt", "--vault-password-file", password.name]
        return subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout


def another_user() -> tuple[dict[str, Any], dict[str, Any]]:
    """The keywords and variables of a play that becomes an unprivileged user, with a Python that this user can run.

    Skips the test if that is not possible.
    """
    packages = Path(boto3.__file__).parents[1]
    probe = ["su", "nobody", "-s", "/bin/sh", "-c", f"PYTHONPATH={packages} /usr/bin/python3 -c 'import boto3'"]
    if os.geteuid() or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("needs root, and a Python that every user can run")
    keywords = {
        "become": True,
        "become_method": "su",
        "become_user": "nobody",
        "environment": {"PYTHONPATH": str(packages)},
    }
    return keywords, {"ansible_python_interpreter": "/usr/bin/python3", "ansible_become_flags": "-s /bin/sh"}


def coverage_environment() -> dict[str, str]:
    """Variables with which ansible-playbook measures its own coverage, if `make test` measures that of the tests."""
    settings = os.environ.get("PROCESS_COVERAGE")
    return {"COVERAGE_PROCESS_START": settings} if settings else {}
