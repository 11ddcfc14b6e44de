# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The rules of a notification configuration. The lab sends no events.

It plays neither SQS nor SNS nor Lambda: a destination does not exist, unless the request skips this check.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import ServiceError, invalid_argument
from ...protocol.xml_shapes import malformed_xml


class _Kind(NamedTuple):
    """One kind of destination: the names of its members, its element, and the service of its ARNs."""

    member: str
    arn_member: str
    element: str
    service: str


_KINDS = (
    _Kind("TopicConfigurations", "TopicArn", "Topic", "sns"),
    _Kind("QueueConfigurations", "QueueArn", "Queue", "sqs"),
    _Kind("LambdaFunctionConfigurations", "LambdaFunctionArn", "CloudFunction", "lambda"),
)
_ARN = re.compile(r"arn:[a-z-]+:(?P<service>[a-z]+):[a-z0-9-]+:\d{12}:.+")


def check_notifications(
    configuration: Mapping[str, Any], events: Sequence[str], *, skip_destinations: bool
) -> dict[str, Any]:
    """Return the configuration with ids and the filters' own spelling. ``events`` are the known ones."""
    entries = list(_entries(configuration))
    for kind, entry in entries:
        _check_arn(kind, entry[kind.arn_member])
        if any(event not in events for event in entry["Events"]):
            raise invalid_argument("A specified event is not supported for notifications")
    found: dict[str, Any] = {}
    for kind, entry in entries:
        found.setdefault(kind.member, []).append(_complete(entry))
    if "EventBridgeConfiguration" in configuration:
        found["EventBridgeConfiguration"] = configuration["EventBridgeConfiguration"]
    if entries and not skip_destinations:
        raise _missing_destinations(entries)
    return found


def _entries(configuration: Mapping[str, Any]) -> Iterator[tuple[_Kind, dict[str, Any]]]:
    for kind in _KINDS:
        for entry in configuration.get(kind.member, ()):
            yield kind, entry


def _check_arn(kind: _Kind, arn: str) -> None:
    match = _ARN.fullmatch(arn)
    if match is None or match["service"] != kind.service:
        raise invalid_argument("The ARN could not be parsed", kind.element, arn)


def _complete(entry: Mapping[str, Any]) -> dict[str, Any]:
    completed = {**entry, "Id": entry.get("Id") or str(uuid.uuid4())}
    rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules")
    if rules is not None:
        completed["Filter"] = {"Key": {"FilterRules": [_filter_rule(rule) for rule in rules]}}
    return completed


def _filter_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule with the name as S3 spells it."""
    if "Name" not in rule or "Value" not in rule:
        raise malformed_xml()
    if rule["Name"].lower() not in ("prefix", "suffix"):
        raise invalid_argument("filter rule name must be either prefix or suffix", "FilterRule.Name", rule["Name"])
    return {"Name": rule["Name"].capitalize(), "Value": rule["Value"]}


def _missing_destinations(entries: Sequence[tuple[_Kind, Mapping[str, Any]]]) -> ServiceError:
    """Return the error with a name and a value for each destination."""
    fields: dict[str, str] = {}
    for number, (kind, entry) in enumerate(entries, 1):
        arn = entry[kind.arn_member]
        name, value = arn, f"The destination {kind.element.lower()} does not exist"
        if kind.service == "lambda":
            name, value = f"{arn}, null", f"Not authorized to invoke function [{arn}]"
        elif kind.service == "sns":
            value = "Permissions on the destination topic do not allow S3 to publish notifications from this bucket"
        fields[f"ArgumentName{number}"], fields[f"ArgumentValue{number}"] = name, value
    return ServiceError(
        "InvalidArgument", "Unable to validate the following destination configurations", 400, fields=fields
    )
