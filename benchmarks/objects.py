# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure the upload and the download of a large object. See benchmarks/README.md.

make bench OF=objects                                          1 GiB, three times each
make bench OF=objects ARGS="--size 256 --repetitions 1"        smaller
AWS_CLI_2=/usr/bin/aws make bench OF=objects                   also that program, with its CRT client
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import boto3
import environments
import lab
from botocore.config import Config
from measure import Sample, median, run
from servers import LabServer

HERE = Path(__file__).parent
MIB = 1024**2
BUCKET = "bench-objects"
AT_PORT_80 = "http://127.0.0.1"
CRT = "aws s3 cp, AWS CLI 2 with its CRT client"
MODULES = "ansible_collections.sealed.s3.plugins.modules"
Command = list["str | Path"]


class Objects:
    """Runs the measurements one after the other, each in its own process."""

    def __init__(
        self,
        aws: dict[str, str],
        folder: Path,
        size: int,
        environment: dict[str, str] | None = None,
        collections: str = str(environments.IMPORT_TREE),
    ) -> None:
        self.aws, self.folder, self.collections = aws, folder, collections
        self.at_aws = environment is not None
        self.environment = environment or lab.environment(aws["endpoint_url"])
        tools = environments.VENV / "bin"
        self.python, self.playbook = tools / "python", tools / "ansible-playbook"
        self.source = folder / "source"
        with self.source.open("wb") as file:
            for _mib in range(size):
                file.write(os.urandom(MIB))
        (folder / "ansible.cfg").touch()
        self.s3 = boto3.client(
            "s3",
            endpoint_url=aws["endpoint_url"],
            region_name=aws["region"],
            aws_access_key_id=aws["access_key"],
            aws_secret_access_key=aws["secret_key"],
            config=Config(s3={"addressing_style": "path"}),
        )
        self.s3.create_bucket(Bucket=BUCKET)

    def measure(self, command: Command) -> Sample:
        """Run a command with the endpoint and credentials in its environment."""
        environment = {
            **self.environment,
            "AWS_ACCESS_KEY_ID": self.aws["access_key"],
            "AWS_SECRET_ACCESS_KEY": self.aws["secret_key"],
            "PYTHONPATH": str(environments.IMPORT_TREE),
            "ANSIBLE_COLLECTIONS_PATH": self.collections,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }
        sample = run(command, environment, self.folder / "output.log")
        shown = " ".join(Path(str(word)).name for word in command)[:100]
        print(
            f"{sample.wall:.1f} s, {sample.cpu:.1f} s, {sample.peak_mib:.0f} MiB: {shown}", file=sys.stderr, flush=True
        )
        return sample

    def module(self, name: str, options: dict[str, Any]) -> Command:
        """The command of one of our modules, without Ansible."""
        return [self.python, "-m", f"{MODULES}.{name}", self._write({"ANSIBLE_MODULE_ARGS": options})]

    def play(self, task: dict[str, Any]) -> Command:
        """The command of a playbook with one task."""
        variables = {"ansible_python_interpreter": str(self.python)}
        return [
            self.playbook,
            self._write([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}]),
        ]

    def transfers(self) -> Iterator[tuple[str, Command, Command]]:
        """The name of each tool, with its commands for an upload and a download."""
        source, dest, where = str(self.source), str(self.folder / "dest"), {"bucket": BUCKET}
        up = {**where, "key": "ours", "src": source}
        down = {**where, "key": "ours", "dest": dest}
        yield (
            "our modules alone",
            self.module("s3_encrypted_object", up),
            self.module("s3_encrypted_object_download", down),
        )
        up, down = {**up, "key": "play"}, {**down, "key": "play"}
        yield (
            "ansible-playbook with our task",
            self.play({"sealed.s3.s3_encrypted_object": up}),
            self.play({"sealed.s3.s3_encrypted_object_download": down}),
        )
        theirs = {**where, "object": "amazon.aws"}
        yield (
            "ansible-playbook with amazon.aws.s3_object",
            self.play({"amazon.aws.s3_object": {**theirs, "mode": "put", "src": source}}),
            self.play({"amazon.aws.s3_object": {**theirs, "mode": "get", "dest": dest}}),
        )
        bare: Command = [self.python, HERE / "bare_transfer.py"]
        yield (
            "boto3, upload_file and download_file",
            [*bare, "put", BUCKET, "boto3", source],
            [*bare, "get", BUCKET, "boto3", dest],
        )
        where_to = [] if self.at_aws else ["--endpoint-url", self.aws["endpoint_url"]]
        other: Command = [environments.s5cmd(), *where_to, "cp"]
        address = f"s3://{BUCKET}/s5cmd"
        yield "s5cmd cp", [*other, source, address], [*other, address, dest]
        address = f"s3://{BUCKET}/cli"
        for name, aws in self._aws_clis():
            yield name, [*aws, "s3", "cp", "--quiet", source, address], [*aws, "s3", "cp", "--quiet", address, dest]

    def _aws_clis(self) -> Iterator[tuple[str, Command]]:
        """The AWS CLI, and its release 2 with the client of the AWS Common Runtime (CRT), if AWS_CLI_2 names its path.

        The CRT of some releases always sends plain HTTP to port 80, and knows no proxy.
        """
        yield "aws s3 cp", [environments.aws_cli()]
        installed = os.environ.get("AWS_CLI_2")
        if installed and self.aws["endpoint_url"] == AT_PORT_80:
            config = self.folder / "crt"
            config.write_text("[default]\ns3 =\n  preferred_transfer_client = crt\n  addressing_style = path\n")
            yield CRT, ["env", f"AWS_CONFIG_FILE={config}", installed, "--endpoint-url", AT_PORT_80]

    def large(self, repetitions: int, server: LabServer) -> dict[str, dict[str, Sample]]:
        """Upload to an empty bucket, and download to a new file: the figures by direction and tool.

        Stops if the CRT was not the client of the row that is named after it.
        """
        samples_by_tool: dict[str, dict[str, list[Sample]]] = {}
        for _repetition in range(repetitions):
            for name, up, down in self.transfers():
                for found in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
                    self.s3.delete_object(Bucket=BUCKET, Key=found["Key"])
                server.prepare(0, compliant=False)
                samples_by_tool.setdefault(name, {}).setdefault("upload", []).append(self.measure(up))
                if name == CRT and not all("CRTS3NativeClient" in call["user_agent"] for call in server.records()):
                    raise SystemExit("the AWS CLI did not use its CRT client")
                samples_by_tool[name].setdefault("download", []).append(self.measure(down))
                dest = self.folder / "dest"
                if dest.stat().st_size != self.source.stat().st_size:
                    raise SystemExit(f"{name} did not download the whole object")
                dest.unlink()
        return {
            direction: {name: median(directions[direction]) for name, directions in samples_by_tool.items()}
            for direction in ("upload", "download")
        }

    def _write(self, document: object) -> Path:
        path = self.folder / f"{len(list(self.folder.glob('*.json')))}.json"
        path.write_text(json.dumps(document))
        return path


