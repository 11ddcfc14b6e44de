# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `assume_role` of every module, and the options of a session, which those for accounts have, too.

Their specs are in `arguments`, so that a task without them starts faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.accounts.account import SESSION_NAME, AssumedRole
from ..model.accounts.role_rules import SessionOptions, parse_role_arn
from ..model.errors import invalid_input


def parse_assume_role(params: Mapping[str, Any]) -> tuple[AssumedRole, ...]:
    """The roles to assume, each with the session of the one before it; empty if the task assumes none.

    Raises OperationError for what is not a role, and for what STS refuses.
    """
    given = params.get("assume_role")
    return () if given is None else parse_chain(given, "assume_role.")


def parse_chain(given: Mapping[str, Any], place: str) -> tuple[AssumedRole, ...]:
    """The roles of `role_arn` in a dict of options. `place` ends before the name of an option, for errors."""
    texts: list[str] = given["role_arn"]
    if not any(texts):
        raise invalid_input(
            f"{place}role_arn is empty.", "Give the ARN of a role, or a list of them: each one leads to the next."
        )
    session = parse_session(given)
    names = [f"{place}role_arn[{index}]" for index in range(len(texts))] if len(texts) > 1 else [f"{place}role_arn"]
    arns = [parse_role_arn(name, text) for name, text in zip(names, texts, strict=True)]
    repeated = next((arn for position, arn in enumerate(arns) if arn in arns[:position]), None)
    if repeated is not None:
        raise invalid_input(f"{place}role_arn names {repeated} twice.", "Name each role of the chain once, in order.")
    session.require_valid(place, roles=len(arns))
    return tuple(session.assume(arn) for arn in arns)


def parse_session(given: Mapping[str, Any]) -> SessionOptions:
    """The options of a session. They are not checked, because their limits depend on the number of roles."""
    name = given.get("session_name")
    return SessionOptions(
        given.get("external_id"), SESSION_NAME if name is None else name, given.get("duration_seconds")
    )
