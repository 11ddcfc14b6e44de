# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The form of a browser upload: a POST to a bucket, whose fields are the headers of a PutObject.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from ..errors import ServiceError, invalid_argument
from .authorization import Authorization, Source, parse_credential
from .form_data import Form, read_form
from .wire import WireRequest, latin_header
from .xml_shapes import malformed_xml

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
    found = {name: latin_header(value) for name, value in fields.items() if name in _HEADER_FIELDS}
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
    return invalid_argument(
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.",
        name,
        "",
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
