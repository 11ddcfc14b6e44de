# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is accepted as the name of a bucket, and what a task should have written instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_name import require_bucket_name
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError

POINT = "arn:aws:s3:eu-west-1:111122223333:accesspoint/reports"
OUTPOST = "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/accesspoint/reports"
ALIAS = "reports-hq6l3aw5aexample-s3alias"


@pytest.mark.parametrize("text", ["amzn-s3-demo-bucket", "a.b-c", "Old_Bucket", "x" * 255, "fast--use1-az4--x-s3"])
def test_names_are_accepted(text: str) -> None:
    """Old buckets and other stores have names that AWS would refuse for a new bucket."""
    require_bucket_name(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "bucket is empty. Give the name of a bucket."),
        ("arn:aws:s3:::demo", "bucket: 'arn:aws:s3:::demo' is the ARN of a bucket, not its name. Write demo."),
        (
            "arn:aws-cn:s3:::demo/a/b",
            "bucket: 'arn:aws-cn:s3:::demo/a/b' is the ARN of an object, not its name. "
            "Write demo here; 'a/b' is the key of an object.",
        ),
        (
            POINT,
            f"bucket: '{POINT}' is the ARN of an access point, not the name of a bucket. "
            "Write the name of the bucket alone, such as amzn-s3-demo-bucket.",
        ),
        (
            ALIAS,
            f"bucket: '{ALIAS}' is the alias of an access point, not the name of a bucket. "
            "Write the name of the bucket alone, such as amzn-s3-demo-bucket.",
        ),
        (
            "arn:aws:kms:eu-west-1:111122223333:key/1",
            "bucket: 'arn:aws:kms:eu-west-1:111122223333:key/1' is the ARN of another resource, not the name of a "
            "bucket. Write the name of the bucket alone, such as amzn-s3-demo-bucket.",
        ),
        (
            "arn:aws",
            "bucket: 'arn:aws' is neither the name of a bucket nor an ARN. Write the name of the bucket alone,",
        ),
        ("s3://demo", "bucket: 's3://demo' is a URL, not the name of a bucket. Write demo."),
        ("s3://demo/a/b", "bucket: 's3://demo/a/b' is a URL, not the name of a bucket. Write demo."),
        ("https://demo.s3.eu-west-1.amazonaws.com/a", "a URL, not the name of a bucket. Write demo."),
        ("https://s3.eu-west-1.amazonaws.com/demo/a", "a URL, not the name of a bucket. Write demo."),
        ("https://[half", "a URL, not the name of a bucket. Write the name of the bucket alone,"),
        ("demo/", "bucket: 'demo/' is a path, not the name of a bucket. Write demo."),
        ("demo/a", "is a path, not the name of a bucket. Write demo here; 'a' is the key of an object."),
        ("a bucket", "bucket: 'a bucket' is not the name of a bucket, because it contains ' '. A name has 3 to 63 "),
        ("demo\n", "because it contains '\\n'."),
        ("demo*", "because it contains '*'."),
        ("x" * 256, "because it is longer than 255 characters."),
    ],
)
def test_a_text_that_is_not_a_name(text: str, sentence: str) -> None:
    """The sentence says what the text is, and what to write."""
    with pytest.raises(OperationError) as error:
        require_bucket_name(text)
    assert error.value.failure.kind is FailureKind.INVALID
    assert sentence in error.value.failure.sentence()
    assert len(error.value.failure.sentence()) < 400


@pytest.mark.parametrize("text", [POINT, OUTPOST, ALIAS, "demo"])
def test_access_points_are_accepted_where_the_caller_allows_them(text: str) -> None:
    """S3 takes them for calls on objects."""
    require_bucket_name(text, access_points=True)


@given(text=some.text(max_size=300))
def test_every_text_is_accepted_or_refused_in_a_sentence(text: str) -> None:
    """No text raises another error, and what is accepted is what the SDK accepts."""
    try:
        require_bucket_name(text, "buckets")
    except OperationError as error:
        assert error.failure.message.startswith("buckets")  # noqa: PT017
    else:
        assert 0 < len(text) <= 255
