# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A request that a test sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Request:
    """One request of a test: as the table shows it, and the answer of the lab."""

    shown: dict[str, Any]
    answer: Any = None  # the object that the test has
    kept: Any = None  # a copy, with the content of a stream, which the test cannot change
    code: str | None = None
