# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""When a key was last used, as KMS itself records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LastUsage:
    """The last cryptographic use of a key. `last_used` is None if KMS has not recorded any.

    KMS records usage since `tracked_since`. `created` is the creation date of the key.
    """

    last_used: datetime | None
    tracked_since: datetime
    created: datetime
    operation: str | None = None
