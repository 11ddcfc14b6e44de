# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets that match a selection, and the prefix that S3 can filter by."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.selection import Bucket, Selection

NAMES = st.text("abc-*?[]", min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("selection", "bucket", "matches"),
    [
        pytest.param(Selection(), Bucket("a"), True, id="all"),
        pytest.param(Selection(("logs-*", "raw")), Bucket("logs-1"), True, id="one of the patterns"),
        pytest.param(Selection(("logs-*", "raw")), Bucket("rawer"), False, id="a plain name matches itself only"),
        pytest.param(Selection(("logs-?",)), Bucket("logs-12"), False, id="one character"),
        pytest.param(Selection(("logs-[12]",)), Bucket("logs-2"), True, id="one of these"),
        pytest.param(Selection(exclude=("*-tmp",)), Bucket("a-tmp"), False, id="excluded"),
        pytest.param(Selection(regions=("eu-west-1",)), Bucket("a", "eu-west-1"), True, id="in the region"),
        pytest.param(Selection(regions=("eu-west-1",)), Bucket("a", "us-east-1"), False, id="in another region"),
        pytest.param(Selection(regions=("eu-west-1",)), Bucket("a"), False, id="in an unknown region"),
    ],
)
def test_matches(selection: Selection, bucket: Bucket, matches: bool) -> None:
    """Names are case-sensitive shell patterns; regions and exclusions narrow the selection."""
    assert selection.matches(bucket) is matches


@pytest.mark.parametrize(
    ("names", "prefix"),
    [(("*",), ""), (("logs-*",), "logs-"), (("logs-a*", "logs-b"), "logs-"), (("logs", "raw"), ""), (("a[bc]",), "a")],
)
def test_prefix(names: tuple[str, ...], prefix: str) -> None:
    """The common prefix of all patterns before their first wildcard."""
    assert Selection(names).prefix == prefix


@given(st.lists(NAMES, min_size=1, max_size=3), NAMES)
def test_every_match_begins_with_the_prefix(patterns: list[str], name: str) -> None:
    """So the filter of S3 drops no matching bucket."""
    if any(fnmatchcase(name, pattern) for pattern in patterns):
        assert name.startswith(Selection(tuple(patterns)).prefix)
