# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which room may import what, and that all imports are static."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.architecture.source import (
    MAY_IMPORT,
    MODULE_UTILS,
    ROOM_FILES,
    SOURCES,
    folder_of,
    for_each,
    imported_names,
    imports_by_room,
    own_imports,
    relative_path,
    room_of,
    tree,
)

# The folders, of any room, that a folder of any room may not import.
FOLDERS_MAY_NOT_IMPORT: dict[str, set[str]] = {"buckets": {"objects"}, "keys": {"objects"}}
# Folders that are independent of a resource, and all own rooms that they may import.
INDEPENDENT_OF_RESOURCES: dict[str, set[str]] = {"engine.transfer": {"model"}, "engine.fleet": {"model"}}

# The model is a function of its arguments: no clock, no random numbers, no threads, no files and no log.
NOT_IN_MODEL = {
    *("threading", "concurrent", "asyncio", "multiprocessing", "queue", "time", "os", "logging", "random", "secrets"),
    *("uuid", "tempfile", "pathlib", "io", "socket", "subprocess", "urllib", "http", "sys"),
}
# Ansible finds the code that a target needs by reading the imports, without running them.
DYNAMIC_IMPORTS = {"importlib", "pkgutil", "runpy", "imp"}


def is_allowed(name: str, room: str) -> bool:
    if name.split(".")[0] in sys.stdlib_module_names:
        return True
    return any(name == allowed or name.startswith(f"{allowed}.") for allowed in {*MAY_IMPORT[room], room})


def test_every_room_is_in_the_table() -> None:
    """A new room needs an entry in MAY_IMPORT."""
    rooms = {path.name for path in MODULE_UTILS.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert rooms == set(MAY_IMPORT) - {"modules", "action", "inventory", "lookup", "plugin_utils"}


@for_each(SOURCES)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    """Dependencies have one direction: modules, frontend, engine, then envelope and aws, then model."""
    room = room_of(path)
    assert [name for name in imports_by_room(path) if not is_allowed(name, room)] == []


@for_each(SOURCES)
def test_one_file_imports_cryptography(path: Path) -> None:
    """Everything else works without the package, also the parsing of an envelope."""
    imports = [name for name in imported_names(path) if name.split(".")[0] == "cryptography"]
    assert bool(imports) == (relative_path(path) == "module_utils/envelope/cryptography_package.py")


@for_each([path for path in ROOM_FILES if folder_of(path) in FOLDERS_MAY_NOT_IMPORT])
def test_buckets_and_keys_do_not_import_objects(path: Path) -> None:
    """An object depends on its bucket and its key, and not the reverse."""
    forbidden = FOLDERS_MAY_NOT_IMPORT[folder_of(path)]
    assert [name for name in own_imports(path) if name.split(".")[1] in forbidden] == []


@pytest.mark.parametrize("room", ["model", "envelope", "aws", "engine", "frontend"])
def test_folders_of_a_room_do_not_import_in_a_circle(room: str) -> None:
    """Imports for type checking count too. The files at the top of a room are one folder, which imports no other."""
    imports: dict[str, set[str]] = {}
    for path in (path for path in ROOM_FILES if room_of(path) == room):
        ours = [name.split(".") for name in own_imports(path) if name.startswith(f"{room}.")]
        folders = {parts[1] if (MODULE_UTILS / room / parts[1]).is_dir() else "" for parts in ours}
        imports.setdefault(folder_of(path), set()).update(folders - {folder_of(path)})
    while leaves := [folder for folder, needed in imports.items() if not needed & set(imports)]:
        for folder in leaves:
            del imports[folder]
    assert imports == {}


@for_each([path for path in ROOM_FILES if f"{room_of(path)}.{folder_of(path)}" in INDEPENDENT_OF_RESOURCES])
def test_transfer_and_fleet_do_not_depend_on_a_resource(path: Path) -> None:
    """They serve every resource, and receive the calls that they make as arguments."""
    own = f"{room_of(path)}.{folder_of(path)}"
    allowed = tuple(f"{room}." for room in {*INDEPENDENT_OF_RESOURCES[own], own})
    assert [name for name in own_imports(path) if not name.startswith(allowed)] == []


@for_each([path for path in SOURCES if room_of(path) == "model"])
def test_the_model_is_pure(path: Path) -> None:
    """No clock, random numbers, threads, files or log, also not of the standard library."""
    assert [name for name in imported_names(path) if name.split(".")[0] in NOT_IN_MODEL] == []
    clocks = ("now", "utcnow", "today", "fromtimestamp")
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in clocks]
    assert [ast.unparse(call) for call in calls] == []
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Name) and node.id in ("open", "print")]
    assert [ast.unparse(name) for name in functions] == []


@for_each([path for path in SOURCES if room_of(path) == "modules"])
def test_a_module_imports_one_file_of_the_frontend(path: Path) -> None:
    """A module contains its documentation and one call. Before its own file it prepares the import of all others."""
    first, *frontend = [name for name in imports_by_room(path) if name.startswith("frontend")]
    assert first == "frontend.payload"
    assert len(frontend) == 1, frontend
    statements = [ast.unparse(node) for node in tree(path).body if not isinstance(node, ast.ImportFrom)]
    assert "payload.compile_once()" in statements


@for_each(SOURCES)
def test_imports_are_static(path: Path) -> None:
    """A file that is not imported by its name is not sent to a target."""
    assert [name for name in imported_names(path) if name.split(".")[0] in DYNAMIC_IMPORTS] == []
    names = [node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)]
    assert [name for name in names if name in ("__import__", "exec", "eval")] == []
    starred = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    assert [ast.unparse(star) for star in starred] == []


@pytest.mark.parametrize(
    "folder", sorted({folder for path in ROOM_FILES for folder in (path.parent, MODULE_UTILS)}), ids=relative_path
)
def test_every_init_file_exists_and_is_empty(folder: Path) -> None:
    """The import of a package runs no code."""
    assert (folder / "__init__.py").read_bytes() == b""
