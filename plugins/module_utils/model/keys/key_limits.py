# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The fixed limits of KMS for what a task names. They are part of the plan, so a check run finds them, too.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html,
https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html
and https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""

from __future__ import annotations

import json
import unicodedata

from ..errors import invalid_input
from ..tags import RESERVED_PREFIX, Tags

MAX_TAGS = 50
_MAX_DESCRIPTION = 8192
_MAX_TAG_KEY = 128
_MAX_TAG_VALUE = 256
_TAG_CHARACTERS = "_.:/=+-@"
_MAX_POLICY_BYTES = 32 * 1024


def require_description(description: str | None) -> None:
    """Raise OperationError for a description that is longer than KMS accepts."""
    if description is not None and len(description) > _MAX_DESCRIPTION:
        raise invalid_input(
            f"description has {len(description)} characters, and KMS accepts {_MAX_DESCRIPTION}.", "Shorten it."
        )


def require_tag_texts(tags: Tags) -> None:
    """Raise OperationError for the key or value of a tag that KMS does not accept."""
    for key, value in tags:
        if not 1 <= len(key) <= _MAX_TAG_KEY:
            raise invalid_input(
                f"tags: the key {_shortened(key)!r} has {len(key)} characters, and KMS accepts 1 to {_MAX_TAG_KEY}.",
                "Correct the key of the tag.",
            )
        if len(value) > _MAX_TAG_VALUE:
            raise invalid_input(
                f"tags: the value of {key!r} has {len(value)} characters, and KMS accepts {_MAX_TAG_VALUE}.",
                "Shorten the value of the tag.",
            )
        for text in (key, value):
            invalid = next((each for each in text if not _is_accepted(each)), None)
            if invalid:
                raise invalid_input(
                    f"tags: {key!r} has the character {invalid!r}, which KMS does not accept in a tag.",
                    f"Use letters, digits, spaces and {' '.join(_TAG_CHARACTERS)}.",
                )


def require_number_of_tags(tags: Tags | None) -> None:
    """Raise OperationError for more tags than a key can have. AWS's own tags do not count."""
    number = count_tags(dict(tags or ()))
    if number > MAX_TAGS:
        raise invalid_input(
            f"The key would have {number} tags, and KMS accepts {MAX_TAGS}.",
            "Remove tags from the task, or set purge_tags: true to remove those that the task does not name.",
        )


def count_tags(tags: dict[str, str]) -> int:
    """The number of tags that count for the limit."""
    return sum(not key.lower().startswith(RESERVED_PREFIX) for key in tags)


def require_policy_size(policy: str) -> str:
    """The policy, without its spaces if it is too long with them; raises OperationError if it is too long for KMS."""
    text = (
        policy if len(policy.encode()) <= _MAX_POLICY_BYTES else json.dumps(json.loads(policy), separators=(",", ":"))
    )
    size = len(text.encode())
    if size > _MAX_POLICY_BYTES:
        raise invalid_input(
            f"The key policy would have {size} bytes, and KMS accepts {_MAX_POLICY_BYTES}.",
            "Name fewer principals, such as an account in place of its users, or allow the use by grants.",
        )
    return text


def _is_accepted(character: str) -> bool:
    return character in _TAG_CHARACTERS or unicodedata.category(character)[0] in "LNZ"


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
