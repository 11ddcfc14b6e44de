# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""LookupEvents: the event history by one attribute and by time, at most twice a second."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections import deque
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .events import KEY_TYPE, RETENTION, Event

_RATE = 2  # requests per second, for each account and region
_PAGE = 50


def lookup_events(call: Call) -> Output:
    """The events that fit, the latest first."""
    call.lab.authorizer.require(
        call.caller, "cloudtrail:LookupEvents", "*", call.account, code="AccessDeniedException", status=400
    )
    _hold_the_rate(call)
    attributes = call.get("LookupAttributes", [])
    if len(attributes) > 1:
        raise ServiceError("InvalidLookupAttributesException", "You can only specify one lookup attribute.", 400)
    now = call.now()
    start, end = call.get("StartTime", now - RETENTION), call.get("EndTime", now)
    if start > end:
        raise ServiceError("InvalidTimeRangeException", "The start time must be before the end time.", 400)
    found = [
        event
        for event in call.lab.world.history.events(call.account, call.region, now)
        if start <= event.time <= end and all(_fits(event, each) for each in attributes)
    ]
    after = _after(call)
    if after:
        places = [place for place, event in enumerate(found) if event.event_id == after]
        if not places:
            raise _bad_token()
        found = found[places[0] + 1 :]
    limit = call.get("MaxResults", _PAGE)
    page, more = found[:limit], len(found) > limit
    output: Output = {"Events": [_shown(event) for event in page]}
    if more:
        output["NextToken"] = _token(call, page[-1].event_id)
    return output


def _hold_the_rate(call: Call) -> None:
    now = call.now()
    asked = call.lab.world.history.lookups.setdefault((call.account, call.region), deque())
    while asked and asked[0] <= now - 1:
        asked.popleft()
    if len(asked) >= _RATE:
        raise ServiceError("ThrottlingException", "Rate exceeded", 400)
    asked.append(now)


def _fits(event: Event, attribute: dict[str, str]) -> bool:
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


def _shown(event: Event) -> dict[str, Any]:
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


def _asked(call: Call) -> str:
    """What a token is good for: the same question."""
    question = {name: value for name, value in call.params.items() if name != "NextToken"}
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]


def _token(call: Call, event_id: str) -> str:
    return base64.b64encode(f"{_asked(call)}:{event_id}".encode()).decode()


def _after(call: Call) -> str:
    """The event that the page before ended with."""
    token = call.get("NextToken")
    if token is None:
        return ""
    try:
        question, _, event_id = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as exc:
        raise _bad_token() from exc
    if question != _asked(call) or not event_id:
        raise _bad_token()
    return event_id


def _bad_token() -> ServiceError:
    return ServiceError("InvalidNextTokenException", "The token is not valid, or belongs to another request.", 400)


OPERATIONS: dict[str, Handler] = {"LookupEvents": lookup_events}
