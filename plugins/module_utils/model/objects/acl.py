# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The access control list of an object, which every write resets.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from dataclasses import dataclass

# What a write can grant. WRITE means nothing for an object, and no write takes it.
GRANTABLE = ("FULL_CONTROL", "READ", "READ_ACP", "WRITE_ACP")


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission of somebody: `kind` is how the grantee is named (`id`, `uri` or `emailAddress`), empty where S3
    does not name any of them."""

    permission: str
    kind: str
    grantee: str

    @property
    def can_be_written(self) -> bool:
        """Whether PutObject, CopyObject and CreateMultipartUpload take it."""
        return self.permission in GRANTABLE and bool(self.kind) and '"' not in self.grantee

    def told(self) -> str:
        """The grant in words."""
        return f"{self.permission} to {self.grantee or 'somebody unnamed'}"


# All grants of an object, its owner's among them; none where the ACL is private.
Grants = tuple[Grant, ...]
