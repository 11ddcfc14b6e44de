# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the move of a bucket to a KMS key means for the logs that AWS services deliver to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ...model.buckets.log_delivery import (
    VENDED_SERVICE,
    LogTarget,
    key_policy_allows_delivery,
    targets_in_acl,
    targets_in_policy,
)
from ...model.errors import FailureKind, OperationError, Reason
from ...model.kinds.registry import S3_DEFAULT
from ..once_per_key import OncePerKey

if TYPE_CHECKING:
    from ...aws.buckets.ports import LogPermissionPort
    from ...aws.keys.ports import KeyPolicyPort
    from ...model.errors import Failure

ResultT = TypeVar("ResultT")
# These fail the bucket: every further call has the same failure, or a second run finds out.
_FAILURES = (FailureKind.CREDENTIALS, FailureKind.THROTTLED, FailureKind.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class LogFinding:
    """One thing that a move to a KMS key does to logs, or that is not known about it.

    `subject` is a sentence that is true for each bucket with this finding, and `evidence` what shows it for this one;
    empty if the subject says all. `stops` is whether the logs cannot be delivered under any KMS key.
    """

    subject: str
    evidence: str = ""
    stops: bool = False


class LogTargets:
    """Finds the logs that are delivered to buckets. One for all buckets of a run: it keeps what key policies allow.

    Safe for threads.
    """

    def __init__(self, s3: LogPermissionPort, kms: KeyPolicyPort) -> None:
        self._s3 = s3
        self._kms = kms
        self._key_policies = OncePerKey(self._vended_problem)

    def examine(self, bucket: str, region: str, key: str | None, *, key_exists: bool = True) -> tuple[LogFinding, ...]:
        """The findings for a bucket that is about to get a KMS key as its default: GetBucketPolicy and GetBucketAcl.

        `key` is the ARN of the new key; None for the AWS managed one. A key that does not exist yet has no policy.
        A read that is refused is a finding too. Raises OperationError for other failures, such as a deleted bucket.
        """
        targets: list[LogTarget] = []
        unknown: list[LogFinding] = []
        for name, read in (
            ("bucket policy", lambda: targets_in_policy(self._s3.get_bucket_policy(bucket, region or None)[0])),
            ("ACL", lambda: targets_in_acl(self._s3.get_bucket_acl(bucket, region))),
        ):
            found = self._try(read)
            if isinstance(found, tuple):
                targets += found
            elif not (self._s3.custom_endpoint and found.kind is FailureKind.UNSUPPORTED):
                # A store without bucket policies or ACLs lets no service write logs by them.
                unknown.append(_not_known(name, found))
        return (*self._findings(targets, lambda: self._problem_with_key(key, region, key_exists)), *unknown)

    def _findings(self, targets: list[LogTarget], find_problem: Callable[[], str]) -> Iterator[LogFinding]:
        for target in targets:
            if target.logs.need_s3_key:
                name = target.logs.value
                yield LogFinding(f"{name} can only be delivered under {S3_DEFAULT.name}", target.evidence, stops=True)
                continue
            problem = find_problem()
            if problem:
                yield LogFinding(f"{target.logs.value} need a key whose policy allows it: {problem}", target.evidence)

    def _problem_with_key(self, key: str | None, region: str, exists: bool) -> str:
        if key is None:
            return "the policy of the AWS managed key does not, and cannot be changed"
        if not exists:
            return f"the policy of {key} is not known, as the key does not exist yet"
        return self._key_policies.get((key, region))

    def _vended_problem(self, key: tuple[str, str]) -> str:
        """Why a key is not known to serve vended logs; empty if it is."""
        arn, region = key
        allows = self._try(lambda: key_policy_allows_delivery(self._kms.get_key_policy(arn, region)))
        if allows is True:
            return ""
        if allows is False:
            return f"the policy of {arn} is not known to allow kms:GenerateDataKey to {VENDED_SERVICE}"
        return f"the policy of {arn} cannot be read ({allows.sentence()})"

    def _try(self, read: Callable[[], ResultT]) -> ResultT | Failure:
        """The result, or the failure of a read that is refused, or of a document that cannot be understood.

        An error of a server fails the bucket at AWS only: a store may not know the operation, and say so by any error.
        """
        try:
            return read()
        except OperationError as error:
            failure = error.failure
            is_error = failure.kind is FailureKind.FAILED and not self._s3.custom_endpoint
            if failure.kind in _FAILURES or failure.reason is Reason.BUCKET_NOT_FOUND or is_error:
                raise
            return failure


def _not_known(name: str, failure: Failure) -> LogFinding:
    """The finding for a policy or an ACL that is not known. It is the same for each bucket with the same refusal."""
    logs = f"logs that can only be delivered under {S3_DEFAULT.name}"
    unknown = f"It is not known whether a bucket gets {logs}"
    if not failure.action:
        return LogFinding(f"{unknown}, because its {name} cannot be understood")
    if failure.kind is not FailureKind.FORBIDDEN:
        return LogFinding(f"{unknown}, because {failure.action} fails")
    layer = f" ({failure.layer})" if failure.layer else ""
    return LogFinding(
        f"{unknown}, because {failure.action} is forbidden{layer}: allow it, or set log_targets to ignore"
    )
