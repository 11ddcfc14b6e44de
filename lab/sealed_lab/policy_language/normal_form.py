# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Policy documents as S3 returns them, and the replacement of principals in documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def replace_principals(document: dict[str, Any], replace: Callable[[str], str]) -> dict[str, Any]:
    """Return the document with other names in ``AWS`` of Principal and NotPrincipal."""
    statements = document.get("Statement")
    if isinstance(statements, dict):
        return {**document, "Statement": _replace_in_statement(statements, replace)}
    return {**document, "Statement": [_replace_in_statement(each, replace) for each in statements or ()]}


def _replace_in_statement(statement: dict[str, Any], replace: Callable[[str], str]) -> dict[str, Any]:
    found = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        value = found.get(element)
        if isinstance(value, dict) and "AWS" in value:
            names = value["AWS"]
            replaced = replace(names) if isinstance(names, str) else [replace(name) for name in names]
            found[element] = {**value, "AWS": replaced}
    return found
