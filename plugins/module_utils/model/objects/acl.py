# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The access control list (ACL) of an object. Every write resets it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from dataclasses import dataclass

# What a write can grant. WRITE has no meaning for an object, and no write accepts it.
GRANTABLE = ("FULL_CONTROL", "READ", "READ_ACP", "WRITE_ACP")


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission of one grantee.

    `kind` says what identifies the grantee: `id`, `uri` or `emailAddress`. It is empty if S3 reports none of them.
    """

    permission: str
    kind: str
    grantee: str

    @property
    def can_be_written(self) -> bool:
        """Whether PutObject, CopyObject and CreateMultipartUpload accept it."""
        return self.permission in GRANTABLE and bool(self.kind) and '"' not in self.grantee

    def describe(self) -> str:
        """The grant in words."""
        return f"{self.permission} to {self.grantee or 'an unnamed grantee'}"


# All grants of an object, including that of its owner; empty if the ACL is private.
Grants = tuple[Grant, ...]
