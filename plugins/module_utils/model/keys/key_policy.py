# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Key policies for S3: the statements that this collection owns, merged into the current policy.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..arn import Arn
from ..errors import invalid_input
from ..iam.policy_document import Statement, dump_policy, normal_statement, parse_policy, same_policy, statements
from ..iam.policy_principals import keep_deleted_principals, named_principals, only_names, remove_principals, unique_ids
from ..iam.policy_shape import missing_element
from .key_limits import require_policy_size
from .key_management import can_be_managed, lets_account_administer
from .policy_statements import (
    ACCOUNT_SID,
    ACCOUNTS_SID,
    BUCKET_CONTEXT,
    OWNED_SIDS,
    USERS_SID,
    account_statement,
    build_statements,
)

if TYPE_CHECKING:
    from .desired_key import DesiredPolicy, PolicyScope


def merge_policy(current: str | None, desired: DesiredPolicy, scope: PolicyScope) -> str | None:
    """The JSON of the policy after the run: the owned statements as desired, and every other statement kept.

    `current` is None for a key that does not exist yet. Returns `current` itself if it already has the same meaning,
    and None for a new key without a desired policy, which gets KMS's default policy. A policy that differs has to be
    written, so it does not have the unique ids that AWS shows for deleted principals, unless the task names them.
    """
    if desired.names_nothing:
        return current
    _require_partition(desired, scope)
    policy = parse_policy(current) if current else {"Version": "2012-10-17", "Statement": []}
    found = statements(policy)
    if desired.whole is not None:
        whole = parse_policy(desired.whole)
        merged = {**whole, "Statement": [keep_deleted_principals(each, found) for each in statements(whole)]}
    else:
        merged = {**policy, "Statement": _merge(found, desired, scope, is_new=current is None)}
    if current and same_policy(current, dump_policy(merged)):
        return current
    return writable(dump_policy(merged), desired)


def writable(policy: str, desired: DesiredPolicy) -> str:
    """A policy that KMS accepts: without the unique ids of deleted principals, unless the task names them.

    KMS refuses a policy in which any statement names an id that no longer exists. Raises OperationError if an owned
    statement for some buckets would be removed with such ids: the next run would create it for all buckets. It also
    raises if a statement of others lacks what KMS requires now.
    """
    document = parse_policy(policy)
    _require_complete(statements(document))
    deleted = set(unique_ids(policy)) - set(unique_ids(desired.whole))
    if desired.whole is None and desired.buckets is None:
        _require_buckets_kept(statements(document), deleted)
    return require_policy_size(dump_policy(remove_principals(document, deleted)) if deleted else policy)


def _require_complete(found: list[Statement]) -> None:
    """Raise OperationError for a statement without Action or Resource. KMS keeps one, but accepts none in a write.

    Such a statement was accepted until August 2025, and has no effect.
    Source: https://github.com/ministryofjustice/analytical-platform/issues/7691 (the notice of AWS)
    """
    for number, statement in enumerate(found, 1):
        missing = missing_element(statement) or (None if statement.get("Resource") else "Resource")
        if missing:
            raise invalid_input(
                f"Statement {number} ({statement.get('Sid') or 'without a Sid'}) of the current key policy has no "
                f"{missing}, and KMS accepts no policy with such a statement since August 2025.",
                "Give the corrected policy in policy, or set purge_policy_statements: true to remove the statements "
                "of others.",
            )


def _require_buckets_kept(found: list[Statement], deleted: set[str]) -> None:
    for statement in found:
        conditions = normal_statement(statement).get("Condition", ())
        limited = any(key == BUCKET_CONTEXT.lower() for _operator, key, _values in conditions)
        if statement.get("Sid") in (USERS_SID, ACCOUNTS_SID) and limited and only_names(statement, deleted):
            raise invalid_input(
                f"The statement {statement['Sid']} of the key policy is restricted to some buckets, and names only the "
                f"deleted principals {', '.join(sorted(deleted))}, which KMS does not accept. Without the statement, "
                "its list of buckets would be lost.",
                "Set buckets, or remove the deleted principals from users and allowed_accounts.",
            )


def _require_partition(desired: DesiredPolicy, scope: PolicyScope) -> None:
    """Raise OperationError for principals of another partition. KMS would report them as unknown principals.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    for principal in (*(desired.administrators or ()), *(desired.users or ()), *named_principals(desired.whole)):
        arn = Arn.try_parse(principal)
        if arn and arn.partition != scope.partition:
            raise invalid_input(
                f"{arn} is in the partition {arn.partition}, and the key in {scope.region} is in {scope.partition}. "
                "Access across partitions is not possible.",
                f"Name principals that begin with arn:{scope.partition}:.",
            )


def _merge(found: list[Statement], desired: DesiredPolicy, scope: PolicyScope, is_new: bool) -> list[Statement]:
    built = build_statements(desired, scope, found)
    replaced = {*built, ACCOUNT_SID}
    kept = [
        statement
        for statement in found
        if statement.get("Sid") not in replaced and (not desired.purge or statement.get("Sid") in OWNED_SIDS)
    ]
    added = [keep_deleted_principals(each, found) for each in built.values() if each]
    rest = [*kept, *added]
    return [account_statement(scope), *rest] if _needs_account(found, rest, desired, scope, is_new) else rest


def _needs_account(
    found: list[Statement], rest: list[Statement], desired: DesiredPolicy, scope: PolicyScope, is_new: bool
) -> bool:
    """Whether the account needs a statement to administer the key, beside the rest of the policy.

    A new key has it, because the policy replaces KMS's default policy, which puts the account in charge. It stays until
    the last owned statement is removed. It is added to a policy of others only if no principal could change that.
    """
    if desired.never_account or any(lets_account_administer(statement, scope) for statement in rest):
        return False
    if is_new or not can_be_managed(rest, scope):
        return True
    has_it = any(statement.get("Sid") == ACCOUNT_SID for statement in found)
    was_in_charge = any(lets_account_administer(statement, scope) for statement in found)
    return (has_it and any(each.get("Sid") in OWNED_SIDS for each in rest)) or (desired.purge and was_in_charge)


def account_warnings(arn: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """The warning about a statement that newly puts the account in charge of a key that exists."""
    if before is None or after is None or _has_account(before) or not _has_account(after):
        return ()
    return (
        f"No other statement of the policy of {arn} lets a principal of its account change the policy. So the "
        f"statement {ACCOUNT_SID} is added, which lets the IAM policies of the account administer the key. To prevent "
        "that, set account_statement: never.",
    )


def _has_account(policy: str) -> bool:
    return any(statement.get("Sid") == ACCOUNT_SID for statement in statements(parse_policy(policy)))


def deleted_principal_warnings(arn: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """The warnings about principals that AWS reports as unique ids: those that are kept, and those that are removed."""
    reported, remaining = unique_ids(before), set(unique_ids(after))
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
