# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The files of customer keys, which are no part of a directory that is synchronised."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ....model.errors import invalid_input
from ....model.objects.sync.selection import PathSelection


def require_keys_outside(params: Mapping[str, Any], option: str, directory: str, selection: PathSelection) -> None:
    """Raise OperationError if a file with a customer key is one of the selected files below the directory.

    A push would upload the key, and a pull could replace or delete it: without it, nobody can read the objects.
    """
    root = os.path.realpath(directory)
    for name in ("customer_key_file", "previous_customer_key_file"):
        if not params[name]:
            continue
        path = os.path.relpath(os.path.realpath(params[name]), root)
        if not path.startswith("../") and path != ".." and selection.matches(path):
            raise invalid_input(
                f"The file in {name} is inside {option} {directory}, so the key would be handled like the other files.",
                "Move it to a place outside, or exclude it with exclude.",
                directory,
            )
