# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Annotations of objects."""

from __future__ import annotations

from typing import Any

from client_calls import BODY, FIRST_KEY, copy_in_place, raises_client_error, sse_c


def annotate(s3: Any, bucket: str, name: str, text: str) -> None:
    """Set an annotation."""
    s3.put_object_annotation(Bucket=bucket, Key="k", AnnotationName=name, AnnotationPayload=text.encode())


def names(s3: Any, bucket: str, **options: Any) -> list[str]:
    """Return the names of the annotations of an object."""
    found = s3.list_object_annotations(Bucket=bucket, Key="k", **options)
    return [each["AnnotationName"] for each in found["Annotations"]]


def test_annotations_are_set_listed_and_deleted(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert names(s3, bucket) == []
    annotate(s3, bucket, "b/2", "zwei")
    annotate(s3, bucket, "a", "eins")
    annotate(s3, bucket, "a", "Größe")
    assert names(s3, bucket) == ["a", "b/2"]
    assert names(s3, bucket, AnnotationPrefix="b") == ["b/2"]
    page = s3.list_object_annotations(Bucket=bucket, Key="k", MaxAnnotationResults=1)
    assert names(s3, bucket, ContinuationToken=page["NextContinuationToken"]) == ["b/2"]
    payload = s3.get_object_annotation(Bucket=bucket, Key="k", AnnotationName="a")["AnnotationPayload"]
    assert (payload if isinstance(payload, bytes) else payload.read()).decode() == "Größe"
    s3.delete_object_annotation(Bucket=bucket, Key="k", AnnotationName="a")
    assert names(s3, bucket) == ["b/2"]
    with raises_client_error("NoSuchAnnotation", 404):
        s3.get_object_annotation(Bucket=bucket, Key="k", AnnotationName="a")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == BODY


def test_annotations_are_copied_but_not_kept_by_an_upload(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    annotate(s3, bucket, "a", "eins")
    copy_in_place(s3, bucket, "k", ServerSideEncryption="aws:kms")
    assert names(s3, bucket) == ["a"]
    copy_in_place(s3, bucket, "k", ServerSideEncryption="AES256", AnnotationDirective="EXCLUDE")
    assert names(s3, bucket) == []
    annotate(s3, bucket, "a", "eins")
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert names(s3, bucket) == []


def test_sse_c_objects_cannot_have_annotations(s3: Any, sse_c_bucket: str) -> None:
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY)
    annotate(s3, sse_c_bucket, "a", "eins")
    with raises_client_error("InvalidRequest", 400):
        copy_in_place(s3, sse_c_bucket, "k", **sse_c(FIRST_KEY))
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    with raises_client_error("InvalidRequest", 400):
        annotate(s3, sse_c_bucket, "a", "eins")


def test_invalid_annotations(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    with raises_client_error("AnnotationNameTooLong", 400):
        annotate(s3, bucket, "a" * 513, "eins")
    with raises_client_error("UnsupportedMediaType", 415):
        s3.put_object_annotation(Bucket=bucket, Key="k", AnnotationName="a", AnnotationPayload=b"\xff")


def test_annotations_require_their_own_permissions(s3: Any, bucket: str, lab: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    annotate(s3, bucket, "a", "eins")
    lab.faults.add("deny", operation="s3:GetObjectAnnotation", times=None)
    with raises_client_error("AccessDenied", 403):
        copy_in_place(s3, bucket, "k", ServerSideEncryption="aws:kms")
