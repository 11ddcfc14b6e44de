# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option for the mode of a file, which means what it means in ansible.builtin.copy."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..model.errors import invalid_input

# One clause of a symbolic mode as Ansible accepts it, such as g+r.
_CLAUSE = re.compile(r"(?:a|[ugo]*)(?:[-+=](?:[rwxXst]*|[ugo]))+")
_MAX_MODE = 0o7777


def require_mode(option: str, mode: str | int | None) -> None:
    """Raise OperationError for what Ansible does not accept as a mode. None is accepted: it names none."""
    if mode is None:
        return
    try:
        number = mode if isinstance(mode, int) else int(mode, 8)
    except ValueError:
        if all(map(_CLAUSE.fullmatch, str(mode).split(","))):
            return
        number = -1
    if not 0 <= number <= _MAX_MODE:
        raise invalid_input(
            f"{option}: {mode!r} is not a valid file mode.",
            "Give an octal number in quotes, such as '0640', or u=rw,g=r.",
        )


def wanted_mode(mode: str | int | None) -> Callable[[os.stat_result], int] | None:
    """The mode for a file of a status, from which a symbolic mode such as `g+r` starts. None: no mode is named."""
    if mode is None:
        return None
    try:
        number = mode if isinstance(mode, int) else int(mode, 8)
    except ValueError:
        text: Any = mode
        return lambda status: int(AnsibleModule._symbolic_mode_to_octal(status, text))
    return lambda status: number
