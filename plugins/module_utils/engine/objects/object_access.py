# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object, with all that is called to plan and to change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.objects.object_state import ObjectId
    from ..buckets.bucket_settings import BucketSettings
    from ..keys.key_resolver import KeyResolver
    from .client_side.envelope_reading import ClientSidePorts


@dataclass(frozen=True)
class ObjectAccess:
    """One object, the calls to S3 about it, and the settings of its bucket and the KMS keys, which are read once.

    `client_side` are the calls for client-side encryption.
    """

    target: ObjectId
    s3: ObjectPort
    buckets: BucketSettings
    keys: KeyResolver
    client_side: ClientSidePorts

    @property
    def name(self) -> str:
        """The object in a message: bucket/key."""
        return self.target.name

    @property
    def region(self) -> str:
        """The region of the bucket, once S3 has answered a request for the object."""
        return self.s3.bucket_region(self.target.bucket)
