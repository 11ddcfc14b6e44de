# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Encoded words of RFC 2047 in user metadata. S3 decodes them, and encodes text that is not ASCII when it is read.

So S3 returns another word for the same text, such as =?UTF-8?Q?=C3=A9?= for =?ISO-8859-1?Q?=E9?=.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from __future__ import annotations

from email.errors import HeaderParseError
from email.header import decode_header

Metadata = tuple[tuple[str, str], ...]


def decode_words(value: str) -> str:
    """The text that a value of metadata stands for; the value itself if it has no encoded word that can be decoded."""
    if "=?" not in value:
        return value
    try:
        return "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii") for part, charset in decode_header(value)
        )
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return value


def in_reported_words(metadata: Metadata, reported: Metadata) -> Metadata:
    """The metadata, with the reported value where that is another encoded word for the same text."""
    known = dict(reported)
    return tuple((name, _in_reported_word(value, known.get(name, ""))) for name, value in metadata)


def _in_reported_word(value: str, reported: str) -> str:
    text = decode_words(value)
    return reported if not text.isascii() and text == decode_words(reported) else value
