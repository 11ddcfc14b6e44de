# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Resolution of key references to the ARNs of keys: one request per reference and region, for any number of buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.keys.key_ref import KeyRef, KeyRefForm, placeholder_arn, unresolved_placeholder
from ...model.keys.key_state import KeyState
from ...model.plan import NotThereYet
from ..once_per_key import OncePerKey

if TYPE_CHECKING:
    from ...aws.accounts.ports import CallerIdentityPort
    from ...aws.keys.ports import KeyLookupPort


@dataclass(frozen=True, slots=True)
class _Undescribed:
    """A key that is referenced by its ARN, or as a store names it, and that cannot be described."""

    arn: str
    warning: str
    without_key_service: Failure | None = None


def _forbidden(arn: str) -> _Undescribed:
    return _Undescribed(
        arn,
        f"The KMS key {arn} could not be checked, as kms:DescribeKey on it is forbidden. Its ARN is used unchecked.",
    )


def _without_key_service(text: str, failure: Failure) -> _Undescribed:
    return _Undescribed(
        text,
        f"The KMS key {text} could not be checked, as there is no KMS at this endpoint. It is sent to the store as it "
        "is written. If the keys have an endpoint of their own, set kms_endpoint_url.",
        failure,
    )


@dataclass(frozen=True, slots=True)
class ResolvedKey:
    """The ARN of a key. It is a placeholder for a key that does not exist yet, which `not_there_yet` then names."""

    arn: str
    not_there_yet: tuple[NotThereYet, ...] = ()


class KeyResolver:
    """Resolves key references. Keeps each result, and each failure, for the run. Safe for threads.

    `identity` is called only for the account in the placeholder of a key that does not exist yet.
    """

    def __init__(self, kms: KeyLookupPort, identity: CallerIdentityPort | None = None) -> None:
        self._kms = kms
        self._identity = identity
        self._found = OncePerKey(self._describe)

    def resolve(self, reference: KeyRef, region: str) -> ResolvedKey:
        """The key that a plan names. An alias that does not exist is one that an earlier task may create.

        Raises OperationError for any other key that does not exist. A key ARN needs no request.
        """
        local = reference.in_region(region)
        if local.form is KeyRefForm.KEY_ARN and not local.is_placeholder:
            return ResolvedKey(local.text)
        found = self._found.get((local, region))
        return found if isinstance(found, ResolvedKey) else ResolvedKey(found.arn or "")

    def arn(self, reference: KeyRef, region: str) -> str:
        """The ARN of the key that a reference names in a region; raises OperationError if there is none.

        A key ARN needs no request.
        """
        resolved = self.resolve(reference, region)
        if resolved.not_there_yet:
            raise OperationError(resolved.not_there_yet[0].failure)
        return resolved.arn

    def require_usable(self, reference: KeyRef, region: str, *, direct: bool = False) -> tuple[str, ...]:
        """Raise OperationError unless objects in this region can be encrypted with this key. Returns warnings.

        With `direct`, this process calls KMS itself, as client-side encryption does. There is a warning if the
        reference is an ARN and the caller may not describe the key: its other uses may still be allowed.
        """
        key = self._found.get((reference.in_region(region), region))
        if isinstance(key, _Undescribed):
            if direct and key.without_key_service:
                raise OperationError(
                    key.without_key_service.with_more_advice(
                        "Client-side encryption with a KMS key needs a key service: set kms_endpoint_url, or encrypt "
                        "with a customer key."
                    )
                )
            return (key.warning,)
        if isinstance(key, ResolvedKey):
            raise OperationError(key.not_there_yet[0].failure)
        key.require_usable(direct=direct)
        return ()

    def is_aws_managed(self, reference: KeyRef, region: str) -> bool:
        """Whether AWS manages the key. False also for a key that cannot be described."""
        try:
            key = self._found.get((reference.in_region(region), region))
        except OperationError:
            return False
        return isinstance(key, KeyState) and key.is_aws_managed

    def _describe(self, local: tuple[KeyRef, str]) -> KeyState | _Undescribed | ResolvedKey:
        reference, region = local
        if reference.is_placeholder:
            return self._not_there_yet(reference, region, unresolved_placeholder(reference.text))
        if reference.form is KeyRefForm.STORE_NAME and not self._kms.at_store:
            KeyRef.parse(reference.text)  # raises the error for what names no key of AWS
        try:
            return self._kms.describe_key(reference.text, region)
        except OperationError as error:
            failure = error.failure
        if self._has_no_key_service(failure):
            if not reference.is_alias:
                return _without_key_service(reference.text, failure)
            failure = failure.with_more_advice("Or name the key as the store does: only a key service has aliases.")
        if failure.kind is FailureKind.FORBIDDEN and reference.form is KeyRefForm.KEY_ARN:
            return _forbidden(reference.text)
        if failure.kind is FailureKind.ABSENT:
            failure = Failure(
                FailureKind.KEY_UNUSABLE,
                f"There is no KMS key {reference.text} in {region}.",
                "Name a key that exists in the bucket's own region, or create it there.",
                failure.action,
                reference.text,
                code=failure.code,
            )
            if reference.can_be_created:
                return self._not_there_yet(reference, region, failure)
        elif failure.kind is FailureKind.FORBIDDEN:
            failure = failure.with_alternative(
                "Get that permission", "name the key by its full ARN, which does not need it"
            )
        raise OperationError(failure)

    def _has_no_key_service(self, failure: Failure) -> bool:
        """Whether the store does not know DescribeKey. It may take the request for one of S3, and refuse it as such."""
        is_refused = failure.kind is FailureKind.UNSUPPORTED or failure.reason is Reason.UNEXPLAINED_DENIAL
        return is_refused and self._kms.at_store

    def _not_there_yet(self, reference: KeyRef, region: str, failure: Failure) -> ResolvedKey:
        """The placeholder for a key that an earlier task may create, in this account unless the reference names one."""
        description = f"The alias {reference.text} in {region}" if reference.is_alias else f"The key {reference.text}"
        missing = (NotThereYet(reference.text, description, failure),)
        if reference.form is KeyRefForm.KEY_ARN:
            return ResolvedKey(reference.text, missing)
        if reference.arn:
            return ResolvedKey(placeholder_arn(reference.arn.partition, region, reference.arn.account), missing)
        try:
            caller = self._identity.get_caller_identity() if self._identity else None
        except OperationError:  # a store without STS
            caller = None
        if caller is None:
            return ResolvedKey(reference.text, missing)
        multi_region = reference.is_multi_region
        return ResolvedKey(
            placeholder_arn(caller.partition, region, caller.account, multi_region=multi_region), missing
        )
