# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The fields of an envelope among the metadata of an object."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.module_utils.model.objects.envelope_fields import (
    CONTENT_FIELDS_V3,
    has_key_elsewhere,
    is_envelope_field,
    split_metadata,
)

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
    for name in OTHERS:
        assert not is_envelope_field(name)


def test_metadata_is_split() -> None:
    """Into the user's and the envelope's, in the order of each."""
    user, fields = tuple((name, "1") for name in OTHERS), tuple((name, "2") for name in FIELDS)
    assert split_metadata((*fields[:3], *user, *fields[3:])) == (user, fields)
    assert split_metadata(()) == ((), ())


def test_names_of_fields_have_no_case() -> None:
    """rclone returns X-Amz-C for x-amz-c. A copy that then kept no field made the object unreadable."""
    metadata = (("X-Amz-C", "115"), ("Owner", "ann"), ("X-Amz-D", "Zg=="))
    assert split_metadata(metadata) == ((("Owner", "ann"),), (("x-amz-c", "115"), ("x-amz-d", "Zg==")))


def test_a_key_in_an_instruction_file() -> None:
    """V3 has its content fields in the metadata, in any case of letters, and no encrypted data key."""
    content = tuple((name.upper(), "") for name in CONTENT_FIELDS_V3)
    assert has_key_elsewhere(content)
    assert not has_key_elsewhere((*content, ("X-Amz-3", "")))
    assert not has_key_elsewhere(content[1:])
    assert not has_key_elsewhere(())
