# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The table of tested versions has what the sessions of ansible-test ran with, and nothing that did not pass."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = "scripts/tested_versions.py"
SITE_PACKAGES = "tests/output/.tmp/delegation/python3.12/lib/python3.12/site-packages"

pytestmark = pytest.mark.skipif(not (ROOT / SCRIPT).exists(), reason="the script is not part of the collection")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit that has the script, and nothing else."""
    repository = tmp_path / "repository"
    for folder in ("scripts", "docs", "tests/soak"):
        (repository / folder).mkdir(parents=True)
    shutil.copy(ROOT / SCRIPT, repository / SCRIPT)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "a"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    return repository


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return the tree of a run of ansible-test, as it is when the run ends."""
    tree = tmp_path / "ansible_collections" / "sealed" / "s3"
    for name in ("boto3-1.44.8", "botocore-1.44.9", "cryptography-50.0.2", "boto3_stubs-1.0.0"):
        (tree / SITE_PACKAGES / f"{name}.dist-info").mkdir(parents=True)
    (tree / SITE_PACKAGES).parents[2].joinpath("pyvenv.cfg").write_text("home = /usr\nversion = 3.12.11\n")
    environment = tmp_path / "environment"  # as uv makes it
    (environment / "lib" / "python3.13" / "site-packages" / "ansible_core-2.20.10.dist-info").mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text("home = /usr\nversion_info = 3.13.5\n")
    amazon_aws = tmp_path / "ansible_collections" / "amazon" / "aws"
    amazon_aws.mkdir(parents=True)
    (amazon_aws / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "10.1.2"}}))
    return tree


def call(repository: Path, tree: Path, *steps: str) -> None:
    """Call what the session of integration tests with ansible-core 2.20 calls."""
    calls = {
        "start": "tested_versions.start('integration', '2.20')",
        "finish": f"tested_versions.finish('integration', '2.20', Path({str(tree.parents[2] / 'environment')!r}))",
    }
    code = "\n".join(["from pathlib import Path", "import tested_versions", *(calls[step] for step in steps)])
    environment = {**os.environ, "PYTHONPATH": str(repository / "scripts")}
    subprocess.run([sys.executable, "-c", code], cwd=tree, env=environment, check=True)


def write_page(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(repository / SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def row(repository: Path, release: str) -> list[str]:
    """Return the cells of a release in the page."""
    page = (repository / "docs" / "tested_versions.md").read_text()
    (line,) = (line for line in page.splitlines() if line.startswith(f"| {release} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_run_that_passed(repository: Path, tree: Path) -> None:
    call(repository, tree, "start", "finish")
    assert write_page(repository, "--collect").returncode == 0
    assert row(repository, "2.20.10")[:7] == ["2.20.10", "3.12.11", "1.44.8", "10.1.2", "–", "–", "passed"]


def test_a_run_that_failed_or_was_interrupted(repository: Path, tree: Path) -> None:
    call(repository, tree, "start", "finish")
    call(repository, tree, "start")
    write_page(repository, "--collect")
    assert row(repository, "2.20")[:7] == ["2.20", "–", "–", "–", "–", "–", "failed"]


def test_results_of_other_commands_and_releases_are_kept(repository: Path, tree: Path) -> None:
    known = {"state": "passed", "date": "2026-01-01", "commit": "abc", "versions": {"ansible-core": ["2.9.27"]}}
    results = repository / "tests" / "soak" / "tested_versions.json"
    results.write_text(
        json.dumps({"2.20": {"units": {**known, "versions": {"Python": ["3.9.2"]}}}, "2.9": {"units": known}})
    )
    call(repository, tree, "start", "finish")
    write_page(repository, "--collect")
    assert list(json.loads(results.read_text())) == ["2.9", "2.20"]
    assert row(repository, "2.9.27")[4:8] == ["–", "passed", "–", "2026-01-01"]
    assert row(repository, "2.20.10")[1] == "3.9.2, 3.12.11"
    assert row(repository, "2.20.10")[4:7] == ["–", "passed", "passed"]


def test_a_commit_with_changes_is_marked(repository: Path, tree: Path) -> None:
    (repository / SCRIPT).write_text((repository / SCRIPT).read_text() + "\n")
    call(repository, tree, "start", "finish")
    write_page(repository, "--collect")
    assert row(repository, "2.20.10")[-1].endswith(" with changes`")


def test_the_check_finds_a_page_that_was_edited(repository: Path) -> None:
    assert write_page(repository, "--check").returncode == 1
    write_page(repository)
    assert write_page(repository, "--check").returncode == 0
    page = repository / "docs" / "tested_versions.md"
    page.write_text(page.read_text() + "| 2.22.0 | passed |\n")
    found = write_page(repository, "--check")
    assert found.returncode == 1
    assert "docs/tested_versions.md is not up to date" in found.stderr


def test_the_run_with_the_oldest_versions(repository: Path) -> None:
    part = {"state": "passed", "date": "2026-01-01", "commit": "abc", "seconds": 1, "figures": "boto3==1.2.3: 4 tasks"}
    (repository / "tests" / "soak" / "results.json").write_text(json.dumps({"oldest": part}))
    write_page(repository)
    page = (repository / "docs" / "tested_versions.md").read_text()
    assert "| boto3==1.2.3: 4 tasks | passed | 2026-01-01 | `abc` |\n" in page
