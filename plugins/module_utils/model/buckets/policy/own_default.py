# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A bucket's own default encryption beside what its policy lets uploads name.

An upload that names no encryption gets the default, and no statement about the headers applies to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...arn import same_kms_key
from ...kinds.kind import KeyHolder
from ...kinds.registry import find_kind
from ..bucket_default import BucketDefault
from .policy_state import PolicyState
from .statements import KMS_KEY_REQUIRED


def own_default_warnings(after: PolicyState, default: BucketDefault) -> Iterator[str]:
    """Warnings where uploads that name nothing get what no upload may name.

    `default` has the ARN of its key, if it has one.
    """
    kinds, keys = after.rules.allow_encryption, after.rules.allow_kms_keys
    if kinds is not None and default.encryption is not None and default.encryption not in kinds:
        yield (
            f"the default encryption of the bucket, {default.encryption}, is not in allow_encryption; uploads that "
            "name none still get it"
        )
    if keys is not None and not is_own_key_allowed(default, keys, after):
        yield (
            f"the key of the bucket's default encryption, {default.kms_key or 'the AWS managed key'}, is not in "
            "allow_kms_keys; uploads that name none still get it"
        )


def is_own_key_allowed(default: BucketDefault, keys: tuple[str, ...], policy: PolicyState) -> bool:
    """Whether an upload may name the key of the default encryption. One without a KMS key is not restricted."""
    if find_kind(default.encryption).key_holder is not KeyHolder.KMS:
        return True
    arn = default.kms_key_arn or default.kms_key
    if arn is None:
        return policy.guards.of(KMS_KEY_REQUIRED) is None
    return any(same_kms_key(key, arn) for key in keys)
