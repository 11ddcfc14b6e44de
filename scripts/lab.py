# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run the lab for one command, or in the foreground.

scripts/with-lab COMMAND…      starts a lab on a free loopback port, runs the command with the lab's address and
                               credentials in the environment, and stops the lab, also after an interrupt
scripts/with-lab --aws COMMAND…  does the same with the lab in the place of AWS: the SDK sends its requests to AWS's
                               own host names, over TLS, through a proxy that leads them to the lab
scripts/lab.py --port 5000     runs a lab in the foreground, for experiments, and prints both sets of variables
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import environments
from environments import VENV, SetupError
from local_server import free_ports, running_server

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "123456789012",  # the lab uses it as the account id
    "AWS_SECRET_ACCESS_KEY": "any-key-signs-for-the-lab",  # Ansible masks this text in all output, so it is not "test"
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def ca_file(endpoint: str) -> Path:
    """Return the file for the certificate of the lab's authority."""
    return environments.CACHE / f"lab-{endpoint.rpartition(':')[2]}-authority.pem"


def at_aws(endpoint: str, authority: Path | None = None) -> dict[str, str]:
    """Return the variables with which the SDK finds a server in the place of AWS. Python prefers the lower case.

    `authority` is the certificate of the server's authority, by default that of a lab of this script.
    """
    proxies = {"https_proxy": endpoint, "no_proxy": "127.0.0.1,localhost"}
    return {
        **proxies,
        **{name.upper(): value for name, value in proxies.items()},
        "AWS_CA_BUNDLE": str(authority or ca_file(endpoint)),
    }


def environment(endpoint: str) -> dict[str, str]:
    """Return an environment in which boto3 and Ansible find the lab and the tools, but no real account."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {
        **inherited,
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"])),
        "PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)]),
        "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(environments.IMPORT_TREE), os.environ.get("PYTHONPATH")])),
    }


def environment_at_aws(endpoint: str, authority: Path | None = None) -> dict[str, str]:
    """Return the same environment with the server in the place of AWS, not as another store."""
    env = {**environment(endpoint), **at_aws(endpoint, authority)}
    del env["AWS_ENDPOINT_URL"]
    return env


@contextlib.contextmanager
def running() -> Iterator[dict[str, str]]:
    """Run a new lab during the block, and yield the environment variables that lead to it."""
    (port,) = free_ports(1)
    log = environments.CACHE / "logs" / f"lab-{os.getpid()}-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    endpoint = f"http://127.0.0.1:{port}"
    python = VENV / "bin" / "python"
    command: list[str | Path] = [python, "-m", "sealed_lab", "--port", str(port), "--ca-file", ca_file(endpoint)]
    with running_server(command, port, "/_lab/health", log):
        yield environment(endpoint)
    log.unlink(missing_ok=True)
    ca_file(endpoint).unlink(missing_ok=True)


def with_lab(command: list[str]) -> int:
    """Run a command against a fresh lab, and return its exit status as a shell does."""
    in_place_of_aws = command[0] == "--aws"
    command = command[in_place_of_aws:]
    if not command:
        raise SetupError("A command is needed: scripts/with-lab --aws COMMAND")
    child: subprocess.Popen[bytes] | None = None

    def forward(number: int, _frame: FrameType | None) -> None:
        if child is None:
            raise SystemExit(128 + number)
        if number != signal.SIGINT:  # the terminal sends SIGINT to the child itself
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    with running() as env:
        if in_place_of_aws:
            env = environment_at_aws(env["AWS_ENDPOINT_URL"])
        program = shutil.which(command[0], path=env["PATH"])
        if program is None:
            raise SetupError(f"The command {command[0]} was not found.")
        child = subprocess.Popen([program, *command[1:]], env=env)
        status = child.wait()
    return status if status >= 0 else 128 - status


def foreground(arguments: list[str]) -> NoReturn:
    """Print how to reach the lab, and replace this process with it."""
    port = arguments[0] if len(arguments) == 1 else ""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SetupError("A lab in the foreground needs a port: make lab PORT=5000")
    environments.prepare()
    endpoint = f"http://127.0.0.1:{port}"
    lines = ["In another shell:", "", *(f"    export {k}={v}" for k, v in CREDENTIALS.items())]
    lines += ["", "As another store than AWS:", "", f"    export AWS_ENDPOINT_URL={endpoint}"]
    lines += ["", "Or in the place of AWS, under its host names:", "", "    unset AWS_ENDPOINT_URL"]
    lines += [f"    export {k}={v}" for k, v in at_aws(endpoint).items()]
    print("\n".join([*lines, ""]), flush=True)
    python = VENV / "bin" / "python"
    os.execv(python, [str(python), "-m", "sealed_lab", "--port", port, "--ca-file", str(ca_file(endpoint))])


def main(arguments: list[str]) -> int:
    """Run the command line."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    if arguments[0] == "--port":
        foreground(arguments[1:])
    environments.prepare()
    return with_lab(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
