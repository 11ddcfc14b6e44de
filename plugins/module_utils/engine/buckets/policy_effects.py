# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a new bucket policy stops that worked before. Only buckets that are about to change are examined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.buckets.policy.own_default import unlisted_defaults
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_ref import KeyRef

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketEncryptionReadPort, BucketPolicyPort
    from ...model.buckets.bucket_default import BucketDefault
    from ...model.buckets.policy.plan import PolicyPlan
    from ...model.buckets.policy.policy_state import PolicyState
    from ..keys.key_resolver import KeyResolver


@dataclass(frozen=True, slots=True)
class PolicyEffects:
    """Finds out what a plan stops. Shared by all buckets of a run."""

    policies: BucketPolicyPort
    buckets: BucketEncryptionReadPort
    keys: KeyResolver

    def warnings(self, bucket: str, region: str, plan: PolicyPlan) -> tuple[str, ...]:
        """Warnings about the plan. A read that is refused is a warning, too."""
        before, after = plan.before, plan.after
        if not plan.steps or before is None or after is None:
            return ()
        found: list[str] = []
        if after.rules.require_tls and not before.rules.require_tls:
            found += self._of_tls(bucket, region)
        lists = (after.rules.allow_encryption, after.rules.allow_kms_keys)
        if lists not in ((None, None), (before.rules.allow_encryption, before.rules.allow_kms_keys)):
            found += self._of_own_default(bucket, region, after)
        return tuple(found)

    def _of_tls(self, bucket: str, region: str) -> Iterator[str]:
        endpoint = self.policies.plain_http_endpoint
        if endpoint:
            yield (
                f"the endpoint of this task, {endpoint}, does not use TLS; the policy denies all requests to it, also "
                "those of this collection"
            )
        try:
            if self.policies.serves_website(bucket, region):
                # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
                yield "the bucket serves a website, whose endpoints have no TLS; the policy denies all requests to it"
        except OperationError as error:
            if not self._lacks(error.failure):
                yield f"whether the bucket serves a website, which would stop, is not known ({_cause(error.failure)})"

    def _of_own_default(self, bucket: str, region: str, after: PolicyState) -> Iterator[str]:
        try:
            default = self.own_default(bucket, region, with_key=after.rules.allow_kms_keys is not None)
        except OperationError as error:
            cause = _cause(error.failure)
            yield f"whether the policy allows the bucket's own default encryption is not known ({cause})"
            return
        if default:
            yield from (unlisted.warning for unlisted in unlisted_defaults(default, after))

    def own_default(self, bucket: str, region: str, *, with_key: bool) -> BucketDefault | None:
        """The default encryption of a bucket, `with_key` with the ARN of its key. None: the store has no such setting.

        Raises OperationError if it cannot be read.
        """
        try:
            default, _region = self.buckets.get_bucket_encryption(bucket, region=region or None)
        except OperationError as error:
            if self._lacks(error.failure):
                return None
            raise
        return self._with_arn(default, region) if with_key else default

    def _lacks(self, failure: Failure) -> bool:
        """Whether a store has no such operation, so that no bucket of it has the setting."""
        return failure.kind is FailureKind.UNSUPPORTED and self.policies.custom_endpoint

    def _with_arn(self, default: BucketDefault, region: str) -> BucketDefault:
        """The rule with the ARN of its key. A key that does not exist keeps the name that it has in the rule."""
        if not default.kms_key:
            return default
        try:
            return replace(default, kms_key_arn=self.keys.arn(KeyRef.parse(default.kms_key, of_store=True), region))
        except OperationError as error:
            if error.failure.kind in (FailureKind.KEY_UNUSABLE, FailureKind.INVALID):
                return default
            raise


def _cause(failure: Failure) -> str:
    """Why a read failed, in few words that are the same for every bucket."""
    return f"{failure.action} is {'forbidden' if failure.kind is FailureKind.FORBIDDEN else failure.kind.value}"
