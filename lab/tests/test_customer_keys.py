# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""SSE-C: only the right customer key reads an object."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from client_calls import BODY, FIRST_KEY, MIB, SECOND_KEY, raises_client_error, read_object, sse_c, upload_multipart

pytestmark = pytest.mark.behaviour
KEY_MD5 = base64.b64encode(hashlib.md5(FIRST_KEY).digest()).decode()


@pytest.fixture
def sse_c_object(s3: Any, sse_c_bucket: str) -> str:
    """A bucket with the object ``k``, encrypted with the first key."""
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    return sse_c_bucket


def test_read_with_the_key(s3: Any, sse_c_bucket: str) -> None:
    put = s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    head = s3.head_object(Bucket=sse_c_bucket, Key="k", **sse_c(FIRST_KEY))
    assert put["SSECustomerKeyMD5"] == head["SSECustomerKeyMD5"] == KEY_MD5
    assert head["SSECustomerAlgorithm"] == "AES256"
    assert "ServerSideEncryption" not in head
    assert read_object(s3, sse_c_bucket, "k", **sse_c(FIRST_KEY)) == BODY


def test_new_bucket_blocks_sse_c(s3: Any, bucket: str) -> None:
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))


def test_head_without_the_key(s3: Any, sse_c_object: str) -> None:
    with raises_client_error("400", 400):
        s3.head_object(Bucket=sse_c_object, Key="k")


def test_get_without_the_key(s3: Any, sse_c_object: str) -> None:
    with raises_client_error("InvalidRequest", 400):
        s3.get_object(Bucket=sse_c_object, Key="k")


def test_get_with_a_wrong_key(s3: Any, sse_c_object: str) -> None:
    with raises_client_error("AccessDenied", 403):
        s3.get_object(Bucket=sse_c_object, Key="k", **sse_c(SECOND_KEY))


def test_head_with_a_wrong_key(s3: Any, sse_c_object: str) -> None:
    with raises_client_error("403", 403):
        s3.head_object(Bucket=sse_c_object, Key="k", **sse_c(SECOND_KEY))


def test_md5_of_the_key_is_verified(s3: Any, sse_c_bucket: str) -> None:
    wrong = base64.b64encode(hashlib.md5(SECOND_KEY).digest()).decode()
    encoded = base64.b64encode(FIRST_KEY).decode()
    with raises_client_error("InvalidArgument", 400):
        s3.put_object(
            Bucket=sse_c_bucket,
            Key="k",
            Body=b"x",
            SSECustomerAlgorithm="AES256",
            SSECustomerKey=encoded,
            SSECustomerKeyMD5=wrong,
        )


def test_short_key(s3: Any, sse_c_bucket: str) -> None:
    with raises_client_error("InvalidArgument", 400):
        s3.put_object(Bucket=sse_c_bucket, Key="k", Body=b"x", **sse_c(b"k" * 16))


def test_key_for_an_object_without_sse_c(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with raises_client_error("InvalidRequest", 400):
        s3.get_object(Bucket=bucket, Key="k", **sse_c(FIRST_KEY))


def test_etag_is_not_the_md5(s3: Any, sse_c_object: str) -> None:
    etag = s3.head_object(Bucket=sse_c_object, Key="k", **sse_c(FIRST_KEY))["ETag"]
    assert etag != f'"{hashlib.md5(BODY).hexdigest()}"'


def test_multipart_object(s3: Any, sse_c_bucket: str) -> None:
    key = sse_c(FIRST_KEY)
    upload_multipart(s3, sse_c_bucket, "m", part_options=key, complete_options=key, **key)
    assert read_object(s3, sse_c_bucket, "m", **key) == b"A" * 5 * MIB + b"B" * 1000
    with raises_client_error("InvalidRequest", 400):
        s3.get_object(Bucket=sse_c_bucket, Key="m")


def test_part_without_the_key(s3: Any, sse_c_bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=sse_c_bucket, Key="m", **sse_c(FIRST_KEY))["UploadId"]
    with raises_client_error("InvalidRequest", 400):
        s3.upload_part(Bucket=sse_c_bucket, Key="m", UploadId=upload, PartNumber=1, Body=b"x")


def test_part_with_a_wrong_key(s3: Any, sse_c_bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=sse_c_bucket, Key="m", **sse_c(FIRST_KEY))["UploadId"]
    with raises_client_error("InvalidRequest", 400):
        s3.upload_part(Bucket=sse_c_bucket, Key="m", UploadId=upload, PartNumber=1, Body=b"x", **sse_c(SECOND_KEY))


def test_attributes_need_the_key(s3: Any, sse_c_object: str) -> None:
    # botocore does not encode the key of this operation, so the test passes base64 and MD5.
    response = s3.get_object_attributes(
        Bucket=sse_c_object,
        Key="k",
        ObjectAttributes=["ETag", "ObjectSize", "Checksum"],
        SSECustomerAlgorithm="AES256",
        SSECustomerKey=base64.b64encode(FIRST_KEY).decode(),
        SSECustomerKeyMD5=KEY_MD5,
    )
    assert response["ObjectSize"] == len(BODY)
    with raises_client_error("InvalidRequest", 400):
        s3.get_object_attributes(Bucket=sse_c_object, Key="k", ObjectAttributes=["ObjectSize"])
