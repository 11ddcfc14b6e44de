# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The grouped events of a key: none is lost, and their order does not matter."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_usage import (
    KeyUsage,
    PrincipalUsage,
    UsageEvent,
    list_names,
    summarise,
)

EVENTS = st.lists(
    st.builds(
        UsageEvent,
        time=st.integers(0, 59).map(lambda minute: f"2026-11-01T00:{minute:02}:00+00:00"),
        operation=st.sampled_from(["Decrypt", "DescribeKey"]),
        principal=st.sampled_from(["alice", "bob"]),
        via=st.sampled_from([None, "AWS Internal"]),
        error=st.sampled_from([None, "AccessDenied"]),
        bucket=st.sampled_from([None, "one", "two"]),
    ),
    max_size=20,
)


def test_events_are_grouped() -> None:
    """By principal, operation, calling service and error; the largest group comes first."""
    events = [
        UsageEvent("2026-11-01T03:00:00+00:00", "Decrypt", "app", "AWS Internal", bucket="two"),
        UsageEvent("2026-11-01T02:00:00+00:00", "DescribeKey", "auditor"),
        UsageEvent("2026-11-01T01:00:00+00:00", "Decrypt", "app", "AWS Internal", bucket="one"),
        UsageEvent("2026-11-01T00:00:00+00:00", "Decrypt", "app", "AWS Internal", "AccessDenied", "one"),
    ]
    first, last = "2026-11-01T01:00:00+00:00", "2026-11-01T03:00:00+00:00"
    midnight, two = "2026-11-01T00:00:00+00:00", "2026-11-01T02:00:00+00:00"
    users = summarise(events)
    assert users == (
        PrincipalUsage("app", "Decrypt", "AWS Internal", None, 2, first, last, ("one", "two")),
        PrincipalUsage("app", "Decrypt", "AWS Internal", "AccessDenied", 1, midnight, midnight, ("one",)),
        PrincipalUsage("auditor", "DescribeKey", None, None, 1, two, two),
    )
    assert [user.cryptographic for user in users] == [True, True, False]
    assert KeyUsage(midnight, last, True, users).events == 4
    assert summarise([]) == ()


@given(EVENTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(events: list[UsageEvent], chance: Any) -> None:
    """CloudTrail sorts by time, but the code does not depend on it."""
    shuffled = events[:]
    chance.shuffle(shuffled)
    assert summarise(shuffled) == summarise(events)


@given(EVENTS)
def test_nothing_is_lost(events: list[UsageEvent]) -> None:
    """Each event is in one entry, between its first and its last, with its bucket."""
    users = summarise(events)
    assert sum(user.count for user in users) == len(events)
    for event in events:
        (same,) = (
            user
            for user in users
            if (user.principal, user.operation, user.via, user.error)
            == (event.principal, event.operation, event.via, event.error)
        )
        assert same.first <= event.time <= same.last
        assert event.bucket is None or event.bucket in same.buckets


def test_many_names_are_cut_short() -> None:
    """A sentence stays readable."""
    assert list_names(("a", "b")) == "a, b"
    assert list_names(tuple("abcdefg")) == "a, b, c, d, e and 2 more"
    assert list_names(tuple("abcdefg"), "buckets") == "a, b, c, d, e and 2 more buckets"
