# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""From a key reference to the key's ARN: once per reference and region, however many buckets ask."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ...aws.keys.ports import KeyLookupPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_ref import KeyRef, KeyRefForm, KmsKey


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    result: KmsKey | Failure | None = None


class KeyResolver:
    """Resolves key references, from any thread. What a look-up found, or why it failed, is kept for the run."""

    def __init__(self, kms: KeyLookupPort) -> None:
        self._kms = kms
        self._lock = threading.Lock()
        self._slots: dict[tuple[str, str], _Slot] = {}

    def arn(self, reference: KeyRef, region: str) -> str:
        """The ARN of the key that a reference stands for in a region. A key ARN stands for itself, without a call."""
        local = reference.in_region(region)
        return local.text if local.form is KeyRefForm.KEY_ARN else self._find(local, region).arn

    def require_usable(self, reference: KeyRef, region: str) -> tuple[str, ...]:
        """Raise OperationError unless S3 can encrypt with this key in this region; return warnings.

        A key ARN on which kms:DescribeKey is forbidden is used without a check, which is a warning.
        """
        key = self._find(reference.in_region(region), region)
        key.require_usable_by_s3()
        if key.state:
            return ()
        return (
            f"The KMS key {key.arn} could not be checked, as kms:DescribeKey on it is forbidden. Its ARN is used as it "
            "is.",
        )

    def _find(self, reference: KeyRef, region: str) -> KmsKey:
        with self._lock:
            slot = self._slots.setdefault((reference.text, region), _Slot())
        with slot.lock:
            if slot.result is None:
                slot.result = self._look_up(reference, region)
        if isinstance(slot.result, Failure):
            raise OperationError(slot.result)
        return slot.result

    def _look_up(self, reference: KeyRef, region: str) -> KmsKey | Failure:
        try:
            return self._kms.describe_key(reference.text, region)
        except OperationError as error:
            failure = error.failure
        if failure.kind is FailureKind.FORBIDDEN and reference.form is KeyRefForm.KEY_ARN:
            return KmsKey(reference.text)
        if failure.kind is FailureKind.ABSENT:
            return Failure(
                FailureKind.KEY_UNUSABLE,
                f"There is no KMS key {reference.text} in {region}.",
                "Name a key that exists in the bucket's own region, or create it there.",
                failure.action,
                reference.text,
                code=failure.code,
            )
        if failure.kind is FailureKind.FORBIDDEN:
            advice = "Ask for that permission, or name the key by its full ARN, which does without it."
            return failure.with_advice(advice)
        return failure
