# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The script of releases keeps version, fragments and changelog consistent, and makes a release from fragments."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = "scripts/release.py"
SESSION = "plugins/module_utils/aws/session.py"
REPORTS = "plugins/module_utils/frontend/report/collection.py"

pytestmark = pytest.mark.skipif(not (ROOT / SCRIPT).exists(), reason="the script is not part of the collection")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a copy of what the script reads, as it is between release 0.1.0 and release 0.2.0."""
    for name in (SCRIPT, SESSION, REPORTS, "CHANGELOG.md", "CHANGELOG.rst", "changelogs/config.yaml", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "changelogs" / "fragments").mkdir()
    (tmp_path / "changelogs" / "changelog.yaml").write_text(
        "---\nancestor: null\nreleases:\n  0.1.0:\n    changes:\n      release_summary: The first release.\n"
        "    fragments:\n      - 0.1.0.yml\n    release_date: '2026-11-26'\n"
    )
    shutil.copy(ROOT / "galaxy.yml", tmp_path)
    set_version(tmp_path, "0.2.0")
    return tmp_path


def set_version(repository: Path, version: str) -> None:
    """Write a version into each file that names it."""
    for name, begin in (("galaxy.yml", "version: "), (SESSION, 'COLLECTION = "sealed.s3/'), (REPORTS, 'VERSION = "')):
        path = repository / name
        end = '"' if '"' in begin else ""
        lines = [begin + version + end if line.startswith(begin) else line for line in path.read_text().splitlines()]
        path.write_text("\n".join(lines) + "\n")


def release(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a copy."""
    command = [sys.executable, str(repository / SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def add_fragment(repository: Path) -> None:
    fragment = "---\nminor_changes:\n  - s3_encrypted_object - a new option.\n"
    (repository / "changelogs" / "fragments" / "1-option.yml").write_text(fragment)


@pytest.mark.parametrize("version", ["0.1.1", "0.2.0", "1.0.0"])
def test_sets_each_version_that_follows_the_release(repository: Path, version: str) -> None:
    assert release(repository, "next", version).returncode == 0
    assert f"\nversion: {version}\n" in (repository / "galaxy.yml").read_text()
    assert f'\nCOLLECTION = "sealed.s3/{version}"\n' in (repository / SESSION).read_text()
    assert f'\nVERSION = "{version}"\n' in (repository / REPORTS).read_text()


@pytest.mark.parametrize("version", ["0.1.0", "0.1.2", "0.3.0", "0.2.1", "2.0.0", "0.2", "0.2.0-dev0", "00.2.0"])
def test_refuses_any_other_version(repository: Path, version: str) -> None:
    refused = release(repository, "next", version)
    assert refused.returncode == 1
    assert version in refused.stderr
    assert "\nversion: 0.2.0\n" in (repository / "galaxy.yml").read_text()


def test_finds_files_that_name_different_versions(repository: Path) -> None:
    path = repository / "galaxy.yml"
    path.write_text(path.read_text().replace("version: 0.2.0", "version: 0.1.1"))
    found = release(repository, "check")
    assert found.returncode == 1
    assert "0.1.1" in found.stderr
    assert "0.2.0" in found.stderr


def test_finds_a_version_that_skips_one(repository: Path) -> None:
    set_version(repository, "0.4.0")
    assert "does not follow 0.1.0" in release(repository, "check").stderr


def test_finds_fragments_of_a_version_that_is_released(repository: Path) -> None:
    set_version(repository, "0.1.0")
    add_fragment(repository)
    assert "1-option.yml" in release(repository, "check").stderr


@pytest.mark.parametrize("tag", ["0.1.0", "0.2.0", "v0.2.0"])
def test_refuses_a_tag_of_a_commit_that_is_no_release(repository: Path, tag: str) -> None:
    assert f"The tag is {tag}" in release(repository, "check", "--tag", tag).stderr


def test_finds_a_changelog_that_is_not_rendered(repository: Path) -> None:
    assert "CHANGELOG.md is not up to date" in release(repository, "check").stderr


def test_makes_a_release(repository: Path) -> None:
    add_fragment(repository)
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
    made = release(repository, "make", "0.2.0")
    assert made.returncode == 0, made.stderr
    assert not list((repository / "changelogs" / "fragments").iterdir())
    checked = release(repository, "check", "--tag", "0.2.0")
    assert (checked.returncode, checked.stdout) == (0, "0.2.0: released\n"), checked.stderr
    notes = release(repository, "notes", "0.2.0").stdout
    assert "a new option" in notes
    assert "The first release" not in notes
    assert "The first release" in (repository / "CHANGELOG.rst").read_text()
