# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Write the pictures of the documentation from real runs: scripts/with-lab python scripts/pictures.py [NAME…]

docs/images/demo.svg      the end of the demo
docs/images/fleet.svg     the task for many buckets of README.md, and its progress
docs/images/accounts.svg  a check run over several accounts, with its diff
docs/images/check.svg     the first check run of a new environment, whose tasks are those of docs/check_mode.md
docs/images/report-*.webp  the page of encryption_report about an audit of five accounts: its top, and its buckets

The terminals show all that is printed, without the recap at the end, the second of two empty lines and the color of
rows of stars. Of the progress, which is one line that is overwritten, there are three moments. A run takes another time
on each machine, so a picture of which only the progress is another one stays as it is, unless its file is deleted
before.

In the page, the random key IDs are replaced by example IDs, and the time of the audit is always the same one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from browser import Scheme, Window, running_browser
from picture_worlds import ACCOUNTS, AUDITED, ROLE, Fleet, make_accounts, make_audited_accounts
from sealed_lab import RemoteLab
from terminal import COLUMNS, Picture, output_in_terminal

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
BUCKETS = 3000
# What the pictures of the page show, by the end of their name: the anchor and the window. They are about 1,660 pixels
# wide, which are two for each pixel of the column of README.md.
VIEWS = {"top": ("", Window(1000, 1100, 1.66)), "buckets": ("#buckets", Window(1200, 860, 1.4))}
# Chromium draws a page in one of two or three ways, which no eye can tell apart. A picture stays if one of them is the
# same.
LOOKS = 5
TIME = datetime(2026, 12, 1, 9, 0, tzinfo=timezone.utc)
ELLIPSIS = "\x1b[90m…\x1b[0m"

_PROGRESS = re.compile(r"\r\x1b\[K([\d,]+ of [^\r\n]*)")
_CLEAR_LINE = "\r\x1b[K"
_DRAWN_PROGRESS = re.compile(r"^<text.*[\d,]+ of [\d,]+ buckets: .*$", re.MULTILINE)
_STARS = re.compile(r"\*{3,}")
_EMPTY_LINES = re.compile(r"\n(?:(?:\x1b\[[\d;]*m| )*\n){2,}")  # a colored one has both codes

Tasks = list[dict[str, Any]]


