# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Archived objects, and the advice about them."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import (
    Archive,
    archive_of,
    require_readable,
)

CASES = [
    ("STANDARD", None, None, None),
    ("GLACIER_IR", None, None, None),
    ("INTELLIGENT_TIERING", None, None, None),
    ("GLACIER", None, None, Archive("GLACIER")),
    ("DEEP_ARCHIVE", None, None, Archive("DEEP_ARCHIVE")),
    ("GLACIER", None, 'ongoing-request="true"', Archive("GLACIER", restoring=True)),
    ("GLACIER", None, 'ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"', None),
    ("INTELLIGENT_TIERING", "ARCHIVE_ACCESS", None, Archive("ARCHIVE_ACCESS", tier=True)),
    (
        "INTELLIGENT_TIERING",
        "DEEP_ARCHIVE_ACCESS",
        'ongoing-request="true"',
        Archive("DEEP_ARCHIVE_ACCESS", tier=True, restoring=True),
    ),
]


@pytest.mark.parametrize(("storage_class", "status", "restore", "expected"), CASES)
def test_which_archived_objects_can_be_read(
    storage_class: str, status: str | None, restore: str | None, expected: Archive | None
) -> None:
    """A restored copy can be read until it expires."""
    assert archive_of(storage_class, status, restore) == expected


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (Archive("GLACIER"), "archived in GLACIER. Restore it first, for example for a week: aws s3api restore-object"),
        (Archive("ARCHIVE_ACCESS", tier=True), "archived in the tier ARCHIVE_ACCESS. Restore it first: aws s3api"),
        (Archive("GLACIER", restoring=True), "archived in GLACIER. It is being restored: run the task again"),
    ],
)
def test_the_advice_for_an_archived_object(archive: Archive, words: str) -> None:
    """With the command, if there is one."""
    with pytest.raises(OperationError, match="cannot be downloaded") as error:
        require_readable("b", "k", archive, "downloaded")
    assert words in error.value.failure.sentence()
    assert error.value.failure.kind is FailureKind.INVALID
    require_readable("b", "k", None, "downloaded")
