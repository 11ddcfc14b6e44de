# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The hooks of pre-commit: each refuses a commit that breaks its rule, and they accept one that breaks none."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT, Git

pins = importlib.import_module("pre_commit_pins")

# What the hooks read of this repository.
SETTINGS = (
    ".pre-commit-config.yaml",
    ".yamllint",
    "LICENSES/GPL-3.0-or-later.txt",
    "REUSE.toml",
    "changelogs/changelog.yaml",
    "changelogs/config.yaml",
    "galaxy.yml",
    "pyproject.toml",
    "scripts/changelog_fragment.py",
)
LICENCE = "".join((ROOT / "REUSE.toml").read_text().partition("\n\n")[:2])
CODE = f'{LICENCE}"""A module."""\n\nfrom __future__ import annotations\n'

# A file for each hook, which breaks its rule and no other.
VIOLATIONS = {
    "ruff-check": ("scripts/unused.py", f"{CODE}\nimport os\n"),
    "ruff-format": ("scripts/format.py", f"{CODE}\nNUMBERS = [1,2]\n"),
    "yamllint": ("docs/twice.yml", f"---\n{LICENCE}key: 1\nkey: 2\n"),
    "licence": ("scripts/nameless.sh", "echo\n"),
    "changelog-lint": ("changelogs/fragments/new.yml", f"---\n{LICENCE}unknown_section:\n  - A change.\n"),
    "trailing-whitespace": ("docs/blank.md", "A line. \n"),
    "end-of-file": ("docs/end.md", "A line."),
    "executables-have-shebangs": ("scripts/no_shebang.sh", f"{LICENCE}echo\n"),
    "shebangs-are-executable": ("scripts/not_executable.sh", f"#!/bin/sh\n{LICENCE}echo\n"),
}
# Breaks the rule of `changelog-fragment` unless there is a fragment.
PLUGIN = "plugins/modules/x.py"
FRAGMENT, _ = VIOLATIONS["changelog-lint"]


def _hooks() -> list[dict[str, Any]]:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    return list(config["repos"][0]["hooks"])


def _refusals(git: Git) -> set[str]:
    """Commit, and return the ids of the hooks that refuse it."""
    committed = git("commit", "--message", "Change")
    printed = committed.stdout + committed.stderr
    found = set(re.findall(r"^- hook id: (\S+)$", printed, re.MULTILINE))
    assert (committed.returncode == 0) is (not found), printed
    return found


@pytest.fixture
def checkout(tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with our settings, in which pre-commit is installed."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(ROOT / ".cache" / "pre-commit"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    for name in SETTINGS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    git("add", "--all")
    git("commit", "--quiet", "--message", "Add the settings")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_each_hook_refuses_a_commit_that_breaks_its_rule(
    checkout: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {hook["id"] for hook in _hooks()} == {*VIOLATIONS, "changelog-fragment"}
    _write(checkout, PLUGIN, CODE)
    git("add", "--all")
    monkeypatch.setenv("SKIP", ",".join(VIOLATIONS))
    assert _refusals(git) == {"changelog-fragment"}
    monkeypatch.delenv("SKIP")
    for name, text in VIOLATIONS.values():
        _write(checkout, name, text)
    (checkout / "scripts" / "no_shebang.sh").chmod(0o755)
    git("add", "--all")
    assert _refusals(git) == set(VIOLATIONS)
    # The hooks have repaired what they can. The rest is repaired here.
    (checkout / "scripts" / "no_shebang.sh").chmod(0o644)
    (checkout / "scripts" / "not_executable.sh").chmod(0o755)
    _write(checkout, "docs/twice.yml", f"---\n{LICENCE}key: 1\n")
    _write(checkout, "scripts/nameless.sh", f"{LICENCE}echo\n")
    _write(checkout, FRAGMENT, f"---\n{LICENCE}minor_changes:\n  - A change.\n")
    git("add", "--all")
    assert _refusals(git) == set()
    assert git("status", "--porcelain").stdout == ""


def test_the_hooks_have_the_versions_of_the_other_checks() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text()
    assert config == pins.with_locked_versions(config), "Run scripts/pre_commit_pins.py."
    dependencies = [each for hook in _hooks() for each in hook["additional_dependencies"]]
    assert len(pins.PIN.findall(config)) == len(dependencies)


@pytest.mark.parametrize(
    ("in_the_branch", "staged", "is_accepted"),
    [
        ([], [PLUGIN], False),
        ([], [PLUGIN, FRAGMENT], True),
        ([FRAGMENT], [PLUGIN], True),
        ([], ["README.md", "tests/unit/x.py"], True),
        ([PLUGIN], ["README.md"], True),
        ([], [], True),
    ],
)
def test_a_change_of_plugins_needs_a_fragment(
    tmp_path: Path, git: Git, in_the_branch: list[str], staged: list[str], is_accepted: bool
) -> None:
    git("commit", "--allow-empty", "--message", "Begin")
    git("checkout", "-b", "branch")
    for names in (in_the_branch, staged):
        git("commit", "--allow-empty", "--message", "Change")
        for name in names:
            _write(tmp_path, name, "text")
        git("add", "--all")
    assert _check_fragment(tmp_path) is is_accepted


def test_a_fragment_of_main_is_not_one_of_the_branch(tmp_path: Path, git: Git) -> None:
    for name in (FRAGMENT, PLUGIN):
        _write(tmp_path, name, "text")
        git("add", "--all")
        git("commit", "--message", "Change")
    git("checkout", "-b", "branch")
    (tmp_path / FRAGMENT).unlink()
    _write(tmp_path, PLUGIN, "other text")
    git("add", "--all")
    assert not _check_fragment(tmp_path)


def test_the_commits_of_a_pull_request_need_a_fragment(tmp_path: Path, git: Git) -> None:
    git("commit", "--allow-empty", "--message", "Begin")
    for name in (PLUGIN, FRAGMENT):
        _write(tmp_path, name, "text")
        git("add", "--all")
        git("commit", "--message", "Change")
    assert not _check_fragment(tmp_path, PRE_COMMIT_FROM_REF="HEAD~2", PRE_COMMIT_TO_REF="HEAD~1")
    assert _check_fragment(tmp_path, PRE_COMMIT_FROM_REF="HEAD~2", PRE_COMMIT_TO_REF="HEAD")


def _check_fragment(folder: Path, **env: str) -> bool:
    """Return whether the hook accepts the commit."""
    script = ROOT / "scripts" / "changelog_fragment.py"
    completed = subprocess.run(
        [sys.executable, script], cwd=folder, env={**os.environ, **env}, capture_output=True, text=True
    )
    assert (FRAGMENT.rpartition("/")[0] in completed.stdout) is bool(completed.returncode)
    return completed.returncode == 0
