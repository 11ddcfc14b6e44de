# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Conventions of the code: docstrings, check mode, and failures."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.architecture.source import (
    ROOM_FILES,
    SOURCES,
    for_each,
    relative_path,
    room_of,
    tree,
    violations,
)


@for_each([path for path in SOURCES if path.name != "__init__.py"])
def test_public_names_have_a_docstring(path: Path) -> None:
    """Every file, and every public class, function and method. A module has DOCUMENTATION instead."""
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    missing: list[str] = []

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if not isinstance(node, definitions) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node) and not (room_of(path) == "modules" and node.name == "main"):
                missing.append(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{prefix}{node.name}.")

    source = tree(path)
    if room_of(path) != "modules" and not ast.get_docstring(source):
        missing.append("the file")
    visit(source.body, "")
    assert missing == []


@for_each([path for path in ROOM_FILES if room_of(path) != "frontend"])
def test_only_reconcile_and_the_frontend_use_check_mode(path: Path) -> None:
    """One place in the engine decides whether to write, so code below it cannot forget check mode."""
    nodes = list(ast.walk(tree(path)))
    names = {node.arg for node in nodes if isinstance(node, ast.arg)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.id for node in nodes if isinstance(node, ast.Name)}
    assert ("check_mode" in names) == (relative_path(path) == "module_utils/engine/reconcile.py")


@for_each([path for path in ROOM_FILES if room_of(path) != "frontend"])
def test_only_the_frontend_ends_a_module(path: Path) -> None:
    """Below the frontend, failures are values and exceptions."""
    attributes = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    assert attributes & {"exit_json", "fail_json", "fail_json_aws"} == set()


def test_advice_is_added_by_a_method() -> None:
    """Not by a context manager around the call, and not by `replace` on a failure."""

    def adds_advice(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "replace":
                if {keyword.arg for keyword in node.keywords} & {"advice", "resource"}:
                    yield ast.unparse(node)
            elif isinstance(node, ast.FunctionDef) and "contextmanager" in map(ast.unparse, node.decorator_list):
                handlers = [part for part in ast.walk(node) if isinstance(part, ast.ExceptHandler)]
                if any("OperationError" in ast.unparse(handler) for handler in handlers):
                    yield node.name

    above_aws = [path for path in ROOM_FILES if room_of(path) != "aws" and path.name != "errors.py"]
    assert violations(adds_advice, above_aws) == []
