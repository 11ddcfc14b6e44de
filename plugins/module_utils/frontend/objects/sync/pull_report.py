# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How the result of a pull shows a file."""

from __future__ import annotations

from typing import Any

from ....model.objects.sync.pull_plan import FileContent, PulledFile
from ....model.outcome import Outcome
from ...fleet_report import FleetWords
from ...result import Result, error_of_row

# More deletions than these are worth a warning before they are carried out.
_FEW_DELETIONS = 10


def _to_dict(file: PulledFile | None) -> Result | None:
    if file is None:
        return None
    if file.content is FileContent.NONE:
        return {}
    return {"content": file.content.value, "encryption": file.encryption, **dict(file.attributes)}


def _to_line(file: PulledFile) -> str:
    encryption = f", under {file.encryption}" if file.encryption else ""
    attributes = "".join(f", {name} {value}" for name, value in file.attributes)
    return f"content: {file.content.value}{encryption}{attributes}"


def _to_row(name: str, _region: str, outcome: Outcome[PulledFile, Any]) -> Result:
    return {
        "key": name,
        "changed": outcome.changed,
        "actions": list(outcome.actions),
        "error": error_of_row(outcome.failure) if outcome.failure else None,
    }


PULLED = FleetWords("object", "objects", _to_dict, _to_line, _to_row)


def deletion_warning(number: int, *, check_mode: bool) -> tuple[str, ...]:
    """A check run warns about many deletions."""
    if not check_mode or number <= _FEW_DELETIONS:
        return ()
    return (f"The real run deletes {number:,} files.",)
