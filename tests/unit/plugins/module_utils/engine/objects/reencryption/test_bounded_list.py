# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Runs that end and are gone on with: no object is left out, whatever the order in which they are finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption.bounded_list import (
    BoundedList,
    RunLimits,
    Visit,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.selection import ObjectSelection

SELECTION = ObjectSelection(suffix="!")
# Keys, each with the number of its versions. Those without the suffix are not selected.
KEYS = st.dictionaries(st.sampled_from(["a", "b!", "c!", "d", "e!", "f!", "g!", "h"]), st.integers(1, 3), max_size=8)


def listed(keys: dict[str, int], start_after: str) -> Iterator[ListedObject]:
    """All versions of these keys after this one, as S3 lists them."""
    for key in sorted(keys):
        if key > start_after:
            for version in range(keys[key]):
                yield ListedObject(key, 1, f'"{version}"', "", None, f"v{version}", version > 0)


@given(KEYS, st.integers(1, 5), st.data())
def test_a_chain_of_runs_takes_each_version_once(keys: dict[str, int], most: int, data: st.DataObject) -> None:
    """Each ends after so many objects, but never within a key, and the next begins where it ended."""
    seen: Counter[tuple[str, str]] = Counter()
    start_after = ""
    for _run in range(len(keys) + 1):
        visits = BoundedList(listed(keys, start_after), SELECTION, RunLimits(most), start_after)
        running = list(visits)
        assert len(running) <= most + 2
        for visit in data.draw(st.permutations(running)):
            visits.finish(visit)
            seen[visit.listed.key, visit.listed.etag] += 1
        if visits.resume is None:
            assert visits.is_finished
            break
        assert visits.resume > start_after
        start_after = visits.resume
    expected = [(found.key, found.etag) for found in listed(keys, "") if found.key.endswith("!")]
    assert seen == Counter(expected)


@given(KEYS, st.data())
def test_what_is_not_finished_is_after_the_key_to_go_on_with(keys: dict[str, int], data: st.DataObject) -> None:
    """A run that a failure ended has finished some, begun some, and not begun others."""
    visits = BoundedList(listed(keys, ""), SELECTION, RunLimits())
    source = iter(visits)
    begun: list[Visit] = []
    for _number in range(data.draw(st.integers(0, 12))):
        visit = next(source, None)
        if visit is not None:
            begun.append(visit)
    finished = [visit for visit in data.draw(st.permutations(begun)) if data.draw(st.booleans())]
    for visit in finished:
        visits.finish(visit)
    visits.stop()
    begun += source  # those of the same key, which a run does not divide
    done = [visit.listed for visit in finished]
    left = [found for found in listed(keys, "") if found.key.endswith("!") and found not in done]
    assert all(found.key > (visits.resume or "") for found in left)
    assert visits.is_finished <= (not left)
