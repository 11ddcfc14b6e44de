# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Requests of scripts on web pages of another origin (CORS): the preflight request, and the headers of responses.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
"""

from __future__ import annotations

from urllib.parse import unquote

from ..errors import ServiceError
from ..lab import Lab
from ..partitions import partition_of
from ..protocol.routing import Target, split_path
from ..protocol.values import rfc822
from ..protocol.wire import WireRequest, WireResponse
from .subresources.cors import CorsRequest, cors_headers

_DEFAULT_REGION = "us-east-1"
_REQUEST_METHOD, _REQUEST_HEADERS = "access-control-request-method", "access-control-request-headers"


def preflight(lab: Lab, request: WireRequest) -> WireResponse:
    """Return the response to OPTIONS, which has no signature. Raise AccessForbidden if no rule allows the request."""
    if not request.header("origin"):
        raise _bad_request("Insufficient information. Origin request header needed.")
    target = split_path(request.raw_path)
    bucket = lab.state.s3.bucket(partition_of(request.region or _DEFAULT_REGION), target.bucket)
    if bucket is None:
        raise _forbidden("Bucket not found", request, Target(target.bucket, ""))
    if "cors" not in bucket.documents:
        raise _forbidden("CORS is not enabled for this bucket.", request, Target(target.bucket, ""))
    if not request.header(_REQUEST_METHOD):
        raise _bad_request("Invalid Access-Control-Request-Method: null")
    headers = cors_headers(bucket.documents["cors"], _cors_request(request))
    if headers is None:
        raise _forbidden(
            "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
            "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's "
            "CORS spec.",
            request,
            target,
        )
    return WireResponse(headers={**headers, "Date": rfc822(lab.clock.now())})


def add_cors_headers(lab: Lab, request: WireRequest, response: WireResponse, region: str) -> None:
    """Add the headers of the rule that allows a request. S3 reads the preflight headers of all requests.

    ``region`` is that of the signature, "" for a request that was refused before.
    """
    if request.method == "OPTIONS" or not request.header("origin"):
        return
    name = unquote(request.raw_path[1:].partition("/")[0])
    bucket = lab.state.s3.bucket(partition_of(region or request.region or _DEFAULT_REGION), name)
    if bucket is not None:
        response.headers.update(cors_headers(bucket.documents.get("cors"), _cors_request(request)) or {})


def _cors_request(request: WireRequest) -> CorsRequest:
    names = (each.strip().lower() for each in request.header(_REQUEST_HEADERS).split(","))
    method = request.header(_REQUEST_METHOD, request.method)
    return CorsRequest(request.header("origin"), method, tuple(each for each in names if each))


def _forbidden(message: str, request: WireRequest, target: Target) -> ServiceError:
    """Return the error. The target is the bucket where its configuration does not decide about the object."""
    method = request.header(_REQUEST_METHOD, request.method)
    fields = {"Method": method, "ResourceType": "OBJECT" if target.key else "BUCKET"}
    return ServiceError("AccessForbidden", f"CORSResponse: {message}", 403, fields=fields)


def _bad_request(message: str) -> ServiceError:
    return ServiceError("BadRequest", message, 400, headers={"Connection": "close"})
