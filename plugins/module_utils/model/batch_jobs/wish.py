# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a task asks for, as a digest by which a later run knows its jobs again.

A list of jobs shows neither filter nor target. So a job carries the digest as a tag, and the beginning of it in its
description, so that the tags of few jobs are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..tags import Tags, freeze_tags

WISH_TAG = "sealed.s3:wish"
BUCKET_TAG = "sealed.s3:bucket"
_MARK = "sealed.s3"
_SHOWN = 12
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
_MOST_DESCRIPTION = 256


@dataclass(frozen=True, slots=True)
class JobWish:
    """One part of a wish: what one job is to do. Two tasks that ask for the same have the same digest."""

    digest: str
    bucket: str

    @classmethod
    def of(cls, bucket: str, terms: Mapping[str, object], part: str) -> JobWish:
        """The wish of these terms, which are values of JSON. `part` tells the jobs of one wish apart."""
        text = json.dumps({"bucket": bucket, "terms": terms, "part": part}, sort_keys=True, separators=(",", ":"))
        return cls(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), bucket)

    @property
    def mark(self) -> str:
        """What the description of a job for this wish begins with."""
        return f"{_MARK} {self.digest[:_SHOWN]}"

    def describe(self, text: str) -> str:
        """The description of a job: the mark, the bucket, and the words of the task."""
        return f"{self.mark} {self.bucket}" + (f": {text}" if text else "")

    @property
    def tags(self) -> Tags:
        """The tags of a job for this wish."""
        return freeze_tags({WISH_TAG: self.digest, BUCKET_TAG: self.bucket})

    def is_marked(self, description: str) -> bool:
        """Whether a job with this description may be one for this wish."""
        return description == self.mark or description.startswith(f"{self.mark} ")

    def is_wish_of(self, tags: Tags) -> bool:
        """Whether a job with these tags is one for this wish."""
        return dict(tags).get(WISH_TAG) == self.digest

    def token(self, last_job: str) -> str:
        """The token of the next job. `last_job` is the id of the last job for the wish that has ended, empty without.

        A request that is repeated, or that a second run makes at the same time, has the same token and makes one job.
        """
        return hashlib.sha256(f"{self.digest} {last_job}".encode()).hexdigest()


# How long the words of a task in a description may be: a bucket's name has at most 63 characters.
MOST_WORDS = _MOST_DESCRIPTION - len(_MARK) - 1 - _SHOWN - 1 - 63 - 2


def may_be_of_bucket(description: str, bucket: str) -> bool:
    """Whether a job with this description may be one for a wish about the objects of a bucket."""
    mark, _digest, words = (*description.split(" ", 2), "", "")[:3]
    return mark == _MARK and (words == bucket or words.startswith(f"{bucket}: "))


def is_of_bucket(tags: Tags, bucket: str) -> bool:
    """Whether a job with these tags is one for a wish about the objects of a bucket."""
    found = dict(tags)
    return WISH_TAG in found and found.get(BUCKET_TAG) == bucket
