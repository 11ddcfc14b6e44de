# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which object is meant, and what a call returns about it."""

from __future__ import annotations

from typing import NamedTuple


class ObjectId(NamedTuple):
    """Which object, or which version of it, in whose bucket."""

    bucket: str
    key: str
    version_id: str | None = None
    expected_bucket_owner: str | None = None


class Deleted(NamedTuple):
    """What a deletion did: the version that it deleted or made (None: the bucket keeps none), and whether that is a
    delete marker."""

    version_id: str | None = None
    delete_marker: bool = False
