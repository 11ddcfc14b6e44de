# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Handle an HTTP request to AWS: authenticate, parse, execute, serialize."""

from __future__ import annotations

import asyncio
import secrets
import traceback
from collections.abc import Mapping
from sys import stderr
from typing import Any

from .authentication import authenticate, check_policy_signature, check_scope, check_signature
from .call import Call, Handler, Output
from .call_log import CallRecord, access_of
from .cloudtrail.events import record_call
from .errors import ConnectionDropped, ServiceError, invalid_request, not_implemented
from .fault_errors import service_error_for
from .faults import RESPONSE_FAULTS, Fault, flip_first_bit, reset_after_first_bytes, truncate
from .identity.records import Caller
from .lab import Lab
from .organizations.access import validate_input
from .protocol import constraints, rest_xml
from .protocol.authorization import Authorization, parse_authorization, require_v2_region
from .protocol.browser_upload import read_browser_upload
from .protocol.chunked import ChunkedBody
from .protocol.models import POST_OBJECT, Operation
from .protocol.signature import ChunkVerifier
from .protocol.wire import WireRequest, WireResponse, read_body
from .request_parsing import RestParser, identify_service, parse_rpc, resource_of
from .response_serialization import host_id, serialize, serialize_error
from .s3.access import find_bucket
from .s3.cross_origin import add_cors_headers, preflight
from .s3.integrity import BodyCheck
from .s3.secure_connection import require_secure_connection
from .s3.website_endpoint import serve_website
from .services import HANDLERS
from .unsupported import refuse_unsupported

_DOCUMENT_LIMIT = 16 * 1024 * 1024
_DEFAULT_REGION = "us-east-1"


class Gateway:
    """Handles every AWS request of one lab."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._rest_parser = RestParser()

    async def handle(self, request: WireRequest) -> WireResponse:
        """Return the response; raise ``ConnectionDropped`` if the connection is to be dropped."""
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
            response = serialize_error(service, request, error, request_id)
        except asyncio.CancelledError:
            record.error = "ClientDisconnected"
            self.lab.calls.add(record)
            raise
        except Exception:
            traceback.print_exc(file=stderr)
            internal_error = ServiceError("InternalError", "The lab has a defect here; see its log.", 500)
            response = serialize_error(service, request, internal_error, request_id)
        record.status = response.status
        record.error = response.error_code
        record.bytes_in = request.bytes_in
        record.bytes_out = response.length if request.method != "HEAD" else 0
        self.lab.calls.add(record)
        response.headers["x-amz-request-id" if service in ("s3", "s3control") else "x-amzn-RequestId"] = request_id
        if service == "s3":
            response.headers["x-amz-id-2"] = host_id(request_id)
            response.headers["Server"] = "AmazonS3"
            add_cors_headers(self.lab, request, response, record.region)
        if record.fault in RESPONSE_FAULTS:
            _corrupt_response(record.fault, response)
        return response

    async def _dispatch(self, service: str, request: WireRequest, record: CallRecord, request_id: str) -> WireResponse:
        if request.website:
            return serve_website(self.lab, request, record, request_id)
        if service == "s3" and request.method == "OPTIONS":
            record.operation, record.access = "OptionsObject", "read"
            return preflight(self.lab, request)
        if service in ("s3", "s3control"):
            call = await self._receive_rest(service, request, record)
        else:
            call = await self._receive_rpc(service, request, record)
        name = call.operation.name
        refuse_unsupported(service, call.operation.model.name, call.params)
        if service == "s3":
            require_secure_connection(call)
        faults = self.lab.faults.match_faults(service, name, record.resource, call.caller.arn, record.access)
        output = await (self._execute_and_record(call, faults) if service == "kms" else self._execute(call, faults))
        return serialize(service, call, output, request_id)

    def _authenticate(
        self, service: str, request: WireRequest, authorization: Authorization | None, record: CallRecord
    ) -> Caller:
        record.region = authorization.region if authorization else request.region or _DEFAULT_REGION
        check_scope(service, request, authorization)
        caller = authenticate(self.lab, service, authorization)
        record.account, record.caller = caller.account, caller.arn
        return caller

    async def _receive_rpc(self, service: str, request: WireRequest, record: CallRecord) -> Call:
        """Return the call of a request to a service with the query or the JSON protocol."""
        authorization = parse_authorization(request)
        caller = self._authenticate(service, request, authorization, record)
        document = await read_body(request.body, _DOCUMENT_LIMIT)
        operation, params = parse_rpc(service, request, document)
        _describe(record, service, operation, params)
        check_signature(self.lab, service, request, authorization, caller, document)
        _validate(service, operation, params)
        return Call(self.lab, operation, params, caller, record.region, request, record)

    async def _receive_rest(self, service: str, request: WireRequest, record: CallRecord) -> Call:
        """Return the call of a request to S3 or S3 Control. Its signature comes before its parameters."""
        try:
            operation, in_path = self._rest_parser.find(service, request)
        except ServiceError:  # AWS reports the signature first
            authorization = parse_authorization(request)
            caller = self._authenticate(service, request, authorization, record)
            check_signature(self.lab, service, request, authorization, caller, b"")
            raise
        upload = await read_browser_upload(request) if operation.name == POST_OBJECT else None
        authorization = parse_authorization(request) if upload is None else upload.authorization
        caller = self._authenticate(service, request, authorization, record)
        if authorization is not None and authorization.version == 2:
            # Signature Version 2 has no region: the request is for the bucket's own region.
            bucket = self.lab.state.s3.bucket(caller.partition, in_path.get("Bucket", ""))
            record.region = bucket.region if bucket is not None else request.region or _DEFAULT_REGION
            require_v2_region(record.region)
        if upload is not None:
            in_path["Key"] = upload.fields["key"]
        _describe(record, service, operation, in_path)
        if upload is None:
            signing_key = check_signature(self.lab, service, request, authorization, caller, b"")
        else:
            signing_key = None
            request = upload.request
            check_policy_signature(authorization, caller, upload.fields.get("policy", ""))
        params = rest_xml.parse_request(operation, in_path, request.query_pairs(), request.headers)
        call = Call(self.lab, operation, params, caller, record.region, request, record, upload=upload)
        _describe(record, service, operation, params)
        if operation.streams_in:
            _attach_body(call, authorization, signing_key)
        elif operation.reads_body:
            document = await _read_document(call, authorization, signing_key)
            if service == "s3" and operation.name != "CreateBucket":
                find_bucket(call)  # S3 reports a missing bucket before a document that is not valid
            rest_xml.parse_body(operation, document, params)
        rest_xml.require_members(operation, params)
        return call

    async def _execute_and_record(self, call: Call, faults: list[Fault]) -> Output:
        """Execute the call, and record it in CloudTrail's event history."""
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
        """Wait. If the lab is reset meanwhile, drop the connection: the call must not change the new state."""
        state = self.lab.state
        await asyncio.sleep(seconds)
        if self.lab.state is not state:
            raise ConnectionDropped


