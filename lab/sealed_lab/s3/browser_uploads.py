# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""POST Object: an upload by the form of a browser.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, urlencode, urlsplit

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..protocol.models import POST_OBJECT
from ..protocol.xml_shapes import escape
from .post_policy import check_form, parse_post_policy
from .writing import put_object


async def post_object(call: Call) -> Output:
    """Check the policy of the form, and store its file."""
    upload = call.upload
    assert upload is not None
    assert call.body is not None
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
    location = _location(call)
    redirect = urlsplit(fields.get("success_action_redirect") or fields.get("redirect", ""))
    status = fields.get("success_action_status", "")
    call.extra_headers["Location"] = location
    call.status = int(status) if status in ("200", "201") else 204
    if redirect.scheme in ("http", "https") and redirect.netloc:
        query = urlencode({"bucket": call["Bucket"], "key": call["Key"], "etag": output["ETag"]}, quote_via=quote)
        call.status = 303
        query = "&".join(filter(None, (redirect.query, query)))
        call.extra_headers["Location"] = redirect._replace(query=query).geturl()
    elif call.status == 201:
        elements = {"Location": location, "Bucket": call["Bucket"], "Key": call["Key"], "ETag": output["ETag"]}
        text = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{text}</PostResponse>'.encode()
        call.extra_headers["Content-Type"] = "application/xml"
        call.stream, call.stream_length = _once(document), len(document)


def _location(call: Call) -> str:
    """Return the URL of the object under the host name of the request."""
    sent = call.request
    scheme = sent.transport.scheme if sent.transport is not None else "http"
    folder = (sent.signed_path or sent.raw_path).rstrip("/")
    return f"{scheme}://{sent.header('host')}{folder}/{quote(call['Key'])}"


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


OPERATIONS: dict[str, Handler] = {POST_OBJECT: post_object}
