# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""From an HTTP request to an answer: which service, who calls, what is asked, what becomes of it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import traceback
from collections.abc import AsyncIterator
from sys import stderr
from typing import Any

from .call import Call, Handler, Output
from .call_log import CallRecord, access_of
from .cloudtrail.events import record_call
from .errors import ConnectionDropped, ServiceError, not_implemented
from .faults import RESPONSE_FAULTS, Fault, flip_first_bit, reset_after_first_bytes, service_error_for, truncate
from .identity.records import Caller
from .lab import Lab
from .policy_language import Principal
from .protocol import constraints, json_rpc, query, rest_xml
from .protocol.chunked import ChunkedBody
from .protocol.control_routing import ControlRouter
from .protocol.models import Operation, service_model
from .protocol.routing import s3_router, split_path
from .protocol.signature import (
    EMPTY_SHA256,
    UNSIGNED,
    Authorization,
    check_time,
    chunk_verifier,
    parse_authorization,
    verify,
)
from .protocol.values import rfc822
from .protocol.wire import WireRequest, WireResponse, read_body
from .services import HANDLERS
from .unsupported import refuse_unsupported

_DOCUMENT_LIMIT = 16 * 1024 * 1024
_TARGETS = {
    "TrentService": "kms",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
}
_VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam"}
_BOUNDS = {"s3": "us-east-1"}


