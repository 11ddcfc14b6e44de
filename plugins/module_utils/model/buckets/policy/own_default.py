# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A bucket's own default encryption beside what its policy lets uploads name.

An upload that names no encryption gets the default, and no statement about the headers applies to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...arn import same_kms_key
from ...kinds.kind import KeyHolder
from ...kinds.registry import find_kind
from ..bucket_default import BucketDefault
from .policy_state import PolicyState
from .statements import KMS_KEY_REQUIRED


@dataclass(frozen=True, slots=True)
class UnlistedDefault:
    """A part of the default encryption that is not in a list of the policy.

    `option` is the name of the list. `given` is the kind or key that uploads get by default: None for a store without a
    default, and for S3's AWS managed key. `allowed` is the list.
    """

    option: str
    given: str | None
    allowed: tuple[str, ...]

    @property
    def warning(self) -> str:
        """The warning about a policy that is about to be written."""
        what = "the default encryption of the bucket"
        given = self.given or "none"
        if self.option == "allow_kms_keys":
            what, given = "the key of the bucket's default encryption", self.given or "the AWS managed key"
        return f"{what}, {given}, is not in {self.option}; uploads that name none still get it"

    @property
    def sentence(self) -> str:
        """The sentence about a bucket that was inspected."""
        allowed = ", ".join(self.allowed)
        given = f"New objects get {self.given or 'nothing'} by default"
        if self.option == "allow_kms_keys":
            given = f"The default key is {self.given or 'the AWS managed key'}"
        return f"{given}, and {self.option} has {f'only {allowed}' if allowed else 'nothing'}."


def unlisted_defaults(default: BucketDefault, policy: PolicyState) -> Iterator[UnlistedDefault]:
    """What uploads that name nothing get, and no upload may name. `default` has the ARN of its key, if it has one."""
    kinds, keys = policy.rules.allow_encryption, policy.rules.allow_kms_keys
    if kinds is not None and default.encryption not in kinds:
        yield UnlistedDefault("allow_encryption", default.encryption, kinds)
    if keys is not None and not _may_name_key(default, keys, policy):
        yield UnlistedDefault("allow_kms_keys", default.kms_key, keys)


def _may_name_key(default: BucketDefault, keys: tuple[str, ...], policy: PolicyState) -> bool:
    """Whether an upload may name the key of the default encryption. One without a KMS key is not restricted."""
    if find_kind(default.encryption).key_holder is not KeyHolder.KMS:
        return True
    arn = default.kms_key_arn or default.kms_key
    if arn is None:
        return policy.guards.of(KMS_KEY_REQUIRED) is None
    return any(same_kms_key(key, arn) for key in keys)
