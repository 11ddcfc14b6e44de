# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether the name of a key file may be the key itself, given in the wrong option. Then nothing may show it."""

from __future__ import annotations

import re

# 256 bits in base64 (also in its alphabet for URLs) and in hexadecimal.
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{43}=|[0-9A-Fa-f]{64}")
_UNPADDED = re.compile(r"[A-Za-z0-9+/_-]{43}")
_TEXT_LENGTH = 32


def may_be_a_key(name: str, *, exists: bool, in_folder: bool) -> bool:
    """Whether the value of an option for a key file has the form of a customer key.

    `exists`: there is a file of this name. `in_folder`: the name has a folder, which exists. A path with a folder is a
    path. A name that is only a key in base64 or hexadecimal is refused even if a file has it, because an earlier run
    may have made that file.
    """
    name = name.strip()
    if in_folder:
        return False
    if _ENCODED.fullmatch(name):
        return True
    if exists:
        return False
    is_absolute = name.startswith("/") and name.count("/") > 1
    return bool(_UNPADDED.fullmatch(name)) or (len(name) == _TEXT_LENGTH and name.isascii() and not is_absolute)
