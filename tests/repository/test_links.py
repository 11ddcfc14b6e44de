# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The check of links: which of them it finds broken."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Git

links = importlib.import_module("links")

Check = Callable[..., list[str]]

OTHER = """# Title
## The `encryption:` option, and why
## Twice
## Twice
<a id="here"></a>
"""


@pytest.fixture
def errors(tmp_path: Path, git: Git) -> Check:
    """Return the errors of a repository whose README.md has this text."""
    files = {"docs/other.md": OTHER, "scripts/run.py": "", "plugins/module_utils/model/plan.py": "", "galaxy.yml": ""}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def check(text: str, name: str = "README.md") -> list[str]:
        (tmp_path / name).write_text(text)
        return list(links.checkout(tmp_path).errors())

    return check


@pytest.mark.parametrize(
    "text",
    [
        "[a](docs/other.md)",
        "[a](/docs/other.md)",
        "[a](docs)",
        "[a](docs/other.md#the-encryption-option-and-why)",
        "[a](docs/other.md#twice-1)",
        "[a](docs/other.md#here)",
        "[a][b]\n\n[b]: docs/other.md#title",
        "# Own title\n[a](#own-title)",
        "[a](https://example.com/missing.md)",
        "[a](mailto:somebody@example.com)",
        "<a href='docs/other.md'>a</a>",
        "`[a](missing.md)`",
        "```\n[a](missing.md)\n```",
        "`scripts/run.py`, `scripts/*.py`, `model/plan.py`, `scripts/NAME.py`, `aws/sdk`, `and/or`",
        f"{links.REPOSITORY}/blob/main/docs/other.md#title and /issues",
        f"{links.REPOSITORY}/tree/main/docs.",
    ],
)
def test_accepts(errors: Check, text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a\n\n[a](missing.md)", "README.md:3: missing.md does not exist"),
        ("a\n[a](docs/Other.md)", "README.md:2: docs/Other.md does not exist"),
        ("[a](../README.md)", "README.md:1: ../README.md does not exist"),
        ("![a](docs/picture.png)", "README.md:1: docs/picture.png does not exist"),
        ("[a][b]\n\n[b]: missing.md", "README.md:1: missing.md does not exist"),
        ("<img src='missing.png'>", "README.md:1: missing.png does not exist"),
        ("| a |\n|---|\n| [a](missing.md) |", "README.md:3: missing.md does not exist"),
        ("[a](#missing)", "README.md:1: README.md has no heading or anchor #missing"),
        ("[a](docs/other.md#twice-2)", "README.md:1: docs/other.md has no heading or anchor #twice-2"),
        ("`scripts/missing.py`", "README.md:1: scripts/missing.py does not exist"),
        ("`scripts/*.sh`", "README.md:1: scripts/*.sh does not exist"),
        ("`model/missing.py`", "README.md:1: model/missing.py does not exist"),
        ("<source srcset='missing.webp'>", "README.md:1: missing.webp does not exist"),
        (f"{links.REPOSITORY}/blob/main/missing.md", "README.md:1: missing.md does not exist"),
        (f"![a]({links.RAW}/main/docs/missing.svg)", "README.md:1: docs/missing.svg does not exist"),
    ],
)
def test_finds(errors: Check, text: str, error: str) -> None:
    assert errors(text) == [error]


def test_urls_of_this_repository_are_checked_in_every_file(errors: Check) -> None:
    found = errors(f"documentation: {links.REPOSITORY}/tree/main/missing\n", "galaxy.yml")
    assert found == ["galaxy.yml:1: missing does not exist"]


def test_documents_that_code_and_messages_name_are_checked(errors: Check) -> None:
    text = "# See docs/other.md, docs/other.md#here and not-docs/missing.md\n# docs/missing.md says why\n"
    assert errors(text, "scripts/run.py") == ["scripts/run.py:2: docs/missing.md does not exist"]


def test_links_to_other_hosts_are_pages(errors: Check, tmp_path: Path) -> None:
    errors("<https://docs.aws.amazon.com/a.html>, http://127.0.0.1:5000/, https://s3.eu-west-1.amazonaws.com/b/c")
    assert links.checkout(tmp_path).other_hosts() == ["https://docs.aws.amazon.com/a.html"]
