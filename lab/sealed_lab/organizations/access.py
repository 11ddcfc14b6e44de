# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Who may call which operation of Organizations, its errors, and pagination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..identity.organizations import Member, Organization
from ..identity.permission import require_permission
from ..page_tokens import decode_offset, encode_token
from ..protocol.constraints import find_violations

# A violated constraint of the model -> the reason and the words of Organizations.
_REASONS = {
    "Member must not be null": ("INPUT_REQUIRED", "You must include a value for all required parameters."),
    "satisfy enum": ("INVALID_ENUM", "You specified an invalid value."),
    "length greater": ("MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed."),
    "length less": ("MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed."),
    "value greater": ("MIN_VALUE_EXCEEDED", "You provided a numeric parameter that has a smaller value than allowed."),
    "value less": ("MAX_VALUE_EXCEEDED", "You provided a numeric parameter that has a larger value than allowed."),
    "": ("INVALID_PATTERN", "You provided a value that does not match the required pattern."),
}
# The parameters that name accounts, units and roots.
_RESOURCE_PARAMETERS = (
    "AccountId", "ParentId", "ChildId", "OrganizationalUnitId", "ResourceId", "SourceParentId", "DestinationParentId",
)  # fmt: skip


def organizations_error(code: str, message: str, reason: str = "") -> ServiceError:
    """Return an error of Organizations. Some have a reason."""
    fields = {"Message": message, **({"Reason": reason} if reason else {})}
    return ServiceError(code, message, 400, fields=fields)


def invalid_input(reason: str, message: str) -> ServiceError:
    """Return InvalidInputException."""
    return organizations_error("InvalidInputException", message, reason)


def constraint_violation(reason: str, message: str) -> ServiceError:
    """Return ConstraintViolationException."""
    return organizations_error("ConstraintViolationException", message, reason)


def validate_input(shape: Any, params: dict[str, Any]) -> None:
    """Raise InvalidInputException if a constraint of the model is violated."""
    for violation in find_violations(shape, params, "") if shape is not None else ():
        rule = violation.rpartition("failed to satisfy constraint: ")[2]
        reason, message = next(found for words, found in _REASONS.items() if words in rule)
        raise invalid_input(reason, message)


def _named_resources(call: Call, found: Organization | None) -> list[str]:
    """Return the ARNs of the accounts, units and roots that the request names.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
    """
    ids = [call[name] for name in _RESOURCE_PARAMETERS if name in call.params]
    return [_arn(found, each) for each in ids] if found is not None else []


def _arn(found: Organization, name: str) -> str:
    kind = {"r": "root", "ou": "ou"}.get(name.partition("-")[0], "account")
    return found.arn(kind, name)


def require_member(call: Call) -> Organization:
    """Return the organization of the caller's account."""
    found = call.lab.state.directory.organizations.of_account(call.account)
    for resource in _named_resources(call, found) or ["*"]:
        require_permission(call, f"organizations:{call.operation.name}", resource)
    if found is None:
        raise organizations_error(
            "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."
        )
    return found


def require_administrator(call: Call) -> Organization:
    """Return the organization, if the caller is of its management account or of a delegated administrator."""
    found = require_member(call)
    if call.account not in found.administrators():
        raise _denied()
    return found


def require_management(call: Call) -> Organization:
    """Return the organization, if the caller is of its management account."""
    found = require_member(call)
    if call.account != found.management:
        raise _denied()
    return found


def _denied() -> ServiceError:
    return organizations_error("AccessDeniedException", "You don't have permissions to access this resource.")


def find_member(call: Call, found: Organization) -> Member:
    """Return the account that the request names."""
    member = found.members.get(call["AccountId"])
    if member is None or not member.exists(call.now()):
        raise organizations_error("AccountNotFoundException", "You specified an account that doesn't exist.")
    return member


def check_parent(found: Organization, parent: str, code: str = "ParentNotFoundException") -> None:
    """Raise an error for a root or unit that does not exist."""
    if parent not in found.units:
        raise organizations_error(code, "You specified parent that doesn't exist.")


def read_tags(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Return the tags of a request."""
    found = {each["Key"]: each["Value"] for each in tags or []}
    if len(found) != len(tags or []):
        raise invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    if any(name.lower().startswith("aws:") for name in found):
        raise invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
    return found


def paginate(call: Call, items: Sequence[dict[str, Any]], name: str, size: int = 20) -> dict[str, Any]:
    """Return one page, with NextToken if there are more items."""
    start, token = 0, call.get("NextToken")
    if token is not None:
        try:
            start = decode_offset(token, name)
        except ValueError as exc:
            raise invalid_input(
                "INVALID_PAGINATION_TOKEN",
                "Get the value for the NextToken parameter from the response to a previous call of the operation.",
            ) from exc
    end = start + call.get("MaxResults", size)
    result: dict[str, Any] = {name: list(items[start:end])}
    if end < len(items):
        result["NextToken"] = encode_token(end, name)
    return result
