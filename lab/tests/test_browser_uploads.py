# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Uploads by the form of a browser: the policy, the fields, and what the browser gets, as recorded from AWS."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.parse
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from client_calls import read_object

from sealed_lab import RunningLab

_BOUNDARY = "boundary-of-the-test"
_DENIED = "Invalid according to Policy: "
FAILED = f"{_DENIED}Policy Condition failed: "
_SIMPLE = "Invalid Policy: Invalid Simple-Condition: "


@dataclass
class Answer:
    """A response: status, headers, and the elements of the document."""

    status: int
    headers: Any
    elements: dict[str, str]


def encode(fields: Iterable[tuple[str, str]], data: bytes, filename: str | None = "name.txt") -> bytes:
    """Return a form with a file."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="'
    text = "".join(f'{head}{name}"\r\n\r\n{value}\r\n' for name, value in fields)
    text += f'{head}file"' + (f'; filename="{filename}"' if filename is not None else "") + "\r\n\r\n"
    return text.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()


@dataclass
class Browser:
    """Sends forms to one bucket."""

    lab: RunningLab
    bucket: str
    client: Any

    def send(self, body: bytes, content_type: str = f"multipart/form-data; boundary={_BOUNDARY}") -> Answer:
        connection = http.client.HTTPConnection(self.lab.url.removeprefix("http://"), timeout=20)
        connection.request("POST", f"/{self.bucket}", body, {"Content-Type": content_type})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        elements = {each.tag: each.text or "" for each in ElementTree.fromstring(text)} if text else {}
        return Answer(response.status, response.headers, elements)

    def fields(self, key: str = "k", conditions: Sequence[Any] = (), **fields: str) -> dict[str, str]:
        """Return the signed fields of a form."""
        named = {name.replace("_", "-") if "amz" in name else name: value for name, value in fields.items()}
        own = list(conditions) or [{name: value} for name, value in named.items()]
        signed: dict[str, str] = self.client.generate_presigned_post(self.bucket, key, named, own)["fields"]
        return signed

    def post(self, data: bytes = b"data", key: str = "k", conditions: Sequence[Any] = (), **fields: str) -> Answer:
        return self.send(encode(self.fields(key, conditions, **fields).items(), data))


@pytest.fixture(scope="module")
def signers(lab_server: RunningLab) -> dict[str, Any]:
    """Clients that sign with Signature Version 4 and 2."""
    return {version: lab_server.client("s3", signature_version=version) for version in ("s3v4", "s3")}


@pytest.fixture
def browser(lab: RunningLab, bucket: str, signers: dict[str, Any]) -> Browser:
    """A browser that uploads to a new bucket."""
    return Browser(lab, bucket, signers["s3v4"])


@pytest.mark.behaviour
def test_an_upload(browser: Browser, s3: Any) -> None:
    """Large enough for more than one piece. The file name replaces its variable, without folders."""
    body = b"0\r\n-" * 60_000
    answer = browser.post(
        body, "a/${filename}", x_amz_meta_Foo="b\u00e4r", acl="private", x_amz_storage_class="STANDARD_IA"
    )
    assert (answer.status, answer.elements, "Content-Type" in answer.headers) == (204, {}, False)
    assert read_object(s3, browser.bucket, "a/name.txt") == body
    head = s3.head_object(Bucket=browser.bucket, Key="a/name.txt", ChecksumMode="ENABLED")
    assert (head["Metadata"], head["StorageClass"]) == ({"foo": "=?UTF-8?Q?b=C3=A4r?="}, "STANDARD_IA")
    assert answer.headers["x-amz-checksum-crc64nvme"] == head["ChecksumCRC64NVME"]
    assert answer.headers["Location"] == f"{browser.lab.url}/{browser.bucket}/a/name.txt"
    assert browser.lab.calls.select(operation="PostObject")[0].resource == f"arn:aws:s3:::{browser.bucket}/a/name.txt"
    assert browser.send(encode(browser.fields("b-${filename}").items(), b"x", None)).status == 204
    assert read_object(s3, browser.bucket, "b-${filename}") == b"x"


@pytest.mark.behaviour
def test_encryption_and_tags(browser: Browser, s3: Any, key: dict[str, Any]) -> None:
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b&amp;c</Value></Tag></TagSet></Tagging>"
    more = {"x_amz_server_side_encryption": "aws:kms", "x_amz_server_side_encryption_aws_kms_key_id": key["KeyId"]}
    answer = browser.post(tagging=tags.replace("&amp;", ""), success_action_status="201", **more)
    assert answer.headers["x-amz-server-side-encryption-aws-kms-key-id"] == key["Arn"]
    assert (answer.status, answer.elements["Key"], answer.elements["Bucket"]) == (201, "k", browser.bucket)
    assert answer.elements["ETag"] == answer.headers["ETag"]
    assert s3.get_object_tagging(Bucket=browser.bucket, Key="k")["TagSet"] == [{"Key": "a", "Value": "bc"}]
    assert browser.post(tagging="<Other/>").status == 204
    assert s3.get_object_tagging(Bucket=browser.bucket, Key="k")["TagSet"] == []
    assert browser.post(tagging="no document").elements["Code"] == "MalformedXML"


@pytest.mark.behaviour
def test_text_that_is_not_ascii(browser: Browser, s3: Any) -> None:
    """Headers have ISO-8859-1, with spaces for other characters. Metadata has Unicode, and is not decoded."""
    fields = {"Cache-Control": "a\u2014\u00e9", "x-amz-meta-a": "=?UTF-8?B?YWJj?=", "x-amz-meta-b": "\u2014"}
    signed = {**browser.fields("k", [{name: fields[name]} for name in fields]), **fields}
    assert browser.send(encode(signed.items(), b"data")).status == 204
    found = s3.get_object(Bucket=browser.bucket, Key="k")
    assert (found["CacheControl"], found["Body"].read()) == ("a \u00e9", b"data")
    assert found["Metadata"] == {"a": "=?UTF-8?B?YWJj?=", "b": "=?UTF-8?Q?=E2=80=94?="}
    assert s3.head_object(Bucket=browser.bucket, Key="k")["CacheControl"] == "a \u00e9"
    # The bytes of a header come back as they were sent. botocore sends UTF-8, and reads ISO-8859-1.
    s3.put_object(Bucket=browser.bucket, Key="k", ContentDisposition="é")
    assert s3.head_object(Bucket=browser.bucket, Key="k")["ContentDisposition"].encode("latin-1") == "é".encode()


@pytest.mark.behaviour
def test_redirects(browser: Browser) -> None:
    answer = browser.post(success_action_redirect="http://store.example/done?a=b")
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
    etag = answer.headers["ETag"]
    assert (answer.status, query) == (303, {"a": "b", "bucket": browser.bucket, "key": "k", "etag": etag})
    assert browser.post(success_action_redirect="/relative").status == 204
    assert browser.post(success_action_status="404").status == 204


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("conditions", "fields", "message"),
    [
        ([["eq", "$acl", "private"]], {"acl": "public-read"}, FAILED + '["eq", "$acl", "private"]'),
        ([["eq", "acl", "private"]], {"acl": "private"}, FAILED + '["eq", "acl", "private"]'),
        ([["starts-with", "$acl", "pu"]], {"acl": "private"}, FAILED + '["starts-with", "$acl", "pu"]'),
        ([["starts-with", "$acl", ""]], {}, FAILED + '["starts-with", "$acl", ""]'),
        ([["content-length-range", "x", 5]], {}, FAILED + '["content-length-range", "x", 5]'),
        ([{"x-amz-meta-a": "b"}], {"x-amz-meta-a": "B"}, FAILED + '["eq", "$x-amz-meta-a", "b"]'),
        (
            [{"x-ignore": "b"}],
            {"acl": "private", "x-ignore": "b"},
            _DENIED + "Extra input fields: acl",
        ),
        (
            [{}],
            {},
            _SIMPLE + "Simple-Conditions must have exactly one property specified.",
        ),
        ([{"acl": 5}], {}, _SIMPLE + "value must be a string."),
        ([["content-length-range", 5]], {}, "Invalid Policy: Invalid Condition"),
        ([["ends-with", "$key", "k"]], {}, "Invalid Policy: Invalid Condition"),
        ([["content-length-range", 5, 10]], {}, "Your proposed upload is smaller than the minimum allowed size"),
        ([["content-length-range", "1", "3"]], {}, "Your proposed upload exceeds the maximum allowed size"),
    ],
)
def test_conditions(browser: Browser, s3: Any, conditions: Any, fields: dict[str, str], message: str) -> None:
    signed = {**browser.fields("k", conditions), **fields}
    answer = browser.send(encode(signed.items(), b"data"))
    assert answer.elements["Message"].startswith(message)
    assert answer.status == (403 if message.startswith(_DENIED) else 400)
    assert "Contents" not in s3.list_objects_v2(Bucket=browser.bucket)


@pytest.mark.behaviour
def test_conditions_that_hold(browser: Browser) -> None:
    """Names of fields in any case, values in their own, ignored fields, and lists of content types."""
    conditions = [
        ["eq", "$x-AMZ-meta-A", "B"],
        ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 4, "4"],
    ]
    fields = browser.fields("k", conditions)
    more = {"X-Amz-Meta-a": "B", "content-type": "image/png,image/gif", "x-ignore-submit": "Upload"}
    answer = browser.send(encode({"Policy": fields.pop("policy"), **fields, **more}.items(), b"data"))
    assert answer.status == 204


@pytest.mark.behaviour
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_missing_and_wrong_fields(browser: Browser, signers: dict[str, Any], version: str) -> None:
    browser.client = signers[version]
    fields = browser.fields()
    names = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature", "Policy", "key"]
    if version == "s3":
        names = ["AWSAccessKeyId", "Signature", "Policy", "key"]
    lower = {name.lower(): name for name in fields}
    for name in names:
        rest = {each: value for each, value in fields.items() if each != lower[name.lower()]}
        answer = browser.send(encode(rest.items(), b"data"))
        assert (answer.status, answer.elements["ArgumentName"]) == (400, name)
        assert answer.elements["Message"].startswith(f"Bucket POST must contain a field named '{name}'.  If it")
    answer = browser.send(encode({**fields, "policy": fields["policy"][:-2]}.items(), b"data"))
    assert (answer.status, answer.elements["Code"]) == (403, "SignatureDoesNotMatch")
    assert answer.elements["StringToSign"] == fields["policy"][:-2]
    assert bytes.fromhex(answer.elements["StringToSignBytes"]).decode() == fields["policy"][:-2]
    answer = browser.send(encode([("key", "k"), ("policy", fields["policy"])], b"data"))
    assert (answer.status, answer.elements["Code"]) == (403, "AccessDenied")


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("document", "status", "message"),
    [
        ("x", 400, "Invalid Policy: Invalid JSON."),
        ('{"conditions": []}', 400, "Invalid Policy: Policy missing expiration."),
        ('{"expiration": "2000-01-01T00:00:00Z"}', 400, "Invalid Policy: Policy missing conditions."),
        ('{"expiration": "soon", "conditions": []}', 400, "Invalid Policy: Invalid 'expiration' value: 'soon'"),
        ('{"expiration": "2000-01-01T00:00:00Z", "conditions": []}', 403, f"{_DENIED}Policy expired."),
    ],
)
def test_policies_that_are_refused(lab: RunningLab, bucket: str, document: str, status: int, message: str) -> None:
    """Here with a key whose secret the lab does not know, so that the signature is not verified."""
    policy = base64.b64encode(document.encode()).decode()
    fields = [("key", "k"), ("AWSAccessKeyId", "unknown"), ("signature", "x"), ("policy", policy)]
    answer = Browser(lab, bucket, None).send(encode(fields, b""))
    assert (answer.status, answer.elements["Message"]) == (status, message)
    assert answer.elements["Code"] == ("InvalidPolicyDocument" if status == 400 else "AccessDenied")


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (encode([("key", "k")], b""), "text/html", 412, "PreconditionFailed"),
        (encode([("key", "k")], b""), "multipart/form-data", 400, "MalformedPOSTRequest"),
        (encode([("key", "k")], b"data"), "", 403, "AccessDenied"),
        (b"no form", "", 400, "MalformedPOSTRequest"),
        (f"--{_BOUNDARY}--\r\n".encode(), "", 400, "InvalidArgument"),
        (encode([("key", "k"), ("x-amz-meta-a", "a" * 30_000)], b""), "", 400, "MaxPostPreDataLengthExceededError"),
    ],
)
def test_other_bodies(browser: Browser, body: bytes, content_type: str, status: int, code: str) -> None:
    answer = browser.send(body, content_type or f"multipart/form-data; boundary={_BOUNDARY}")
    assert (answer.status, answer.elements["Code"]) == (status, code)


@pytest.mark.behaviour
def test_a_file_that_ends_too_early(browser: Browser, s3: Any) -> None:
    body = encode(browser.fields().items(), b"data")
    assert browser.send(body[:-30]).elements["Code"] == "MalformedPOSTRequest"
    assert "Contents" not in s3.list_objects_v2(Bucket=browser.bucket)


@pytest.mark.enforcement
def test_the_permissions_of_the_signer_decide(browser: Browser, iam: Any) -> None:
    """A form has the permissions of the one who signed its policy. Its authentication type is POST."""
    iam.create_user(UserName="u")
    created = iam.create_access_key(UserName="u")["AccessKey"]
    credentials = {name: created[name] for name in ("AccessKeyId", "SecretAccessKey")}
    browser.client = browser.lab.client("s3", credentials={**credentials, "SessionToken": ""}, signature_version="s3v4")
    browser.lab.enforcing = True
    assert (
        browser.post().elements["Message"].endswith("because no identity-based policy allows the s3:PutObject action")
    )
    condition = {"StringEquals": {"s3:authType": "POST"}}
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": statement}
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(policy))
    assert browser.post().status == 204