def _describe(record: CallRecord, service: str, operation: Operation, params: Mapping[str, Any]) -> None:
    """Add the operation and its resource to the record of a call."""
    record.operation = operation.name
    record.access = access_of(operation.name)
    record.resource = resource_of(service, params, record.region)


def _validate(service: str, operation: Operation, params: dict[str, Any]) -> None:
    """Raise the error of the service if a parameter violates a constraint of the model."""
    if service == "organizations":
        validate_input(operation.model.input_shape, params)
        return
    code = "ValidationError" if service in ("sts", "iam") else "ValidationException"
    constraints.validate(operation.model.input_shape, params, code=code)


def _corrupt_response(fault: str, response: WireResponse) -> None:
    """Apply a fault to the response of an operation that has been executed."""
    if fault == "reset_after":
        raise ConnectionDropped
    if fault == "lost_answer":
        raise ConnectionDropped(abrupt=False)
    if response.stream is None:
        return
    if fault == "corrupt_answer":
        response.stream = flip_first_bit(response.stream)
    elif fault == "cut_answer":
        response.stream = truncate(response.stream, response.stream_length // 2)
    elif fault == "reset_answer":
        response.stream = reset_after_first_bytes(response.stream, response.stream_length)


def _attach_body(call: Call, authorization: Authorization | None, key: bytes | None) -> None:
    declared = call.request.header("x-amz-content-sha256")
    if declared.startswith("STREAMING-"):
        verifier = None
        if key is not None and authorization is not None and declared.startswith("STREAMING-AWS4-HMAC"):
            verifier = ChunkVerifier(authorization, key)
        announced = [name.strip().lower() for name in call.request.header("x-amz-trailer").split(",") if name.strip()]
        chunked = ChunkedBody(call.request.body, announced, verifier)
        call.body = aiter(chunked)
        call.trailers = lambda: chunked.trailers
    else:
        call.body = call.request.body


async def _read_document(call: Call, authorization: Authorization | None, key: bytes | None) -> bytes:
    _attach_body(call, authorization, key)
    assert call.body is not None
    data = await read_body(call.body, _DOCUMENT_LIMIT)
    _verify_document(call, data)
    return data


async def _call_handler(handler: Handler, call: Call) -> Output:
    result = handler(call)
    return result if isinstance(result, dict) else await result


def _verify_document(call: Call, data: bytes) -> None:
    """Verify a request document by its declared length, signature hash and checksums."""
    check = BodyCheck.for_call(call)
    if call.operation.checksum.get("requestChecksumRequired") and not check.has_digest:
        raise invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    check.update(data)
    check.finish(call)
