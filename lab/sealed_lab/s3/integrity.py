# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Integrity of a request body: length, signature hash, Content-MD5 and checksums."""

from __future__ import annotations

import base64
import binascii
import hashlib

from ..call import Call
from ..errors import ServiceError, invalid_request
from ..protocol.chunked import malformed_trailer
from .checksums import ALGORITHMS, BY_HEADER, DEFAULT, Algorithm, Digest, bad_digest, encode

_HEX64 = set("0123456789abcdef")


class BodyCheck:
    """Computes the hashes of a body while it is read. ``finish`` raises an error if a value does not match."""

    def __init__(self, length: int | None, sha256: str, md5: bytes | None, expected: dict[str, str],
                 trailing: set[str], algorithms: list[Algorithm]) -> None:  # fmt: skip
        self._length = length
        self._sha256 = sha256
        self._expected_md5 = md5
        self._expected = expected
        self._trailing = trailing
        self.size = 0
        self.md5 = hashlib.md5()
        self._sha = hashlib.sha256() if sha256 else None
        self._states: dict[str, Digest] = {each.name: each.new_digest() for each in algorithms}

    @classmethod
    def for_call(cls, call: Call, extra: Algorithm | None = None) -> BodyCheck:
        """Return a check for what the headers declare, and for ``extra``, a checksum that S3 computes itself."""
        request = call.request
        declared = request.header("x-amz-content-sha256")
        streaming = declared.startswith("STREAMING-")
        length_text = request.header("x-amz-decoded-content-length" if streaming else "content-length")
        length = int(length_text) if length_text.isdigit() else None
        sha = declared if len(declared) == 64 and set(declared) <= _HEX64 else ""
        md5 = _content_md5(request.headers.get("content-md5"))
        expected = {}
        for header, algorithm in BY_HEADER.items():
            # In CompleteMultipartUpload the header has the checksum of the object, not that of the body.
            if header in request.headers and call.operation.name != "CompleteMultipartUpload":
                expected[algorithm.name] = request.headers[header]
        trailing = {
            BY_HEADER[name.strip().lower()].name
            for name in request.header("x-amz-trailer").split(",")
            if name.strip().lower() in BY_HEADER
        }
        if len(expected) + len(trailing) > 1:
            raise invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
        for name, value in expected.items():
            _check_value(ALGORITHMS[name], value)
        names = {*expected, *trailing}
        if extra is not None:
            names.add(extra.name)
        return cls(length, sha, md5, expected, trailing, [ALGORITHMS[name] for name in sorted(names)])

    @property
    def has_digest(self) -> bool:
        """Whether the request has a digest of its body."""
        return self._expected_md5 is not None or self.declared_algorithm is not None

    @property
    def declared_algorithm(self) -> Algorithm | None:
        """The checksum algorithm that the request uses, or None."""
        for name in (*self._expected, *self._trailing):
            return ALGORITHMS[name]
        return None

    def update(self, data: bytes) -> None:
        """Add bytes."""
        self.size += len(data)
        self.md5.update(data)
        if self._sha is not None:
            self._sha.update(data)
        for state in self._states.values():
            state.update(data)

    def checksum(self, algorithm: Algorithm) -> str:
        """Return a computed checksum."""
        return encode(self._states[algorithm.name].digest())

    def finish(self, call: Call) -> None:
        """Raise the error of S3 if a value does not match."""
        if self._length is not None and self.size != self._length:
            raise ServiceError(
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
                400,
            )
        if self._sha is not None and self._sha.hexdigest() != self._sha256:
            raise ServiceError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                400,
            )
        if self._expected_md5 is not None and self.md5.digest() != self._expected_md5:
            raise ServiceError(
                "BadDigest", "The Content-MD5 you specified did not match what we received.", 400,
                fields={"ExpectedDigest": _reported_md5(call, self._expected_md5),
                        "CalculatedDigest": encode(self.md5.digest())},
            )  # fmt: skip
        trailers = call.trailers()
        for name in self._trailing:
            trailer_value = trailers.get(ALGORITHMS[name].header)
            if trailer_value is None:
                raise malformed_trailer()
            self._expected[name] = trailer_value
        for name, expected in self._expected.items():
            if self.checksum(ALGORITHMS[name]) != expected:
                raise bad_digest(ALGORITHMS[name])


def _reported_md5(call: Call, digest: bytes) -> str:
    """Return the MD5 of the request as S3 reports it: PutObject in hexadecimal digits, other operations in base64."""
    return digest.hex() if call.operation.name == "PutObject" else encode(digest)


def _content_md5(text: str | None) -> bytes | None:
    if text is None:
        return None
    invalid = ServiceError(
        "InvalidDigest", "The Content-MD5 you specified was invalid.", 400, fields={"Content-MD5": text}
    )
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise invalid from exc
    if len(digest) != 16:
        raise invalid
    return digest


def _check_value(algorithm: Algorithm, value: str) -> None:
    try:
        valid = len(base64.b64decode(value, validate=True)) == algorithm.length
    except (binascii.Error, ValueError):
        valid = False
    if not valid:
        raise invalid_request(f"Value for {algorithm.header} header is invalid.")


def select_algorithm(call: Call) -> Algorithm:
    """Return the checksum algorithm for the object of a request. The default of S3 is CRC64NVME."""
    declared_algorithm = call.get("ChecksumAlgorithm")
    header = next((BY_HEADER[name] for name in BY_HEADER if name in call.request.headers), None)
    trailer = next(
        (BY_HEADER[name.strip().lower()] for name in call.request.header("x-amz-trailer").split(",")
         if name.strip().lower() in BY_HEADER),
        None,
    )  # fmt: skip
    present = header or trailer
    if declared_algorithm is not None and present is not None and ALGORITHMS[declared_algorithm] is not present:
        raise invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.")
    # A presigned URL can have the checksum in its query. S3 does not compare it: localstack recorded it of the JS SDK.
    if present is None and declared_algorithm is not None and ALGORITHMS[declared_algorithm].member not in call.params:
        raise invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
            "headers were found."
        )
    return present or DEFAULT
