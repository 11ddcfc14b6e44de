# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A checksum as S3 stores it, computed from bytes as they arrive."""

from __future__ import annotations

import base64

from ...model.objects.comparison import Compute
from .digests import DIGESTS


class ChecksumCalculator:
    """Computes one checksum over the whole content, or, over parts, the checksum of the checksums of all parts.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """

    def __init__(self, computation: Compute) -> None:
        self._algorithm = computation.checksum.algorithm
        self._digest = DIGESTS[self._algorithm]()
        self._parts = computation.parts
        self._sizes = iter(computation.parts)
        self._part_digests = bytearray()
        # The bytes that are missing in the current part; None after the last part, or without parts.
        self._missing = next(self._sizes, None)
        self._is_too_long = False

    def update(self, data: bytes) -> None:
        """Add the next bytes."""
        view = memoryview(data)
        while self._missing is not None and len(view) > self._missing:
            self._digest.update(bytes(view[: self._missing]))
            view = view[self._missing :]
            self._end_part()
        if self._missing is not None:
            self._missing -= len(view)
        else:
            self._is_too_long = bool(self._parts)
        self._digest.update(bytes(view) if len(view) < len(data) else data)

    def value(self) -> str:
        """The checksum as S3 writes it; empty if there were more bytes than the parts have. Call it only once."""
        if self._is_too_long:
            return ""
        if not self._parts:
            return base64.b64encode(self._digest.digest()).decode("ascii")
        while self._missing is not None:
            self._end_part()
        whole = DIGESTS[self._algorithm]()
        whole.update(bytes(self._part_digests))
        return f"{base64.b64encode(whole.digest()).decode('ascii')}-{len(self._parts)}"

    def part_values(self) -> tuple[str, ...]:
        """The checksum of each part, instead of that over all of them. Call it only once."""
        while self._missing is not None:
            self._end_part()
        size = len(self._part_digests) // len(self._parts)
        starts = range(0, len(self._part_digests), size)
        return tuple(base64.b64encode(self._part_digests[start : start + size]).decode("ascii") for start in starts)

    def _end_part(self) -> None:
        self._part_digests += self._digest.digest()
        self._digest = DIGESTS[self._algorithm]()
        self._missing = next(self._sizes, None)
