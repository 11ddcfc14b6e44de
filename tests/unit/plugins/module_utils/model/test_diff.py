# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What diff mode shows: the parts that differ, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.diff import difference

CASES = [
    pytest.param({"a": 1}, {"a": 1}, {}, {}, id="the same"),
    pytest.param({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}, {"b": 3}, id="one value"),
    pytest.param(None, {"a": 1, "b": None}, {}, {"a": 1}, id="comes to be"),
    pytest.param({"a": 1}, None, {"a": 1}, {}, id="goes"),
    pytest.param(None, None, {}, {}, id="never was"),
    pytest.param({"a": 1}, {"b": 2}, {"a": 1, "b": None}, {"a": None, "b": 2}, id="other fields"),
    pytest.param(
        {"t": {"x": 1, "y": 2}, "a": 0}, {"t": {"x": 1, "y": 3}, "a": 0}, {"t": {"y": 2}}, {"t": {"y": 3}}, id="nested"
    ),
    pytest.param({"t": {"x": 1}}, {"t": None}, {"t": {"x": 1}}, {"t": None}, id="a mapping goes"),
    pytest.param({"l": [1, 2]}, {"l": [1]}, {"l": [1, 2]}, {"l": [1]}, id="lists are shown whole"),
]


@pytest.mark.parametrize(("before", "after", "old", "new"), CASES)
def test_difference(
    before: dict[str, Any] | None, after: dict[str, Any] | None, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """Only what differs, on both sides."""
    assert difference(before, after) == {"before": old, "after": new}


def test_the_header_names_the_resource() -> None:
    """On both sides, as Ansible prints them apart."""
    assert difference({"a": 1}, {"a": 2}, "bucket x") == {
        "before": {"a": 1},
        "after": {"a": 2},
        "before_header": "bucket x",
        "after_header": "bucket x",
    }


LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"])
SHOWN = st.dictionaries(
    st.sampled_from("abc"), st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner))
)


def without_nones(value: Any) -> Any:
    """A field that is None and one that is not there say the same."""
    if isinstance(value, dict):
        return {name: without_nones(inner) for name, inner in value.items() if inner is not None}
    return value


def patched(before: Any, new: Any) -> Any:
    """`before` with the shown changes made."""
    if not (isinstance(before, dict) and isinstance(new, dict)):
        return new
    return {name: patched(before.get(name), new[name]) if name in new else before[name] for name in {*before, *new}}


@given(SHOWN, SHOWN)
def test_what_is_shown_is_all_that_differs(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Whoever makes the shown changes by hand has the new state."""
    shown = difference(before, after)
    assert without_nones(patched(before, shown["after"])) == without_nones(after)
    assert without_nones(patched(after, shown["before"])) == without_nones(before)


@given(SHOWN)
def test_equal_states_show_nothing(state: dict[str, Any]) -> None:
    """No change, no diff."""
    assert difference(state, dict(state), "x") == {"before": {}, "after": {}, "before_header": "x", "after_header": "x"}
