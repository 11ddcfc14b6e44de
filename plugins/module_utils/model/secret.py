# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Secrets are a type: key bytes that no repr, format, diff, pickle or log line can show."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import NoReturn

from .errors import invalid_input

CUSTOMER_KEY_BYTES = 32


class Secret:
    """Bytes that show themselves only to a caller of `reveal`."""

    __slots__ = ("_bytes",)

    def __init__(self, value: bytes) -> None:
        self._bytes = bytes(value)

    def reveal(self) -> bytes:
        """The bytes themselves, for the last call before the wire or the cipher."""
        return self._bytes

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._bytes, other._bytes)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")


class CustomerKey(Secret):
    """A 256-bit key that the caller holds, for server-side or client-side encryption.

    S3 takes exactly 256 bits, with the base64 of the key's MD5 as a check against garbling.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    """

    __slots__ = ()

    def __init__(self, value: bytes) -> None:
        if len(value) != CUSTOMER_KEY_BYTES:
            raise _wrong_length("A customer key", f"{len(value)} bytes")
        super().__init__(value)

    @classmethod
    def parse(cls, text: str, name: str = "customer_key") -> CustomerKey:
        """Read one of the three written forms, told apart by length: 44 of base64, 64 of hex, 32 of text.

        Raises OperationError, without the text, for anything else; `name` is the option that the sentence names.
        """
        try:
            if len(text) == 44:
                # as bytes: b64decode would raise an error that holds the text, for text beyond ASCII
                return cls(base64.b64decode(text.encode("ascii", "replace"), validate=True))
            if len(text) == 64:
                return cls(bytes.fromhex(text))
            if len(text) == CUSTOMER_KEY_BYTES and text.isascii():
                return cls(text.encode("ascii"))
        except (binascii.Error, ValueError):
            form = "base64" if len(text) == 44 else "hexadecimal"
            raise invalid_input(
                f"{name} has the length of a key in {form}, but is not {form}.",
                "Give 256 bits as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text.",
            ) from None
        raise _wrong_length(name, f"{len(text)} characters")

    @classmethod
    def from_file(cls, data: bytes, name: str = "customer_key_file") -> CustomerKey:
        """Read a key file's bytes: 32 raw bytes, or one of the written forms with or without a line end."""
        # A text of 30 or 31 characters with its line's end has 32 bytes, too, and is no key.
        is_line = data.isascii() and data.endswith(b"\n")
        if len(data) == CUSTOMER_KEY_BYTES and not is_line:
            return cls(data)
        data = data.removeprefix(b"\xef\xbb\xbf")  # the byte order mark of some editors
        if not data.isascii():  # asked first, as a UnicodeDecodeError would hold the bytes
            raise _wrong_length(f"The file of {name}", f"{len(data)} bytes")
        return cls.parse(data.decode("ascii").strip(), f"The file of {name}")

    @property
    def md5(self) -> str:
        """The base64 of the key's MD5, as S3 reports it; it identifies the key without giving it away."""
        return base64.b64encode(hashlib.md5(self._bytes, usedforsecurity=False).digest()).decode("ascii")

    @property
    def base64(self) -> str:
        """The key as the header x-amz-server-side-encryption-customer-key carries it. As secret as the key."""
        return base64.b64encode(self._bytes).decode("ascii")


def _wrong_length(name: str, length: str) -> Exception:
    return invalid_input(
        f"{name} is {length} long, but S3 takes keys of exactly 256 bits.",
        "Give 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text (in a file also 32 raw bytes).",
    )
