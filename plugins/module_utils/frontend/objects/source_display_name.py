# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a task calls the file in `src`, which may lie elsewhere when the module reads it."""

from __future__ import annotations

import os
from typing import Any

# The action plugin tells the module in this variable of its environment.
NAME_VARIABLE = "SEALED_S3_ORIGINAL_SRC"


def pop_source_path(params: dict[str, Any]) -> str | None:
    """Where `src` can be read. From then on the option is what the task calls the file, in what is told of it too.

    The controller's part of the module names both: a file may have been decrypted, or brought here under another name.
    """
    path: str | None = params["src"]
    if path:
        params["src"] = os.environ.get(NAME_VARIABLE) or path
    return path
