# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Lifecycle rules: how S3 checks them, and the ids that it adds.

The errors are recorded ones, except those of days and ids: they are quoted by users of S3.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import invalid_argument, invalid_request
from ...protocol.values import iso8601
from ...protocol.xml_shapes import malformed_xml

MINIMUM_SIZES = ("all_storage_classes_128K", "varies_by_storage_class")

_ACTIONS = (
    "Expiration", "Transitions", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)  # fmt: skip
_ID_CHARACTERS = string.ascii_lowercase + string.digits
_ID_LIMIT = 255
_DAY = 86400
# The days of an action, which must be positive.
_POSITIVE_DAYS = (
    ("Expiration", "Days"),
    ("NoncurrentVersionExpiration", "NoncurrentDays"),
    ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
)


def check_lifecycle(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration with an id for each rule. Raise an error if a rule is not valid."""
    rules: Sequence[dict[str, Any]] = configuration.get("Rules", ())
    if not rules:
        raise malformed_xml()
    for rule in rules:
        _check_filter(rule)
        _check_actions(rule)
    completed = [rule if rule.get("ID") else {**rule, "ID": generate_id()} for rule in rules]
    _check_ids([rule["ID"] for rule in completed])
    return {"Rules": completed}


def check_minimum_size(value: str | None) -> str:
    """Return the minimum size of objects for transitions, that of new configurations for None."""
    if value is None:
        return MINIMUM_SIZES[0]
    if value not in MINIMUM_SIZES:
        raise invalid_request(f"Invalid TransitionDefaultMinimumObjectSize found: {value}")
    return value


def generate_id() -> str:
    """Return an id as S3 gives it to a rule without one."""
    return "".join(secrets.choice(_ID_CHARACTERS) for _ in range(48))


def rule_tags(rule: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the tags of a rule's filter."""
    found: Mapping[str, Any] = rule.get("Filter", {})
    single = [found["Tag"]] if "Tag" in found else []
    return [*single, *found.get("And", {}).get("Tags", ())]


def _check_ids(ids: Sequence[str]) -> None:
    if any(len(each) > _ID_LIMIT for each in ids):
        raise invalid_argument(f"ID length should not exceed allowed limit of {_ID_LIMIT}")
    if len(set(ids)) != len(ids):
        raise invalid_argument(
            "Rule ID must be unique. Found same ID for more than one rule",
            "ID",
            next(each for each in ids if ids.count(each) > 1),
        )


def _check_filter(rule: Mapping[str, Any]) -> None:
    """A rule has a filter or, as in the first version of the API, a prefix. A filter has one condition at most."""
    if ("Filter" in rule) == ("Prefix" in rule) or len(rule.get("Filter", {})) > 1:
        raise malformed_xml()
    keys = [tag["Key"] for tag in rule_tags(rule)]
    if len(set(keys)) != len(keys):
        raise invalid_request("Duplicate Tag Keys are not allowed.")


def _check_actions(rule: Mapping[str, Any]) -> None:
    if not any(action in rule for action in _ACTIONS):
        raise invalid_request("At least one action needs to be specified in a rule.")
    if "Expiration" in rule and len(rule["Expiration"]) != 1:
        raise malformed_xml()
    for action in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if action in rule and not rule[action]:
            raise malformed_xml()
    _check_days(rule)
    for date in _dates(rule):
        if date % _DAY:
            raise invalid_argument("'Date' must be at midnight GMT", "Date", iso8601(date))
    if rule_tags(rule):
        _check_actions_with_tags(rule)


def _check_days(rule: Mapping[str, Any]) -> None:
    for action, name in _POSITIVE_DAYS:
        days = rule.get(action, {}).get(name)
        if days is not None and days <= 0:
            raise invalid_argument(f"'{name}' for {action} action must be a positive integer", name, str(days))


def _check_actions_with_tags(rule: Mapping[str, Any]) -> None:
    """Markers and uploads have no tags.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    if "AbortIncompleteMultipartUpload" in rule:
        raise invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags.")
    if "ExpiredObjectDeleteMarker" in rule.get("Expiration", {}):
        raise invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.")


def _dates(rule: Mapping[str, Any]) -> Iterator[float]:
    for action in (rule.get("Expiration", {}), *rule.get("Transitions", ())):
        if "Date" in action:
            yield action["Date"]
