# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The KMS keys that a bucket's policy allows, by their ARNs in the bucket's own region."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRefForm

if TYPE_CHECKING:
    from ...model.buckets.policy.desired_policy import DesiredPolicy
    from ...model.keys.key_ref import KeyRef
    from ...model.plan import NotThereYet
    from ..keys.key_resolver import KeyResolver


@dataclass(frozen=True, slots=True)
class ResolvedKeys:
    """The ARNs of keys, whether S3's AWS managed key is one of them, and those that do not exist yet."""

    arns: tuple[str, ...]
    has_aws_managed_key: bool
    not_there_yet: tuple[NotThereYet, ...] = ()


@dataclass(frozen=True, slots=True)
class AllowedKeys:
    """Resolves the keys of `allow_kms_keys` for buckets in any region. Shared by all buckets of a run."""

    keys: KeyResolver

    def resolve(self, references: tuple[KeyRef, ...], region: str, bucket: str) -> ResolvedKeys:
        """The keys of this region. A key ARN of another region is left out, so that one task serves many regions.

        Raises OperationError if a key does not exist, or if no key is in the region.
        """
        local = _of_region(references, region)
        if not local:
            raise invalid_input(
                f"allow_kms_keys has no key in {region}, the region of {bucket}.",
                f"Add the ARN of a key in {region}, or an alias that exists there.",
                bucket,
            )
        found = [self.keys.resolve(reference, region) for reference in local]
        return ResolvedKeys(
            tuple(dict.fromkeys(key.arn for key in found)),
            any(reference.is_aws_managed_s3 for reference in local),
            tuple(missing for key in found for missing in key.not_there_yet),
        )

    def has_aws_managed_key(self, references: tuple[KeyRef, ...], region: str) -> bool:
        """Whether S3's AWS managed key is one of them, by any of its names. A key ARN costs a DescribeKey."""
        return any(
            reference.is_aws_managed_s3 or self.keys.is_aws_managed(reference, region)
            for reference in _of_region(references, region)
        )

    def require_usable(self, references: tuple[KeyRef, ...], region: str, new_arns: Collection[str]) -> tuple[str, ...]:
        """Raise OperationError unless these keys can encrypt objects in this region. Returns warnings.

        Keys that do not exist yet are not checked.
        """
        warnings: list[str] = []
        for reference in _of_region(references, region):
            key = self.keys.resolve(reference, region)
            if key.arn in new_arns and not key.not_there_yet:
                warnings += self.keys.require_usable(reference, region)
        return tuple(dict.fromkeys(warnings))


def with_allowed_keys(desired: DesiredPolicy, keys: ResolvedKeys) -> tuple[DesiredPolicy, tuple[NotThereYet, ...]]:
    """The desired rules with these keys, and the keys that do not exist yet."""
    resolved = replace(desired, allow_kms_keys=keys.arns, allows_aws_managed_key=keys.has_aws_managed_key)
    return resolved, keys.not_there_yet


def _of_region(references: tuple[KeyRef, ...], region: str) -> list[KeyRef]:
    """Those that can name a key in a region: an id or alias in any region, and a multi-Region key by its replica."""
    return [
        reference
        for reference in references
        if reference.region in ("", region) or (reference.is_multi_region and reference.form is KeyRefForm.KEY_ARN)
    ]
