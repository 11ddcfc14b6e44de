# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The strategy that compares an object with a content: a table of cases, and a property."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.comparison import (
    Compute,
    PartKnowledge,
    Probe,
    Strategy,
    SupportedChecksums,
    equal_parts,
    likely_parts,
    next_strategy,
    number_of_parts,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import Checksum, ObjectState

MIB = 1024**2
HOST = SupportedChecksums(frozenset({"SHA256", "SHA1", "MD5", "CRC32", "CRC64NVME"}), frozenset({"CRC64NVME"}))


def value(size: int, parts: int = 0) -> str:
    """The value of a composite checksum with this number of parts."""
    return base64.b64encode(bytes(size)).decode() + (f"-{parts}" if parts else "")


SHA256 = Checksum("SHA256", value(32), full_object=True)
CRC32 = Checksum("CRC32", value(4), full_object=True)
SLOW = Checksum("CRC64NVME", value(8), full_object=True)
FOREIGN = Checksum("XXHASH3", value(8), full_object=True)
MD5 = Checksum("MD5", base64.b64encode(hashlib.md5(b"").digest()).decode(), full_object=True)
ETAG = f'"{hashlib.md5(b"").hexdigest()}"'


def composite(parts: int, algorithm: str = "SHA256", size: int = 32) -> Checksum:
    return Checksum(algorithm, value(size, parts), full_object=False)


def md5_of_parts(parts: int) -> Checksum:
    return Checksum("MD5", f"{MD5.value}-{parts}", full_object=False)


def an_object(
    size: int, *checksums: Checksum, kind: str = "SSE-KMS", parts: int = 0, etag: str | None = None
) -> ObjectState:
    expected = etag or (ETAG[:-1] + f'-{parts}"' if parts else ETAG)
    return ObjectState("b", "k", size, ObjectEncryption(kind), etag=expected, checksums=checksums)


def case(name: str, actual: ObjectState, way: Strategy, learned: PartKnowledge | None = None) -> object:
    return pytest.param(actual, learned or PartKnowledge(), way, id=name)


EIGHT = (8 * MIB, 8 * MIB, 6 * MIB)
SEVEN = (8 * MIB - 1, 8 * MIB - 1, 6 * MIB + 2)
ODD = (9 * MIB, 5 * MIB, 8 * MIB)
THIRTEEN = (*(8 * MIB,) * 12, 4 * MIB)
BIG = 22 * MIB

CASES = [
    # checksums of the whole object
    case("a checksum of the whole", an_object(5, SHA256), Compute(SHA256)),
    case("the strongest, as S3 lists them", an_object(5, SHA256, CRC32), Compute(SHA256)),
    case("one of the whole before one of parts", an_object(5, composite(3), CRC32), Compute(CRC32)),
    case("before the ETag", an_object(5, CRC32, kind="SSE-S3"), Compute(CRC32)),
    case("the ETag before a slow one", an_object(5, SLOW, kind="SSE-S3"), Compute(MD5)),
    case("a slow one before any call", an_object(5, SLOW), Compute(SLOW)),
    case("a slow one of the whole before parts", an_object(BIG, SLOW, kind="SSE-S3", parts=3), Compute(SLOW)),
    case("the ETag under S3's own keys", an_object(5, kind="SSE-S3"), Compute(MD5)),
    case("the ETag without encryption", an_object(5, FOREIGN, kind="NONE"), Compute(MD5)),
    # no usable checksum
    case("the ETag of SSE-KMS says nothing", an_object(5), Probe.CONTENT),
    case("nor that of DSSE-KMS", an_object(5, kind="DSSE-KMS"), Probe.CONTENT),
    case("nor that of SSE-C", an_object(5, kind="SSE-C"), Probe.CONTENT),
    case("nor, in parts, that of SSE-KMS", an_object(BIG, parts=3), Probe.CONTENT),
    case("an ETag that is no MD5", an_object(5, kind="SSE-S3", etag='"opaque"'), Probe.CONTENT),
    case("no ETag", an_object(5, kind="SSE-S3", etag='""'), Probe.CONTENT),
    case("an algorithm that this host does not have", an_object(5, FOREIGN), Probe.CONTENT),
    case("too few bytes", an_object(5, Checksum("CRC64NVME", value(4), full_object=True)), Probe.CONTENT),
    case("no base64", an_object(5, Checksum("SHA256", "?", full_object=True)), Probe.CONTENT),
    case("of parts, but of how many?", an_object(5, Checksum("SHA256", value(32), full_object=False)), Probe.CONTENT),
    # checksums of parts
    case("one part is the whole", an_object(5, composite(1)), Compute(composite(1), (5,))),
    case("also of an ETag", an_object(5, kind="SSE-S3", parts=1), Compute(md5_of_parts(1), (5,))),
    case("one common size fits", an_object(100 * MIB, composite(13)), Compute(composite(13), THIRTEEN, False)),
    case("several fit: read", an_object(BIG, composite(3)), Probe.FIRST_PART),
    case("none fits: read", an_object(BIG + 1, composite(2000)), Probe.FIRST_PART),
    case("the ETag of parts", an_object(BIG, kind="SSE-S3", parts=3), Probe.FIRST_PART),
    case("a fast ETag of parts before a slow checksum of parts",
         an_object(BIG, composite(3, "CRC32", 4), kind="SSE-S3", parts=3), Probe.FIRST_PART),
    case("all parts are like the first",
         an_object(BIG, composite(3)), Compute(composite(3), EIGHT, False), PartKnowledge(8 * MIB)),
    case("the second follows from the first",
         an_object(BIG, composite(2)), Compute(composite(2), (5 * MIB, 17 * MIB)), PartKnowledge(5 * MIB)),
    case("a wrong guess: read",
         an_object(100 * MIB, composite(13)), Probe.FIRST_PART, PartKnowledge(mismatched=(THIRTEEN,))),
    case("not alike, as it turned out",
         an_object(BIG, composite(3)), Probe.ALL_PARTS, PartKnowledge(8 * MIB, None, (EIGHT,))),
    case("they cannot be alike", an_object(BIG, composite(3)), Probe.ALL_PARTS, PartKnowledge(2 * MIB)),
    case("all are known",
         an_object(BIG, composite(3)), Compute(composite(3), ODD), PartKnowledge(9 * MIB, ODD, (SEVEN,))),
    case("the sizes contradict each other",
         an_object(BIG, composite(3)), Probe.CONTENT, PartKnowledge(8 * MIB, (MIB,) * 3)),
    case("the store knows no parts", an_object(BIG, composite(3)), Probe.CONTENT, PartKnowledge(0)),
    case("nor all of them", an_object(BIG, composite(3)), Probe.CONTENT, PartKnowledge(2 * MIB, ())),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "learned", "way"), CASES)
