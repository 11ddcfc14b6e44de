# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every playbook of examples/ has a test."""

from __future__ import annotations

import importlib
from pathlib import Path

import yaml

from .conftest import EXAMPLES

TESTS = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py") if path.stem != Path(__file__).stem)


def playbooks() -> set[str]:
    """The files that are lists of plays."""
    found = set()
    for path in EXAMPLES.rglob("*.yml"):
        content = yaml.safe_load(path.read_text())
        if isinstance(content, list) and all("hosts" in play for play in content):
            found.add(path.relative_to(EXAMPLES).as_posix())
    return found


def test_every_playbook_is_run() -> None:
    """One of the tests runs playbooks of the collection, with a file of variables."""
    tested = {importlib.import_module(f"{__package__}.{name}").PLAYBOOK for name in TESTS}
    assert playbooks() == tested - {"audit/baseline.yml"}
    assert all((EXAMPLES / name).is_file() for name in tested)


def test_the_index_names_every_playbook() -> None:
    index = (EXAMPLES / "README.md").read_text()
    missing = [name for name in sorted(playbooks()) if f"({name})" not in index]
    assert not missing