def tasks_of(document: str, module: str) -> Tasks:
    """The first tasks in a document that use this module."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if f"sealed.s3.{module}:" in block:
            found: Tasks = yaml.safe_load(block)
            return found
    raise SystemExit(f"{document} has no task of {module}.")


def run_of(name: str, title: str, tasks: Tasks, *options: str) -> str:
    """Run a play with these tasks. Return the command and the output, up to the recap."""
    play = {
        "name": title,
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": tasks,
    }
    with tempfile.TemporaryDirectory() as folder:
        playbook = Path(folder, f"{name}.yml")
        playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        output = output_in_terminal(["ansible-playbook", str(playbook), *options])
    return prompt(f"ansible-playbook {name}.yml {' '.join(options)}") + quiet(without_recap(output))


def without_recap(output: str) -> str:
    """Leave out the recap, whose line is longer than the terminal is wide, but not the warnings after it."""
    shown, _recap, after = output.partition("PLAY RECAP ")
    _stars, _hosts, *warnings = after.strip().splitlines()
    return "\n".join([shown.strip("\n"), *(["", *warnings] if warnings else [])])


def quiet(text: str) -> str:
    """Dim the rows of stars, and leave out the second of two empty lines."""
    return _EMPTY_LINES.sub("\n\n", _STARS.sub("\x1b[90m\\g<0>\x1b[0m", text))


def audit(folder: Path) -> list[Path]:
    """Audit the accounts. Return the files of its rows, with example key IDs and the time of the report."""
    accounts = [{"account_id": each, "name": name, "role_name": ROLE} for name, each in AUDITED.items()]
    of_buckets = {"accounts": accounts, "select": {"names": ["*"]}}
    default = {"encryption": "SSE-KMS", "bucket_key_enabled": True, "blocked_encryption_types": ["SSE-C"]}
    policy = {"minimum_tls_version": "1.2", "minimum": True}
    tasks: Tasks = [
        {"sealed.s3.kms_key_for_s3_info": {"accounts": accounts}},
        {"sealed.s3.bucket_default_encryption_info": {**of_buckets, "expected": default}},
        {"sealed.s3.bucket_encryption_policy_info": {**of_buckets, "expected": policy}},
    ]
    files = [folder / f"{number}.jsonl" for number in range(len(tasks))]
    for task, file in zip(tasks, files, strict=True):
        (options,) = task.values()
        options["results_file"] = str(file)
        task["ignore_errors"] = True  # of the account that cannot be entered
    run_of("audit", "Audit", tasks)
    rows = sorted((row["account_id"], row.get("alias", ""), row.get("key_id", "")) for row in rows_of(files[0]))
    examples = {key_id: f"1234abcd-12ab-34cd-56ef-{number:012}" for number, (*_, key_id) in enumerate(rows) if key_id}
    for file in files:
        text = file.read_text(encoding="utf-8")
        for key_id, example in examples.items():
            text = text.replace(key_id, example)
        file.write_text(text, encoding="utf-8")
        os.utime(file, (TIME.timestamp(), TIME.timestamp()))
    return files


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The rows that a task wrote."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def report() -> None:
    """Audit accounts, and take pictures of the page of the report."""
    make_audited_accounts(RemoteLab(os.environ["AWS_ENDPOINT_URL"]))
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        page = Path(folder, "report.html")
        files = [str(file) for file in audit(Path(folder))]
        options = {"results_files": files, "dest": str(page), "title": "Encryption of all accounts"}
        run_of("report", "Report", [{"sealed.s3.encryption_report": options}])
        for name, (anchor, window) in VIEWS.items():
            for scheme in Scheme:
                path = IMAGES / f"report-{name}-{scheme.value}.webp"
                earlier = path.read_bytes() if path.exists() else b""
                taken = [browser.picture(f"{page.as_uri()}{anchor}", window, scheme) for _ in range(LOOKS)]
                path.write_bytes(earlier if earlier in taken else taken[0])


def prompt(command: str) -> str:
    """The command as a shell shows it."""
    return f"\x1b[32m$\x1b[0m \x1b[1m{command.strip()}\x1b[0m\n\n"


def with_progress(output: str) -> str:
    """Keep three moments of the line of progress, which the terminal overwrites, and clears at the end."""
    lines: list[str] = _PROGRESS.findall(output)
    if len(lines) < 3:
        raise SystemExit("The run was too fast to show its progress. Raise BUCKETS.")
    moments = [lines[len(lines) // 6], lines[len(lines) // 2], lines[len(lines) * 9 // 10]]
    notes = ["╮", "│ one line, at three moments:", "╯ it disappears at the end"]
    width = max(map(len, moments))
    drawn = [f"\x1b[1m{line:{width}}\x1b[0m  \x1b[90m{note}\x1b[0m" for line, note in zip(moments, notes, strict=True)]
    start = output.index(_CLEAR_LINE)
    rest = _PROGRESS.sub("", output[start:]).replace(_CLEAR_LINE, "")
    return "\n".join([output[:start].rstrip("\n"), *drawn, rest.lstrip("\n")])


def demo() -> Picture:
    """Run the demo, and draw its end. README.md gets the same summary."""
    output = output_in_terminal([str(ROOT / "demo" / "run"), "--write"])
    shown = quiet(without_recap(output[output.index("TASK [Download and decrypt") :]))
    description = "The last tasks of make demo. A table lists what the demo made, each with its encryption and its key."
    return Picture("demo", "The end of the demo", description, f"{prompt('make demo')}{ELLIPSIS}\n\n{shown}")


def fleet() -> Picture:
    """Run the task for many buckets of README.md, and draw its progress."""
    Fleet(BUCKETS)
    output = run_of("fleet", "Fleet", tasks_of("README.md", "bucket_default_encryption"))
    description = (
        f"A task for {BUCKETS:,} buckets while it runs. One line counts the buckets that are done, changed and failed, "
        "how many it does in a second, and the time that is left."
    )
    return Picture("fleet", f"{BUCKETS:,} buckets in one task", description, with_progress(output))


def accounts() -> Picture:
    """Check several accounts, and draw the diff."""
    make_accounts(RemoteLab(os.environ["AWS_ENDPOINT_URL"]))
    options = {
        "accounts": [{"account_id": each, "name": name, "role_name": ROLE} for name, each in ACCOUNTS.items()],
        "select": {"names": ["*"]},
        "encryption": "SSE-KMS",
        "kms_key": "alias/s3-data",
        "blocked_encryption_types": ["SSE-C"],
        "overrides": [{"accounts": ["log-archive"], "encryption": "SSE-S3"}],
    }
    task = {"name": "Ensure the baseline in all accounts", "sealed.s3.bucket_default_encryption": options}
    output = run_of("accounts", "Accounts", [task], "--check", "--diff")
    description = (
        "A check run over three accounts with its diff: what a real run would change, grouped by the change, "
        "and below each change the accounts and their buckets."
    )
    return Picture("accounts", "A check run over three accounts", description, output)


def check() -> Picture:
    """Check the tasks of docs/check_mode.md in an empty account."""
    output = run_of(
        "orders", "A new environment", tasks_of("docs/check_mode.md", "kms_key_for_s3"), "--check", "--diff"
    )
    description = (
        "The first check run of a play that makes a key and a bucket. The diff has a placeholder as the key, and two "
        "warnings name what does not exist yet."
    )
    return Picture("check", "The first check run of a new environment", description, output)


def write(picture: Picture) -> None:
    """Write the picture, unless only the numbers of its progress are other ones."""
    path = IMAGES / f"{picture.name}.svg"
    svg = picture.svg()
    if not path.exists() or _without_times(path.read_text(encoding="utf-8")) != _without_times(svg):
        path.write_text(svg, encoding="utf-8")


def _without_times(svg: str) -> str:
    return _DRAWN_PROGRESS.sub("", svg)


# In an order in which none sees what another one left in the lab.
DRAWN: Sequence[Callable[[], Picture]] = (check, accounts, fleet, demo)


def main(names: list[str]) -> None:
    """Write the pictures, or only those of these names."""
    os.environ.update(
        ANSIBLE_CALLBACK_RESULT_FORMAT="yaml",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        COLUMNS=str(COLUMNS),
    )
    IMAGES.mkdir(exist_ok=True)
    for draw in DRAWN:
        if not names or draw.__name__ in names:
            write(draw())
    if not names or report.__name__ in names:
        report()


if __name__ == "__main__":
    main(sys.argv[1:])
