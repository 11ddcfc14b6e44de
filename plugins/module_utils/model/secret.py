# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A type for secrets: key bytes that repr, format, diff, pickle and logs cannot show."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import NoReturn

from .errors import invalid_input

CUSTOMER_KEY_BYTES = 32


class Secret:
    """Bytes that only `reveal` returns."""

    __slots__ = ("_bytes",)

    def __init__(self, value: bytes) -> None:
        self._bytes = bytes(value)

    def reveal(self) -> bytes:
        """The bytes. To be called only for the request to AWS, or for the cipher."""
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
    """A 256-bit key that the caller provides, for server-side or client-side encryption.

    S3 accepts exactly 256 bits, with the base64 of the key's MD5 as an integrity check.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    """

    __slots__ = ()

    def __init__(self, value: bytes) -> None:
        if len(value) != CUSTOMER_KEY_BYTES:
            raise _wrong_length("A customer key", f"{len(value)} bytes")
        super().__init__(value)

    @classmethod
    def parse(cls, text: str, name: str = "customer_key") -> CustomerKey:
        """Parse one of the three text forms, which differ in length: 44 characters of base64, 64 of hex, 32 of ASCII.

        A text that ends in a line end is one line of a file, such as of a file of Ansible Vault. Raises OperationError,
        without the text, for anything else. `name` is the option in the message.
        """
        if text.endswith("\n"):
            text = text.strip()
        try:
            if len(text) == 44:
                # as bytes: for a text with other characters than ASCII, the error of b64decode contains the text
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
        """Parse the content of a key file: 32 raw bytes, or one of the text forms with or without a line end."""
        # A text of 30 or 31 characters with its line end also has 32 bytes, and is not a key.
        is_line = data.isascii() and data.endswith(b"\n")
        if len(data) == CUSTOMER_KEY_BYTES and not is_line:
            return cls(data)
        data = data.removeprefix(b"\xef\xbb\xbf")  # the byte order mark that some editors write
        if not data.isascii():  # checked first, because a UnicodeDecodeError would contain the bytes
            raise _wrong_length(f"The file of {name}", f"{len(data)} bytes")
        return cls.parse(data.decode("ascii").strip(), f"The file of {name}")

    @property
    def md5(self) -> str:
        """The base64 of the key's MD5, as S3 reports it. It identifies the key without revealing it."""
        return base64.b64encode(hashlib.md5(self._bytes, usedforsecurity=False).digest()).decode("ascii")

    @property
    def base64(self) -> str:
        """The key as in the header x-amz-server-side-encryption-customer-key. As secret as the key."""
        return base64.b64encode(self._bytes).decode("ascii")


def _wrong_length(name: str, length: str) -> Exception:
    return invalid_input(
        f"{name} is {length} long, but a customer key has exactly 256 bits.",
        "Give 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text (in a file also 32 raw bytes).",
    )
