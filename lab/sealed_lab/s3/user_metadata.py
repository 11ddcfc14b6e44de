# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""User metadata: S3 stores Unicode text. In headers it is ASCII, or an encoded word of RFC 2047.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
"""

from __future__ import annotations

import base64
import string
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
_LITERAL = frozenset(map(ord, string.ascii_letters + string.digits + string.punctuation + "\t")) - set(b"=?_")
_REPLACEMENT = "\ufffd"


def decode_value(header: str) -> str:
    """Return the text of a metadata header. An encoded word is decoded, also if it is plain ASCII."""
    if "=?" not in header:
        return header
    try:
        parts = decode_header(header)
    except HeaderParseError:
        return _decode_invalid_base64(header)
    try:
        return "".join(part if isinstance(part, str) else part.decode(charset or "latin-1") for part, charset in parts)
    except (LookupError, UnicodeDecodeError):
        return header


def _decode_invalid_base64(header: str) -> str:
    """Decode base64 with wrong padding as S3 does: a character that is not in the alphabet counts as 63."""
    text = header.split("?")[3] if header.count("?") >= 4 else header
    bits = "".join(f"{_ALPHABET.find(each) % 64:06b}" for each in text)
    data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))
    return data.decode("utf-8", "replace")


def encode_value(text: str) -> str:
    """Return the header for a text: ASCII as it is, all other text as an encoded word in UTF-8.

    The encoding is Q, but base64 for text with control characters or replacement characters.
    """
    data = text.encode("utf-8", "surrogateescape")
    if all(each in _LITERAL or each in b" =?_" for each in data):
        return text
    if _REPLACEMENT in text or any(unicodedata.category(each).startswith("C") for each in text):
        return f"=?UTF-8?B?{base64.b64encode(data).decode('ascii')}?="
    encoded = "".join(chr(each) if each in _LITERAL else "_" if each == 0x20 else f"={each:02X}" for each in data)
    return f"=?UTF-8?Q?{encoded}?="