def test_the_cheapest_strategy_that_decides(actual: ObjectState, learned: PartKnowledge, way: Strategy) -> None:
    """From the response of HeadObject to reading the content: each step only if no step before it decides."""
    assert next_strategy(actual, HOST, learned) == way


def test_an_object_of_unknown_size_is_read() -> None:
    """HeadObject always has a size, so the state is from another source."""
    unknown = ObjectState("b", "k", None, ObjectEncryption("SSE-S3"), checksums=(SHA256,))
    assert next_strategy(unknown, HOST, PartKnowledge()) is Probe.CONTENT


@given(part=st.integers(1, 100), count=st.integers(1, 50), last=st.integers(1, 100))
def test_equal_parts_fit_the_size_and_number(part: int, count: int, last: int) -> None:
    """All have the size of the first, the last is not larger, and the sum is the size of the object."""
    size = part * (count - 1) + last
    found = equal_parts(part, size, count)
    if last <= part and (count > 1 or last == part):
        assert found == (*(part,) * (count - 1), last)
    else:
        assert found == ()


@given(megabytes=st.sampled_from([5, 8, 16, 64]), count=st.integers(1, 10000), last=st.floats(0, 1, exclude_min=True))
def test_a_guessed_part_size_gives_the_right_number_of_parts(megabytes: int, count: int, last: float) -> None:
    """For many parts, the guess is right."""
    part = megabytes * MIB
    size = part * (count - 1) + max(int(part * last), 1)
    guessed = likely_parts(size, count)
    assert guessed in ((), equal_parts(guessed[0], size, count) if guessed else ())
    if count > megabytes + 1 and guessed:
        assert guessed[0] == part


class Object:
    """A multipart upload, and what S3 reports about it."""

    def __init__(self, sizes: tuple[int, ...], lists: bool, heads: bool) -> None:
        self.sizes, self.lists, self.heads = sizes, lists, heads

    def learn(self, way: Strategy, learned: PartKnowledge) -> PartKnowledge:
        if way is Probe.FIRST_PART:
            return PartKnowledge(self.sizes[0] if self.heads else 0, None, learned.mismatched)
        return PartKnowledge(learned.first_part, self.sizes if self.lists else (), learned.mismatched)


@given(
    sizes=st.lists(st.sampled_from([5 * MIB, 8 * MIB, 8 * MIB + 1, 16 * MIB]), min_size=1, max_size=6).map(tuple),
    same=st.booleans(),
    lists=st.booleans(),
    heads=st.booleans(),
)
def test_the_strategy_ends_with_the_right_result(sizes: tuple[int, ...], same: bool, lists: bool, heads: bool) -> None:
    """For any parts and any report of S3: at most one guess, one read and one list, and never a false result."""
    actual = an_object(sum(sizes), composite(len(sizes)))
    stored, learned = Object(sizes, lists, heads), PartKnowledge()
    for _step in range(6):
        way = next_strategy(actual, HOST, learned)
        if way is Probe.CONTENT:
            assert not heads or not lists
            return
        if isinstance(way, Compute):
            assert number_of_parts(way.checksum) == len(way.parts)
            if same and way.parts == sizes:
                return
            if way.conclusive:
                assert not same
                assert way.parts == sizes
                return
            learned = learned.excluding(way.parts)
        else:
            learned = stored.learn(way, learned)
    raise AssertionError("the way does not end")
