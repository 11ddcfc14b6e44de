# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations


class ModuleDocFragment:
    # The buckets of a task.
    DOCUMENTATION = r"""
options:
  buckets:
    description:
      - The names of the buckets. Duplicate names are ignored. An empty list causes a warning, and does not fail.
      - Either this or O(select) is required.
    type: list
    elements: str
    aliases:
      - bucket
      - name
  select:
    description:
      - Selects all buckets of the account that match all of these criteria. At least one of O(select.names),
        O(select.regions) and O(select.tags) is required and must not be empty. For all buckets of the account, set
        O(select.names) to V(["*"]).
      - The buckets are listed with their regions, which costs one ListBuckets for every 1000 buckets and needs
        C(s3:ListAllMyBuckets). S3 itself filters by a prefix that all O(select.names) share, and by a single region.
      - A selection that matches no bucket causes a warning, and does not fail. Neither does a bucket that is deleted
        while the task runs. It is counted in RV(summary.skipped).
      - Directory buckets are not included, because S3 lists them separately.
    type: dict
    suboptions:
      names:
        description:
          - Shell patterns. At least one has to match the name. V(*) matches any characters, V(?) one character, and
            V([ab]) one of these characters.
          - If omitted, all names match. An empty list is refused.
        type: list
        elements: str
      exclude:
        description: Shell patterns. None of them may match the name. If omitted or empty, no bucket is excluded.
        type: list
        elements: str
      regions:
        description:
          - The bucket is in one of these regions. If omitted or empty, all regions match.
          - On AWS, a region that the installed SDK does not know is refused. On another store, it causes a warning.
        type: list
        elements: str
      tags:
        description:
          - The bucket has all of these tags. If omitted or empty, tags are not compared. A tag without a value (null)
            is refused.
          - They are read in bulk from the tagging API, which needs C(tag:GetResources) and shows new tags with a short
            delay. If that API cannot be used, each bucket that matches the other criteria costs one GetBucketTagging.
        type: dict
  concurrency:
    description:
      - The maximum number of buckets that are processed at the same time. While buckets of several regions wait, no
        region uses more than half of it.
      - The timeouts are 5 seconds for a connection and 10 seconds for an answer. A read request without an answer is
        sent twice. If three buckets of a region in a row get no answer, the remaining buckets of that region fail
        without a request. Set C(connect_timeout), C(read_timeout) and C(retries) in O(aws_config) for other values.
    type: int
    default: 32
  progress:
    description:
      - Whether a task that takes more than a few seconds shows its progress on standard error. On a person's terminal,
        one line is updated. Elsewhere, such as in CI, in AWX and under ansible-runner, a plain line is printed at most
        every 30 seconds.
      - The progress is shown by an action plugin on the controller. The module alone, and a task with C(async), shows
        nothing.
    type: bool
    default: true
"""
