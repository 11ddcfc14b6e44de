# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Object Lock, which protects a version of an object against deletion.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """The lock of one version, as far as it is in force.

    `mode` (GOVERNANCE or COMPLIANCE) and `retain_until` (ISO 8601) are set together. An event hold protects the version
    until it is released, and for the given days or years after that.
    """

    mode: str | None = None
    retain_until: str | None = None
    legal_hold: bool = False
    event_hold: bool = False
    event_hold_days: int | None = None
    event_hold_years: int | None = None

    def describe(self) -> str:
        """The lock in words."""
        parts = [
            f"{self.mode} until {self.retain_until}" if self.mode else "",
            "a legal hold" if self.legal_hold else "",
            "an event hold" if self.event_hold else "",
        ]
        return " and ".join(filter(None, parts))
