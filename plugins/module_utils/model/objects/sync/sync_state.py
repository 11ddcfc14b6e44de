# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One side of a change of one object, as far as many objects can have it in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncState:
    """What a report shows of an object or of a file: names and values. Equal changes of many objects are grouped."""

    values: tuple[tuple[str, str], ...] = ()


# Both sides of a deletion.
PRESENT, ABSENT = SyncState((("state", "present"),)), SyncState((("state", "absent"),))
