# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The policy of a browser upload: what the fields of the form must be, until when, and how large the file may be.

API reference, "Creating a POST policy":
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ServiceError
from ..protocol.values import InvalidValue, parse_timestamp

_EXPIRATION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_SIZE_RANGE = "content-length-range"
# Fields that need no condition. The last three are those of Signature Version 2.
_FREE_FIELDS = {"policy", "x-amz-signature", "file", "signature", "awsaccesskeyid"}


@dataclass(frozen=True, slots=True)
class PostPolicy:
    """A policy: its expiration in seconds since the epoch, and its conditions, each ``[operator, name, value]``."""

    expiration: float
    conditions: tuple[tuple[Any, Any, Any], ...]


def _invalid(reason: str) -> ServiceError:
    return ServiceError("InvalidPolicyDocument", f"Invalid Policy: {reason}", 400)


def _denied(reason: str) -> ServiceError:
    return ServiceError("AccessDenied", f"Invalid according to Policy: {reason}", 403)


def parse_post_policy(text: str) -> PostPolicy:
    """Return the policy of a form. Raise InvalidPolicyDocument if it is not one."""
    try:
        document = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as exc:
        raise _invalid("Invalid JSON.") from exc
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    if "expiration" not in document:
        raise _invalid("Policy missing expiration.")
    if not isinstance(document.get("conditions"), list):
        raise _invalid("Policy missing conditions.")
    return PostPolicy(
        _parse_expiration(document["expiration"]), tuple(_parse_condition(each) for each in document["conditions"])
    )


def _parse_expiration(value: Any) -> float:
    if isinstance(value, str) and _EXPIRATION.fullmatch(value):
        try:
            return parse_timestamp(value)
        except InvalidValue:
            pass
    raise _invalid(f"Invalid 'expiration' value: '{value}'")


def _parse_condition(condition: Any) -> tuple[Any, Any, Any]:
    if isinstance(condition, dict):
        if len(condition) != 1:
            raise _invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
        ((name, value),) = condition.items()
        if not isinstance(value, str):
            raise _invalid("Invalid Simple-Condition: value must be a string.")
        return "eq", f"${name}", value
    if not isinstance(condition, list) or len(condition) != 3 or not isinstance(condition[0], str):
        raise _invalid(f"Invalid Condition: {json.dumps(condition)}")
    operator, name, value = condition
    if operator.lower() not in ("eq", "starts-with", _SIZE_RANGE):
        raise _invalid(f"Invalid Condition: unknown operation '{operator}'.")
    if operator.lower() != _SIZE_RANGE and not (isinstance(name, str) and isinstance(value, str)):
        raise _invalid(f"Invalid Condition: {json.dumps(condition)}")
    return operator, name, value


def check_form(policy: PostPolicy, fields: Mapping[str, str], now: float) -> tuple[int, int] | None:
    """Raise AccessDenied unless the policy allows the fields. Return the range of sizes that it allows, if any.

    The fields have names in lower case, and expanded values, as S3 compares them. The bucket is one of them.
    """
    if now > policy.expiration:
        raise _denied("Policy expired.")
    sizes: tuple[int, int] | None = None
    covered = set(_FREE_FIELDS)
    for condition in policy.conditions:
        operator, name, value = condition
        if operator.lower() == _SIZE_RANGE:
            sizes = _parse_range(condition)
            continue
        field = name.removeprefix("$").lower()
        if field == name.lower() or not _holds(operator.lower(), field, fields.get(field), value):
            raise _condition_failed(condition)
        covered.add(field)
    extra = [name for name in fields if name not in covered and not name.startswith("x-ignore-")]
    if extra:
        raise _denied(f"Extra input fields: {', '.join(extra)}")
    return sizes


def _holds(operator: str, field: str, actual: str | None, value: str) -> bool:
    if actual is None:
        return False
    if operator == "eq":
        return actual == value
    # A list of content types is a list of values.
    values = actual.split(",") if field == "content-type" else [actual]
    return all(each.strip().startswith(value) for each in values)


def _parse_range(condition: tuple[Any, Any, Any]) -> tuple[int, int]:
    try:
        return int(condition[1]), int(condition[2])
    except (TypeError, ValueError) as exc:
        raise _condition_failed(condition) from exc


def _condition_failed(condition: tuple[Any, Any, Any]) -> ServiceError:
    return _denied(f"Policy Condition failed: {json.dumps(condition, ensure_ascii=False)}")
