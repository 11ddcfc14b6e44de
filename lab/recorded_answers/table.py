# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The committed table: one test in a line, and the file with the counts beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "answers.jsonl"
COUNTS = Path(__file__).parent / "counts.json"
EXCEPTIONS = Path(__file__).parent / "exceptions.json"


def cases() -> Iterator[dict[str, Any]]:
    """Return each case of the table."""
    for line in TABLE.read_text().splitlines():
        yield json.loads(line)


def counts() -> dict[str, Any]:
    """Return what the last count came to."""
    known: dict[str, Any] = json.loads(COUNTS.read_text())
    return known


def exceptions() -> dict[str, str]:
    """Return the reason of each exception, by ``test: name``."""
    known: dict[str, str] = json.loads(EXCEPTIONS.read_text())
    return known


def write(rows: Iterable[dict[str, Any]], figures: dict[str, Any]) -> None:
    """Write the table and the counts."""
    lines = sorted(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in rows)
    TABLE.write_text("".join(f"{line}\n" for line in lines))
    COUNTS.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
