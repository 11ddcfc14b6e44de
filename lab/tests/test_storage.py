# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Stored bytes are encrypted, can be read in ranges, and only with the right key."""

from __future__ import annotations

import os
from typing import Any

import pytest
from client_calls import FIRST_KEY, MIB, read_object, sse_c, sse_kms
from hypothesis import given, settings
from hypothesis import strategies as st

from sealed_lab import RunningLab
from sealed_lab.storage import CHUNK, BlobStore, BlobWriter, DecryptionError

MARK = b"a line that must not lie about in the clear "


@settings(max_examples=60, deadline=None)
@given(
    size=st.one_of(st.integers(0, 300), st.integers(CHUNK - 2, CHUNK + 2), st.integers(3 * CHUNK - 1, 3 * CHUNK + 1)),
    layers=st.integers(1, 2),
    span=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_any_range_of_any_size(size: int, layers: int, span: tuple[float, float]) -> None:
    data = os.urandom(size)
    key = os.urandom(32)
    writer = BlobWriter(BlobStore(), key, layers)
    for start in range(0, size, 1000):
        writer.write(data[start : start + 1000])
    blob = writer.finish()
    low, high = sorted(int(each * size) for each in span)
    assert b"".join(blob.read(key, low, high)) == data[low:high]
    assert b"".join(blob.read(key)) == data


def test_wrong_key_does_not_decrypt() -> None:
    writer = BlobWriter(BlobStore(), b"k" * 32)
    writer.write(MARK)
    with pytest.raises(DecryptionError):
        list(writer.finish().read(b"K" * 32))


def stored_bytes(lab: RunningLab, bucket: str, key: str) -> bytes:
    """Return the bytes that the lab stores for an object."""
    version = lab._lab.state.s3.buckets[bucket].objects.latest(key)
    assert version is not None
    return b"".join(blob.stored_bytes() for blob in version.blobs)


@pytest.mark.parametrize("size", [1000, 3 * MIB])
def test_nothing_is_stored_unencrypted(
    lab: RunningLab, s3: Any, sse_c_bucket: str, key: dict[str, Any], size: int
) -> None:
    body = (MARK * (size // len(MARK) + 1))[:size]
    kinds: dict[str, dict[str, Any]] = {
        "sse-s3": {},
        "sse-kms": sse_kms(key["Arn"]),
        "dsse-kms": {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": key["Arn"]},
        "sse-c": sse_c(FIRST_KEY),
    }
    for name, options in kinds.items():
        s3.put_object(Bucket=sse_c_bucket, Key=name, Body=body, **options)
        stored = stored_bytes(lab, sse_c_bucket, name)
        assert MARK not in stored
        assert len(stored) > size
        read_options = options if name == "sse-c" else {}
        assert read_object(s3, sse_c_bucket, name, **read_options) == body
        assert read_object(s3, sse_c_bucket, name, Range="bytes=500-599", **read_options) == body[500:600]


def test_customer_key_is_not_stored(lab: RunningLab, s3: Any, sse_c_bucket: str) -> None:
    key = os.urandom(32)
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=b"x", **sse_c(key))
    version = lab._lab.state.s3.buckets[sse_c_bucket].objects.latest("k")
    assert version is not None
    assert version.wrapped_key is not None
    assert key not in version.wrapped_key.wrapped
    assert key not in repr(version).encode()


def test_update_of_encryption_does_not_change_the_bytes(
    lab: RunningLab, s3: Any, bucket: str, key: dict[str, Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"y" * MIB)
    before = stored_bytes(lab, bucket, "k")
    s3.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": key["Arn"]}})
    assert stored_bytes(lab, bucket, "k") == before
    assert read_object(s3, bucket, "k") == b"y" * MIB


def test_files_of_large_objects_are_deleted(lab: RunningLab, s3: Any, bucket: str) -> None:
    def files() -> int:
        directory = lab._lab.store.directory
        return len(list(directory.iterdir())) if directory else 0

    before = files()
    s3.put_object(Bucket=bucket, Key="k", Body=b"y" * 4 * MIB)
    assert files() == before + 1
    s3.put_object(Bucket=bucket, Key="k", Body=b"z" * 4 * MIB)
    s3.delete_object(Bucket=bucket, Key="k")
    assert files() == before
