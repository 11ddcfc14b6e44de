# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A store that ignores versionId, Range or If-Match: what it returns is not taken for what was requested."""

from __future__ import annotations

import io

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.returned_object import (
    require_range,
    require_version,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError


@pytest.mark.parametrize(
    ("content_range", "etag"),
    [("bytes 5-9/20", '"a"'), ("bytes 5-9/*", "a"), (" bytes  5-9/20 ", 'W/"a"')],
    ids=["as AWS", "without quotes", "of a proxy"],
)
def test_the_requested_bytes_are_accepted(content_range: str, etag: str) -> None:
    """In each form that servers use."""
    body = io.BytesIO(b"01234")
    require_range({"Body": body, "ETag": etag, "ContentRange": content_range}, "b/k", '"a"', (5, 10))
    assert not body.closed


def test_a_whole_object_needs_no_range() -> None:
    """Nor a condition."""
    require_range({"Body": io.BytesIO(), "ETag": '"a"'}, "b/k", None, None)


@pytest.mark.parametrize(
    ("content_range", "returned"),
    [
        (None, "returned no range"),
        ("bytes 0-4/20", "returned bytes 0 to 4"),
        ("bytes 5-10/20", "returned bytes 5 to 10"),
        ("bytes */20", "returned no range"),
        ("bytes \u0665-\u0669/20", "returned no range"),
        ("lines 5-9/20", "returned no range"),
        ("5-9", "returned no range"),
    ],
)
def test_another_range_is_refused(content_range: str | None, returned: str) -> None:
    """No checksum would find it out, as none covers a range."""
    body = io.BytesIO(b"01234")
    answer = {"Body": body, "ETag": '"a"', **({"ContentRange": content_range} if content_range else {})}
    with pytest.raises(OperationError) as refused:
        require_range(answer, "b/k", '"a"', (5, 10))
    failure = refused.value.failure
    assert (failure.kind, body.closed) == (FailureKind.UNSUPPORTED, True)
    assert returned in failure.message


def test_another_content_is_a_conflict() -> None:
    """The object was written again while its ranges were read."""
    body = io.BytesIO(b"01234")
    with pytest.raises(OperationError) as refused:
        require_range({"Body": body, "ETag": '"b"'}, "b/k", '"a"', None)
    assert (refused.value.failure.kind, body.closed) == (FailureKind.CONFLICT, True)


@pytest.mark.parametrize(
    ("requested", "returned"),
    [(None, "b"), (None, None), ("a", "a"), ("null", "null"), ("null", None)],
)
def test_the_requested_version_is_accepted(requested: str | None, returned: str | None) -> None:
    """Without versioning, there is no version but null."""
    require_version({"VersionId": returned} if returned else {}, "b/k", requested)


@pytest.mark.parametrize(
    ("returned", "words"), [("b", "the version b"), ("null", "no version"), (None, "no version"), ("", "no version")]
)
def test_another_version_is_refused(returned: str | None, words: str) -> None:
    """A store without versions returns the current object."""
    with pytest.raises(OperationError) as refused:
        require_version({} if returned is None else {"VersionId": returned}, "b/k", "a")
    assert refused.value.failure.kind is FailureKind.UNSUPPORTED
    assert f"for the version a, and the store returned {words}." in refused.value.failure.message
