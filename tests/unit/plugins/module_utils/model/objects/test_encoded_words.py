# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Encoded words of RFC 2047 in user metadata."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encoded_words import in_reported_words

REPORTED = "=?UTF-8?Q?caf=C3=A9?="


@pytest.mark.parametrize(
    ("value", "reported", "same"),
    [
        ("=?ISO-8859-1?Q?caf=E9?=", REPORTED, True),
        ("caf=?utf-8?b?w6k=?=", REPORTED, True),
        ("=?UTF-8?Q?caf=C3=A8?=", REPORTED, False),
        ("=?UTF-8?Q?ascii?=", "ascii", False),
        ("=?UTF-8?Q?=FF?=", REPORTED, False),
        ("=?unknown?Q?caf=E9?=", REPORTED, False),
        ("caf", REPORTED, False),
    ],
)
def test_the_reported_word_stands_for_the_same_text(value: str, reported: str, same: bool) -> None:
    """A store that keeps words of ASCII as they are reports them so: another text is another value there."""
    expected = reported if same else value
    assert in_reported_words((("a", value), ("b", value)), (("a", reported),)) == (("a", expected), ("b", value))
