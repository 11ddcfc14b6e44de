# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Customer keys from the options of a task: given, read from a file, or generated."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...model.errors import invalid_input
from ...model.secret import CUSTOMER_KEY_BYTES, CustomerKey

# More bytes than any form of a key has, including a line end and a byte order mark.
_MAX_KEY_FILE_BYTES = 128


def customer_key(params: dict[str, Any], warn: Callable[[str], object], prefix: str = "") -> CustomerKey | None:
    """The key of `customer_key` or `customer_key_file` (with the prefix: of `previous_…`); None if neither is set.

    Raises OperationError for a key of a wrong length, and for a file that cannot be read. `warn` gets a warning about a
    file that other users can change or read.
    """
    name = f"{prefix}customer_key"
    if params.get(name) is not None:
        return CustomerKey.parse(params[name], name)
    path = params.get(f"{name}_file")
    if path is None:
        return None
    if not Path(path).exists() and not prefix and params.get("encryption") and "customer_key_generate" in params:
        advice = "With customer_key_generate: true it is created if it does not exist."
        raise invalid_input(f"{name}_file {path} cannot be read: it does not exist.", advice)
    return customer_key_of_file(Path(path), f"{name}_file", f"{name}_file {path}", warn)


def customer_key_of_file(path: Path, option: str, shown: str, warn: Callable[[str], object]) -> CustomerKey:
    """The key in a file. `shown` are the option and the path for messages.

    Raises OperationError for a file that cannot be read, and for a key of a wrong length. `warn` gets a warning about a
    file that other users can change or read.
    """
    require_regular_file(path, option)
    try:
        with path.open("rb") as file:
            for warning in _exposure(os.fstat(file.fileno()).st_mode, shown):
                warn(warning)
            return CustomerKey.from_file(file.read(_MAX_KEY_FILE_BYTES), shown)
    except OSError as error:
        raise invalid_input(f"{shown} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _exposure(mode: int, name: str) -> Iterator[str]:
    """A warning if other users than its owner can write the key file, or all users can read it."""
    octal = f"mode {stat.S_IMODE(mode):04o}"
    advice = "Set its mode to 0600."
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield (
            f"{name} can be written by other users ({octal}), who can replace the key by one that they know. {advice}"
        )
    elif mode & stat.S_IROTH:
        yield f"{name} can be read by all users of the host ({octal}). {advice}"


def require_regular_file(path: Path, option: str) -> None:
    """Raise OperationError for a path that is not a regular file. Devices and pipes may never end."""
    if path.is_dir():
        raise invalid_input(f"{option} {path} is a directory.", "Name a file.")
    if not path.exists():
        raise invalid_input(f"{option} {path} does not exist on the host that runs the task.", "Check the path.")
    if not path.is_file():
        raise invalid_input(f"{option} {path} is not a regular file.", "Name a file, not a device or a pipe.")


def new_customer_key(params: dict[str, Any]) -> tuple[CustomerKey, Path] | None:
    """A new key and its file, if the task sets customer_key_generate and the file does not exist yet."""
    if not params["customer_key_generate"]:
        return None
    if params["customer_key_file"] is None:
        raise invalid_input(
            "customer_key_generate has no effect without customer_key_file.", "Name the file to create."
        )
    path = Path(params["customer_key_file"])
    if not path.parent.is_dir():
        raise invalid_input(f"The folder {path.parent} of customer_key_file does not exist.", "Create it first.")
    return None if path.exists() else (CustomerKey(secrets.token_bytes(CUSTOMER_KEY_BYTES)), path)
