# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure large objects, and the cost of a small one. See benchmarks/README.md.

make bench ARGS=--objects                               1 GiB against SeaweedFS and the lab, and small objects
make bench ARGS="--objects --size 256 --items 10"       smaller
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
import store_servers
from botocore.config import Config
from measure import Sample, median, run
from servers import LabServer

HERE = Path(__file__).parent
MIB = 1024**2
BUCKET = "bench-objects"
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
        other: Command = [environments.s5cmd(), "--endpoint-url", self.aws["endpoint_url"], "cp"]
        address = f"s3://{BUCKET}/s5cmd"
        yield "s5cmd cp", [*other, source, address], [*other, address, dest]
        aws, address = environments.aws_cli(), f"s3://{BUCKET}/cli"
        yield (
            "aws s3 cp",
            [aws, "s3", "cp", "--quiet", source, address],
            [aws, "s3", "cp", "--quiet", address, dest],
        )

    def large(self, repetitions: int) -> dict[str, dict[str, Sample]]:
        """Upload to an empty bucket, and download to a new file."""
        samples_by_tool: dict[str, dict[str, list[Sample]]] = {}
        for _repetition in range(repetitions):
            for name, up, down in self.transfers():
                for found in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
                    self.s3.delete_object(Bucket=BUCKET, Key=found["Key"])
                samples_by_tool.setdefault(name, {}).setdefault("upload", []).append(self.measure(up))
                samples_by_tool[name].setdefault("download", []).append(self.measure(down))
                dest = self.folder / "dest"
                if dest.stat().st_size != self.source.stat().st_size:
                    raise SystemExit(f"{name} did not download the whole object")
                dest.unlink()
        return {
            name: {direction: median(samples) for direction, samples in directions.items()}
            for name, directions in samples_by_tool.items()
        }

    def small(self, items: int, repetitions: int) -> dict[str, Sample]:
        """The cost of a small object, layer by layer. Playbooks count per object, without Ansible's start."""
        options = {"bucket": BUCKET, "key": "small", "content": "text"}
        task = {"sealed.s3.s3_encrypted_object": {**options, "key": "{{ item }}"}}

        def median_of(command: Command) -> Sample:
            return median([self.measure(command) for _repetition in range(repetitions)])

        imports = "import boto3, ansible.module_utils.basic, " + MODULES + ".s3_encrypted_object"
        result = {
            "Python starts": median_of([self.python, "-c", "pass"]),
            "and imports what the module needs": median_of([self.python, "-c", imports]),
            "the module alone, new or other content": median_of(
                self.module("s3_encrypted_object", {**options, "overwrite": "always"})
            ),
            "the module alone, nothing to do": median_of(self.module("s3_encrypted_object", options)),
        }
        none = median_of(self.play({**task, "loop": []}))
        for name in ("in a play, new", "in a play, nothing to do"):
            sample = self.measure(self.play({**task, "loop": [f"small-{number}" for number in range(items)]}))
            result[name] = Sample(
                (sample.wall - none.wall) / items, (sample.cpu - none.cpu) / items, sample.peak_mib, {}
            )
        return result

    def _write(self, document: object) -> Path:
        path = self.folder / f"{len(list(self.folder.glob('*.json')))}.json"
        path.write_text(json.dumps(document))
        return path


def unchanged(folder: Path, size: int) -> list[dict[str, Any]]:
    """The lab's log of the calls of a second run for a large object, with the bytes of each."""
    server = LabServer(environments.VENV / "bin" / "python")
    with server:
        account, secret = lab.CREDENTIALS["AWS_ACCESS_KEY_ID"], lab.CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
        aws = {"endpoint_url": server.url, "region": "us-east-1", "access_key": account, "secret_key": secret}
        objects = Objects(aws, folder, size, server.environment())
        command = objects.module("s3_encrypted_object", {"bucket": BUCKET, "key": "large", "src": str(objects.source)})
        objects.measure(command)
        server.prepare(0, compliant=False)
        objects.measure(command)
        return server.records()


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
    parser.add_argument("--items", type=int, default=50, help="how many small objects a play has")
    parser.add_argument("--repetitions", type=int, default=3)
    given = parser.parse_args(arguments)
    # Exit by an exception, so that the context managers stop the servers.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    with environments.locked("bench-run"):
        with (
            _folder() as folder,
            tempfile.TemporaryDirectory(prefix="sealed-backend-") as backend_folder,
            store_servers.seaweedfs(Path(backend_folder)) as variables,
        ):
            objects = Objects(variables["aws"], folder, given.size)
            large = objects.large(given.repetitions)
            for direction in ("upload", "download"):
                samples = {name: directions[direction] for name, directions in large.items()}
                print(f"\n{table(f'{direction} of {given.size} MiB', samples)}", flush=True)
            print(f"\n{table('a small object', objects.small(given.items, given.repetitions))}")
        with _folder() as folder:
            calls = unchanged(folder, given.size)
    moved = sum(call["bytes_in"] + call["bytes_out"] for call in calls)
    print(f"\nUnchanged, {given.size} MiB: {', '.join(call['operation'] for call in calls)}; {moved} bytes of bodies.")


if __name__ == "__main__":
    main(sys.argv[1:])