class Gateway:
    """Answers every AWS request of one lab."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._s3 = s3_router()
        self._control: ControlRouter | None = None

    async def handle(self, request: WireRequest) -> WireResponse:
        """The answer; ``ConnectionReset`` when the connection is to be cut."""
        record = CallRecord(time=self.lab.clock.now(), user_agent=request.header("user-agent"))
        request_id = secrets.token_hex(8).upper()
        service = identify_service(request)
        record.service = service
        state = self.lab.state
        try:
            response = await self._dispatch(service, request, record, request_id)
        except ConnectionDropped:
            record.bytes_in = request.bytes_in
            if self.lab.state is state:
                self.lab.calls.add(record)
            raise
        except ServiceError as error:
            response = self._serialize_error(service, request, error, request_id)
        except asyncio.CancelledError:
            record.error = "ClientDisconnected"
            self.lab.calls.add(record)
            raise
        except Exception:
            traceback.print_exc(file=stderr)
            internal_error = ServiceError("InternalError", "The lab has a defect here; see its log.", 500)
            response = self._serialize_error(service, request, internal_error, request_id)
        record.status = response.status
        record.error = response.error_code
        record.bytes_in = request.bytes_in
        record.bytes_out = response.length if request.method != "HEAD" else 0
        self.lab.calls.add(record)
        response.headers["x-amz-request-id" if service in ("s3", "s3control") else "x-amzn-RequestId"] = request_id
        if service == "s3":
            response.headers["x-amz-id-2"] = "sealed-lab/" + request_id
            response.headers["Server"] = "AmazonS3"
        if record.fault in RESPONSE_FAULTS:
            await self._corrupt_response(record.fault, response)
        return response

    async def _corrupt_response(self, fault: str, response: WireResponse) -> None:
        """What befalls an answer when everything else is done."""
        if fault == "reset_after":
            raise ConnectionDropped
        if fault == "lost_answer":
            raise ConnectionDropped(abrupt=False)
        if response.stream is not None and fault == "corrupt_answer":
            response.stream = flip_first_bit(response.stream)
        if response.stream is not None and fault == "cut_answer":
            response.stream = truncate(response.stream, response.stream_length // 2)
        if response.stream is not None and fault == "reset_answer":
            response.stream = reset_after_first_bytes(response.stream, response.stream_length)

    # ------------------------------------------------------------ the way in

    async def _dispatch(self, service: str, request: WireRequest, record: CallRecord, request_id: str) -> WireResponse:
        authorization = parse_authorization(request)
        record.region = authorization.region if authorization else _BOUNDS.get(service, "us-east-1")
        caller = self._authenticate(service, authorization)
        record.account, record.caller = caller.account, caller.arn
        document = b""
        if service in ("s3", "s3control"):
            operation, params = self._parse_rest(service, request)
        else:
            document = await read_body(request.body, _DOCUMENT_LIMIT)
            operation, params = _parse_rpc(service, request, document)
        if authorization is not None and authorization.version == 2:
            bucket = self.lab.state.s3.buckets.get(params.get("Bucket", ""))
            record.region = bucket.region if bucket is not None else "us-east-1"
        record.operation = operation.name
        record.access = access_of(operation.name)
        record.resource = resource_of(service, params, record)
        call = Call(self.lab, operation, params, caller, record.region, request, record)
        key = self._check_signature(service, request, authorization, caller, document)
        if service in ("s3", "s3control"):
            if operation.streams_in:
                self._attach_body(call, authorization, key)
            elif operation.reads_body:
                document = await self._read_document(call, authorization, key)
                rest_xml.parse_body(operation, document, params)
            rest_xml.require_members(operation, params)
        else:
            constraints.validate(operation.model.input_shape, params, code=validation_code(service))
        refuse_unsupported(service, operation.name, params)
        faults = self.lab.faults.match_faults(service, operation.name, record.resource, caller.arn, record.access)
        output = await (self._execute_and_record(call, faults) if service == "kms" else self._execute(call, faults))
        return self._serialize(service, call, output, request_id)

    def _authenticate(self, service: str, authorization: Authorization | None) -> Caller:
        if authorization is None:
            if service != "s3":
                raise ServiceError(
                    _NO_TOKEN.get(service, "MissingAuthenticationToken"), "Missing Authentication Token", 403
                )
            return Caller(Principal.anonymous())
        check_time(authorization)
        try:
            return self.lab.state.directory.resolve(
                authorization.access_key, authorization.token, self.lab.clock.now(), strict=self.lab.enforcing
            )
        except ServiceError as error:
            raise translate_error(service, error) from error

    def _check_signature(
        self, service: str, request: WireRequest, authorization: Authorization | None, caller: Caller, document: bytes
    ) -> bytes | None:
        if authorization is None or not self.lab.enforcing or caller.secret is None:
            return None
        if service in ("s3", "s3control"):
            payload = UNSIGNED if authorization.presigned else request.header("x-amz-content-sha256", EMPTY_SHA256)
        else:
            payload = hashlib.sha256(document).hexdigest()
        try:
            return verify(request, authorization, caller.secret, payload)
        except ServiceError as error:
            raise translate_error(service, error) from error

    def _parse_rest(self, service: str, request: WireRequest) -> tuple[Operation, dict[str, Any]]:
        pairs = request.query_pairs()
        if service == "s3control":
            if self._control is None:
                self._control = ControlRouter(service_model("s3control"))
            operation, labels = self._control.find(request.method, request.raw_path, pairs)
            return operation, rest_xml.parse_request(operation, labels, pairs, request.headers)
        target = split_path(request.raw_path)
        operation = self._s3.find(request.method, target, pairs, request.headers)
        labels = {}
        if "Bucket" in operation.labels:
            labels["Bucket"] = target.bucket
        if "Key" in operation.labels:
            labels["Key"] = target.key
        return operation, rest_xml.parse_request(operation, labels, pairs, request.headers)

    # ------------------------------------------------------------ bodies

    def _attach_body(self, call: Call, authorization: Authorization | None, key: bytes | None) -> None:
        declared = call.request.header("x-amz-content-sha256")
        if declared.startswith("STREAMING-"):
            check = None
            if key is not None and authorization is not None and declared.startswith("STREAMING-AWS4-HMAC"):
                check = chunk_verifier(authorization, key)
            chunked = ChunkedBody(call.request.body, check)
            call.body = aiter(chunked)
            call.trailers = lambda: chunked.trailers
        else:
            call.body = call.request.body

    async def _read_document(self, call: Call, authorization: Authorization | None, key: bytes | None) -> bytes:
        self._attach_body(call, authorization, key)
        assert call.body is not None
        data = await read_body(call.body, _DOCUMENT_LIMIT)
        _verify_document(call, data)
        return data

    # ------------------------------------------------------------ the deed

    async def _execute_and_record(self, call: Call, faults: list[Fault]) -> Output:
        """The deed, and its entry in CloudTrail's event history."""
        try:
            output = await self._execute(call, faults)
        except ServiceError as error:
            record_call(call, error)
            raise
        record_call(call, None)
        return output

    async def _execute(self, call: Call, faults: list[Fault]) -> Output:
        handler = HANDLERS[call.operation.service].get(call.operation.name)
        stale_read: Fault | None = None
        for fault in faults:
            call.record.fault = fault.kind
            if fault.kind == "delay":
                await self._delay(fault.seconds)
            elif fault.kind == "reset_before":
                raise ConnectionDropped
            elif fault.kind == "stale_read":
                stale_read = fault
            else:
                error = service_error_for(fault.kind, call.operation.service)
                if error is not None:
                    raise error
        if handler is None:
            raise not_implemented(f"the operation {call.operation.name}")
        snapshot = self.lab.snapshot_for(stale_read) if stale_read is not None else None
        if snapshot is None or call.record.access != "read":
            return await _call_handler(handler, call)
        current = self.lab.swap_state(snapshot)
        try:
            result = handler(call)
        finally:
            self.lab.swap_state(current)
        return result if isinstance(result, dict) else await result

    async def _delay(self, seconds: float) -> None:
        """Wait. A call that a reset of the lab overtakes is of a world that is gone, and no part of the next one."""
        state = self.lab.state
        await asyncio.sleep(seconds)
        if self.lab.state is not state:
            raise ConnectionDropped

    # ------------------------------------------------------------ the way out

    def _serialize(self, service: str, call: Call, output: Output, request_id: str) -> WireResponse:
        operation = call.operation
        namespace = service_model(service).namespace
        if service in ("s3", "s3control"):
            response = rest_xml.serialize_response(operation, namespace, output)
            if call.stream is not None:
                response.stream, response.stream_length = call.stream, call.stream_length
        elif service in ("sts", "iam"):
            response = query.serialize_response(operation, namespace, output, request_id)
        else:
            response = json_rpc.serialize_response(operation, output)
        response.headers["Date"] = rfc822(call.now())
        response.headers.update(call.extra_headers)
        if call.status:
            response.status = call.status
        return response

    def _serialize_error(
        self, service: str, request: WireRequest, error: ServiceError, request_id: str
    ) -> WireResponse:
        if service == "s3":
            return rest_xml.serialize_error(
                error, method=request.method, resource=request.raw_path, request_id=request_id,
                host_id="sealed-lab/" + request_id,
            )  # fmt: skip
        if service == "s3control":
            return rest_xml.serialize_control_error(error, request_id=request_id, host_id="sealed-lab/" + request_id)
        if service in ("sts", "iam"):
            return query.serialize_error(error, service_model(service).namespace, request_id)
        return json_rpc.serialize_error(error)


