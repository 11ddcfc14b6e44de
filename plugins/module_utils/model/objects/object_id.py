# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The identity of an object, and the result of a deletion."""

from __future__ import annotations

from typing import NamedTuple


class ObjectId(NamedTuple):
    """An object, or one version of it, and the account that has to own its bucket."""

    bucket: str
    key: str
    version_id: str | None = None
    expected_bucket_owner: str | None = None


class Deleted(NamedTuple):
    """The version that a deletion deleted or created (None: no versioning), and whether it is a delete marker."""

    version_id: str | None = None
    delete_marker: bool = False
