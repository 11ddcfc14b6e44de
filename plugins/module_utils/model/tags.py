# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Tags as values: check and merge them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import invalid_input

Tags = tuple[tuple[str, str], ...]

# The prefix of the tags that only AWS's services can write.
# Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
RESERVED_PREFIX = "aws:"


def freeze_tags(tags: Mapping[Any, Any]) -> Tags:
    """Tags as a value, sorted by key. Numbers and booleans of YAML become text."""
    return tuple(sorted((str(key), str(value)) for key, value in tags.items()))


def validate_tags(tags: Mapping[Any, Any]) -> Tags:
    """The tags that a task may write. Raises OperationError for those with AWS's own prefix, in any letter case."""
    reserved = sorted(str(key) for key in tags if str(key).lower().startswith(RESERVED_PREFIX))
    if reserved:
        raise invalid_input(
            f"tags: {', '.join(reserved)} cannot be written, as {RESERVED_PREFIX} is for AWS's own tags.",
            "Leave them out. Existing ones are kept.",
        )
    return freeze_tags(tags)


def merge_tags(current: Tags, desired: Tags | None, purge: bool) -> Tags:
    """The current tags with the desired ones added; with `purge`, other tags are removed, except AWS's own.

    None as the desired tags keeps all of the current ones.
    """
    if desired is None:
        return current
    kept = {key: value for key, value in current if not purge or key.startswith(RESERVED_PREFIX)}
    return freeze_tags(kept | dict(desired))
