# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The rest-xml protocol: parse parameters of requests, serialize headers and documents of responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ServiceError, invalid_argument, invalid_request, not_implemented
from .models import Operation
from .routing import PRESIGNED_PARAMETERS, is_presigned
from .values import InvalidValue, parse_text, write_text
from .wire import WireResponse
from .xml_shapes import escape, malformed_acl, malformed_xml, parse_document, write_members

_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

# Headers of the request itself, of its signature or of the SDK. No operation has them as parameters.
_COMMON_HEADERS = {
    "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-decoded-content-length", "x-amz-trailer",
    "x-amz-user-agent", "x-amz-te", "x-amz-account-id", "x-amz-api-version", "x-amz-sdk-checksum-algorithm",
}  # fmt: skip

# The headers of a write that select its encryption. S3 refuses them in every operation that encrypts nothing.
_ENCRYPTION_HEADERS = {
    "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-context", "x-amz-server-side-encryption-bucket-key-enabled",
}  # fmt: skip

# The messages of S3 for a header or a query parameter with a value that its enumeration does not have.
_ENUM_MESSAGES = {
    "ACL": "",
    "EncodingType": "Invalid Encoding Method specified in Request",
    "ServerSideEncryption": "The encryption method specified is not supported",
}

# The messages of S3 for a number that is not one.
_NUMBER_MESSAGES = {
    "PartNumber": "Part number must be an integer between 1 and 10000, inclusive",
    "MaxKeys": "Provided max-keys not an integer or within integer range",
    "MaxParts": "Provided max-parts not an integer or within integer range",
    "MaxUploads": "Provided max-uploads not an integer or within integer range",
}

# Root elements of the S3 documentation. The models have only the names of the shapes.
_ROOT_ELEMENTS = {
    "ListBuckets": "ListAllMyBucketsResult", "ListObjects": "ListBucketResult", "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult", "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListParts": "ListPartsResult", "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult", "DeleteObjects": "DeleteResult",
    "GetBucketTagging": "Tagging", "GetObjectTagging": "Tagging", "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketAcl": "AccessControlPolicy", "GetObjectAcl": "AccessControlPolicy",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration", "GetBucketLogging": "BucketLoggingStatus",
    "GetObjectAttributes": "GetObjectAttributesResponse", "GetBucketLocation": "LocationConstraint",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult", "GetBucketCors": "CORSConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration", "GetBucketWebsite": "WebsiteConfiguration",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
}  # fmt: skip


# ---------------------------------------------------------------- requests


def parse_request(
    operation: Operation, in_path: Mapping[str, str], query: Sequence[tuple[str, str]], headers: Mapping[str, str]
) -> dict[str, Any]:
    """Return all parameters that are not in the body. Raise the 501 error for an unknown ``x-amz-*`` header."""
    params: dict[str, Any] = dict(in_path)
    presigned = is_presigned({name for name, _ in query})
    for name, value in query:
        known = operation.queries.get(name)
        if known is not None:
            if known[1].type_name == "list":
                params.setdefault(known[0], []).append(value)
            elif value or known[1].type_name != "integer":  # S3 ignores an empty number
                params[known[0]] = _parse_scalar(known[0], known[1], name, value)
        elif presigned and name not in PRESIGNED_PARAMETERS:
            parameter = operation.headers.get(name.lower())
            if parameter is not None:
                params[parameter[0]] = _parse_scalar(*parameter, name, value)
            else:
                _parse_prefixed_header(operation, name.lower(), value, params)
    for name, value in headers.items():
        parameter = operation.headers.get(name)
        if parameter is not None:
            params[parameter[0]] = _parse_scalar(parameter[0], parameter[1], name, value)
        elif name.startswith("x-amz-"):
            _parse_amz_header(operation, name, value, params)
    return params


def _parse_amz_header(operation: Operation, name: str, value: str, params: dict[str, Any]) -> None:
    if _parse_prefixed_header(operation, name, value, params):
        return
    if name in _COMMON_HEADERS or (name.startswith("x-amz-checksum-") and operation.checksum):
        return
    if name in _ENCRYPTION_HEADERS:
        # Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Encryption): "you get an HTTP 400"
        raise invalid_argument(f"{name} header is not supported for this operation.", name, value)
    raise not_implemented(f"the header {name!r} of {operation.name}")


def _parse_prefixed_header(operation: Operation, name: str, value: str, params: dict[str, Any]) -> bool:
    """Add a header as ``x-amz-meta-name``. Return whether it is one."""
    for prefix, member in operation.prefixes.items():
        if name.startswith(prefix):
            params.setdefault(member, {})[name.removeprefix(prefix)] = value
            return True
    return False


def _parse_scalar(member: str, shape: Any, wire: str, text: str) -> Any:
    if shape.type_name == "list":
        values = [piece.strip() for piece in text.split(",")]
        for value in values:
            _check_enum(shape.member, member, wire, value)
        return values
    if member == "ChecksumMode":
        text = text.upper()  # S3 also accepts it in lower case
    try:
        value = parse_text(shape, text.upper() if member == "ChecksumMode" else text)
    except InvalidValue as exc:
        message = _NUMBER_MESSAGES.get(member, f"The value of {wire} is not valid: {text}")
        raise invalid_argument(message, wire, text) from exc
    _check_enum(shape, member, wire, value)
    return value