async def _call_handler(handler: Handler, call: Call) -> Output:
    result = handler(call)
    return result if isinstance(result, dict) else await result


def _verify_document(call: Call, data: bytes) -> None:
    """A configuration document against its declared length, signature hash and checksums."""
    from .s3.integrity import BodyCheck

    check = BodyCheck.for_call(call)
    if call.operation.checksum.get("requestChecksumRequired") and not check.has_digest:
        raise ServiceError(
            "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*", 400
        )
    check.update(data)
    check.finish(call)


def identify_service(request: WireRequest) -> str:
    target = request.header("x-amz-target")
    if target:
        prefix, _, _ = target.rpartition(".")
        if prefix not in _TARGETS:
            return "kms"
        return _TARGETS[prefix]
    if request.raw_path.startswith("/v20180820/") and "x-amz-account-id" in request.headers:
        return "s3control"
    if request.header("content-type").startswith("application/x-www-form-urlencoded") and request.method == "POST":
        scope = request.header("authorization").partition("Credential=")[2].split(",")[0].split("/")
        if len(scope) >= 5 and scope[3] in ("sts", "iam"):
            return scope[3]
    return "s3"


def _parse_rpc(service: str, request: WireRequest, document: bytes) -> tuple[Operation, dict[str, Any]]:
    operations = service_model(service).operations
    if service in ("sts", "iam"):
        fields = query.form_fields(document)
        operation = operations.get(fields.get("Action", ""))
        if operation is None:
            raise not_implemented(f"the action {fields.get('Action', '')!r} of {service}")
        return operation, query.parse_request(operation, fields)
    target = request.header("x-amz-target")
    operation = operations.get(target.rpartition(".")[2])
    if operation is None or target.rpartition(".")[0] not in _TARGETS:
        raise not_implemented(f"the target {target!r}")
    return operation, json_rpc.parse_request(operation, document)


def resource_of(service: str, params: dict[str, Any], record: CallRecord) -> str:
    if service == "s3":
        bucket = params.get("Bucket", "")
        key = params.get("Key")
        if not bucket:
            return "*"
        return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    for name in ("KeyId", "AliasName", "DestinationKeyId", "JobId", "RoleArn", "UserName", "RoleName", "PolicyArn",
                 "CustomKeyStoreId", "ResourceArn", "AccountId"):  # fmt: skip
        if params.get(name):
            return str(params[name])
    return "*"


_NO_TOKEN = {
    "kms": "MissingAuthenticationTokenException",
    "resourcegroupstaggingapi": "MissingAuthenticationTokenException",
    "cloudtrail": "MissingAuthenticationTokenException",
}
_JSON_CODES = {
    "InvalidAccessKeyId": (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        400,
    ),
    "InvalidToken": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    "ExpiredToken": ("ExpiredTokenException", "The security token included in the request is expired", 400),
    "SignatureDoesNotMatch": ("InvalidSignatureException", "", 400),
}
_QUERY_CODES = {
    "InvalidAccessKeyId": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
    "InvalidToken": ("InvalidClientTokenId", "The security token included in the request is invalid", 403),
    "ExpiredToken": ("ExpiredToken", "The security token included in the request is expired", 403),
    "SignatureDoesNotMatch": ("SignatureDoesNotMatch", "", 403),
}


def translate_error(service: str, error: ServiceError) -> ServiceError:
    """The same refusal in the words of another service."""
    if service in ("s3", "s3control"):
        return error
    table = _QUERY_CODES if service in ("sts", "iam") else _JSON_CODES
    code, message, status = table.get(error.code, (error.code, error.message, error.status))
    return ServiceError(code, message or error.message, status)


def validation_code(service: str) -> str:
    return "ValidationError" if service in ("sts", "iam") else "ValidationException"


async def drained(body: AsyncIterator[bytes]) -> None:
    """Read what is left of a body."""
    async for _ in body:
        pass
