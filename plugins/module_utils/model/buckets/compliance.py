# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The differences between a bucket's default encryption and the expected one, and the AWS controls they violate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..finding import Finding, Options, OptionValue, Rule
from ..kinds.kind import KeyHolder
from ..kinds.registry import S3_DEFAULT, bucket_kinds_with_option, find_kind
from .bucket_default import SERVICE_OWNED, BucketDefault, DesiredBucketDefault, apply_minimum

# "S3 general purpose buckets should be encrypted at rest with AWS KMS keys", which DSSE-KMS satisfies too. It is the
# Config rule s3-default-encryption-kms, whose parameter kmsKeyArns names the keys that are allowed.
# Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-17
# and https://docs.aws.amazon.com/config/latest/developerguide/s3-default-encryption-kms.html
KMS_CONTROL = "Security Hub S3.17"
KMS_KEY_CONTROL = "Config s3-default-encryption-kms (kmsKeyArns)"

_RESET: Options = (("state", "absent"),)


def findings(desired: DesiredBucketDefault, actual: BucketDefault, key_name: str = "") -> tuple[Finding, ...]:
    """The findings about a bucket: one for each value that `desired` names and the current rule does not have.

    `key_name` is the name of the desired key in the task, such as its alias.
    """
    if desired.absent:
        return tuple(_findings_of_absent(actual))
    task = _TaskOptions(desired, key_name or desired.kms_key_arn or "")
    if desired.minimum:
        desired = apply_minimum(desired, actual)
    return (
        *_encryption_findings(desired, actual, task),
        *_bucket_key_findings(desired, actual, task),
        *_blocked_findings(desired, actual, task),
    )


@dataclass(frozen=True, slots=True)
class _TaskOptions:
    """The desired state as the task names it, from which the options are taken that mend a finding."""

    desired: DesiredBucketDefault
    key_name: str

    def encryption(self, kind: str | None = None) -> Options:
        """The algorithm with its key. `kind` is the one to use where the task names none."""
        named = self.desired.kind.name if self.desired.kind else kind
        found = [("encryption", named), ("kms_key", self.key_name if self.desired.kms_key_arn else None)]
        return self._with_minimum([(name, value) for name, value in found if value])

    def bucket_key(self, *, with_encryption: bool) -> Options:
        """The bucket key, with the algorithm where it takes effect only together with that."""
        encryption = self.encryption() if with_encryption or self.desired.minimum else ()
        named = bool(self.desired.bucket_key_enabled)
        return self._with_minimum(
            [*(each for each in encryption if each[0] != "minimum"), ("bucket_key_enabled", named)]
        )

    def blocked(self) -> Options:
        """The encryption types that are to be blocked."""
        return self._with_minimum([("blocked_encryption_types", tuple(sorted(self.desired.blocked or ())))])

    def _with_minimum(self, found: Sequence[tuple[str, OptionValue]]) -> Options:
        return (*found, ("minimum", True)) if self.desired.minimum else tuple(found)


def _findings_of_absent(actual: BucketDefault) -> Iterator[Finding]:
    """What differs from S3's own default. A store that reports no default encryption has nothing to reset."""
    options = () if actual.encryption in SERVICE_OWNED else _RESET
    if actual.encryption not in (None, S3_DEFAULT.name):
        message = f"New objects get {actual.encryption} by default, not {S3_DEFAULT.name}."
        yield Finding(message, Rule.DEFAULT_ENCRYPTION, options=options)
    if actual.encryption is not None and actual.bucket_key_enabled:
        yield Finding("S3 bucket keys are on.", Rule.BUCKET_KEY, options=options)


def _encryption_findings(desired: DesiredBucketDefault, actual: BucketDefault, task: _TaskOptions) -> Iterator[Finding]:
    """The algorithm and its key. A bucket without a KMS key cannot have the desired one: that is the same finding."""
    current = f"New objects get {actual.encryption or 'nothing'} by default"
    key, key_name = desired.kms_key_arn, task.key_name
    # What another service of AWS has set for a bucket of its own stays as it is.
    options = () if actual.encryption in SERVICE_OWNED else task.encryption()
    has_kms = _uses_kms(actual.encryption)
    if desired.kind and desired.kind.name != actual.encryption:
        expected = f"{desired.kind.name} with the key {key_name}" if key and not has_kms else desired.kind.name
        control = KMS_CONTROL if desired.kind.key_holder is KeyHolder.KMS and not has_kms else None
        yield Finding(f"{current}, not {expected}.", Rule.DEFAULT_ENCRYPTION, control, options)
    if key and has_kms and actual.kms_key_arn != key:
        named = actual.kms_key or "the AWS managed key"
        yield Finding(f"The default key is {named}, not {key_name}.", Rule.DEFAULT_KEY, KMS_KEY_CONTROL, options)
    elif key and not has_kms and desired.kind is None:
        # A key needs an algorithm that has one.
        options = options and task.encryption(bucket_kinds_with_option("kms_key")[0])
        message = f"{current}, which has no KMS key, not the key {key_name}."
        yield Finding(message, Rule.DEFAULT_KEY, KMS_KEY_CONTROL, options)


def _bucket_key_findings(desired: DesiredBucketDefault, actual: BucketDefault, task: _TaskOptions) -> Iterator[Finding]:
    kind = desired.kind or find_kind(actual.encryption)
    named = desired.bucket_key_enabled
    # A kind for which S3 bucket keys have no meaning keeps the current value, whatever is named.
    if named is not None and kind.bucket_key_of_rule(named, actual.bucket_key_enabled, moves=False) is not (
        actual.bucket_key_enabled
    ):
        moves = kind.name != actual.encryption
        options = () if moves and actual.encryption in SERVICE_OWNED else task.bucket_key(with_encryption=moves)
        message = f"S3 bucket keys are {'on' if actual.bucket_key_enabled else 'off'}."
        yield Finding(message, Rule.BUCKET_KEY, options=options)


def _blocked_findings(desired: DesiredBucketDefault, actual: BucketDefault, task: _TaskOptions) -> Iterator[Finding]:
    if desired.blocked is None:
        return
    expected, current = set(desired.blocked), set(actual.blocked or ())
    for name, is_blocked in (
        *((each, "is not blocked") for each in sorted(expected - current)),
        *((each, "is blocked") for each in sorted(current - expected)),
    ):
        yield Finding(f"{name} {is_blocked}.", Rule.BLOCKED_ENCRYPTION_TYPES, options=task.blocked())


def _uses_kms(encryption: str | None) -> bool:
    return find_kind(encryption).key_holder is KeyHolder.KMS
