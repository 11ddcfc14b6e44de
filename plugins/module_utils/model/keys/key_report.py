# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What was found out about a KMS key, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Failure
from ..finding import Finding
from ..iam.policy_document import parse_policy, unique_ids
from ..iam.public_access import PublicStatement, public_statements
from .key_state import KeyState
from .key_usage import KeyUsage

# Source: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
# Their Config rules: kms-cmk-not-scheduled-for-deletion-2, cmk-backing-key-rotation-enabled, and
# kms-key-policy-no-public-access. KMS.1 and KMS.2 are about IAM policies, not about keys.
DELETION_CONTROL = "Security Hub KMS.3"
ROTATION_CONTROL = "Security Hub KMS.4"
PUBLIC_CONTROL = "Security Hub KMS.5"

# Enough to recognise them by, in a sentence that can be read.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Extras:
    """What to find out beside what the key is, each at the price of more calls."""

    grants: bool = False
    last_used: bool = False
    rotations: bool = False
    used_by: bool = False


@dataclass(frozen=True, slots=True)
class LastUsed:
    """When and for what a key was last used; None: not since the record of it begins."""

    at: str | None
    operation: str | None
    tracked_since: str


@dataclass(frozen=True, slots=True)
class PastRotation:
    """A rotation that is done, AUTOMATIC or ON_DEMAND."""

    date: str
    type: str


@dataclass(frozen=True, slots=True)
class KeyReport:
    """A key with what is known of it. None: not asked for, or not to be had, which `failures` then tell.

    `key` is None for one that KMS lists and nobody here may look at.
    """

    key_id: str
    key: KeyState | None = None
    aliases: tuple[str, ...] | None = None
    grants: int | None = None
    last_used: LastUsed | None = None
    rotations: tuple[PastRotation, ...] | None = None
    used_by: tuple[str, ...] | None = None
    usage: KeyUsage | None = None
    failures: tuple[Failure, ...] = ()


def key_findings(report: KeyReport) -> tuple[Finding, ...]:
    """What is wrong with a customer managed key, with the AWS control that it breaks. A part not read breaks none."""
    key = report.key
    if key is None or key.manager != "CUSTOMER":
        return ()
    found = []
    if key.is_pending_deletion:
        when = f" on {key.deletion_date}" if key.deletion_date else " as soon as its replicas are gone"
        found.append(Finding(f"The key is scheduled for deletion{when}.", DELETION_CONTROL))
    # While a deletion is pending, KMS tells rotation as off.
    elif key.rotates and key.rotation and not key.rotation.enabled:
        found.append(Finding("The key is not rotated.", ROTATION_CONTROL))
    if key.policy:
        found += [Finding(_public(statement), PUBLIC_CONTROL) for statement in public_statements(key.policy)]
        gone = unique_ids(parse_policy(key.policy))
        if gone:
            found.append(Finding(f"The key policy names users or roles that were deleted: {', '.join(gone)}."))
    if report.used_by and key.state != "Enabled":
        names = some_names(report.used_by)
        found.append(Finding(f"The default encryption of {names} names the key, which is in the state {key.state}."))
    return tuple(found)


def some_names(names: tuple[str, ...]) -> str:
    """Names for a sentence: all of a few, the first of many."""
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _public(statement: PublicStatement) -> str:
    name = f"The statement {statement.sid}" if statement.sid else "A statement without a Sid"
    if statement.loose:
        return f"{name} of the key policy lets everybody in whom a wildcard or a policy variable lets in."
    return f"{name} of the key policy lets everybody in: no condition bounds who."
