# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The cyclic redundancy checks that S3 stores, without a compiled library, and the sum of two of them.

A CRC is the remainder of the content, read as a polynomial over two elements, by a fixed polynomial P. So a block of
the content may be moved along by any multiple of P without changing the remainder. With a multiple of few terms that
takes a few shifts of long integers, which Python does at the speed of the machine, instead of a step for each byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Crc:
    """One CRC: its width in bits, and P without its highest term, the bits in reverse.

    `multiple` names the exponents of a multiple of P, the highest first and 0 the last. The tests divide it by P.
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
        """The CRC of some content and `data` behind it, from the CRC of that content (0 of none)."""
        register = value ^ self.mask
        if len(data) * 8 > 2 * self.multiple[0]:
            data = self._folded(register, data)
            register = 0
        table = self.table
        for byte in data:
            register = register >> 8 ^ table[(register ^ byte) & 0xFF]
        return register ^ self.mask

    def combine(self, first: int, second: int, second_size: int) -> int:
        """The CRC of two contents one behind the other, from the CRC of each and the size of the second in bytes."""
        return self._times(first, self._power(8 * second_size)) ^ second

    def _folded(self, register: int, data: bytes) -> bytes:
        """Fewer bytes with the same remainder, for a register of zeros.

        The lowest bit of the first byte stands for the highest power. A multiple squared is one, too, with its
        exponents doubled; so of a long content up to half is moved at once.
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
        # Zeros before the highest power change nothing, and make whole bytes of what is left.
        padding = -length % 8
        return (rest << padding).to_bytes((length + padding) // 8, "little")

    def _power(self, exponent: int) -> int:
        """The remainder of x to this power, its bits in reverse."""
        result, square = 1 << (self.width - 1), 1 << (self.width - 2)
        while exponent:
            if exponent & 1:
                result = self._times(result, square)
            square = self._times(square, square)
            exponent >>= 1
        return result

    def _times(self, one: int, other: int) -> int:
        """The remainder of a product, all with their bits in reverse."""
        product = 0
        for position in reversed(range(self.width)):
            if one >> position & 1:
                product ^= other
            other = other >> 1 ^ (self.polynomial if other & 1 else 0)
        return product


def _of_byte(byte: int, polynomial: int) -> int:
    for _bit in range(8):
        byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
    return byte


# Source of the polynomials: https://reveng.sourceforge.io/crc-catalogue/all.htm (CRC-32/ISO-HDLC, CRC-32/ISCSI and
# CRC-64/NVME). The one of CRC32 is combined only: zlib computes it.
CRCS = {
    "CRC32": Crc(32, 0xEDB88320, (91639, 41678, 0)),
    "CRC32C": Crc(32, 0x82F63B78, (5685, 1362, 426, 0)),
    "CRC64NVME": Crc(64, 0x9A6C9329AC4BC9B5, (132263, 50635, 36352, 2285, 20, 18, 10, 0)),
}
