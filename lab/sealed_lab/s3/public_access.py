# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""S3 Block Public Access of a bucket and of its account.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import invalid_request

if TYPE_CHECKING:
    from ..lab import State
    from .state import Bucket

SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def blocks(state: State, bucket: Bucket, setting: str) -> bool:
    """Return whether the bucket or its account has the setting."""
    account = state.control.public_access.get(bucket.account) or {}
    own = bucket.documents.get("publicAccessBlock") or {}
    return bool(account.get(setting) or own.get(setting))


def complete_block(requested: Mapping[str, Any]) -> dict[str, bool]:
    """Return all four settings of a request. A setting that the request omits is false; one is required.

    Recorded from AWS: localstack, test_crud_public_access_block and test_empty_public_access_block.
    """
    if not any(name in requested for name in SETTINGS):
        raise invalid_request("Must specify at least one configuration.")
    return {name: bool(requested.get(name, False)) for name in SETTINGS}
