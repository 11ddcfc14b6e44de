# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What S3 lists: the objects of a prefix, and the uploads in parts that are not finished."""

from __future__ import annotations

from typing import NamedTuple


class ListedObject(NamedTuple):
    """One version of an object, as ListObjectsV2 or ListObjectVersions returns it, without its encryption.

    `size` is that of the stored bytes. `last_modified` is ISO 8601 with a time zone. `version_id` is known only where
    versions are listed.
    """

    key: str
    size: int
    etag: str
    last_modified: str
    storage_class: str | None = None
    version_id: str | None = None
    is_noncurrent: bool = False

    @property
    def is_directory_marker(self) -> bool:
        """Whether it is what the console of S3 makes for a folder: an empty object whose key ends with a slash."""
        return self.size == 0 and self.key.endswith("/")


class ListedUpload(NamedTuple):
    """An upload that is neither completed nor aborted, as ListMultipartUploads returns it. `initiated` is ISO 8601."""

    key: str
    upload_id: str
    initiated: str
