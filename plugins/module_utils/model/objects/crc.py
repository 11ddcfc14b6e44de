# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The cyclic redundancy checks (CRCs) that S3 stores, in plain Python.

A CRC is the remainder of the content, read as a polynomial over GF(2), divided by a fixed polynomial P. So a block of
the content can be moved by any multiple of P without changing the remainder. For a multiple with few terms this takes
a few shifts of long integers, which Python does at the speed of the machine, instead of one step per byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Crc:
    """One CRC: its width in bits, and P without its highest term, with its bits reversed.

    `multiple` lists the exponents of a multiple of P, from the highest to 0. The tests divide it by P.
    """

    width: int
    polynomial: int
    multiple: tuple[int, ...]
    table: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", tuple(_of_byte(byte, self.polynomial) for byte in range(256)))

    @property
    def mask(self) -> int:
        """All bits of a value."""
        return (1 << self.width) - 1

    def update(self, value: int, data: bytes) -> int:
        """The CRC of a content followed by `data`, from the CRC of that content (0 if it is empty)."""
        register = value ^ self.mask
        if len(data) * 8 > 2 * self.multiple[0]:
            data = self._folded(register, data)
            register = 0
        table = self.table
        for byte in data:
            register = register >> 8 ^ table[(register ^ byte) & 0xFF]
        return register ^ self.mask

    def _folded(self, register: int, data: bytes) -> bytes:
        """Fewer bytes with the same remainder, for a register of zeros.

        The lowest bit of the first byte stands for the highest power. The square of a multiple is a multiple with
        doubled exponents, so up to half of a long content is moved at once.
        """
        length = 8 * len(data)
        rest = int.from_bytes(data, "little") ^ register
        scale = max(length // self.multiple[0], 1).bit_length()
        while scale:
            scale -= 1
            highest, *lower = (exponent << scale for exponent in self.multiple)
            block = highest - lower[0]
            while length >= highest + block:
                moved = rest & ((1 << block) - 1)
                rest >>= block
                length -= block
                spread = 0
                for exponent in lower:
                    spread ^= moved << (lower[0] - exponent)
                rest ^= spread
        # Zeros before the highest power change nothing, and fill up the last byte.
        padding = -length % 8
        return (rest << padding).to_bytes((length + padding) // 8, "little")


def _of_byte(byte: int, polynomial: int) -> int:
    for _bit in range(8):
        byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
    return byte


# The CRCs that the standard library does not have: zlib computes CRC32.
# Source of the polynomials: https://reveng.sourceforge.io/crc-catalogue/all.htm (CRC-32/ISCSI and CRC-64/NVME)
CRCS = {
    "CRC32C": Crc(32, 0x82F63B78, (5685, 1362, 426, 0)),
    "CRC64NVME": Crc(64, 0x9A6C9329AC4BC9B5, (132263, 50635, 36352, 2285, 20, 18, 10, 0)),
}
