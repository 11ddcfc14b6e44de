# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab refuses what it does not support, and never treats it as something else."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from typing import Any

import botocore
import known_parameters
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from client_calls import BODY, raises_client_error, read_object

import sealed_lab
from sealed_lab import RunningLab
from sealed_lab.errors import ServiceError
from sealed_lab.protocol.models import SERVICES, service_model
from sealed_lab.services import HANDLERS
from sealed_lab.unsupported import IGNORED, UNSUPPORTED, refuse_unsupported


def send_signed(
    lab: RunningLab, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Send a signed request that boto3 cannot create."""
    request = AWSRequest(method, lab.url + path, data=body, headers=headers or {})
    S3SigV4Auth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(lab.url.removeprefix("http://"))
    connection.request(method, path, body=body, headers=dict(request.headers.items()))
    response = connection.getresponse()
    return response.status, response.read().decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/bucket-001/k?nonsense"),
        ("PUT", "/bucket-001/k?encrypt"),
        ("GET", "/bucket-001/k?nonsense=1"),
        ("GET", "/bucket-001?nonsense"),
        ("DELETE", "/bucket-001/k?encryption"),
        ("DELETE", "/bucket-001?nonsense"),
        ("POST", "/bucket-001/k?nonsense"),
        ("PUT", "/bucket-001?nonsense"),
    ],
)
def test_unknown_subresource(lab: RunningLab, s3: Any, bucket: str, method: str, path: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    status, response = send_signed(lab, method, path, b"<xml/>" if method in ("PUT", "POST") else b"")
    assert status in (405, 501), response
    assert read_object(s3, bucket, "k") == BODY


def test_unknown_amz_header(lab: RunningLab, bucket: str) -> None:
    status, response = send_signed(lab, "PUT", "/bucket-001/k", b"x", {"x-amz-nonsense": "1"})
    assert (status, "<Code>NotImplemented</Code>" in response) == (501, True)


def test_operation_without_a_handler(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with raises_client_error("NotImplemented", 501):
        s3.get_object_torrent(Bucket=bucket, Key="k")


def test_unknown_kms_target(lab: RunningLab) -> None:
    status, response = send_signed(lab, "POST", "/", b"{}", {"X-Amz-Target": "TrentService.Nonsense"})
    assert (status, "NotImplemented" in response) == (501, True)


def test_unknown_kms_parameter(lab: RunningLab) -> None:
    status, response = send_signed(lab, "POST", "/", b'{"Nonsense": 1}', {"X-Amz-Target": "TrentService.ListKeys"})
    assert (status, "Nonsense" in response) == (501, True)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"nonsense",
        b"<ServerSideEncryptionConfiguration/>",
        b"<ServerSideEncryptionConfiguration><Rule><Nonsense/></Rule></ServerSideEncryptionConfiguration>",
    ],
)
def test_document_outside_the_schema(lab: RunningLab, bucket: str, document: bytes) -> None:
    status, response = send_signed(lab, "PUT", "/bucket-001?encryption", document, {"Content-MD5": _md5(document)})
    assert status == 400
    assert "MalformedXML" in response or "MissingRequestBodyError" in response


def test_configuration_requires_a_digest(lab: RunningLab, bucket: str) -> None:
    document = (
        b"<ServerSideEncryptionConfiguration><Rule><BucketKeyEnabled>true</BucketKeyEnabled></Rule>"
        b"</ServerSideEncryptionConfiguration>"
    )
    status, response = send_signed(lab, "PUT", "/bucket-001?encryption", document)
    assert (status, "Missing required header" in response) == (400, True)
    assert send_signed(lab, "PUT", "/bucket-001?encryption", document, {"Content-MD5": _md5(document)})[0] == 200


def _md5(data: bytes) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.md5(data).digest()).decode()


def test_every_parameter_is_supported_or_refused() -> None:
    """A parameter that no handler mentions must be listed as unsupported or as ignored."""
    folders = {
        "s3": "s3",
        "s3control": "s3control",
        "kms": "kms",
        "iam": "identity",
        "sts": "identity",
        "resourcegroupstaggingapi": "tagging.py",
        "cloudtrail": "cloudtrail",
        "organizations": "organizations",
    }
    package = Path(sealed_lab.__file__).parent
    parameters = json.loads(known_parameters.FILE.read_text())
    unhandled = []
    for service in SERVICES:
        path_of_service = package / folders[service]
        files = [path_of_service] if path_of_service.is_file() else sorted(path_of_service.rglob("*.py"))
        words = set(re.findall(r"\w+", " ".join(each.read_text() for each in files)))
        for handled in HANDLERS[service]:
            model = service_model(service).operations[handled].model
            operation, shape = model.name, model.input_shape  # the form of a browser has the parameters of PutObject
            for member in parameters["services"][service][operation]:
                known = (
                    member in words
                    or member in IGNORED
                    or member in UNSUPPORTED.get((service, operation), ())
                    or member.startswith(("Checksum", "SSECustomer", "CopySourceSSECustomer", "Grant", "Response"))
                    or member.endswith("Configuration")
                    or (shape is not None and member == shape.serialization.get("payload"))  # call.body
                )
                if not known:
                    unhandled.append(f"{service}:{operation}.{member}")
    assert unhandled == []
    if parameters["botocore"] == botocore.__version__:
        assert parameters == known_parameters.installed_parameters()


def test_parameter_of_a_newer_botocore_is_refused() -> None:
    with pytest.raises(ServiceError, match="the parameter NewerThanTheLab of PutObject") as refused:
        refuse_unsupported("s3", "PutObject", {"Bucket": "b", "Key": "k", "NewerThanTheLab": "x"})
    assert refused.value.status == 501
    refuse_unsupported("s3", "PutObject", {"Bucket": "b", "Key": "k"})
