# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How a large object is split into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.parts import (
    LARGEST_PART,
    MIB,
    MOST_PARTS,
    SMALLEST_PART,
    Part,
    parse_part_size,
    split_into_parts,
)

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("size", "part_size", "parts"),
    [
        pytest.param(11, 5, [(1, 0, 5), (2, 5, 5), (3, 10, 1)], id="a rest"),
        pytest.param(10, 5, [(1, 0, 5), (2, 5, 5)], id="no rest"),
        pytest.param(5, 5, [(1, 0, 5)], id="one part"),
        pytest.param(6, 5, [(1, 0, 5), (2, 5, 1)], id="one byte more"),
    ],
)
def test_the_last_part_has_the_remaining_bytes(size: int, part_size: int, parts: list[tuple[int, int, int]]) -> None:
    """All others have the same size."""
    assert list(split_into_parts(size, part_size)) == [Part(*part) for part in parts]


@pytest.mark.parametrize(
    ("size", "part_size"),
    [
        pytest.param(10_000 * 16 * MIB, 16 * MIB, id="just enough"),
        pytest.param(10_000 * 16 * MIB + 1, 17 * MIB, id="one byte more"),
        pytest.param(5 * 1024 * GIB, 525 * MIB, id="5 TiB"),
        pytest.param(MOST_PARTS * LARGEST_PART, LARGEST_PART, id="all that S3 takes"),
    ],
)
def test_parts_are_larger_if_there_would_be_too_many(size: int, part_size: int) -> None:
    """Only as large as necessary, in whole MiB."""
    assert split_into_parts(size, 16 * MIB).part_size == part_size


def test_a_content_that_is_too_large_for_s3_is_refused() -> None:
    """Before any call."""
    with pytest.raises(OperationError) as error:
        split_into_parts(MOST_PARTS * LARGEST_PART + 1, 16 * MIB)
    assert error.value.failure.kind is FailureKind.INVALID


@given(st.integers(1, MOST_PARTS * LARGEST_PART), st.integers(SMALLEST_PART, LARGEST_PART))
def test_any_size_is_split_within_the_limits(size: int, requested: int) -> None:
    """Not more parts than S3 accepts, none too large, and only the last smaller than requested."""
    parts = split_into_parts(size, requested)
    assert len(parts) <= MOST_PARTS
    assert requested <= parts.part_size <= LARGEST_PART


@given(st.integers(1, 500), st.integers(1, 50))
def test_parts_cover_the_content(size: int, part_size: int) -> None:
    """Without a gap, in order."""
    parts = list(split_into_parts(size, part_size))
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert [byte for part in parts for byte in range(part.start, part.last + 1)] == list(range(size))
    assert all(part.size > 0 for part in parts)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16MiB", 16 * MIB),
        ("16 MB", 16 * MIB),
        ("16m", 16 * MIB),
        (" 5MiB ", 5 * MIB),
        ("5242880", 5 * MIB),
        ("5242880B", 5 * MIB),
        ("8192KiB", 8 * MIB),
        ("0.5GiB", 512 * MIB),
        ("5GiB", LARGEST_PART),
    ],
)
def test_a_part_size_is_parsed(text: str, size: int) -> None:
    """In all formats."""
    assert parse_part_size(text) == size


@pytest.mark.parametrize(
    "text",
    ["", "MiB", "-16MiB", "16 Mbit", "1e9", "16,5MiB", "0", "5242879", "4.9MiB", "5.1GiB", "1TiB", "16MiBs", "١٦MiB"],
)
def test_an_invalid_part_size_is_refused(text: str) -> None:
    """The message has the limits of S3."""
    with pytest.raises(OperationError) as error:
        parse_part_size(text)
    assert error.value.failure.message.startswith("part_size: ")
    assert error.value.failure.advice
