# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""CRCs in plain Python, compared with the definition of the catalogue."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.objects.crc import CRCS, Crc

# The check values of the catalogue, over the digits 1 to 9.
# Source: https://reveng.sourceforge.io/crc-catalogue/all.htm
CHECK = {"CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}
EVERY = pytest.mark.parametrize("name", sorted(CRCS))


def by_definition(crc: Crc, data: bytes) -> int:
    """The CRC, bit by bit."""
    value = crc.mask
    for byte in data:
        value ^= byte
        for _bit in range(8):
            value = (value >> 1) ^ (crc.polynomial if value & 1 else 0)
    return value ^ crc.mask


@EVERY
def test_the_check_value_of_the_catalogue(name: str) -> None:
    """The CRC of no bytes is 0."""
    assert CRCS[name].update(0, b"123456789") == by_definition(CRCS[name], b"123456789") == CHECK[name]
    assert CRCS[name].update(0, b"") == 0


@EVERY
def test_the_constant_is_a_multiple_of_the_polynomial(name: str) -> None:
    """The long division by P has no remainder."""
    crc = CRCS[name]
    whole = 1 << crc.width | int(f"{crc.polynomial:0{crc.width}b}"[::-1], 2)
    rest = 0
    for exponent in crc.multiple:
        rest ^= 1 << exponent
    while rest.bit_length() > crc.width:
        rest ^= whole << (rest.bit_length() - crc.width - 1)
    assert rest == 0


@EVERY
@given(data=st.data())
@settings(max_examples=10)
def test_folding_gives_the_same_crc(name: str, data: st.DataObject) -> None:
    """For sizes around the start of folding and around each fold, and for any initial CRC."""
    crc = CRCS[name]
    fold = crc.multiple[0] // 8
    size = data.draw(st.integers(0, 5 * fold) | st.sampled_from([2 * fold, 2 * fold + 1, 4 * fold]))
    content = Random(data.draw(st.integers())).randbytes(size)
    before = data.draw(st.binary(max_size=9))
    assert crc.update(crc.update(0, before), content) == by_definition(crc, before + content)
