# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a store did not keep of a rule that was written."""

from __future__ import annotations

from .bucket_default import BucketDefault, DesiredBucketDefault


def unproven_values(desired: DesiredBucketDefault, planned: BucketDefault, found: BucketDefault) -> tuple[str, ...]:
    """The values of a written rule that the store reports otherwise, in words.

    Two values are no proof, because the task does not name them: the S3 bucket key that a change to a KMS encryption
    enables by default, and the key that a store reports for a rule without one.
    """
    differences = []
    is_reset = desired.absent and found.encryption is None
    if planned.encryption != found.encryption and not is_reset:
        differences.append(f"encryption is {found.encryption or 'none'}, not {planned.encryption}")
    elif planned.kms_key and planned.kms_key != found.kms_key and planned.kms_key_arn != found.kms_key_arn:
        differences.append(f"kms_key is {found.kms_key or 'none'}, not {planned.kms_key}")
    named = desired.absent or desired.bucket_key_enabled is not None
    if named and planned.bucket_key_enabled != found.bucket_key_enabled:
        differences.append(
            f"bucket_key_enabled is {found.bucket_key_enabled}, not {planned.bucket_key_enabled}".lower()
        )
    if set(planned.blocked or ()) != set(found.blocked or ()):
        reported, written = (", ".join(types or ()) or "none" for types in (found.blocked, planned.blocked))
        differences.append(f"blocked_encryption_types are {reported}, not {written}")
    if planned.foreign != found.foreign:
        differences.append("fields that this collection does not know have changed")
    return tuple(differences)
