# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The differences between a bucket's default encryption and the expected one, and the AWS controls they violate."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding
from ..kinds.kind import KeyHolder
from ..kinds.registry import S3_DEFAULT, find_kind
from .bucket_default import BucketDefault, DesiredBucketDefault, apply_minimum

# "S3 general purpose buckets should be encrypted at rest with AWS KMS keys", which DSSE-KMS satisfies too. It is the
# Config rule s3-default-encryption-kms, whose parameter kmsKeyArns names the keys that are allowed.
# Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-17
# and https://docs.aws.amazon.com/config/latest/developerguide/s3-default-encryption-kms.html
KMS_CONTROL = "Security Hub S3.17"
KMS_KEY_CONTROL = "Config s3-default-encryption-kms (kmsKeyArns)"


def findings(desired: DesiredBucketDefault, actual: BucketDefault, key_name: str = "") -> tuple[Finding, ...]:
    """The findings about a bucket: one for each value that `desired` names and the current rule does not have.

    `key_name` is the name of the desired key in the task, such as its alias.
    """
    if desired.absent:
        return tuple(_findings_of_absent(actual))
    if desired.minimum:
        desired = apply_minimum(desired, actual)
    return (
        *_encryption_findings(desired, actual, key_name or desired.kms_key_arn or ""),
        *_bucket_key_findings(desired, actual),
        *_blocked_findings(desired, actual),
    )


def _findings_of_absent(actual: BucketDefault) -> Iterator[Finding]:
    """What differs from S3's own default. A store that reports no default encryption has nothing to reset."""
    if actual.encryption not in (None, S3_DEFAULT.name):
        yield Finding(f"New objects get {actual.encryption} by default, not {S3_DEFAULT.name}.")
    if actual.encryption is not None and actual.bucket_key_enabled:
        yield Finding("S3 bucket keys are on.")


def _encryption_findings(desired: DesiredBucketDefault, actual: BucketDefault, key_name: str) -> Iterator[Finding]:
    """The algorithm and its key. A bucket without a KMS key cannot have the desired one: that is the same finding."""
    current = f"New objects get {actual.encryption or 'nothing'} by default"
    key = desired.kms_key_arn
    has_kms = _uses_kms(actual.encryption)
    if desired.kind and desired.kind.name != actual.encryption:
        expected = f"{desired.kind.name} with the key {key_name}" if key and not has_kms else desired.kind.name
        control = KMS_CONTROL if desired.kind.key_holder is KeyHolder.KMS and not has_kms else None
        yield Finding(f"{current}, not {expected}.", control)
    if key and has_kms and actual.kms_key_arn != key:
        named = actual.kms_key or "the AWS managed key"
        yield Finding(f"The default key is {named}, not {key_name}.", KMS_KEY_CONTROL)
    elif key and not has_kms and desired.kind is None:
        yield Finding(f"{current}, which has no KMS key, not the key {key_name}.", KMS_KEY_CONTROL)


def _bucket_key_findings(desired: DesiredBucketDefault, actual: BucketDefault) -> Iterator[Finding]:
    kind = desired.kind or find_kind(actual.encryption)
    named = desired.bucket_key_enabled
    # A kind for which S3 bucket keys have no meaning keeps the current value, whatever is named.
    if named is not None and kind.bucket_key_of_rule(named, actual.bucket_key_enabled, moves=False) is not (
        actual.bucket_key_enabled
    ):
        yield Finding(f"S3 bucket keys are {'on' if actual.bucket_key_enabled else 'off'}.")


def _blocked_findings(desired: DesiredBucketDefault, actual: BucketDefault) -> Iterator[Finding]:
    if desired.blocked is None:
        return
    expected, current = set(desired.blocked), set(actual.blocked or ())
    yield from (Finding(f"{name} is not blocked.") for name in sorted(expected - current))
    yield from (Finding(f"{name} is blocked.") for name in sorted(current - expected))


def _uses_kms(encryption: str | None) -> bool:
    return find_kind(encryption).key_holder is KeyHolder.KMS
