# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The fixed limits of KMS for what a task names. They are part of the plan, so a check run finds them, too.

`validate_tags` checks the text of tags, for which S3 and KMS have the same limits.
Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
and https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""

from __future__ import annotations

from ..errors import invalid_input
from ..iam.policy_kind import KEY_POLICY
from ..iam.policy_size import fit_policy
from ..tags import RESERVED_PREFIX, Tags
from .key_state import UNFINISHED_TAG

MAX_TAGS = 50
_MAX_DESCRIPTION = 8192


def require_description(description: str | None) -> None:
    """Raise OperationError for a description that is longer than KMS accepts."""
    if description is not None and len(description) > _MAX_DESCRIPTION:
        raise invalid_input(
            f"description has {len(description)} characters, and KMS accepts {_MAX_DESCRIPTION}.", "Shorten it."
        )


def require_number_of_tags(tags: Tags | None) -> None:
    """Raise OperationError for more tags than a key can have. AWS's own tags do not count."""
    number = count_tags(dict(tags or ()))
    if number > MAX_TAGS:
        raise invalid_input(
            f"The key would have {number} tags, and KMS accepts {MAX_TAGS}.",
            "Remove tags from the task, or set purge_tags: true to remove those that the task does not name.",
        )


def require_no_tag_of_module(tags: Tags) -> None:
    """Raise OperationError if a task sets the tag of unfinished keys, which would be removed in the same run."""
    if UNFINISHED_TAG in dict(tags):
        raise invalid_input(
            f"tags: {UNFINISHED_TAG} is the tag with which this module finds a key that a run did not complete.",
            "Leave it out.",
        )


def count_tags(tags: dict[str, str]) -> int:
    """The number of tags that count for the limit."""
    return sum(not key.lower().startswith(RESERVED_PREFIX) for key in tags)


def require_policy_size(policy: str) -> str:
    """The policy, without its spaces if it is too long with them; raises OperationError if it is too long for KMS."""
    return fit_policy(policy, KEY_POLICY)