def _check_enum(shape: Any, member: str, wire: str, value: Any) -> None:
    allowed = shape.metadata.get("enum")
    if not allowed or value in allowed:
        return
    if member == "StorageClass":
        raise ServiceError(
            "InvalidStorageClass", "The storage class you specified is not valid", 400,
            fields={"StorageClassRequested": str(value)},
        )  # fmt: skip
    if member == "ChecksumAlgorithm":
        raise invalid_request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(allowed)}]"
        )
    if member in (
        "ExpectedBucketOwner", "ObjectLockMode", "ObjectOwnership", "TransitionDefaultMinimumObjectSize"
    ):  # fmt: skip
        return  # checked by the operation
    raise invalid_argument(_ENUM_MESSAGES.get(member, f"Unknown value for {wire}: {value}"), wire, str(value))


def parse_body(operation: Operation, data: bytes, params: dict[str, Any]) -> None:
    """Add the parameters of the XML body to ``params``."""
    shape = operation.model.input_shape
    if operation.payload is not None:
        member = shape.members[operation.payload]
        if member.type_name == "structure":
            if data.strip():
                params[operation.payload] = _parse_payload(data, member)
            elif operation.payload in operation.required:
                raise ServiceError("MissingRequestBodyError", "Request Body is empty", 400)
        else:
            params[operation.payload] = data.decode("utf-8", "replace")
    elif operation.body_members and data.strip():
        document = parse_document(data, shape)
        params.update(document)


def _parse_payload(data: bytes, shape: Any) -> dict[str, Any]:
    try:
        return parse_document(data, shape)
    except ServiceError as error:
        if shape.name == "AccessControlPolicy":
            raise malformed_acl() from error
        raise


def require_members(operation: Operation, params: Mapping[str, Any]) -> None:
    """Raise ``MalformedXML`` or ``InvalidArgument`` if a required parameter is missing."""
    for name in operation.required:
        if name in params or (name == operation.payload and operation.streams_in):
            continue
        shape = operation.model.input_shape.members[name]
        wire = shape.serialization.get("name", name)
        if shape.serialization.get("location") is None:
            if name == operation.payload:
                raise ServiceError("MissingRequestBodyError", "Request Body is empty", 400)
            raise malformed_xml()
        raise invalid_argument(f"The request lacks {wire}", wire, "null")


# ---------------------------------------------------------------- responses


def serialize_response(operation: Operation, namespace: str, output: Mapping[str, Any]) -> WireResponse:
    """Return the response of a successful operation. The caller adds the bytes of an object."""
    response = WireResponse(int(operation.model.http.get("responseCode", 200)))
    shape = operation.model.output_shape
    if shape is None:
        return response
    body: list[str] = []
    payload = shape.serialization.get("payload")
    has_body_members = False
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        value = output.get(name)
        if location == "header":
            if value is not None:
                wire = member.serialization.get("name", name)
                response.headers[wire] = write_text(member, value, header=True)
        elif location == "headers":
            prefix = member.serialization.get("name", "")
            for key, text in (value or {}).items():
                response.headers[prefix + key] = text
        elif location == "statusCode":
            if value is not None:
                response.status = int(value)
        elif payload is None:
            has_body_members = True
    if payload is not None:
        member = shape.members[payload]
        value = output.get(payload)
        if value is None:
            return response
        if member.type_name == "structure":
            root = str(member.serialization.get("name", _ROOT_ELEMENTS.get(operation.name, member.name)))
            body.append(f'<{root} xmlns="{namespace}">')
            write_members(member, value, body)
            body.append(f"</{root}>")
        elif member.type_name == "string":
            response.body = str(value).encode()
            return response
        else:
            return response
    elif operation.name == "GetBucketLocation":
        text = output.get("LocationConstraint")
        rest = f">{escape(text)}</LocationConstraint>" if text else "/>"
        body.append(f'<LocationConstraint xmlns="{namespace}"{rest}')
    elif has_body_members and operation.method != "HEAD":
        root = _ROOT_ELEMENTS.get(operation.name, str(shape.serialization.get("name", operation.name + "Result")))
        body.append(f'<{root} xmlns="{namespace}">')
        # The lists of S3 are last, although not in the models. Clients that read a stream depend on it.
        write_members(shape, output, body, lists_last=operation.service == "s3")
        body.append(f"</{root}>")
    if body:
        response.headers["Content-Type"] = "application/xml"
        response.body = (_XML_DECLARATION + "".join(body)).encode()
    return response


def serialize_error(error: ServiceError, *, method: str, request_id: str, host_id: str) -> WireResponse:
    """Return S3's ``<Error>`` document, which S3 sends in chunks. The response to HEAD has no body.

    The API reference shows a ``<Resource>`` too. No recorded error has one.
    """
    response = WireResponse(error.status, dict(error.headers), error_code=error.code)
    if error.status == 304:
        return response
    response.headers["Content-Type"] = "application/xml"
    if method == "HEAD":
        return response
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in error.fields.items())
    response.chunked = True
    response.body = (
        f"{_XML_DECLARATION}<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>{fields}"
        f"<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
    ).encode()
    return response


def serialize_control_error(error: ServiceError, *, request_id: str, host_id: str) -> WireResponse:
    """Return S3 Control's ``<ErrorResponse>`` document."""
    response = WireResponse(error.status, dict(error.headers), error_code=error.code)
    response.headers["Content-Type"] = "application/xml"
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in error.fields.items())
    response.body = (
        f"{_XML_DECLARATION}<ErrorResponse><Error><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message>{fields}</Error><RequestId>{request_id}</RequestId>"
        f"<HostId>{host_id}</HostId></ErrorResponse>"
    ).encode()
    return response
