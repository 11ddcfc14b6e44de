# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The messages in docs/errors.md are those of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def pattern_of(node: ast.expr) -> str | None:
    """A regular expression for the values of a string or f-string; None for other expressions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern_of(part) or ".+?" for part in node.values)
    return None


def messages() -> list[re.Pattern[str]]:
    """A pattern for each string in the code that has two words in a row."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "plugins").rglob("*.py")))
    patterns = (pattern_of(node) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.expr))
    return [re.compile(pattern) for pattern in patterns if pattern and re.search(r"\w\\ \w", pattern)]


MESSAGES = messages()
DOCUMENTED = re.findall(
    r"^\|[^|]*\| `([^`|]+[.…])` \|", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_messages_are_documented() -> None:
    """The table has not changed its form."""
    assert len(DOCUMENTED) > 20


@pytest.mark.parametrize("documented", DOCUMENTED)
def test_a_documented_message_is_a_message_of_the_code(documented: str) -> None:
    """Word by word, with the values of an example. An … stands for words that are omitted."""
    assert any(pattern.fullmatch(documented.replace("…", "some more words.")) for pattern in MESSAGES)
