# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The difference of two states has the parts that differ, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.diff import difference

CASES = [
    pytest.param({"a": 1}, {"a": 1}, {}, {}, id="equal"),
    pytest.param({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}, {"b": 3}, id="one value"),
    pytest.param(None, {"a": 1, "b": None}, {}, {"a": 1}, id="created"),
    pytest.param({"a": 1}, None, {"a": 1}, {}, id="deleted"),
    pytest.param(None, None, {}, {}, id="does not exist"),
    pytest.param({"a": 1}, {"b": 2}, {"a": 1, "b": None}, {"a": None, "b": 2}, id="other fields"),
    pytest.param(
        {"t": {"x": 1, "y": 2}, "a": 0}, {"t": {"x": 1, "y": 3}, "a": 0}, {"t": {"y": 2}}, {"t": {"y": 3}}, id="nested"
    ),
    pytest.param({"t": {"x": 1}}, {"t": None}, {"t": {"x": 1}}, {"t": None}, id="a mapping is removed"),
    pytest.param({"l": [1, 2]}, {"l": [1]}, {"l": [1, 2]}, {"l": [1]}, id="lists are shown in full"),
]


@pytest.mark.parametrize(("before", "after", "old", "new"), CASES)
def test_difference(
    before: dict[str, Any] | None, after: dict[str, Any] | None, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """Only the parts that differ, on both sides."""
    assert difference(before, after) == {"before": old, "after": new}


def test_the_header_names_the_resource() -> None:
    """On both sides, because Ansible prints them separately."""
    assert difference({"a": 1}, {"a": 2}, "bucket x") == {
        "before": {"a": 1},
        "after": {"a": 2},
        "before_header": "bucket x",
        "after_header": "bucket x",
    }


LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"])
STATES = st.dictionaries(
    st.sampled_from("abc"), st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner))
)


def without_nones(value: Any) -> Any:
    """The value without fields that are None, which mean the same as missing fields."""
    if isinstance(value, dict):
        return {name: without_nones(inner) for name, inner in value.items() if inner is not None}
    return value


def patched(before: Any, new: Any) -> Any:
    """`before` with the changes applied."""
    if not (isinstance(before, dict) and isinstance(new, dict)):
        return new
    return {name: patched(before.get(name), new[name]) if name in new else before[name] for name in {*before, *new}}


@given(STATES, STATES)
def test_the_difference_is_complete(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The old state with the changes applied is the new state, and the reverse."""
    changes = difference(before, after)
    assert without_nones(patched(before, changes["after"])) == without_nones(after)
    assert without_nones(patched(after, changes["before"])) == without_nones(before)


@given(STATES)
def test_equal_states_have_no_difference(state: dict[str, Any]) -> None:
    """Both sides are empty."""
    assert difference(state, dict(state), "x") == {"before": {}, "after": {}, "before_header": "x", "after_header": "x"}
