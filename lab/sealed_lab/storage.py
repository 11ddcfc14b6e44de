# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Encrypted storage of object bytes: AES-256-GCM, in memory if small, in a private temporary file if large.

A blob stores no key. It is written and read under an *object key*. The key of the blob is derived from the object key
and a random salt. Each chunk of 64 KiB has its own tag, so that a range can be read without the other chunks. Two
layers (DSSE-KMS) are two encryptions under two derived keys.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 64 * 1024
TAG = 16
IN_MEMORY = 1024 * 1024


class DecryptionError(Exception):
    """The key does not decrypt the bytes."""


def _ciphers(object_key: bytes, salt: bytes, layers: int) -> list[AESGCM]:
    return [AESGCM(hmac.digest(object_key, salt + bytes([layer]), "sha256")) for layer in range(layers)]


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


class Blob:
    """Encrypted bytes with a known plaintext size."""

    __slots__ = ("__weakref__", "_data", "_path", "layers", "salt", "size")

    def __init__(self, salt: bytes, layers: int, size: int, data: bytes | None, path: Path | None) -> None:
        self.salt = salt
        self.layers = layers
        self.size = size
        self._data = data
        self._path = path

    def __del__(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def __deepcopy__(self, memo: dict[int, Any]) -> Blob:
        return self

    def stored_bytes(self) -> bytes:
        """Return the encrypted bytes."""
        return self._data if self._data is not None else self._require_path().read_bytes()

    def _require_path(self) -> Path:
        if self._path is None:
            raise RuntimeError("the blob has neither bytes nor a file")
        return self._path

    def read(self, object_key: bytes, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the plaintext of ``[start, end)`` in chunks. Raise ``DecryptionError`` for a wrong key."""
        stop = self.size if end is None else min(end, self.size)
        if start >= stop:
            return
        ciphers = _ciphers(object_key, self.salt, self.layers)
        stored_chunk_size = CHUNK + TAG * self.layers
        with contextlib.ExitStack() as stack:
            file: BinaryIO | None = None
            if self._data is None:
                file = stack.enter_context(self._require_path().open("rb"))
            for index in range(start // CHUNK, (stop - 1) // CHUNK + 1):
                offset = index * stored_chunk_size
                if file is not None:
                    file.seek(offset)
                    encrypted = file.read(stored_chunk_size)
                else:
                    encrypted = (self._data or b"")[offset : offset + stored_chunk_size]
                plain = _decrypt_chunk(ciphers, index, encrypted)
                low = max(start - index * CHUNK, 0)
                high = min(stop - index * CHUNK, len(plain))
                yield plain if low == 0 and high == len(plain) else plain[low:high]


def _decrypt_chunk(ciphers: list[AESGCM], index: int, encrypted: bytes) -> bytes:
    try:
        for cipher in reversed(ciphers):
            encrypted = cipher.decrypt(_nonce(index), encrypted, None)
    except InvalidTag as exc:
        raise DecryptionError from exc
    return encrypted


class BlobWriter:
    """Encrypts plaintext in chunks. Large blobs are moved to a file while they are written."""

    def __init__(self, store: BlobStore, object_key: bytes, layers: int = 1) -> None:
        self._store = store
        self._salt = os.urandom(16)
        self._layers = layers
        self._ciphers = _ciphers(object_key, self._salt, layers)
        self._pending = bytearray()
        self._encrypted = bytearray()
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._index = 0
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add plaintext."""
        self.size += len(data)
        self._pending += data
        while len(self._pending) >= CHUNK:
            self._encrypt_chunk(bytes(self._pending[:CHUNK]))
            del self._pending[:CHUNK]

    def _encrypt_chunk(self, plain: bytes) -> None:
        for cipher in self._ciphers:
            plain = cipher.encrypt(_nonce(self._index), plain, None)
        self._index += 1
        if self._file is None and len(self._encrypted) + len(plain) > IN_MEMORY:
            self._file, self._path = self._store.new_file()
            self._file.write(self._encrypted)
            self._encrypted = bytearray()
        if self._file is not None:
            self._file.write(plain)
        else:
            self._encrypted += plain

    def finish(self) -> Blob:
        """Return the blob."""
        if self._pending:
            self._encrypt_chunk(bytes(self._pending))
            self._pending.clear()
        if self._file is not None:
            self._file.close()
            return Blob(self._salt, self._layers, self.size, None, self._path)
        return Blob(self._salt, self._layers, self.size, bytes(self._encrypted), None)

    def discard(self) -> None:
        """Delete what was written."""
        if self._file is not None and self._path is not None:
            self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink()


class BlobStore:
    """A private temporary directory for large blobs. It is deleted with the lab."""

    def __init__(self) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    @property
    def directory(self) -> Path | None:
        """The directory, or None before the first file."""
        return Path(self._temporary.name) if self._temporary is not None else None

    def new_file(self) -> tuple[BinaryIO, Path]:
        """Create an empty file for one blob."""
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="sealed-lab-", ignore_cleanup_errors=True)
        self._count += 1
        path = Path(self._temporary.name) / f"{self._count:08x}"
        return path.open("wb"), path

    def close(self) -> None:
        """Delete every file."""
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None
