# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The files in .github: they run what noxfile.py and the Makefile have, with the versions that are supported.

GitHub is the only place where they run, so what can be checked without it is checked here, by actionlint and by zizmor.
"""

from __future__ import annotations

import importlib
import itertools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from .conftest import ROOT

environments = importlib.import_module("environments")

GITHUB = ROOT / ".github"
WORKFLOWS = {path.stem: path for path in sorted((GITHUB / "workflows").glob("*.yml"))}
CORES: dict[str, Any] = environments.CORES

# The sessions that the workflows run and `make test` does not, and why.
NOT_IN_MAKE_TEST = {
    "backends": "AWS, and credentials",
    "links-other-hosts": "other hosts",
    "ee-check-2.17-rocky-9": "a container engine",
    "ee-check-2.21-rocky-9": "a container engine",
}
# The programs that steps may run besides `make` and `nox`: they install, build in containers, or publish.
OTHER_PROGRAMS = {"ansible-galaxy", "ansible-test", "echo", "gh", "python"}


def _load(path: Path) -> Any:
    # YAML 1.1 reads the key `on` as True.
    loaded = yaml.safe_load(path.read_text())
    return {"on" if key is True else key: value for key, value in loaded.items()}


def _job(workflow: str, job: str) -> Any:
    return _load(WORKFLOWS[workflow])["jobs"][job]


def _python(job: dict[str, Any]) -> str:
    """Return the Python that a job installs."""
    (setup,) = (step["with"] for step in job["steps"] if "python-version" in step.get("with", {}))
    return str(setup["python-version"])


def _matrix(job: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows of a job's matrix."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    if "include" in matrix:
        assert list(matrix) == ["include"]
        return list(matrix["include"])
    return [dict(zip(matrix, row, strict=True)) for row in itertools.product(*matrix.values())]


class Command(NamedTuple):
    """A command of a workflow, with the values of one row of its job's matrix."""

    workflow: str
    words: list[str]


def _commands() -> Iterator[Command]:
    """Yield every command of every workflow, for each row of the matrix."""
    for name, path in WORKFLOWS.items():
        for job in _load(path)["jobs"].values():
            for row, step in itertools.product(_matrix(job), job.get("steps", ())):
                for line in filter(str.strip, step.get("run", "").splitlines()):
                    yield Command(name, shlex.split(_expand(line, step.get("env", {}), row), comments=True))


def _expand(line: str, env: dict[str, str], row: dict[str, str]) -> str:
    """Replace the variables of a command that come from the matrix."""
    for variable, value in env.items():
        for key, of_row in row.items():
            value = value.replace(f"${{{{ matrix.{key} }}}}", of_row)
        line = line.replace(f"${{{variable}}}", value)
    return line


def _sessions_of(words: list[str]) -> list[str]:
    """Return the sessions that this call of nox names."""
    assert words[:2] == ["nox", "-s"], words
    return list(itertools.takewhile(lambda word: not word.startswith("-"), words[2:]))


@pytest.fixture(scope="module")
def sessions() -> dict[str, bool]:
    """Return all sessions of noxfile.py, and whether `make test` runs them."""
    listed = environments.call(*environments.nox_command("--list"))
    found = re.findall(r"^([*-]) (\S+)", listed, re.MULTILINE)
    return {name: mark == "*" for mark, name in found}


def test_the_workflows_run_sessions_that_exist(sessions: dict[str, bool]) -> None:
    used = {name for command in _commands() if command.words[0] == "nox" for name in _sessions_of(command.words)}
    assert used <= set(sessions)
    by_ansible_test = {f"ansible-test-{name}-{core}" for name in ("sanity", "units", "integration") for core in CORES}
    assert by_ansible_test <= used
    assert {name for name in used - by_ansible_test if not sessions[name]} == set(NOT_IN_MAKE_TEST)


def test_make_test_runs_in_a_workflow() -> None:
    goals = {tuple(command.words[1:]) for command in _commands() if command.words[0] == "make"}
    assert goals == {("test",)}


def test_the_makefile_names_sessions_that_exist(sessions: dict[str, bool]) -> None:
    named = re.findall(r"run_sessions\.py ([a-z -]+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "units"} <= {name for names in named for name in names.split()} <= set(sessions)


def test_the_workflows_run_no_other_programs() -> None:
    programs = {command.words[0] for command in _commands()}
    ours = {name for name in programs if "/" in name}
    assert ours == {".venv/bin/ansible-galaxy", ".venv/bin/python"}
    assert programs - ours == {"make", "nox", *OTHER_PROGRAMS}


def test_the_scripts_of_the_workflows_exist() -> None:
    scripts = {word for command in _commands() for word in command.words if word.startswith("scripts/")}
    assert scripts
    assert all((ROOT / name).is_file() for name in scripts), scripts


# The versions


def test_every_supported_ansible_core_was_tested() -> None:
    tested = json.loads((ROOT / "tests" / "soak" / "tested_versions.json").read_text())
    states = {core: {command: result["state"] for command, result in tested[core].items()} for core in CORES}
    assert states == {core: dict.fromkeys(("sanity", "units", "integration"), "passed") for core in CORES}


def test_the_matrix_has_every_supported_ansible_core_and_python() -> None:
    rows = [(row["core"], row["python"]) for row in _matrix(_job("nox", "ansible-test"))]
    assert rows == [(name, python) for name, core in CORES.items() for python in core.pythons]
    assert [row["core"] for row in _matrix(_job("nox", "containers"))] == list(CORES)
    assert all(_python(_job("nox", "containers")) in core.pythons for core in CORES.values())


def test_the_next_ansible_core_may_fail_and_no_other() -> None:
    jobs = {(name, key): job for name, path in WORKFLOWS.items() for key, job in _load(path)["jobs"].items()}
    assert [key for key, job in jobs.items() if job.get("continue-on-error")] == [("containers", "devel")]


def test_the_collection_supports_what_the_matrix_has() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == f">={next(iter(CORES))}.0"
    pythons = min((python for core in CORES.values() for python in core.pythons), key=lambda text: int(text[2:]))
    config = yaml.safe_load((ROOT / "tests" / "config.yml").read_text())
    assert config["modules"]["python_requires"] == f">={pythons}"


def test_what_the_workflows_install_has_the_versions_of_this_repository() -> None:
    installed = {
        word for command in _commands() if "install" in command.words for word in command.words if "==" in word
    }
    (nox,) = re.findall(r'"(nox\[uv\]==[^"]+)"', (ROOT / "noxfile.py").read_text())
    assert installed == {nox, f"ansible-core=={CORES[environments.DEFAULT_CORE].version}"}


def test_actions_are_pinned_by_commit_with_the_version_in_a_comment() -> None:
    lines = [line for path in WORKFLOWS.values() for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    others = [line.strip() for line in lines if not re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)]
    assert others == ["uses: $/.github/workflows/nox.yml"]


# The forms


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", "workflows/*.yml"),
        ("custom.github-workflows-require-timeout", "workflows/*.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
        ("vendor.dependabot", "dependabot.yml"),
    ],
)
def test_the_files_have_the_published_schema(schema: str, files: str) -> None:
    paths = sorted(GITHUB.glob(files))
    assert paths
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, paths)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_bug_report_lists_every_module() -> None:
    (dropdown,) = (
        each for each in _load(GITHUB / "ISSUE_TEMPLATE" / "bug_report.yml")["body"] if each.get("id") == "module"
    )
    modules = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
    assert dropdown["attributes"]["options"][:-1] == modules
