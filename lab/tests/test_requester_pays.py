# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Buckets whose requesters pay."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from client_calls import BODY, raises_client_error

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour
OTHER = "222222222222"
PAY = {"RequestPayer": "requester"}


@pytest.fixture(scope="module")
def other(lab_server: RunningLab) -> Any:
    """A client of the other account."""
    return lab_server.client("s3", account=OTHER)


@pytest.fixture
def paid_bucket(s3: Any, bucket: str) -> str:
    """A bucket with an object, to which another account has access if it pays."""
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    allow = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:*", "Resource": resources}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": allow}))
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    return bucket


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_object", {"Key": "k"}),
        ("head_object", {"Key": "k"}),
        ("put_object", {"Key": "new", "Body": BODY}),
        ("list_objects_v2", {}),
        ("delete_object", {"Key": "k"}),
        ("get_object_tagging", {"Key": "k"}),
    ],
)
def test_another_account_must_pay(
    s3: Any, other: Any, paid_bucket: str, operation: str, parameters: dict[str, Any]
) -> None:
    """Also where the response does not confirm it, as that of GetObjectTagging."""
    call = getattr(other, operation)
    with raises_client_error("403" if operation == "head_object" else "AccessDenied", 403):
        call(Bucket=paid_bucket, **parameters)
    response = call(Bucket=paid_bucket, **parameters, **PAY)
    model = s3.meta.service_model.operation_model(s3.meta.method_to_api_mapping[operation])
    confirmed = "RequestCharged" in model.output_shape.members
    assert response.get("RequestCharged") == ("requester" if confirmed else None)
    own = getattr(s3, operation)(Bucket=paid_bucket, **parameters)
    assert "RequestCharged" not in own


def test_presigned_urls_and_anonymous_requests(lab: RunningLab, s3: Any, other: Any, paid_bucket: str) -> None:
    link = other.generate_presigned_url("get_object", Params={"Bucket": paid_bucket, "Key": "k", **PAY})
    with urllib.request.urlopen(link, timeout=20) as response:
        assert response.headers["x-amz-request-charged"] == "requester"
    s3.delete_public_access_block(Bucket=paid_bucket)
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{paid_bucket}/*",
    }
    s3.put_bucket_policy(Bucket=paid_bucket, Policy=json.dumps({"Statement": everybody}))
    request = urllib.request.Request(f"{lab.url}/{paid_bucket}/k", headers={"x-amz-request-payer": "requester"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=20)
    s3.put_bucket_request_payment(Bucket=paid_bucket, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    urllib.request.urlopen(request, timeout=20).close()
    assert "RequestCharged" not in other.get_object(Bucket=paid_bucket, Key="k", **PAY)
