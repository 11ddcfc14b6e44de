# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations


class ModuleDocFragment:
    # Which buckets a task means.
    DOCUMENTATION = r"""
options:
  buckets:
    description:
      - The names of the buckets. A bucket that is named twice counts once.
      - Either this or O(select) is required.
    type: list
    elements: str
    aliases:
      - bucket
      - name
  select:
    description:
      - All buckets of the account that match all of this, instead of named ones.
      - They are listed page by page with their regions, which costs one ListBuckets for each 1000 buckets and needs
        C(s3:ListAllMyBuckets). A prefix that all O(select.names) share, and a single region, are filtered by S3 itself.
      - A selection that matches nothing is no failure, and warns.
      - Directory buckets are not among them, as S3 lists them apart.
    type: dict
    suboptions:
      names:
        description:
          - Shell patterns, one of which has to match the name. V(*) stands for any letters, V(?) for one, V([ab]) for
            one of these.
        type: list
        elements: str
        default:
          - "*"
      exclude:
        description: Shell patterns, none of which may match the name.
        type: list
        elements: str
        default: []
      regions:
        description:
          - The bucket is in one of these regions. An empty list stands for any.
          - At AWS, a region that the installed SDK does not know is refused. At another store, it warns.
        type: list
        elements: str
        default: []
      tags:
        description:
          - The bucket has all of these tags.
          - They are looked up in bulk with the tagging API, which needs C(tag:GetResources) and knows new tags after a
            moment. Where it cannot be asked, each bucket that matches otherwise costs one GetBucketTagging.
        type: dict
        default: {}
  concurrency:
    description:
      - How many buckets are worked on at the same time. With buckets of several regions at hand, no region takes more
        than half of it while others wait.
      - A connection is waited for 5 seconds and an answer 10, and a read that gets none is tried twice. A region that
        leaves three buckets one after the other without an answer is given up, and costs its own buckets only. Other
        times and numbers can be set in O(aws_config), as C(connect_timeout), C(read_timeout) and C(retries).
    type: int
    default: 32
  progress:
    description:
      - Whether a task that takes more than a few seconds shows on standard error how far it has come. On a terminal
        that is one line that is written over, elsewhere a line now and then.
      - It takes an action plugin on the controller. The module alone, and a task with C(async), shows nothing.
    type: bool
    default: true
"""
