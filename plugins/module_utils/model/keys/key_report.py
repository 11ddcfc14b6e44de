# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report about a KMS key, and the findings in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Failure, OperationError
from ..finding import Finding, Options, Rule
from ..iam.policy_document import parse_policy, statements
from ..iam.policy_principals import unique_ids
from ..iam.policy_shape import missing_element
from ..iam.public_access import PublicStatement, public_statements
from .key_state import UNFINISHED_TAG, KeyState
from .key_usage import KeyUsage, list_names

if TYPE_CHECKING:
    from .key_rotation import PastRotation
    from .last_usage import LastUsage

# Source: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
# Their Config rules: kms-cmk-not-scheduled-for-deletion-2, cmk-backing-key-rotation-enabled, and
# kms-key-policy-no-public-access. KMS.1 and KMS.2 are about IAM policies, not about keys.
DELETION_CONTROL = "Security Hub KMS.3"
ROTATION_CONTROL = "Security Hub KMS.4"
PUBLIC_CONTROL = "Security Hub KMS.5"
# What mends a key, as the options of kms_key_for_s3.
_KEPT: Options = (("state", "present"),)
_ROTATED: Options = (("rotation_enabled", True),)
_USABLE: Options = (("enabled", True),)


@dataclass(frozen=True, slots=True)
class Extras:
    """What to read beside the key itself. Each of them costs more calls."""

    grants: bool = False
    last_usage: bool = False
    rotations: bool = False
    references: bool = False


@dataclass(frozen=True, slots=True)
class KeyReport:
    """A key with all that was read about it. None: not requested, or not readable, and then `failures` has the reason.

    `key` is None for a key that KMS lists and the caller may not describe. `references` are the buckets whose default
    encryption names the key.
    """

    key_id: str
    key: KeyState | None = None
    aliases: tuple[str, ...] | None = None
    grants: int | None = None
    last_usage: LastUsage | None = None
    rotations: tuple[PastRotation, ...] | None = None
    references: tuple[str, ...] | None = None
    usage: KeyUsage | None = None
    failures: tuple[Failure, ...] = ()


def key_findings(report: KeyReport) -> tuple[Finding, ...]:
    """The findings about a customer managed key, with the AWS controls that it violates.

    A part that was not read has no findings.
    """
    key = report.key
    if key is None or key.manager != "CUSTOMER":
        return ()
    found = []
    if key.is_pending_deletion:
        when = f" on {key.deletion_date}" if key.deletion_date else " as soon as its replicas are deleted"
        found.append(Finding(f"The key is scheduled for deletion{when}.", Rule.KEY_DELETION, DELETION_CONTROL, _KEPT))
    # While a deletion is pending, KMS reports rotation as disabled.
    elif key.rotates and key.rotation and not key.rotation.enabled:
        found.append(Finding("The key is not rotated.", Rule.KEY_ROTATION, ROTATION_CONTROL, _ROTATED))
    unfinished = _unfinished(key)
    if unfinished:
        found.append(Finding(unfinished, Rule.KEY_UNFINISHED))
    if key.policy:
        found += _policy_findings(key.policy)
    if report.references and key.state != "Enabled":
        names = list_names(report.references)
        message = f"The default encryption of {names} names the key, which is in the state {key.state}."
        found.append(Finding(message, Rule.KEY_UNUSABLE, options=_USABLE if key.state == "Disabled" else ()))
    return tuple(found)


def _policy_findings(policy: str) -> list[Finding]:
    try:
        found = [Finding(_public(each), Rule.KEY_PUBLIC, PUBLIC_CONTROL) for each in public_statements(policy)]
        found += [Finding(each, Rule.KEY_STATEMENT) for each in _ineffective(policy)]
        deleted = unique_ids(policy)
    except OperationError as error:  # a store that does not check policies
        return [Finding(error.failure.sentence(), Rule.KEY_POLICY)]
    if deleted:
        message = f"The key policy names users or roles that were deleted: {', '.join(deleted)}."
        found.append(Finding(message, Rule.KEY_PRINCIPALS))
    return found


def _ineffective(policy: str) -> Iterator[str]:
    """A sentence about each statement that KMS accepted until August 2025, and that has no effect."""
    for statement in statements(parse_policy(policy)):
        missing = missing_element(statement)
        if missing:
            name = f"The statement {statement['Sid']}" if statement.get("Sid") else "A statement without a Sid"
            yield f"{name} of the key policy has no {missing}, so it has no effect."


def _public(statement: PublicStatement) -> str:
    name = f"The statement {statement.sid}" if statement.sid else "A statement without a Sid"
    if not statement.loose:
        return f"{name} of the key policy grants access to everyone: no condition restricts the caller."
    values = ", and ".join(f"the value {each.value} of {each.key} {each.reason}" for each in statement.loose)
    bounds = f"It is limited to {' and '.join(statement.bounds)}." if statement.bounds else "Nothing else limits it."
    return f"{name} of the key policy is public for AWS, because {values}. {bounds}"


def _unfinished(key: KeyState) -> str | None:
    """What to do with a key that a run left unfinished; None if it is complete."""
    alias = dict(key.tags or ()).get(UNFINISHED_TAG)
    if alias is None or key.is_pending_deletion:
        return None
    if alias in key.aliases:
        return f"A run did not complete the key, so it has the tag {UNFINISHED_TAG}. Run the task for {alias} again."
    return (
        f"A run created the key for {alias} and ended before the key had this alias. If {alias} does not exist, run "
        "the task for it again, which completes the key. If another key has it, delete this one: set key_id: "
        f"{key.key_id} and state: absent."
    )
