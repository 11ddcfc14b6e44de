# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Configurations with ids, of which a bucket can have many: inventory, metrics, analytics, intelligent tiering."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...call import Call, Handler, Output
from ...errors import ServiceError, invalid_argument
from ...page_tokens import decode_token, encode_token
from ...protocol.xml_shapes import malformed_xml
from ..access import get_authorized_bucket

_PAGE = 100
_LIMIT = 1000
_BUCKET_ARN = re.compile(r"arn:[a-z-]+:s3:::[^/]+")


def _check_id(kind: str, requested: str, document: Mapping[str, Any]) -> None:
    """The id of the document must be that of the request. Only inventories have an error of their own for it."""
    if document.get("Id") == requested:
        return
    if kind == "Inventory":
        raise ServiceError("IdMismatch", "Document ID does not match the specified configuration ID.", 400)
    raise malformed_xml()


def _check_inventory(document: Mapping[str, Any]) -> None:
    target = document["Destination"]["S3BucketDestination"]["Bucket"]
    if _BUCKET_ARN.fullmatch(target) is None:
        raise ServiceError("InvalidS3DestinationBucket", "Invalid bucket ARN.", 400)


def _missing() -> ServiceError:
    return ServiceError("NoSuchConfiguration", "The specified configuration does not exist.", 404)


def _page(call: Call, found: Mapping[str, Any], member: str) -> Output:
    """Return up to 100 configurations, sorted by their ids, from the continuation token on."""
    token = call.get("ContinuationToken")
    after = _last_of_previous_page(token) if token is not None else ""
    ids = sorted(each for each in found if each > after)
    output: Output = {"IsTruncated": len(ids) > _PAGE}
    if ids:
        output[f"{member}List"] = [found[each] for each in ids[:_PAGE]]
    if token is not None:
        output["ContinuationToken"] = token
    if len(ids) > _PAGE:
        output["NextContinuationToken"] = encode_token(ids[_PAGE - 1])
    return output


def _last_of_previous_page(token: str) -> str:
    try:
        return decode_token(token)
    except ValueError as exc:
        raise invalid_argument("The continuation token provided is incorrect") from exc


def _handlers(kind: str) -> dict[str, Handler]:
    """Return the handlers for one kind."""
    member = f"{kind}Configuration"

    def put(call: Call) -> Output:
        bucket = get_authorized_bucket(call, f"Put{member}")
        _check_id(kind, call["Id"], call[member])
        if kind == "Inventory":
            _check_inventory(call[member])
        found = bucket.collections.setdefault(kind, {})
        if call["Id"] not in found and len(found) >= _LIMIT:
            raise ServiceError(
                "TooManyConfigurations",
                "You are attempting to create a new configuration but have already reached the 1,000-configuration "
                "limit.",
            )
        found[call["Id"]] = call[member]
        call.status = 204
        return {}

    def get(call: Call) -> Output:
        bucket = get_authorized_bucket(call, f"Get{member}")
        found = bucket.collections.get(kind, {}).get(call["Id"])
        if found is None:
            raise _missing()
        return {member: found}

    def delete(call: Call) -> Output:
        bucket = get_authorized_bucket(call, f"Put{member}")
        if bucket.collections.get(kind, {}).pop(call["Id"], None) is None:
            raise _missing()
        return {}

    def list_all(call: Call) -> Output:
        bucket = get_authorized_bucket(call, f"Get{member}")
        return _page(call, bucket.collections.get(kind, {}), member)

    return {
        f"PutBucket{member}": put,
        f"GetBucket{member}": get,
        f"DeleteBucket{member}": delete,
        f"ListBucket{member}s": list_all,
    }


OPERATIONS: dict[str, Handler] = {
    **_handlers("Inventory"),
    **_handlers("Metrics"),
    **_handlers("Analytics"),
    **_handlers("IntelligentTiering"),
}
