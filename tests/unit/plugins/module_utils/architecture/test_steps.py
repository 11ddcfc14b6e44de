# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every match is closed, and steps are distinguished by match only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.architecture.source import (
    ROOM_FILES,
    SOURCES,
    relative_path,
    room_of,
    tree,
    violations,
)

# The last case of a match that handles some members of a union, and delegates all others.
DELEGATED_CASES = {
    "return Applied(replace(context, primary=self.primary.apply(step, context.primary).context))",
    "replicated = self._wait_until_replicated(region, context)\n"
    "applied = self.primary.in_region(region, replica.desired).apply(step, replicated)\n"
    "return replace(replica, context=applied.context)",
}


def test_every_match_is_closed() -> None:
    """A missing member of a union is a type error, and raises an error at run time."""

    def is_open(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Match):
                last, subject = node.cases[-1], ast.unparse(node.subject)
                body = "\n".join(ast.unparse(line) for line in last.body)
                is_delegated = relative_path(path) == "module_utils/engine/keys/replicas.py" and body in DELEGATED_CASES
                is_closed = ast.unparse(last.pattern) == "_" and last.guard is None
                if not is_closed or not (is_delegated or body == f"assert_never({subject})"):
                    yield subject

    assert violations(is_open, SOURCES) == []


def defined(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The name that a statement of a class defines, if any, and its type."""
    if isinstance(statement, ast.FunctionDef):
        yield statement.name, ast.unparse(statement.returns) if statement.returns else ""
    elif isinstance(statement, ast.AnnAssign):
        yield ast.unparse(statement.target), ast.unparse(statement.annotation)


def steps_of_the_model() -> dict[str, dict[str, str]]:
    """All classes of steps, with the names that they define. A step is a class that defines `operations`."""
    classes = {
        node.name: dict(name for line in node.body for name in defined(line))
        for path in ROOM_FILES
        if room_of(path) == "model"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    }
    not_steps = ("Step", "Plan", "Outcome")
    return {name: lines for name, lines in classes.items() if "operations" in lines and name not in not_steps}


STEPS = steps_of_the_model()


def test_operations_are_literals() -> None:
    """They are the Literals of model/operations.py, so that a wrong name is a type error."""
    assert {"PutObject", "DeleteObject", "PutBucketEncryption", "CreateKey", "InRegion", "Download"} <= set(STEPS)
    assert {lines["operations"] for lines in STEPS.values()} == {"Operations", "ClassVar[Operations]"}
    assert "str" not in {lines.get("operation") for lines in STEPS.values()}


def test_steps_are_distinguished_by_match() -> None:
    """A chain of isinstance can miss a step without an error: once, it missed the deletion of an object."""

    def distinguishes(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            parts: list[ast.expr | None] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
                parts = [*node.args[1:]]
            elif isinstance(node, ast.Compare):
                parts = [node.left, *node.comparators]
                if "__name__" in ast.unparse(node):
                    yield ast.unparse(node)
            elif isinstance(node, ast.Dict):
                parts = node.keys
            # a call creates a step, which is compared as a value
            classes = [part for part in parts if part and not isinstance(part, ast.Call)]
            if {name.id for part in classes for name in ast.walk(part) if isinstance(name, ast.Name)} & set(STEPS):
                yield ast.unparse(node)

    assert violations(distinguishes, ROOM_FILES) == []
