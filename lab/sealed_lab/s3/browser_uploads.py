# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""POST Object: an upload by the form of a browser. It is a PutObject whose headers are fields.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import time
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..partitions import domain_of
from ..protocol.authorization import Authorization, Source, parse_credential
from ..protocol.form_data import Form, read_form
from ..protocol.routing import POST_OBJECT, split_path
from ..protocol.wire import WireRequest
from ..protocol.xml_shapes import escape, malformed_xml
from .post_policy import check_form, parse_post_policy
from .state import Bucket
from .writing import put_object

_V4_FIELDS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")
_V2_FIELDS = ("AWSAccessKeyId", "Signature")
_HEADER_FIELDS = ("cache-control", "content-type", "content-disposition", "content-encoding", "expires")
_FILENAME = "${filename}"


@dataclass(frozen=True, slots=True)
class BrowserUpload:
    """A form: its signer, and the request with its fields as headers and its file as the body."""

    fields: dict[str, str]
    authorization: Authorization | None
    request: WireRequest


def is_browser_upload(service: str, request: WireRequest) -> bool:
    """Return whether the request is a form: a POST to a bucket, without a subresource."""
    if service != "s3" or request.method != "POST" or request.raw_query:
        return False
    target = split_path(request.raw_path)
    return bool(target.bucket) and not target.key


async def read_browser_upload(request: WireRequest) -> BrowserUpload:
    """Read the fields of a form. Its file remains to be read."""
    form = await read_form(request.header("content-type"), request.body)
    if not form.fields.get("key"):
        raise _missing_field("key")
    fields = {name: _expand(value, form) for name, value in form.fields.items()}
    authorization = _authorization(fields)
    if authorization is not None and "policy" not in fields:
        raise _missing_field("Policy")
    headers = {"host": request.header("host"), **_headers(fields)}
    return BrowserUpload(fields, authorization, replace(request, headers=headers, body=form.file))


def _expand(value: str, form: Form) -> str:
    """Replace ``${filename}`` by the name of the file, without the folders that some browsers send."""
    if form.filename is None:
        return value
    return value.replace(_FILENAME, form.filename.replace("\\", "/").rpartition("/")[2])


def _headers(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that are headers of PutObject."""
    signature = {name.lower() for name in _V4_FIELDS}
    found = {name: value for name, value in fields.items() if name in _HEADER_FIELDS}
    found.update({name: fields[name] for name in fields if name.startswith("x-amz-") and name not in signature})
    if "acl" in fields:
        found["x-amz-acl"] = fields["acl"]
    if "tagging" in fields:
        found["x-amz-tagging"] = _tagging_header(fields["tagging"])
    return found


def _tagging_header(document: str) -> str:
    """Return the tags of a document as a header has them. S3 ignores a document of another type."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as exc:
        raise malformed_xml() from exc
    tags = [(tag.findtext("{*}Key", ""), tag.findtext("{*}Value", "")) for tag in root.iterfind("{*}TagSet/{*}Tag")]
    return urlencode(tags, quote_via=quote)


def _missing_field(name: str) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.",
        400,
        fields={"ArgumentName": name, "ArgumentValue": ""},
    )


def _authorization(fields: Mapping[str, str]) -> Authorization | None:
    """Return the signer of a form, None for one without the fields of a signature."""
    for names in (_V4_FIELDS, _V2_FIELDS):
        if any(name.lower() in fields for name in names):
            for name in names:
                if not fields.get(name.lower()):
                    raise _missing_field(name)
            return _v4_authorization(fields) if names is _V4_FIELDS else _v2_authorization(fields)
    return None


def _v4_authorization(fields: Mapping[str, str]) -> Authorization:
    access_key, date, region, service = parse_credential(fields["x-amz-credential"], Source.FORM)
    return Authorization(
        access_key, date, region, service, "", fields["x-amz-signature"], fields["x-amz-date"],
        fields.get("x-amz-security-token", ""), Source.FORM,
    )  # fmt: skip


def _v2_authorization(fields: Mapping[str, str]) -> Authorization:
    token = fields.get("x-amz-security-token", "")
    return Authorization(
        fields["awsaccesskeyid"], "", "", "s3", "", fields["signature"], "", token, Source.FORM, version=2
    )


# ---------------------------------------------------------------- the operation


async def post_object(call: Call) -> Output:
    """Check the policy of the form, and store its file."""
    upload = call.upload
    assert upload is not None
    assert call.body is not None
    call.params["Key"] = upload.fields["key"]
    if upload.authorization is not None:
        fields = {**upload.fields, "bucket": call["Bucket"]}
        sizes = check_form(parse_post_policy(upload.fields["policy"]), fields, time.time())
        if sizes is not None:
            call.body = _within(call.body, *sizes)
    output = await put_object(call)
    _add_response(call, upload.fields, output)
    return output


async def _within(body: AsyncIterator[bytes], smallest: int, largest: int) -> AsyncIterator[bytes]:
    """Yield a file. Raise an error after it if its size is not in the range."""
    size = 0
    async for piece in body:
        size += len(piece)
        if size <= largest:
            yield piece
    if size > largest:
        raise ServiceError(
            "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400,
            fields={"ProposedSize": str(size), "MaxSizeAllowed": str(largest)},
        )  # fmt: skip
    if size < smallest:
        raise ServiceError(
            "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
            fields={"ProposedSize": str(size), "MinSizeAllowed": str(smallest)},
        )  # fmt: skip


def _add_response(call: Call, fields: Mapping[str, str], output: Output) -> None:
    """Add what the browser gets: a redirect, a status, or a document with the address of the object."""
    bucket = call.lab.state.s3.bucket(call.partition, call["Bucket"])
    assert bucket is not None
    location = _object_url(bucket, call["Key"])
    redirect = urlsplit(fields.get("success_action_redirect") or fields.get("redirect", ""))
    status = fields.get("success_action_status", "")
    call.extra_headers["Location"] = location
    call.status = int(status) if status in ("200", "201") else 204
    if redirect.scheme in ("http", "https") and redirect.netloc:
        query = urlencode({"bucket": bucket.name, "key": call["Key"], "etag": output["ETag"]}, quote_via=quote)
        call.status = 303
        call.extra_headers["Location"] = redirect._replace(
            query="&".join(filter(None, (redirect.query, query)))
        ).geturl()
    elif call.status == 201:
        elements = {"Location": location, "Bucket": bucket.name, "Key": call["Key"], "ETag": output["ETag"]}
        text = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{text}</PostResponse>'.encode()
        call.extra_headers["Content-Type"] = "application/xml"
        call.stream, call.stream_length = _once(document), len(document)


def _object_url(bucket: Bucket, key: str) -> str:
    region = "" if bucket.region == "us-east-1" else f".{bucket.region}"
    return f"https://{bucket.name}.s3{region}.{domain_of(bucket.region)}/{quote(key)}"


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


OPERATIONS: dict[str, Handler] = {POST_OBJECT: post_object}
