# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How a job is known again, and what its status means."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_state import (
    JobState,
    JobStatus,
    TaskCounts,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.wish import MOST_WORDS, JobWish
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import freeze_tags

WISH = JobWish.of("data", {"a": 1, "b": None}, "update")
DIGEST = "0" * 64


def test_the_same_terms_are_the_same_wish() -> None:
    """In any order; and another bucket, part or value makes another wish."""
    assert JobWish.of("data", {"b": None, "a": 1}, "update") == WISH
    others = [
        JobWish.of("other", {"a": 1, "b": None}, "update"),
        JobWish.of("data", {"a": 1, "b": None}, "copy STANDARD"),
        JobWish.of("data", {"a": 2, "b": None}, "update"),
    ]
    assert len({WISH.digest, *(each.digest for each in others)}) == 4


def test_the_token_depends_on_the_last_job() -> None:
    """So that a repeated request makes one job, and a later run another one."""
    assert WISH.token("") == WISH.token("")
    assert len({WISH.token(""), WISH.token("one"), WISH.token("two")}) == 3
    assert len(WISH.token("")) == 64


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (WISH.describe(""), True),
        (WISH.describe("words"), True),
        (f"{WISH.mark}0 data", False),
        ("words of a person", False),
        ("", False),
    ],
)
def test_the_mark_in_a_description(description: str, expected: bool) -> None:
    """Only the whole mark counts."""
    assert WISH.is_marked(description) is expected


def test_the_longest_description() -> None:
    """S3 takes 256 characters, and the name of a bucket has at most 63."""
    assert len(JobWish(DIGEST, "b" * 63).describe("x" * MOST_WORDS)) == 256


def test_tags() -> None:
    """The whole digest is in a tag."""
    assert WISH.is_wish_of(WISH.tags)
    assert not WISH.is_wish_of(freeze_tags({"sealed.s3:wish": WISH.digest[:12]}))
    assert not WISH.is_wish_of(())


ENDED = (JobStatus.COMPLETE, JobStatus.CANCELLED, JobStatus.FAILED)


@pytest.mark.parametrize("status", list(JobStatus))
def test_the_end_of_a_job(status: JobStatus) -> None:
    """Three states are final."""
    assert status.has_ended is (status in ENDED)
    assert status.is_prepared is (status not in (JobStatus.NEW, JobStatus.PREPARING))


def test_a_job_without_objects() -> None:
    """By its end, or by what S3 says of its filter."""
    assert JobState("one", JobStatus.COMPLETE).is_empty
    assert JobState("one", JobStatus.FAILED, matched_nothing=True).is_empty
    assert not JobState("one", JobStatus.FAILED).is_empty
    assert not JobState("one", JobStatus.COMPLETE, tasks=TaskCounts(1, 1)).is_empty
    assert not JobState("one", JobStatus.PREPARING).is_empty
