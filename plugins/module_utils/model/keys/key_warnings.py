# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a person should know of a change of a KMS key."""

from __future__ import annotations

from collections.abc import Sequence

from ..iam.policy_document import only_names, parse_policy, statements, unique_ids


def alias_moves(alias: str | None, holder: str, key_id: str | None) -> str:
    """The warning about an alias that is taken from another key."""
    return f"{alias} moves from the key {holder} to the key {key_id}: what names the alias uses this key from now on."


def deleted_principal_warnings(arn: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """The warnings about principals that AWS shows by their unique ids: those that stay so, and those that go."""
    shown = unique_ids(parse_policy(before)) if before else ()
    left = set(unique_ids(parse_policy(after))) if after else set()
    stay, go = [name for name in shown if name in left], [name for name in shown if name not in left]
    warnings = []
    if stay:
        warnings.append(
            f"The policy of {arn} shows {', '.join(stay)} where a user or role was deleted. One of the same name "
            "that was made since has no access: take its ARN out of the task for one run, and put it in again."
        )
    if go:
        warnings.append(
            f"The policy of {arn} is written without {', '.join(go)}, which AWS shows for a deleted user or role, and "
            f"KMS does not take.{_emptied(before or '', go)} Where the task still names one of them by its ARN, the "
            "next run adds that: take out those that do not exist."
        )
    return tuple(warnings)


def _emptied(before: str, gone: Sequence[str]) -> str:
    """What to say of the statements that name nobody but deleted principals."""
    names = [
        str(each.get("Sid") or "one without a Sid")
        for each in statements(parse_policy(before))
        if only_names(each, gone)
    ]
    if not names:
        return ""
    return f" With them goes what named nobody else: {', '.join(names)}."
