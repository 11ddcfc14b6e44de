# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Resolution of key references to the ARNs of keys: one request per reference and region, for any number of buckets."""

from __future__ import annotations

from dataclasses import dataclass

from ...aws.keys.ports import KeyLookupPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_ref import KeyRef, KeyRefForm
from ...model.keys.key_state import KeyState
from ..once_per_key import OncePerKey


@dataclass(frozen=True, slots=True)
class _Undescribed:
    """A key that is referenced by its ARN, and that the caller may not describe."""

    arn: str

    @property
    def warning(self) -> str:
        return (
            f"The KMS key {self.arn} could not be checked, as kms:DescribeKey on it is forbidden. Its ARN is used "
            "unchecked."
        )


class KeyResolver:
    """Resolves key references. Keeps each result, and each failure, for the run. Safe for threads."""

    def __init__(self, kms: KeyLookupPort) -> None:
        self._kms = kms
        self._found = OncePerKey(self._describe)

    def arn(self, reference: KeyRef, region: str) -> str:
        """The ARN of the key that a reference names in a region; raises OperationError if there is none.

        A key ARN needs no request.
        """
        local = reference.in_region(region)
        return local.text if local.form is KeyRefForm.KEY_ARN else self._found.get((local, region)).arn or ""

    def require_usable(self, reference: KeyRef, region: str) -> tuple[str, ...]:
        """Raise OperationError unless S3 can encrypt with this key in this region. Returns warnings.

        There is one if the reference is an ARN and the caller may not describe the key: S3 may still use it.
        """
        key = self._found.get((reference.in_region(region), region))
        if isinstance(key, _Undescribed):
            return (key.warning,)
        key.require_usable_by_s3()
        return ()

    def _describe(self, local: tuple[KeyRef, str]) -> KeyState | _Undescribed:
        reference, region = local
        try:
            return self._kms.describe_key(reference.text, region)
        except OperationError as error:
            failure = error.failure
        if failure.kind is FailureKind.FORBIDDEN and reference.form is KeyRefForm.KEY_ARN:
            return _Undescribed(reference.text)
        if failure.kind is FailureKind.ABSENT:
            failure = Failure(
                FailureKind.KEY_UNUSABLE,
                f"There is no KMS key {reference.text} in {region}.",
                "Name a key that exists in the bucket's own region, or create it there.",
                failure.action,
                reference.text,
                code=failure.code,
            )
        elif failure.kind is FailureKind.FORBIDDEN:
            advice = "Get that permission, or name the key by its full ARN, which does not need it."
            failure = failure.with_advice(advice)
        raise OperationError(failure)
