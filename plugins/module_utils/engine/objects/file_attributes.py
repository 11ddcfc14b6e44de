# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Mode, owner and other attributes of a file on the target, as a download needs them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ...model.objects.download_plan import AttributeChange


class FileAttributesPort(Protocol):
    """The attributes that the task names. Every method raises OperationError."""

    def difference(self, path: Path) -> AttributeChange | None:
        """What would change on an existing file. Reads only. None: nothing."""

    def prepare(self, path: Path) -> None:
        """Set the attributes on a new file that is renamed next: all but those that forbid to rename it."""

    def set_on(self, path: Path) -> None:
        """Set the attributes on a file, where they differ."""
