# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Tags: which are kept, added and removed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags, freeze_tags, merge_tags

CASES = [
    pytest.param({"a": "1"}, None, True, {"a": "1"}, id="not named: kept"),
    pytest.param({"a": "1"}, {}, True, {}, id="empty, with purge: all removed"),
    pytest.param({"a": "1"}, {}, False, {"a": "1"}, id="empty, without purge: kept"),
    pytest.param({"a": "1"}, {"a": "2"}, True, {"a": "2"}, id="a value changes"),
    pytest.param({"a": "1", "b": "2"}, {"b": "3"}, True, {"b": "3"}, id="purge"),
    pytest.param({"a": "1", "b": "2"}, {"b": "3"}, False, {"a": "1", "b": "3"}, id="no purge"),
    pytest.param({"aws:x": "1", "a": "1"}, {}, True, {"aws:x": "1"}, id="tags of AWS are never purged"),
    pytest.param({"awsome": "1"}, {}, True, {}, id="only the prefix with its colon is reserved"),
    pytest.param({}, {"b": "", "a": "ü"}, True, {"a": "ü", "b": ""}, id="empty values, any letters"),
]


@pytest.mark.parametrize(("current", "desired", "purge", "expected"), CASES)
def test_merge(current: dict[str, str], desired: dict[str, str] | None, purge: bool, expected: dict[str, str]) -> None:
    """The desired tags are set; others are kept or removed."""
    merged = merge_tags(freeze_tags(current), None if desired is None else freeze_tags(desired), purge)
    assert merged == freeze_tags(expected)


TAGS = st.dictionaries(st.sampled_from(["a", "b", "c", "aws:a", "Team"]), st.text(max_size=3)).map(freeze_tags)


@given(TAGS, st.none() | TAGS, st.booleans())
def test_merging_again_changes_nothing(current: Tags, desired: Tags | None, purge: bool) -> None:
    """The second run has nothing to do."""
    once = merge_tags(current, desired, purge)
    assert merge_tags(once, desired, purge) == once


@given(TAGS)
def test_frozen_tags_are_sorted_by_key(tags: Tags) -> None:
    """So the same tags in another order are equal."""
    assert freeze_tags(dict(reversed(tags))) == tags
