# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The page of a module or lookup that `ansible-doc` shows: short before the options, with the details in `docs/`."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
MODULES = sorted((ROOT / "plugins").glob("modules/[!_]*.py"))
LOOKUPS = sorted((ROOT / "plugins").glob("lookup/[!_]*.py"))
INVENTORIES = sorted((ROOT / "plugins").glob("inventory/[!_]*.py"))
PAGES = [*MODULES, *LOOKUPS, *INVENTORIES]
MOST_SENTENCES = 4
# Those that call nothing of AWS.
WITHOUT_AWS = {"encryption_report"}


def documentation(path: Path) -> dict[str, Any]:
    """The documentation in the file of a module."""
    values = [
        ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION"
    ]
    page: dict[str, Any] = yaml.safe_load(values[0])
    return page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_description_is_short(path: Path) -> None:
    """A reader comes to the options at once."""
    sentences = [each for text in documentation(path)["description"] for each in re.split(r"\.\s+", text)]
    assert 1 <= len(sentences) <= MOST_SENTENCES


@pytest.mark.skipif(not (ROOT / "docs").exists(), reason="the documentation is not part of the collection")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_pages_that_a_module_names_exist(path: Path) -> None:
    """Each names its page of details, the API calls and the permissions."""
    named = set(re.findall(r"C\((docs/\w+\.md)\)", path.read_text()))
    assert ({"docs/api_calls.md", "docs/permissions.md"} < named) == (path.stem not in WITHOUT_AWS)
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", LOOKUPS, ids=lambda path: path.stem)
def test_the_page_of_a_lookup_demands_no_log(path: Path) -> None:
    """Ansible shows the values of a task, and only the task can hide them."""
    assert any("C(no_log=true)" in text for text in documentation(path)["description"])
