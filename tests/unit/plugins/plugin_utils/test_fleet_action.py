# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How the rows of a module come to the controller, and that nothing hides what the module did."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.sealed.s3.plugins.module_utils.frontend.result_rows import FILE_VARIABLE
from ansible_collections.sealed.s3.plugins.plugin_utils.fleet_action import FleetAction
from ansible_collections.sealed.s3.plugins.plugin_utils.progress import ProgressAction

ROWS = b'1 {"name": "b"}\n0 {"name": "a"}\n'
WRITTEN = '{"name": "a"}\n{"name": "b"}\n'
DONE = {"changed": True, "failed_buckets": [], "summary": {"changed": 1}}


class World:
    """A controller and a target, in folders, and a module that writes `lines` and returns `result`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.playbook, self.target, self.local = (folder / name for name in ("playbook", "target", "local"))
        for path in (self.playbook, self.target, self.local):
            path.mkdir()
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(self.local))
        monkeypatch.setattr(ProgressAction, "run", lambda action, _tmp, _variables: self.run_module(action))
        self.lines = ROWS + b"end 2\n"
        self.result: dict[str, Any] = dict(DONE)
        self.meanwhile: Callable[[], object] = lambda: None
        self.fetch_error: Exception | None = None
        self.is_unprivileged = False
        self.transport = "ssh"
        self.options: dict[str, Any] = {"results_file": "fleet.jsonl"}
        self.background = 0
        self.ran = False
        self.fetched: list[str] = []
        self.permitted: list[tuple[str, ...]] = []
        self.mode = 0
        self.environment: list[dict[str, str]] = []

    @property
    def file(self) -> Path:
        return self.playbook / "fleet.jsonl"

    def run_module(self, action: Any) -> dict[str, Any]:
        """Run the module with the environment of its task."""
        self.ran, self.environment = True, action._task.environment
        self.meanwhile()
        name = self.environment[-1].get(FILE_VARIABLE)
        if name:
            self.mode = Path(name).stat().st_mode & 0o777
            Path(name).write_bytes(self.lines)
        return dict(self.result)

    def fetch(self, path: str, copy: str) -> None:
        """Bring a file to the controller, readable for its user only."""
        assert os.stat(copy).st_mode & 0o777 == 0o600
        self.fetched.append(path)
        if self.fetch_error:
            raise self.fetch_error
        shutil.copyfile(path, copy)

    def run(self) -> dict[str, Any]:
        """Run the action, and return its result."""
        shell = SimpleNamespace(tmpdir=str(self.target), join_path=os.path.join)
        connection = SimpleNamespace(_shell=shell, transport=self.transport, fetch_file=self.fetch)
        task = SimpleNamespace(args=self.options, async_val=self.background, environment=[{"ANOTHER": "1"}])
        loader = SimpleNamespace(path_dwim=lambda name: os.path.join(self.playbook, name))
        action: Any = FleetAction(task, connection, None, loader, None, None)
        action._is_become_unprivileged = lambda: self.is_unprivileged
        action._fixup_perms2 = self.permitted.append
        action._low_level_execute_command = self.execute
        result: dict[str, Any] = action.run(task_vars={})
        assert os.listdir(self.local) == []
        return result

    def execute(self, command: str, sudoable: bool) -> dict[str, Any]:
        """Run a command on the target, as the user of the connection."""
        assert not sudoable
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
        return {"rc": done.returncode, "stderr": done.stderr}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("transport", "is_unprivileged", "mode"),
    [("ssh", False, 0o600), ("ssh", True, 0o622), ("local", False, 0o600), ("local", True, 0o622)],
)
def test_where_the_module_runs(world: World, transport: str, is_unprivileged: bool, mode: int) -> None:
    """Another user only writes to the file, in a directory that this user is let into. This user reads it."""
    world.transport, world.is_unprivileged = transport, is_unprivileged
    assert world.run() == DONE
    assert world.file.read_text() == WRITTEN
    assert world.mode == mode
    assert world.permitted == ([(str(world.target),)] if is_unprivileged else [])
    assert world.fetched == ([] if transport == "local" else [str(world.target / "rows")])


def test_a_task_without_the_option(world: World) -> None:
    """Nothing is created."""
    world.options = {"results_file": None}
    assert world.run() == DONE
    assert world.environment == [{"ANOTHER": "1"}]
    assert os.listdir(world.target) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"options": {"results_file": ""}},
            "results_file is empty, which often is an undefined variable.",
        ),
        ({"options": {"results_file": ["a"]}}, "results_file is not the name of a file."),
        ({"options": {"results_file": "a\0b"}}, "results_file is not the name of a file."),
        ({"options": {"results_file": "a\ud800"}}, "results_file is not the name of a file."),
        ({"options": {"results_file": "no/fleet.jsonl"}}, "/no of results_file does not exist on the controller."),
        ({"background": 60}, "results_file cannot be combined with async"),
    ],
)
def test_what_is_refused_before_the_module_runs(world: World, changes: dict[str, Any], message: str) -> None:
    """With a sentence, and the kind of error that a playbook can test."""
    vars(world).update(changes)
    failed = world.run()
    assert (failed["failed"], failed["error"]["kind"], world.ran) == (True, "invalid", False)
    assert message in failed["msg"]


FORBIDDEN = {"changed": True, "failed": True, "msg": "1 of 2 buckets failed.", "error": {"kind": "forbidden"}}


@pytest.mark.parametrize("result", [DONE, FORBIDDEN], ids=["ok", "failed"])
@pytest.mark.parametrize(
    "error",
    [
        AnsibleError("failed"),
        AnsibleConnectionFailure("the host is away"),
        NotImplementedError("none"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_rows_that_cannot_be_brought(world: World, error: Exception, result: dict[str, Any]) -> None:
    """The task fails, the result of the module is kept, and its own error stays the first one."""
    world.fetch_error, world.result = error, result
    world.file.write_text("before")
    failed = world.run()
    assert (failed["failed"], failed["changed"], failed.get("summary")) == (True, True, result.get("summary"))
    assert failed["msg"].startswith(result.get("msg", "results_file fleet.jsonl cannot be written on the controller: "))
    assert f"{error}. What the task did is done, and the other parts of the result are complete." in failed["msg"]
    assert failed["error"]["kind"] == ("forbidden" if result is FORBIDDEN else "invalid")
    assert world.file.read_text() == "before"


def test_a_directory_that_vanishes_meanwhile(world: World) -> None:
    """The module has done its work by then."""
    world.options = {"results_file": "new/fleet.jsonl"}
    (world.playbook / "new").mkdir()

    world.meanwhile = (world.playbook / "new").rmdir
    failed = world.run()
    assert failed["msg"].startswith(
        "results_file new/fleet.jsonl cannot be written on the controller: No such file or directory. What the task"
    )
    assert failed["summary"] == DONE["summary"]


@pytest.mark.parametrize(
    ("lines", "message", "written"),
    [
        (
            ROWS + b'2 {"na',
            "MODULE FAILURE The module ended early: results_file fleet.jsonl has the",
            WRITTEN,
        ),
        (b"", "MODULE FAILURE", ""),
    ],
    ids=["in the middle", "before the first row"],
)
def test_a_module_that_was_killed(world: World, lines: bytes, message: str, written: str) -> None:
    """The file has what it has finished, and nothing of an earlier task."""
    world.file.write_text("before")
    world.lines, world.result = lines, {"failed": True, "msg": "MODULE FAILURE", "rc": 137}
    failed = world.run()
    assert failed["msg"].startswith(message)
    assert failed["rc"] == 137
    assert world.file.read_text() == written


def test_a_result_without_the_end_of_its_rows_is_never_ok(world: World) -> None:
    """Such as that of an earlier release of the module."""
    world.lines = ROWS
    failed = world.run()
    assert failed["failed"]
    assert "results_file fleet.jsonl has the rows that were finished before (2)." in failed["msg"]


def test_a_full_disk_of_the_target(world: World) -> None:
    """The module does not run."""
    shutil.rmtree(world.target)
    with pytest.raises(AnsibleError, match="/rows cannot be written on the target: "):
        world.run()
    assert not world.ran


def test_a_host_that_becomes_unreachable(world: World) -> None:
    """Ansible reports it, and the earlier file stays."""
    world.file.write_text("before")

    def lose() -> None:
        raise AnsibleConnectionFailure("the host is away")

    world.meanwhile = lose
    with pytest.raises(AnsibleConnectionFailure):
        world.run()
    assert world.file.read_text() == "before"
