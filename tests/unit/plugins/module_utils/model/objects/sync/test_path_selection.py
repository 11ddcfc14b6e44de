# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which paths a sync selects, and which directories it need not read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.selection import PathSelection

PATTERNS = st.lists(st.text("ab/*?[", max_size=4), max_size=2).map(tuple)
PATHS = st.text("ab/*", min_size=1, max_size=4)


@given(PATTERNS, PATTERNS, PATHS, PATHS)
def test_a_directory_that_is_not_read_has_no_selected_path(
    include: tuple[str, ...], exclude: tuple[str, ...], directory: str, rest: str
) -> None:
    """For all patterns, so that an unread directory is never a part of the list that is missing."""
    selection = PathSelection(include, exclude)
    if not selection.may_match_below(directory):
        assert not selection.matches(f"{directory}/{rest}")


@pytest.mark.parametrize(
    ("include", "exclude", "is_read"),
    [
        (("*",), (), True),
        (("*",), (".git/*",), False),
        (("*",), (".git",), True),
        (("*",), ("*.git/*",), False),
        (("*",), (".git/*.pack",), True),
        (("*.html",), (), True),
        (("assets/*",), (), False),
        ((".git/hooks/*",), (), True),
        ((".g*",), (), True),
        ((), (), False),
    ],
)
def test_directories_that_are_excluded_as_a_whole_are_not_read(
    include: tuple[str, ...], exclude: tuple[str, ...], is_read: bool
) -> None:
    """Such as one with very many files, or one that this user may not read."""
    assert PathSelection(include, exclude).may_match_below(".git") is is_read
