# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options that identify a key: its alias or its id."""

from __future__ import annotations

from ...model.errors import invalid_input
from ...model.keys.key_ref import ALIAS
from ..arguments import ArgumentSpec


def identity_arguments() -> ArgumentSpec:
    """The options for the alias and the id."""
    return {"alias": {"type": "str"}, "key_id": {"type": "str", "no_log": False}}


def parse_alias(text: str) -> str:
    """The full name of an alias, whose prefix is optional; raises OperationError for an alias that AWS reserves."""
    alias = text if text.startswith("alias/") else f"alias/{text}"
    if not ALIAS.match(alias) or alias.startswith("alias/aws/"):
        raise invalid_input(
            f"{text!r} is not a valid alias for your keys.",
            "Use letters, digits, /, _ and - after alias/. AWS reserves alias/aws/ for the keys that it manages.",
        )
    return alias
