# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Website endpoints: index and error documents, redirects and routing rules. They have no TLS and no signatures.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ..call import Call
from ..call_log import CallRecord
from ..errors import ServiceError
from ..host_names import website_host
from ..identity.records import Caller
from ..lab import Lab
from ..partitions import partition_of
from ..policy_language import Principal
from ..protocol.models import service_model
from ..protocol.rest_xml import parse_request
from ..protocol.routing import split_path
from ..protocol.wire import WireRequest, WireResponse
from ..response_serialization import host_id, serialize
from .access import no_such_bucket
from .reading import get_object, head_object
from .state import Bucket

_CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range")


@dataclass(frozen=True, slots=True)
class _PageRequest:
    """One request to the website of a bucket. ``key`` is the path."""

    lab: Lab
    request: WireRequest
    record: CallRecord
    bucket: Bucket
    key: str
    request_id: str

    @property
    def configuration(self) -> Mapping[str, Any]:
        """The website configuration of the bucket."""
        found: Mapping[str, Any] = self.bucket.documents["website"]
        return found


def serve_website(lab: Lab, request: WireRequest, record: CallRecord, request_id: str) -> WireResponse:
    """Return the response to a request of a browser. Errors are HTML pages."""
    record.operation, record.access, record.region = "GetObject", "read", request.region
    try:
        target = split_path(request.raw_path)
        bucket = _find_website(lab, request, target.bucket)
        page = _PageRequest(lab, request, record, bucket, target.key, request_id)
        return _serve(page)
    except ServiceError as error:
        return _error_page(error, request_id)


def _find_website(lab: Lab, request: WireRequest, name: str) -> Bucket:
    bucket = lab.state.s3.bucket(partition_of(request.region), name)
    if bucket is None:
        raise no_such_bucket(name)
    if bucket.region != request.region:
        raise ServiceError(
            "IncorrectEndpoint",
            "The specified bucket exists in another region. Please direct requests to the specified endpoint.",
            400,
            fields={"Endpoint": website_host(name, bucket.region)},
        )
    if "website" not in bucket.documents:
        message = "The specified bucket does not have a website configuration"
        raise ServiceError("NoSuchWebsiteConfiguration", message, 404, fields={"BucketName": name})
    if request.method not in ("GET", "HEAD"):
        message = "The specified method is not allowed against this resource."
        fields = {"Method": request.method, "ResourceType": "OBJECT"}
        raise ServiceError("MethodNotAllowed", message, 405, fields=fields)
    return bucket


def _serve(page: _PageRequest) -> WireResponse:
    """Apply the redirects of the configuration, then read the object or the index document."""
    to_all = page.configuration.get("RedirectAllRequestsTo")
    if to_all is not None:
        return _redirect(page, to_all, page.key)
    rule = _routing_rule(page, "")
    if rule is not None:
        return _follow(page, rule)
    is_folder = not page.key or page.key.endswith("/")
    suffix = page.configuration["IndexDocument"]["Suffix"]
    try:
        return _read(page, page.key + suffix if is_folder else page.key)
    except ServiceError as error:
        if error.status == 304:
            return WireResponse(304, dict(error.headers))
        index = page.bucket.objects.latest(f"{page.key}/{suffix}")
        if not is_folder and index is not None and not index.is_marker:
            return WireResponse(302, {"Location": f"/{quote(page.key)}/"})
        return _failed(page, error)


def _failed(page: _PageRequest, error: ServiceError) -> WireResponse:
    """Return the redirect of a rule for this status, else the error document, else a page about the error."""
    rule = _routing_rule(page, str(error.status))
    if rule is not None:
        return _follow(page, rule)
    document = page.configuration.get("ErrorDocument")
    if document is None:
        return _error_page(error, page.request_id)
    try:
        response = _read(page, document["Key"])
    except ServiceError as second:
        return _error_page(error, page.request_id, second)
    if response.status == 200:
        response.status = error.status
    return response


def _read(page: _PageRequest, key: str) -> WireResponse:
    """Return an object as everyone may read it, or the redirect that it contains."""
    name = "HeadObject" if page.request.method == "HEAD" else "GetObject"
    operation = service_model("s3").operations[name]
    headers = {each: page.request.headers[each] for each in _CONDITIONS if each in page.request.headers}
    params = parse_request(operation, {"Bucket": page.bucket.name, "Key": key}, (), headers)
    caller = Caller(Principal.anonymous())
    call = Call(page.lab, operation, params, caller, page.bucket.region, page.request, page.record)
    page.record.resource = page.bucket.object_arn(key)
    output = (head_object if name == "HeadObject" else get_object)(call)
    location = output.get("WebsiteRedirectLocation")
    if location is not None:
        return WireResponse(301, {"Location": location})
    return serialize("s3", call, output, page.request_id)


# ---------------------------------------------------------------- redirects


def _routing_rule(page: _PageRequest, status: str) -> Mapping[str, Any] | None:
    """Return the first rule for the path and the status of an error, "" before the object is read."""
    for rule in page.configuration.get("RoutingRules", ()):
        condition = rule.get("Condition", {})
        prefix = condition.get("KeyPrefixEquals", "")
        if condition.get("HttpErrorCodeReturnedEquals", "") == status and page.key.startswith(prefix):
            found: Mapping[str, Any] = rule
            return found
    return None


def _follow(page: _PageRequest, rule: Mapping[str, Any]) -> WireResponse:
    redirect = rule["Redirect"]
    key = redirect.get("ReplaceKeyWith", page.key)
    if "ReplaceKeyPrefixWith" in redirect:
        prefix = rule.get("Condition", {}).get("KeyPrefixEquals", "")
        key = redirect["ReplaceKeyPrefixWith"] + page.key.removeprefix(prefix)
    return _redirect(page, redirect, key)


def _redirect(page: _PageRequest, redirect: Mapping[str, Any], key: str) -> WireResponse:
    protocol, host = redirect.get("Protocol", "http"), redirect.get("HostName", page.request.website)
    status = int(redirect.get("HttpRedirectCode", 301))
    return WireResponse(status, {"Location": f"{protocol}://{host}/{quote(key)}"})


# ---------------------------------------------------------------- pages


def _error_page(error: ServiceError, request_id: str, second: ServiceError | None = None) -> WireResponse:
    """Return a page about the error, and about a second one: that of the error document."""
    title = f"{error.status} {HTTPStatus(error.status).phrase}"
    ids = {"RequestId": request_id, "HostId": host_id(request_id)}
    lines = ["<html>", f"<head><title>{title}</title></head>", "<body>", f"<h1>{title}</h1>", *_list(error, ids)]
    if second is not None:
        lines += ["<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>", *_list(second, {})]
    lines += ["<hr/>", "</body>", "</html>", ""]
    headers = {"Content-Type": "text/html; charset=utf-8", "x-amz-error-code": error.code}
    return WireResponse(error.status, headers, "\n".join(lines).encode(), error_code=error.code)


def _list(error: ServiceError, ids: Mapping[str, str]) -> list[str]:
    fields = {"Code": error.code, "Message": error.message, **error.fields, **ids}
    return ["<ul>", *(f"<li>{name}: {escape(value)}</li>" for name, value in fields.items()), "</ul>"]
