# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption, recognised by the user metadata of an object."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope.headers import (
    envelope_format,
    has_envelope_field,
    is_envelope_field,
    split_metadata,
)

CASES = [
    pytest.param({}, "", id="no metadata"),
    pytest.param({"color": "red", "x-amz-meta": "1"}, "", id="other metadata"),
    pytest.param({"x-amz-c": "115", "x-amz-3": "wrapped", "x-amz-w": "12"}, "S3 Encryption Client V3", id="V3"),
    pytest.param({"x-amz-c": "115"}, "S3 Encryption Client V3", id="V3 with an instruction file"),
    pytest.param({"X-Amz-3": "wrapped"}, "S3 Encryption Client V3", id="any case"),
    pytest.param({"x-amz-key-v2": "wrapped", "x-amz-cek-alg": "AES/GCM/NoPadding"}, "S3 Encryption Client V2", id="V2"),
    pytest.param({"x-amz-key": "wrapped", "x-amz-iv": "iv"}, "S3 Encryption Client V1", id="V1"),
    pytest.param({"x-amz-3": "w", "x-amz-key-v2": "w", "x-amz-key": "w"}, "S3 Encryption Client V3", id="the newest"),
]


@pytest.mark.parametrize(("metadata", "expected"), CASES)
def test_envelope_format(metadata: dict[str, str], expected: str) -> None:
    """The format is recognised by its header names. Similar names are not."""
    assert envelope_format(metadata) == expected


FIELDS = [
    *("x-amz-c", "x-amz-d", "x-amz-i", "x-amz-3", "x-amz-w", "x-amz-m", "x-amz-t"),
    *("x-amz-key-v2", "x-amz-cek-alg", "x-amz-wrap-alg", "x-amz-tag-len", "x-amz-key", "x-amz-iv", "x-amz-matdesc"),
    *("x-amz-unencrypted-content-length", "x-amz-unencrypted-content-md5", "x-amz-crypto-instr-file"),
]
OTHERS = ["", "x-amz-", "x-amz-a", "x-amz-key-v3", "x-amz-meta-x-amz-c", "c", "x-amz-cc", "color", "ansible-content"]


def test_the_fields_of_an_envelope() -> None:
    """All of them, in any case; the hints too, which nothing reads."""
    for name in FIELDS:
        assert is_envelope_field(name)
        assert is_envelope_field(name.upper())
        assert has_envelope_field((("color", "red"), (name, "")))
    for name in OTHERS:
        assert not is_envelope_field(name)
        assert not has_envelope_field(((name, ""),))


def test_metadata_is_split() -> None:
    """Into the user's and the envelope's, in the order of each."""
    user, fields = tuple((name, "1") for name in OTHERS), tuple((name, "2") for name in FIELDS)
    assert split_metadata((*fields[:3], *user, *fields[3:])) == (user, fields)
    assert split_metadata(()) == ((), ())
