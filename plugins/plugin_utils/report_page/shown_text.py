# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Text and numbers as a person reads them."""

from __future__ import annotations

import re
from datetime import date

# Characters that nobody sees, or that change how others are shown: control and format characters (also those that
# reverse the direction of a text), line separators, halves of surrogate pairs, and what is no character.
# Source: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_UNSEEN_EXCEPT_LINES = re.compile(f"(?!\n){_UNSEEN.pattern}")

# No name of AWS is longer than 1,024 bytes. A longer text is an error message that somebody else wrote.
_LONGEST = 4_000

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def shown(text: str) -> str:
    """The text in one line, with an escape such as \\u202e for each character that would be unseen or mislead."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({number(len(text))} characters)"
    return _UNSEEN.sub(_escape, text)


def shown_lines(text: str) -> str:
    """The same for a text of several lines and of any length."""
    return _UNSEEN_EXCEPT_LINES.sub(_escape, text)


def _escape(unseen: re.Match[str]) -> str:
    code = ord(unseen[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def number(value: int) -> str:
    """The number with separators of thousands."""
    return f"{value:,}"


def counted(value: int, one: str, many: str) -> str:
    """The number with its noun."""
    return f"{value:,} {one if value == 1 else many}"


def rounded(value: int) -> int:
    """An estimate with the three digits that it can have."""
    unit = int(f"1{'0' * max(0, len(str(value)) - 3)}")
    return (value + unit // 2) // unit * unit


def size(value: int) -> str:
    """A number of bytes in the unit that gives at most three digits before the point."""
    amount, unit = float(value), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 0 if unit == 0 or amount >= 99.95 else 1
    return f"{amount:,.{digits}f} {_UNITS[unit]}" if value != 1 else "1 byte"


def enumeration(parts: list[str]) -> str:
    """The parts as a sentence has them: a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


# Not by strftime, whose names depend on the language of the process.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)


def day(value: date) -> str:
    """A day in words."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
