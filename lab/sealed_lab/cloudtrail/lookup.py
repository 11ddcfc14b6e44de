# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""LookupEvents: search the event history by one attribute and by time, at most twice a second."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from ..page_tokens import decode_token, encode_token
from .history import KEY_TYPE, RETENTION, Event

_RATE = 2  # requests per second, for each account and region
_PAGE = 50


def lookup_events(call: Call) -> Output:
    """Return the matching events, newest first."""
    require_permission(call, "cloudtrail:LookupEvents")
    _enforce_rate_limit(call)
    attributes = call.get("LookupAttributes", [])
    if len(attributes) > 1:
        raise ServiceError("InvalidLookupAttributesException", "You can only specify one lookup attribute.", 400)
    now = call.now()
    start, end = call.get("StartTime", now - RETENTION), call.get("EndTime", now)
    if start > end:
        raise ServiceError("InvalidTimeRangeException", "The start time must be before the end time.", 400)
    events = [
        event
        for event in call.lab.state.history.events(call.account, call.region, now)
        if start <= event.time <= end and all(_matches(event, each) for each in attributes)
    ]
    last_event_id = _last_of_previous_page(call)
    if last_event_id:
        positions = [position for position, event in enumerate(events) if event.event_id == last_event_id]
        if not positions:
            raise _invalid_token()
        events = events[positions[0] + 1 :]
    limit = call.get("MaxResults", _PAGE)
    page, truncated = events[:limit], len(events) > limit
    output: Output = {"Events": [_event_fields(event) for event in page]}
    if truncated:
        output["NextToken"] = encode_token(page[-1].event_id, _query_digest(call))
    return output


def _enforce_rate_limit(call: Call) -> None:
    now = call.now()
    recent = call.lab.state.history.lookups.setdefault((call.account, call.region), deque())
    while recent and recent[0] <= now - 1:
        recent.popleft()
    if len(recent) >= _RATE:
        raise ServiceError("ThrottlingException", "Rate exceeded", 400)
    recent.append(now)


def _matches(event: Event, attribute: dict[str, str]) -> bool:
    value = attribute["AttributeValue"]
    values = {
        "EventId": (event.event_id,),
        "EventName": (event.name,),
        "ReadOnly": (str(event.read_only).lower(),),
        "Username": (event.user,),
        "ResourceType": (KEY_TYPE,) if event.keys else (),
        "ResourceName": event.keys,
        "EventSource": (event.source,),
        "AccessKeyId": (event.access_key,),
    }
    return value in values[attribute["AttributeKey"]]


def _event_fields(event: Event) -> dict[str, Any]:
    return {
        "EventId": event.event_id,
        "EventName": event.name,
        "ReadOnly": str(event.read_only).lower(),
        "AccessKeyId": event.access_key,
        "EventTime": int(event.time),
        "EventSource": event.source,
        "Username": event.user,
        "Resources": [{"ResourceType": KEY_TYPE, "ResourceName": arn} for arn in event.keys],
        "CloudTrailEvent": event.document,
    }


def _query_digest(call: Call) -> str:
    """A token is valid only for a request with the same parameters, so it contains their digest."""
    query = {name: value for name, value in call.params.items() if name != "NextToken"}
    return hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]


def _last_of_previous_page(call: Call) -> str:
    """Return the id of the last event of the previous page, or "" for the first page."""
    token = call.get("NextToken")
    if token is None:
        return ""
    try:
        return decode_token(token, _query_digest(call))
    except ValueError as exc:
        raise _invalid_token() from exc


def _invalid_token() -> ServiceError:
    return ServiceError("InvalidNextTokenException", "The token is not valid, or belongs to another request.", 400)


OPERATIONS: dict[str, Handler] = {"LookupEvents": lookup_events}
