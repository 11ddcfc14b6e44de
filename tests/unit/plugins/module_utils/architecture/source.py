# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads the source of the collection for the tests of its architecture."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model import secret

MODULE_UTILS = Path(secret.__file__).parents[1]
PLUGINS = MODULE_UTILS.parent
OWN = "ansible_collections.sealed.s3.plugins."

# What each room may import besides the standard library and itself: rooms, packages, or one file of a room.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "envelope": {"cryptography", "model"},
    "aws": {"boto3", "botocore", "urllib3", "model"},
    "engine": {
        "awscrt",
        "model",
        "envelope",
        "aws.objects.ports",
        "aws.buckets.ports",
        "aws.keys.ports",
        "aws.accounts.ports",
        "aws.batch_jobs.ports",
    },
    "frontend": {"ansible", "ansible_collections.amazon.aws", "model", "envelope", "aws", "engine"},
    "modules": {"frontend"},
    # on the controller
    "action": {"ansible", "plugin_utils"},
    "lookup": {"plugin_utils"},
    "inventory": {"plugin_utils"},
    "plugin_utils": {"ansible", "jinja2", "markupsafe", "frontend", "model"},
}


def room_of(path: Path) -> str:
    """The first folder below plugins/module_utils, or below plugins."""
    inside = path.relative_to(MODULE_UTILS if MODULE_UTILS in path.parents else PLUGINS)
    return inside.parts[0]


def folder_of(path: Path) -> str:
    """The folder inside the room; empty for a file at the top of the room."""
    inside = path.relative_to(MODULE_UTILS if MODULE_UTILS in path.parents else PLUGINS).parts
    return inside[1] if len(inside) > 2 else ""


def _sources() -> list[Path]:
    """Every Python file of every room."""
    rooms = [folder / room for folder in (MODULE_UTILS, PLUGINS) for room in MAY_IMPORT]
    return sorted(path for room in rooms for path in room.rglob("*.py"))


def relative_path(path: Path) -> str:
    """The path below plugins, which names a file in test ids and messages."""
    return path.relative_to(PLUGINS).as_posix()


SOURCES = _sources()
# The files of module_utils that contain code.
ROOM_FILES = [path for path in SOURCES if path.name != "__init__.py" and MODULE_UTILS in path.parents]
OUTSIDE_AWS = [path for path in SOURCES if room_of(path) != "aws"]


def for_each(paths: list[Path]) -> pytest.MarkDecorator:
    """Run the test once for each of these files."""
    return pytest.mark.parametrize("path", paths, ids=relative_path)


@functools.cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def nodes_with_parents(path: Path) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every node of a file, with its parent node."""
    for parent in ast.walk(tree(path)):
        for child in ast.iter_child_nodes(parent):
            yield child, parent


def imported_names(path: Path) -> Iterator[str]:
    """The full dotted names that a file imports, anywhere in it. Relative imports are made absolute."""
    package = [*OWN.rstrip(".").split("."), *path.relative_to(PLUGINS).parts[:-1]]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_by_room(path: Path) -> Iterator[str]:
    """What a file imports: our own names begin with the room, such as `model.errors`; others are unchanged."""
    for name in imported_names(path):
        yield name.removeprefix(OWN).removeprefix("module_utils.") if name.startswith(OWN) else name


def own_imports(path: Path) -> list[str]:
    """The names of our own rooms that a file imports."""
    return [name for name in imports_by_room(path) if name.split(".")[0] in MAY_IMPORT]


def violations(rule: Callable[[Path], Iterator[str]], paths: list[Path]) -> list[str]:
    """Where files violate a rule. The rule yields the places in one file."""
    return [f"{relative_path(path)}: {place}" for path in paths for place in rule(path)]
