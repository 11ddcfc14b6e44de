# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Names of buckets, and what to write instead of other texts."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_name import require_bucket_name
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError

ACCESS_POINT = "arn:aws:s3:us-east-1:123456789012:accesspoint/reports"


@pytest.mark.parametrize("name", ["amzn-s3-demo-bucket", "a.b", "Old_Bucket", "x" * 255])
def test_a_name_is_accepted(name: str) -> None:
    """Also the names of old buckets, and of other stores."""
    require_bucket_name(name)


def test_the_arn_of_an_access_point_stands_for_a_bucket_of_objects_only() -> None:
    """A bucket's default encryption is not set through an access point."""
    require_bucket_name(ACCESS_POINT, access_points=True)
    with pytest.raises(OperationError) as error:
        require_bucket_name(ACCESS_POINT)
    assert "accepts no access point" in error.value.failure.advice


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("arn:aws:s3:::logs", "Write logs."),
        ("arn:aws:s3:::logs/a/b.txt", "Write bucket: logs, and key: a/b.txt in an object module."),
        ("s3://logs", "Write logs."),
        ("S3://logs/", "Write logs."),
        ("s3a://logs/a", "Write bucket: logs, and key: a in an object module."),
        ("logs/", "Write logs."),
        ("logs/a", "Write bucket: logs, and key: a in an object module."),
        ("https://logs.s3.amazonaws.com/a", "Give a plain name"),
        ("arn:aws:s3:::", "Give a plain name"),
        ("logs?x", "Give a plain name"),
        ("my bucket", "Give a plain name"),
        ("", "Give a plain name"),
        ("logs\n", "Give a plain name"),
        ("x" * 256, "Give a plain name"),
    ],
)
@pytest.mark.parametrize("access_points", [False, True])
def test_the_advice_has_the_name_to_write(text: str, advice: str, access_points: bool) -> None:
    """It is in the text, where it is the address of a bucket or object."""
    with pytest.raises(OperationError) as error:
        require_bucket_name(text, access_points=access_points)
    assert error.value.failure.kind is FailureKind.INVALID
    assert error.value.failure.message == f"{text!r} is not the name of a bucket."
    assert error.value.failure.advice.startswith(advice)
