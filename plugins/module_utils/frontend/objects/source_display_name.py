# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The name of the file in `src` as the task has it. The module may read it from another path."""

from __future__ import annotations

import os
from typing import Any

# The action plugin passes the name in this environment variable.
NAME_VARIABLE = "SEALED_S3_ORIGINAL_SRC"


def pop_source_path(params: dict[str, Any]) -> str | None:
    """Return the path to read `src` from, and set the option to the name in the task, for messages and results.

    The action plugin may have decrypted the file, or copied it to the target under another name.
    """
    path: str | None = params["src"]
    if path:
        params["src"] = os.environ.get(NAME_VARIABLE) or path
    return path
