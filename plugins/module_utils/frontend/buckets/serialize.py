# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of a bucket as a playbook sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fleet_report import FleetWords

if TYPE_CHECKING:
    from ...model.buckets.bucket_default import BucketDefault
    from ..result import Result


def bucket_default_to_dict(rule: BucketDefault | None) -> Result | None:
    """A bucket's rule, in the names of the module's options."""
    if rule is None:
        return None
    return {
        "encryption": rule.encryption,
        "kms_key": rule.kms_key,
        "bucket_key_enabled": rule.bucket_key_enabled,
        "blocked_encryption_types": None if rule.blocked is None else list(rule.blocked),
    }


def bucket_default_to_line(rule: BucketDefault) -> str:
    """A bucket's rule in one line of a diff."""
    key = f", key {rule.kms_key}" if rule.kms_key else ""
    blocked = f", blocked: {', '.join(rule.blocked) or 'none'}" if rule.blocked is not None else ""
    return f"{rule.encryption or 'none'}{key}, bucket key {'on' if rule.bucket_key_enabled else 'off'}{blocked}"


BUCKETS = FleetWords("bucket", "buckets", bucket_default_to_dict, bucket_default_to_line)
