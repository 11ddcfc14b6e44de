# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Operations of S3 that another service does with the permissions of a role, without HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..call import Call, Handler, Output
from ..call_log import CallRecord
from ..identity.records import Caller
from ..lab import Lab
from ..protocol.models import service_model
from ..protocol.wire import WireRequest
from ..transport import Transport
from . import copying, object_properties, reading, writing
from .access import authorize, find_bucket

_HANDLERS: dict[str, Handler] = {
    **reading.OPERATIONS,
    **writing.OPERATIONS,
    **copying.OPERATIONS,
    **object_properties.OPERATIONS,
}


async def _single_chunk(data: bytes) -> AsyncIterator[bytes]:
    if data:
        yield data


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a service reads of an object."""

    data: bytes
    etag: str
    algorithm: str


class RoleClient:
    """Calls S3 as a role in one region."""

    def __init__(self, lab: Lab, caller: Caller, region: str) -> None:
        self.lab = lab
        self.caller = caller
        self.region = region

    def _build_call(self, operation: str, params: dict[str, Any], body: bytes = b"") -> Call:
        """Return a call as if the role had signed it."""
        request = WireRequest("POST", "/", "", {"content-length": str(len(body))})
        request.transport, request.source_address = Transport(), ""
        model = service_model("s3").operations[operation]
        call = Call(self.lab, model, params, self.caller, self.region, request, CallRecord())
        call.body = _single_chunk(body)
        return call

    def require(self, actions: Sequence[str], params: dict[str, Any]) -> None:
        """Raise AccessDenied unless the role may do all the actions on the bucket, or on the object if one is named."""
        call = self._build_call("HeadObject", params)
        bucket = find_bucket(call)
        for action in actions:
            authorize(call, bucket, action, params.get("Key"))

    async def invoke(self, operation: str, params: dict[str, Any], body: bytes = b"") -> Output:
        """Execute an operation. Errors are ``ServiceError``, as for every caller."""
        result = _HANDLERS[operation](self._build_call(operation, params, body))
        return result if isinstance(result, dict) else await result

    async def read_object(self, bucket: str, key: str, version_id: str | None = None) -> StoredObject:
        """Return the bytes of an object, its ETag and its encryption."""
        params = {"Bucket": bucket, "Key": key}
        if version_id is not None:
            params["VersionId"] = version_id
        call = self._build_call("GetObject", params)
        output = reading.get_object(call)
        chunks = []
        if call.stream is not None:
            async for chunk in call.stream:
                chunks.append(chunk)
        algorithm = str(output.get("ServerSideEncryption", ""))
        return StoredObject(b"".join(chunks), str(output["ETag"]).strip('"'), algorithm)
