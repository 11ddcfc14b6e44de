# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Refusals of PutBucketPolicy: what refused the policy, and the statement that it is about.

S3 judges the whole new policy, also the statements that the bucket had before.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from ...model.errors import Failure, OperationError
from ...model.iam.policy_kind import BUCKET_POLICY
from ...model.iam.public_access import PublicStatement, public_statements
from ..denials import BLOCK_PUBLIC_ACCESS

# Part of S3's message of MalformedPolicy, in lower case -> what to do.
_MALFORMED = {
    "invalid principal": "S3 knows no user, role or account of that name, or not yet everywhere: correct or remove it "
    "in the statement that names it, or run the task again later.",
    "invalid resource": "Correct the statement whose Resource is not this bucket or objects in it.",
    "maximum allowed size": "Shorten the statements of others in the policy.",
    "invalid action": "Correct the statement with that action. A store that is not S3 may not know "
    "s3:UpdateObjectEncryption, which allow_kms_keys needs.",
    "action does not apply": "Correct the statement whose actions are not for its resources.",
    "condition": "Correct the statement with that condition. A store that is not S3 may not know every condition key "
    "of S3, such as s3:TlsVersion, which minimum_tls_version needs.",
}


def explain_refused_policy(failure: Failure, policy: str) -> Failure:
    """The failure of PutBucketPolicy for this policy (JSON), with the statements to change."""
    if failure.layer == BLOCK_PUBLIC_ACCESS:
        return _explain_block(failure, _public(policy))
    if failure.code == "AccessDenied" and not failure.layer:
        return _explain_denial(failure, _public(policy))
    if failure.code == "MalformedPolicy":
        return _explain_malformed(failure)
    return failure


def _public(policy: str) -> tuple[PublicStatement, ...]:
    try:
        return public_statements(policy, BUCKET_POLICY)
    except OperationError:  # S3 has an answer about such a policy
        return ()


def _explain_block(failure: Failure, public: tuple[PublicStatement, ...]) -> Failure:
    """S3 reports the setting, and neither the statements nor the level at which it is set."""
    which = f" S3 checks the whole policy, and it is public because of {_names(public)}, as before." if public else ""
    return failure.with_advice(
        f"{failure.advice}{which} The setting may be that of the bucket, of its account, or of an S3 policy of the "
        "organization, which only its administrator can change."
    )


def _explain_denial(failure: Failure, public: tuple[PublicStatement, ...]) -> Failure:
    """S3 reports what denied a request to callers of the same account or organization only."""
    if not public:
        return failure
    return failure.with_more_advice(
        f"Or S3 Block Public Access refused it: S3 checks the whole policy, and it is public because of "
        f"{_names(public)}, as before. Restrict or remove that first."
    )


def _explain_malformed(failure: Failure) -> Failure:
    message = failure.message.lower()
    advice = next((advice for part, advice in _MALFORMED.items() if part in message), None)
    return failure.with_advice(f"{advice} Nothing was written.") if advice else failure


def _names(public: tuple[PublicStatement, ...]) -> str:
    names = [f"{each.sid}" if each.sid else f"number {each.number}" for each in public]
    return f"the statement{'s' if len(names) > 1 else ''} {', '.join(names)}"
