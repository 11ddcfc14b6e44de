# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Key material that a client wraps with a public key of KMS: each import wraps it anew, with another key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}


class ObservedKey:
    """A public key that reports what it encrypts."""

    def __init__(self, key: Any, der: bytes, report: Callable[[bytes, dict[str, Any]], None]) -> None:
        self._key = key
        self._der = der
        self._report = report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)

    def encrypt(self, plaintext: bytes, padding: Any) -> bytes:
        """Encrypt, and report the ciphertext, and how it comes about."""
        ciphertext: bytes = self._key.encrypt(plaintext, padding)
        source = {"public_key": self._der, "hash": padding._algorithm.name, "plaintext": plaintext}
        self._report(ciphertext, source)
        return ciphertext


def wrap(public_key: bytes, hash_name: str, plaintext: bytes) -> bytes:
    """Encrypt with RSAES_OAEP, as ``ObservedKey`` did."""
    key = serialization.load_der_public_key(public_key)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("only RSA keys wrap")
    algorithm = _HASHES[hash_name]()
    return key.encrypt(plaintext, OAEP(MGF1(algorithm), algorithm, None))