def unchanged(folder: Path, size: int) -> list[dict[str, Any]]:
    """The lab's log of the calls of a second run for a large object, with the bytes of each."""
    server = LabServer(environments.VENV / "bin" / "python")
    with server:
        objects = Objects(_access(server.url), folder, size, server.environment())
        command = objects.module("s3_encrypted_object", {"bucket": BUCKET, "key": "large", "src": str(objects.source)})
        objects.measure(command)
        server.prepare(0, compliant=False)
        objects.measure(command)
        return server.records()


_PLACES = {80: "another store, HTTP", 0: "in the place of AWS, TLS"}


def _access(url: str) -> dict[str, str]:
    account, secret = lab.CREDENTIALS["AWS_ACCESS_KEY_ID"], lab.CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    return {"endpoint_url": url, "region": "us-east-1", "access_key": account, "secret_key": secret}


def _place(server: LabServer, port: int) -> dict[str, str] | None:
    """The environment with the server in the place of AWS; None: it is another store at a port that all tools know."""
    return None if port else server.environment()


def table(first: str, samples: dict[str, Sample]) -> str:
    """The figures in Markdown."""
    rows = [[first, "wall seconds", "processor seconds", "peak MiB"], ["---", "---:", "---:", "---:"]]
    rows += [
        [name, f"{sample.wall:.2f}", f"{sample.cpu:.2f}", f"{sample.peak_mib:.0f}"] for name, sample in samples.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    place = environments.CACHE / "bench"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix="objects-") as name:
        yield Path(name)


def main(arguments: list[str]) -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="of the large object, in MiB")
    parser.add_argument("--repetitions", type=int, default=3)
    given = parser.parse_args(arguments)
    # Exit by an exception, so that the context managers stop the servers.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    with environments.locked("bench-run"):
        for port in (80, 0):
            with _folder() as folder, LabServer(environments.VENV / "bin" / "python", port) as server:
                objects = Objects(_access(AT_PORT_80 if port else server.url), folder, given.size, _place(server, port))
                for name, samples in objects.large(given.repetitions, server).items():
                    print(f"\n{table(f'{name} of {given.size} MiB, {_PLACES[port]}', samples)}", flush=True)
        with _folder() as folder:
            calls = unchanged(folder, given.size)
    moved = sum(call["bytes_in"] + call["bytes_out"] for call in calls)
    print(f"\nUnchanged, {given.size} MiB: {', '.join(call['operation'] for call in calls)}; {moved} bytes of bodies.")


if __name__ == "__main__":
    main(sys.argv[1:])
