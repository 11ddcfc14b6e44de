# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Warnings about changes of KMS keys."""

from __future__ import annotations

from collections.abc import Sequence

from ..iam.policy_document import only_names, parse_policy, statements, unique_ids


def alias_moves(alias: str | None, holder: str, key_id: str | None) -> str:
    """The warning about an alias that moves from another key."""
    return (
        f"{alias} moves from the key {holder} to the key {key_id}: whatever names the alias uses this key from now on."
    )


def deleted_principal_warnings(arn: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """The warnings about principals that AWS reports as unique ids: those that are kept, and those that are removed."""
    reported = unique_ids(parse_policy(before)) if before else ()
    remaining = set(unique_ids(parse_policy(after))) if after else set()
    kept = [name for name in reported if name in remaining]
    removed = [name for name in reported if name not in remaining]
    warnings = []
    if kept:
        warnings.append(
            f"The policy of {arn} contains {', '.join(kept)} for a deleted user or role. A new one with the same name "
            "has no access. To grant it, remove its ARN from the task for one run, and add it again."
        )
    if removed:
        warnings.append(
            f"The policy of {arn} is written without {', '.join(removed)}, which AWS reports for a deleted user or "
            f"role and KMS does not accept.{_removed_statements(before or '', removed)} If the task still names the "
            "ARN of one of them, the next run adds it: remove the ARNs that do not exist."
        )
    return tuple(warnings)


def _removed_statements(before: str, deleted: Sequence[str]) -> str:
    """A sentence about the statements that name deleted principals only; empty if there are none."""
    names = [
        str(each.get("Sid") or "one without a Sid")
        for each in statements(parse_policy(before))
        if only_names(each, deleted)
    ]
    if not names:
        return ""
    return f" Statements that name no other principal are removed: {', '.join(names)}."
