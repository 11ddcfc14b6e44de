# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Only the folder `kinds` knows the kinds of encryption."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import KINDS
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.architecture.source import (
    MODULE_UTILS,
    SOURCES,
    nodes_with_parents,
    tree,
    violations,
)

KINDS_FOLDER = MODULE_UTILS / "model" / "kinds"
OUTSIDE_KINDS = [path for path in SOURCES if KINDS_FOLDER not in path.parents]
# Kinds that have a name for their role. Their use does not name a kind.
KINDS_BY_ROLE = {"OMITTED", "S3_DEFAULT", "CUSTOMER_KEY", "UNENCRYPTED"}
# The other names of the registry that may be imported.
LISTS_OF_KINDS = {
    "KINDS",
    "OBJECT_KINDS",
    "BUCKET_DEFAULT_KINDS",
    "CIPHERTEXT_KINDS",
    "BLOCKABLE_KINDS",
    "HEADER_KINDS",
}
LOOKUPS = {
    "find_kind",
    "find_kind_by_wire",
    "find_kind_by_wrap",
    "recognise",
    "bucket_kinds_with_option",
    "require_accepted_options",
} | {
    "name_of_choice",
    "with_wire_words",
}
CONSTANTS = {"NOTHING_BLOCKED", "KMS_WIRES", "CUSTOMER_KEYS_MAY_BE_CLIENT_SIDE"} | {
    "UNSUPPORTED_CLIENT_SIDE",
    "UNREADABLE_CLIENT_SIDE",
}
MAY_BE_IMPORTED = KINDS_BY_ROLE | LISTS_OF_KINDS | LOOKUPS | CONSTANTS


def texts(path: Path) -> Iterator[str]:
    """The strings of a file, including docstrings. The documentation of a module may name kinds."""
    documentation = [
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("DOCUMENTATION", "EXAMPLES", "RETURN")
    ]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
            yield node.value


def test_only_kinds_imports_a_kind() -> None:
    """Other code imports only the allowed names of the registry, without renaming them, and no file of a kind."""

    def imports_a_kind(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom):
                continue
            module = (node.module or "").split(".")
            for alias in node.names:
                of_registry = module[-1] == "registry" and alias.name in MAY_BE_IMPORTED
                if ("kinds" in module or alias.name == "kinds") and (
                    alias.asname or not (of_registry or module[-1] in ("kind", "encryption"))
                ):
                    yield ast.unparse(node)

    assert violations(imports_a_kind, OUTSIDE_KINDS) == []


def test_only_kinds_names_a_kind() -> None:
    """Not even as a part of a word. Other code uses properties of a kind, so a new kind is a file and a line."""
    words = "|".join(re.escape(name) for kind in KINDS for name in (kind.name, kind.wire) if name)
    named = re.compile(rf"(?<![\w:-])({words})(?![\w:-])|(?i:(?<![\w/#-])(d?sse|cse)-)|(?<!arn:)aws:kms(?!:[A-Z])")
    assert violations(lambda path: filter(named.search, texts(path)), OUTSIDE_KINDS) == []


def test_no_kind_is_recognised_by_identity() -> None:
    """Other code uses attributes of a role, or has it as a default. It does not compare it or index a list."""

    def uses_identity(path: Path) -> Iterator[str]:
        for node, parent in nodes_with_parents(path):
            if isinstance(node, ast.Name):
                is_compared = node.id in KINDS_BY_ROLE and not isinstance(parent, (ast.Attribute, ast.AnnAssign))
                is_indexed = node.id in LISTS_OF_KINDS and isinstance(parent, ast.Subscript)
                if is_compared or is_indexed:
                    yield ast.unparse(parent)

    assert violations(uses_identity, OUTSIDE_KINDS) == []
