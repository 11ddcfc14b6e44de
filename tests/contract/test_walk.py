# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The playbook of the demo, each task run twice: in check mode and for real, with the same result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

DEMO = Path(__file__).parents[2] / "demo"


def with_check_runs(play: dict[str, Any]) -> dict[str, Any]:
    """The play with a check run before each of our tasks, and a comparison after it."""
    tasks: list[dict[str, Any]] = []
    for task in play["tasks"]:
        ours = next((name for name in task if name.startswith("sealed.s3.")), None)
        if ours is None:
            tasks.append(task)
            continue
        real = task.get("register", "real")
        conditions = [
            "predicted.changed == REAL.changed",
            "predicted.diff | default('') == REAL.diff | default('')",
            "predicted.results | default([]) | map(attribute='diff', default='') | list"
            " == REAL.results | default([]) | map(attribute='diff', default='') | list",
            "predicted.results | default([]) | map(attribute='changed') | list"
            " == REAL.results | default([]) | map(attribute='changed') | list",
        ]
        comparison = {"that": [line.replace("REAL", real) for line in conditions], "quiet": True}
        check = {
            **task,
            "name": f"{task['name']} (check)",
            "check_mode": True,
            "diff": True,
            "register": "predicted",
        }
        if "failed_when" in task:
            check["failed_when"] = task["failed_when"].replace(real, "predicted")
        tasks += [
            check,
            {**task, "diff": True, "register": real},
            {"name": f"Compare: {task['name']}", "ansible.builtin.assert": comparison},
        ]
    return {**play, "tasks": tasks}


def test_check_runs_of_the_demo_predict_it(tmp_path: Path) -> None:
    """The demo starts without resources. The demo itself checks that a second run changes nothing."""
    (play,) = yaml.safe_load((DEMO / "walk.yml").read_text())
    (tmp_path / "walk.yml").write_text(yaml.safe_dump([with_check_runs(play)], sort_keys=False))
    (tmp_path / "letter.txt").write_text((DEMO / "letter.txt").read_text())
    playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run(
        [playbook, str(tmp_path / "walk.yml"), "-e", f"walk_files={tmp_path}/files"],
        env={**os.environ, "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
