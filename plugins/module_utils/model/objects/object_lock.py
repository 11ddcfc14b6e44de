# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Object Lock: what keeps a version of an object from being deleted.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """The lock of one version, as far as it is in force.

    `mode` (GOVERNANCE or COMPLIANCE) and `retain_until`, in ISO 8601, are named together. An event hold keeps the
    version, too, and for so many days or years after it is released.
    """

    mode: str | None = None
    retain_until: str | None = None
    legal_hold: bool = False
    event_hold: bool = False
    event_hold_days: int | None = None
    event_hold_years: int | None = None

    def told(self) -> str:
        """The lock in words."""
        held = [
            f"{self.mode} until {self.retain_until}" if self.mode else "",
            "a legal hold" if self.legal_hold else "",
            "an event hold" if self.event_hold else "",
        ]
        return " and ".join(filter(None, held))
