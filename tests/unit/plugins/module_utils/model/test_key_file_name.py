# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Names of key files that may be keys."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.key_file_name import may_be_a_key

KEYS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(string.ascii_letters + string.digits + string.punctuation, min_size=32, max_size=32)


@given(KEYS, st.booleans(), st.sampled_from(["", "\n"]))
def test_an_encoded_key_is_recognised(key: bytes, exists: bool, end: str) -> None:
    """In base64 and in hexadecimal, with or without a line end, even if an earlier run has made a file of that name."""
    for text in (base64.b64encode(key).decode(), key.hex(), key.hex().upper(), base64.urlsafe_b64encode(key).decode()):
        assert may_be_a_key(text + end, exists=exists, in_folder=False)


@given(KEYS)
def test_base64_without_its_padding_is_recognised(key: bytes) -> None:
    """A common mistake."""
    assert may_be_a_key(base64.b64encode(key).decode().rstrip("="), exists=False, in_folder=False)


@given(TEXTS)
def test_a_text_of_32_characters_is_recognised(text: str) -> None:
    """Unless it is an absolute path."""
    is_path = text.startswith("/") and text.count("/") > 1
    assert may_be_a_key(text, exists=False, in_folder=False) is not is_path


@pytest.mark.parametrize(
    ("name", "exists", "in_folder"),
    [
        ("app.key", False, False),
        ("/etc/keys/app-of-the-department-of-finance.key", False, False),
        ("amzn-s3-demo-bucket-2026-main.key", False, False),
        ("amzn-s3-demo-bucket-2026-app.key", True, False),
        ("/root/amzn-s3-demo-bucket-12.key", False, False),
        ("./" + "a" * 64, False, True),
        ("keys/" + "a" * 27, False, True),
    ],
)
def test_a_path_is_a_path(name: str, exists: bool, in_folder: bool) -> None:
    """By its folder, its length, or because the file exists."""
    assert not may_be_a_key(name, exists=exists, in_folder=in_folder)
