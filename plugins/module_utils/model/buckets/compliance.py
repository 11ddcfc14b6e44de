# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The differences between a bucket's default encryption and the expected one, and the AWS controls they violate."""

from __future__ import annotations

from ..finding import Finding
from ..kinds.kind import KeyHolder
from ..kinds.registry import find_kind
from .bucket_default import BucketDefault

# "S3 general purpose buckets should be encrypted at rest with AWS KMS keys", which DSSE-KMS satisfies too. It is the
# Config rule s3-default-encryption-kms, whose parameter kmsKeyArns names the keys that are allowed.
# Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-17
# and https://docs.aws.amazon.com/config/latest/developerguide/s3-default-encryption-kms.html
KMS_CONTROL = "Security Hub S3.17"
KMS_KEY_CONTROL = "Config s3-default-encryption-kms (kmsKeyArns)"


def findings(actual: BucketDefault, expected: BucketDefault) -> tuple[Finding, ...]:
    """The findings for a bucket, by its current rule and by the rule that a plan for the expected state would write."""
    found: list[Finding] = []
    has_kms, needs_kms = _uses_kms(actual), _uses_kms(expected)
    if actual.encryption != expected.encryption:
        control = KMS_CONTROL if needs_kms and not has_kms else None
        found.append(
            Finding(f"New objects get {actual.encryption or 'nothing'} by default, not {expected.encryption}.", control)
        )
    if expected.kms_key != actual.kms_key and expected.kms_key:
        named = actual.kms_key or ("the AWS managed key" if has_kms else "none")
        found.append(Finding(f"The default key is {named}, not {expected.kms_key}.", KMS_KEY_CONTROL))
    if actual.bucket_key_enabled != expected.bucket_key_enabled:
        found.append(Finding(f"S3 bucket keys are {'on' if actual.bucket_key_enabled else 'off'}."))
    if set(actual.blocked or ()) != set(expected.blocked or ()):
        types = ", ".join(actual.blocked or ()) or "none"
        found.append(Finding(f"The blocked encryption types are {types}."))
    return tuple(found)


def _uses_kms(rule: BucketDefault) -> bool:
    return find_kind(rule.encryption).key_holder is KeyHolder.KMS
