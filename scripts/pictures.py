# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Write the pictures of README.md from real runs: scripts/with-lab python scripts/pictures.py

docs/images/demo.svg     the end of the demo
docs/images/fleet.svg    the task for many buckets of README.md: its progress, and its diff

The only change to what a terminal shows: the random key IDs become the example IDs of AWS's documentation.
"""

from __future__ import annotations

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from terminal import output_in_terminal, svg_of

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
DEMO_COLUMNS, FLEET_COLUMNS = 114, 124  # no line is longer
BUCKETS = 2400
EXAMPLE_IDS = ("1234abcd-12ab-34cd-56ef-1234567890ab", "0987dcba-09fe-87dc-65ba-ab0987654321")

_KEY_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_PROGRESS = re.compile(r"\r\x1b\[K([\d,]+ of [^\r\n]*)")
_CLEAR_LINE = "\r\x1b[K"


def with_example_ids(text: str) -> str:
    """Replace the key IDs, in the order of their appearance."""
    found = dict.fromkeys(_KEY_ID.findall(text))
    for key_id, example in zip(found, EXAMPLE_IDS, strict=False):
        text = text.replace(key_id, example)
    return text


def with_progress(output: str) -> str:
    """Keep one line of the progress, from the middle, which the terminal has overwritten at the end."""
    lines: list[str] = _PROGRESS.findall(output)
    if not lines:
        raise SystemExit("The run was too fast to show its progress. Raise BUCKETS.")
    shown = f"\x1b[1m{lines[len(lines) // 2]}\x1b[0m   \x1b[90m(live: it disappears at the end)\x1b[0m\n"
    start = output.index(_CLEAR_LINE)
    return output[:start] + shown + _PROGRESS.sub("", output[start:]).replace(_CLEAR_LINE, "")


class Fleet:
    """Buckets of four teams. Most of them are as the example wants them."""

    def __init__(self) -> None:
        self.s3: Any = boto3.client("s3", config=Config(max_pool_connections=16))
        self.kms: Any = boto3.client("kms")
        self.keys = {alias: self._create_key(alias) for alias in ("alias/s3-data", "alias/payments")}

    def _create_key(self, alias: str) -> str:
        arn: str = self.kms.create_key()["KeyMetadata"]["Arn"]
        self.kms.create_alias(AliasName=alias, TargetKeyId=arn)
        return arn

    def create(self) -> None:
        """Create all buckets."""
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(self._create_bucket, range(BUCKETS)))

    def _create_bucket(self, number: int) -> None:
        team = ("media", "orders", "payments", "search")[number % 4]
        is_log = number % 50 == 0
        name = f"{team}-{number // 4:04}{'-logs' if is_log else ''}"
        self.s3.create_bucket(Bucket=name)
        if is_log or number % 600 == 201:
            return  # the default of S3
        rule: dict[str, Any] = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self._key_of(team, number)}
        self.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=self._rule(rule, number))

    def _key_of(self, team: str, number: int) -> str:
        needs_own_key = team == "payments" and number % 600 != 402
        return self.keys["alias/payments" if needs_own_key else "alias/s3-data"]

    def _rule(self, default: dict[str, Any], number: int) -> dict[str, Any]:
        blocked = "NONE" if number % 800 == 7 else "SSE-C"
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        return {"Rules": [{**rule, "BlockedEncryptionTypes": {"EncryptionType": [blocked]}}]}


def fleet_example() -> str:
    """The task for many buckets in README.md."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if "sealed.s3.bucket_default_encryption" in block:
            return str(block)
    raise SystemExit("README.md has no task for many buckets.")


def fleet_picture() -> str:
    """Run the task for many buckets of README.md, and draw all of its output."""
    Fleet().create()
    play = {
        "name": "Fleet",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": yaml.safe_load(fleet_example()),
    }
    playbook = ROOT / ".cache" / "fleet.yml"
    playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    output = output_in_terminal(["ansible-playbook", str(playbook), "--diff"], FLEET_COLUMNS)
    shown = with_example_ids(with_progress(output)).rstrip()
    return svg_of(f"{prompt('ansible-playbook fleet.yml --diff')}{shown}", "A fleet of buckets", "fleet", FLEET_COLUMNS)


def demo_picture() -> str:
    """Run the demo, and draw its end."""
    output = output_in_terminal([str(ROOT / "demo" / "run")], DEMO_COLUMNS)
    shown = output[output.index("TASK [Download and decrypt") :].rstrip()
    return svg_of(f"{prompt('make demo')}\x1b[90m…\x1b[0m\n\n{shown}", "The end of the demo", "demo", DEMO_COLUMNS)


def prompt(command: str) -> str:
    """The command as a shell shows it."""
    return f"\x1b[32m$\x1b[0m \x1b[1m{command}\x1b[0m\n"


def main(names: list[str]) -> None:
    """Write the pictures, or only those of these names."""
    os.environ.update(
        ANSIBLE_CALLBACK_RESULT_FORMAT="yaml",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
    )
    IMAGES.mkdir(exist_ok=True)
    for name, draw in {"fleet": fleet_picture, "demo": demo_picture}.items():
        if not names or name in names:
            (IMAGES / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
