# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The report to which a later one is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .report import FindingRow, Totals


@dataclass(frozen=True)
class EarlierReport:
    """What a comparison needs of a report. Its findings are read once, one after the other."""

    title: str
    time: datetime | None
    totals: Totals
    findings: Iterable[FindingRow]
