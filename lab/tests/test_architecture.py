# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The structure of the package: its imports and the size of its functions."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import sealed_lab

PACKAGE = Path(sealed_lab.__file__).parent
MOST_PARAMETERS = 6


def _module_name(path: Path) -> str:
    parts = [PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """The parsed modules of the package by name."""
    return {_module_name(path): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements of a module, also those in functions, classes and branches."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for each in getattr(node, block, ()):
            yield each
            yield from _statements(each)


def _imported_names(module: str, tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports, at every place: in functions and under TYPE_CHECKING too."""
    is_package = (PACKAGE.parent / module.replace(".", "/")).is_dir()
    parents = module.split(".") if is_package else module.split(".")[:-1]
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parents[: len(parents) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _module_of(name: str, modules: dict[str, ast.Module]) -> str | None:
    """Return the module that an imported name belongs to, None if it is not of this package."""
    return next((each for each in (name, name.rpartition(".")[0]) if each in modules), None)


@pytest.fixture(scope="module")
def imports(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """The modules of the package that each module imports."""
    return {
        module: {found for name in _imported_names(module, tree) if (found := _module_of(name, trees))}
        for module, tree in trees.items()
    }


def test_no_module_imports_itself_through_others(imports: dict[str, set[str]]) -> None:
    assert "sealed_lab.lab" in imports["sealed_lab.call"]
    assert "sealed_lab.s3.copying" in imports["sealed_lab.services"]
    TopologicalSorter(imports).prepare()  # raises CycleError, with the modules of the circle


def test_no_two_packages_import_each_other(imports: dict[str, set[str]]) -> None:
    """The service packages. A package inside another one counts as a part of it."""

    def package(module: str) -> str:
        name = module.split(".")[1] if "." in module else ""
        return name if (PACKAGE / name).is_dir() else ""

    pairs = {(package(module), package(name)) for module, names in imports.items() for name in names}
    assert ("organizations", "identity") in pairs
    assert not [pair for pair in pairs if "" not in pair and pair[0] != pair[1] and pair[::-1] in pairs]


def test_no_function_has_many_parameters(trees: dict[str, ast.Module]) -> None:
    """In the package and in its tests."""
    long = []
    tests = {path.stem: ast.parse(path.read_text()) for path in Path(__file__).parent.rglob("*.py")}
    for module, tree in {**trees, **tests}.items():
        for node in _statements(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names = [each.arg for each in every if each.arg not in ("self", "cls")]
                if len(names) > MOST_PARAMETERS:
                    long.append(f"{module}.{node.name}: {', '.join(names)}")
    assert not long


def test_imports_are_declared_dependencies(trees: dict[str, ast.Module]) -> None:
    """The package needs nothing from its repository, and nothing that its installation does not bring."""
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    (block,) = re.findall(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    declared = set(re.findall(r'"([A-Za-z0-9_-]+)', block))
    imported = {
        (name.partition(".")[0], module) for module, tree in trees.items() for name in _imported_names(module, tree)
    }
    others = {each for each in imported if each[0] not in {"sealed_lab", *sys.stdlib_module_names}}
    for_type_checkers = "typing_extensions"
    assert {name for name, _ in others} - {"pytest", for_type_checkers} == declared
    assert {module for name, module in others if name == "pytest"} == {"sealed_lab.pytest_plugin"}
