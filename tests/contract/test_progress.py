# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The progress of a long task: a live line on a terminal, plain lines elsewhere, and nothing with `progress: false`."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .playbooks import ELSEWHERE, HERE, PLUGINS, another_user, coverage_environment

BUCKETS = 40
# At the first plain line, the list of the buckets may not be complete.
PLAIN_LINE = re.compile(r"[\d,]+ of [\d,]+( or more)? buckets: [\d,]+ changed, 0 failed, [\d,]+/s")
LINE = re.compile(r"[\d,]+ of [\d,]+ buckets: [\d,]+ changed, 0 failed, [\d,]+/s, \d+ s left")


@pytest.fixture
def playbook(lab: Any, s3: Any, tmp_path: Path) -> Path:
    """A playbook for a fleet with slow reads."""
    for number in range(BUCKETS):
        s3.create_bucket(Bucket=f"fleet-{number}")
    lab.faults.add("delay", operation="GetBucketEncryption", seconds=0.17, times=None)
    task = {"select": {"names": ["fleet-*"]}, "encryption": "SSE-KMS", "concurrency": 1, "progress": "{{ shown }}"}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"sealed.s3.bucket_default_encryption": task}]}
    path = tmp_path / "fleet.yml"
    path.write_text(yaml.safe_dump([play]))
    return path


def command(playbook: Path, shown: bool, **variables: Any) -> list[str]:
    """The command that runs the playbook."""
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    variables = {"shown": shown, "ansible_python_interpreter": sys.executable, **variables}
    return [program, str(playbook), "-e", yaml.safe_dump(variables, default_flow_style=True)]


@pytest.mark.parametrize("shown", [True, False], ids=["shown", "switched off"])
def test_plain_lines_where_there_is_no_terminal(playbook: Path, shown: bool) -> None:
    """They are on standard error, so that standard output is not changed."""
    done = subprocess.run(command(playbook, shown), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert bool(PLAIN_LINE.search(done.stderr)) is shown
    assert not PLAIN_LINE.search(done.stdout)
    assert "changed=1" in done.stdout


@pytest.mark.parametrize(
    ("transport", "another"),
    [
        pytest.param(ELSEWHERE, False, id="elsewhere"),
        pytest.param(ELSEWHERE, True, id="elsewhere, as another user"),
        pytest.param(HERE, True, id="here, as another user"),
    ],
)
def test_a_target_with_another_connection(playbook: Path, transport: str, another: bool, tmp_path: Path) -> None:
    """The module's file is read through a second connection.

    Another user gets access to the temporary directory with an access control list, which does not allow to create
    files in it.
    """
    variables: dict[str, Any] = {"ansible_connection": "elsewhere", "ansible_remote_tmp": str(tmp_path / "remote")}
    if another:
        (play,) = yaml.safe_load(playbook.read_text())
        keywords, more = another_user()
        playbook.write_text(yaml.safe_dump([{**play, **keywords}]))
        variables.update(more)
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "setfacl").write_text('#!/bin/sh\nfor path; do case "$path" in /*) chmod go+rx "$path";; esac; done\n')
        (tools / "setfacl").chmod(0o755)
    environment = {
        "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS),
        "ELSEWHERE_TRANSPORT": transport,
        "ELSEWHERE_LOG": str(tmp_path / "notes"),
        **coverage_environment(),
        "PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        command(playbook, shown=True, **variables),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"[1-9][\d,]* of [\d,]+( or more)? buckets: ", done.stderr), done.stderr
    notes = [json.loads(line) for line in (tmp_path / "notes").read_text().splitlines()]
    assert bool([note for note in notes if "read" in note]) is (transport == ELSEWHERE)
    assert list((tmp_path / "remote").glob("*")) == []


def output_on_a_terminal(playbook: Path, **environment: str) -> str:
    """What the playbook writes to a terminal, as a person sees it."""
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name != "CI"}
    with subprocess.Popen(
        command(playbook, shown=True),
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
        env={**variables, "TERM": "xterm", **environment},
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # the playbook has closed the terminal
                break
            if not read:
                break
            written += read
    os.close(ours)
    assert process.returncode == 0, written.decode()
    return written.decode()


def test_a_live_line_on_a_terminal(playbook: Path) -> None:
    """One line that is overwritten several times, and removed at the end."""
    written = output_on_a_terminal(playbook)
    lines = LINE.findall(written)
    assert len(lines) > 3
    assert len(set(lines)) > 3
    assert written.rindex("\r\x1b[K") > written.rindex(lines[-1])


def test_plain_lines_under_a_program(playbook: Path) -> None:
    """ansible-runner reads a pseudo terminal, and makes an event of each line."""
    written = output_on_a_terminal(playbook, AWX_ISOLATED_DATA_DIR="/runner/artifacts/1")
    assert PLAIN_LINE.search(written)
    assert "\x1b[K" not in written
