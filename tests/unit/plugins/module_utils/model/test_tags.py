# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Tags: which are kept, added and removed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import (
    Tags,
    freeze_tags,
    freeze_texts,
    merge_tags,
    validate_tags,
)

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


def test_numbers_and_booleans_become_text() -> None:
    """As in amazon.aws. An empty text stays empty."""
    given: dict[Any, Any] = {"number": 1, "flag": True, "text": "a", "empty": "", 7: 1.5}
    expected = (("7", "1.5"), ("empty", ""), ("flag", "True"), ("number", "1"), ("text", "a"))
    assert freeze_texts("tags", given) == expected


REFUSED = [
    pytest.param({"team": None}, "tags: 'team' has no value", id="null"),
    pytest.param({"team": ["a"]}, "the value of 'team' is a list", id="list"),
    pytest.param({"team": {"a": "b"}}, "the value of 'team' is a dict", id="dict"),
    pytest.param({"": "a"}, "a key is empty", id="empty key"),
    pytest.param({"AWS:team": "a"}, "AWS:team cannot be written", id="reserved"),
    pytest.param({"k" * 129: "a"}, "has 129 characters, and AWS accepts at most 128", id="long key"),
    pytest.param({"a": "v" * 257}, "the value of 'a' has 257 characters", id="long value"),
    pytest.param({"𠮷" * 65: "a"}, "has 130 characters", id="UTF-16 counts some letters twice"),
    pytest.param({"a": "x;y"}, "contains ';', which AWS does not accept", id="sign"),
    pytest.param({"a": "🚀"}, "which AWS does not accept", id="emoji"),
    pytest.param({"a": "x\ny"}, "which AWS does not accept", id="line break"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_what_no_tag_can_have_is_refused(given: dict[str, Any], message: str) -> None:
    """Before anything is written."""
    with pytest.raises(OperationError, match=re.escape(message)) as error:
        validate_tags(given)
    assert error.value.failure.kind is FailureKind.INVALID


def test_the_largest_tags_are_accepted() -> None:
    """Letters, numbers and spaces of any script, and the documented signs."""
    given = {"k" * 128: "v" * 256, "größe 2": "東京\u3000٣", "_.:/=+-@": ""}
    assert dict(validate_tags(given)) == given
