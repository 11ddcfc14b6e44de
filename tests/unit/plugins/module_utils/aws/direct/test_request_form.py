# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A request that a form makes is the one that the SDK makes and signs, for any object and at any time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.endpoint import S3Endpoint
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.request import RequestBuilder
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.request_form import RequestForm, form_name
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection

BUCKET = {"Bucket": "a-bucket"}
OWNER = {"ExpectedBucketOwner": "123456789012"}
KMS = {"SSEKMS": {"KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/a", "BucketKeyEnabled": True}}
UPDATE = {**BUCKET, "ObjectEncryption": KMS}
CREDENTIALS = ReadOnlyCredentials("key", "secret", None)
WITH_TOKEN = ReadOnlyCredentials("other", "secret/+", "a token ==")
START = datetime(2026, 11, 26, 23, 59, 58)
REGION = "us-east-1"


@contextmanager
def at(time: datetime) -> Iterator[None]:
    """It is this time for the SDK and for the form."""
    form = "ansible_collections.sealed.s3.plugins.module_utils.aws.direct.request_form.get_current_datetime"
    with patch("botocore.auth.get_current_datetime", lambda: time), patch(form, lambda: time):
        yield


@cache
def client(**options: Any) -> Any:
    """A client of the SDK."""
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    return Clients(Connection(region=REGION, options=keys, **options)).get("s3")


@cache
def builder(url: str = "https://s3.amazonaws.com", authority: str = "s3.amazonaws.com") -> RequestBuilder:
    """Makes requests to an endpoint."""
    return RequestBuilder(client(), S3Endpoint(url, REGION), authority)


def lines(request: Any) -> list[bytes]:
    """The parts of a request, whose headers may be in any order."""
    assert request is not None
    head, _end, body = request.content.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    return [first, *sorted(headers), body]


def require_equal(to: RequestBuilder, operation: str, parameters: dict[str, Any], credentials: Any) -> None:
    """The SDK alone makes the same request, in the same context."""
    by_form = to.build(operation, parameters, credentials)
    by_sdk = to._build(operation, parameters, credentials)
    assert lines(by_form) == lines(by_sdk)
    assert by_form is not None
    assert by_sdk is not None
    assert by_form.model is by_sdk.model
    assert by_form.context.keys() == by_sdk.context.keys()


# Of characters that UTF-8 can encode.
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(
    key=TEXTS,
    version=st.one_of(st.none(), TEXTS),
    operation=st.sampled_from(["HeadObject", "UpdateObjectEncryption"]),
    owner=st.sampled_from([{}, OWNER]),
    credentials=st.sampled_from([CREDENTIALS, WITH_TOKEN]),
    later=st.integers(0, 100_000),
)
def test_the_request_is_that_of_the_sdk(
    key: str, version: str | None, operation: str, owner: dict[str, str], credentials: Any, later: int
) -> None:
    """With any key and version, in any second. The form is kept over the end of the day, and over new credentials."""
    parameters = {**(UPDATE if operation == "UpdateObjectEncryption" else BUCKET), **owner, "Key": key}
    if version is not None:
        parameters["VersionId"] = version
    with at(START + timedelta(seconds=later)):
        require_equal(builder(), operation, parameters, credentials)
    assert None not in builder()._forms.values()


@pytest.mark.parametrize("key", ["/", "//a", "a//b/../c/./", "a?versionId=1#x", "a b+c%20", "ä\u2028", "any-key", "~"])
def test_odd_keys_and_other_endpoints(key: str) -> None:
    """The path of an endpoint is kept, and a port is part of the name of its host."""
    to = builder("http://127.0.0.1:9000/base", "127.0.0.1:9000")
    with at(START):
        require_equal(to, "HeadObject", {**BUCKET, "Key": key, "ChecksumMode": "ENABLED"}, CREDENTIALS)
        require_equal(to, "UpdateObjectEncryption", {**UPDATE, "Key": key, "VersionId": "a+b/="}, CREDENTIALS)


def test_what_all_objects_share_makes_another_form() -> None:
    """Another bucket, another encryption, another owner. Their number has a bound."""
    to = RequestBuilder(client(), S3Endpoint("https://s3.amazonaws.com", REGION), "s3.amazonaws.com")
    with at(START):
        for number in range(200):
            require_equal(to, "HeadObject", {"Bucket": f"bucket-{number}", "Key": "a"}, CREDENTIALS)
        require_equal(to, "UpdateObjectEncryption", {**UPDATE, "Key": "a"}, CREDENTIALS)
        other = {"SSEKMS": {**KMS["SSEKMS"], "BucketKeyEnabled": False}}
        require_equal(to, "UpdateObjectEncryption", {**BUCKET, "ObjectEncryption": other, "Key": "a"}, CREDENTIALS)
    assert 2 <= len(to._forms) <= 64


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        pytest.param("GetObjectTagging", {**BUCKET, "Key": "a"}, id="another operation"),
        pytest.param("HeadObject", {**BUCKET, "Key": ""}, id="no key"),
        pytest.param("HeadObject", BUCKET, id="no parameter for it"),
        pytest.param("HeadObject", {**BUCKET, "Key": b"a"}, id="a key of bytes"),
        pytest.param("HeadObject", {**BUCKET, "Key": "a", "VersionId": 3}, id="a version that is no text"),
        pytest.param("HeadObject", {**BUCKET, "Key": "a", "PartNumber": 1}, id="a part"),
        pytest.param("HeadObject", {**BUCKET, "Key": "a", "IfMatch": '"etag"'}, id="a condition"),
        pytest.param(
            "HeadObject",
            {**BUCKET, "Key": "a", "SSECustomerKey": "secret", "SSECustomerAlgorithm": "AES256"},
            id="a key",
        ),
    ],
)
def test_what_is_made_in_full(operation: str, parameters: dict[str, Any]) -> None:
    """A form has no customer key, and the SDK refuses what is no request."""
    assert form_name(operation, parameters) is None


def test_a_parameter_that_a_handler_adds_is_in_the_form() -> None:
    """Such as that of a bucket whose requests the caller pays."""
    paying = client(request_payer="requester")
    to = RequestBuilder(paying, S3Endpoint("https://s3.amazonaws.com", REGION), "s3.amazonaws.com")
    with at(START):
        require_equal(to, "HeadObject", {**BUCKET, "Key": "a"}, CREDENTIALS)
        request = to.build("HeadObject", {**BUCKET, "Key": "b"}, CREDENTIALS)
    assert request is not None
    assert b"x-amz-request-payer: requester" in request.content


def test_a_request_that_is_signed_in_another_way_has_no_form() -> None:
    """For example by an SDK that also signs another header. The SDK then makes each request."""
    with at(START):
        request = builder()._build("HeadObject", {**BUCKET, "Key": "any-key"}, CREDENTIALS)
    assert request is not None
    for old, new in (
        (b"/any-key", b"/another"),
        (b"Signature=", b"Signature=0"),
        (b"SignedHeaders=", b"SignedHeaders=a;"),
    ):
        changed = request.content.replace(old, new)
        with pytest.raises((ValueError, KeyError)):
            RequestForm(request.model, request.context, changed, CREDENTIALS, REGION)
    with patch.object(RequestForm, "__init__", side_effect=ValueError):
        to = RequestBuilder(client(), S3Endpoint("https://s3.amazonaws.com", REGION), "s3.amazonaws.com")
        for _number in range(2):
            assert to.build("HeadObject", {**BUCKET, "Key": "a"}, CREDENTIALS)
        assert list(to._forms.values()) == [None]
