# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Names of buckets in a sentence."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_references import list_names


def test_a_long_list_of_names_is_shortened() -> None:
    """The message stays readable."""
    assert list_names(("a", "b")) == "a, b"
    assert list_names(tuple("abcdefg")) == "a, b, c, d, e and 2 more"
    assert list_names(tuple("abcdefg"), "buckets") == "a, b, c, d, e and 2 more buckets"
