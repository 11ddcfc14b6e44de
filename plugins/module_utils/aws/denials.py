# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The sentences of AWS for a denied action: which type of policy refused it, explicitly or not, and what to do next.

"... is not authorized to perform: ACTION on resource: ARN because no TYPE policy allows the ACTION action", or
"... with an explicit deny in a TYPE policy", which may be followed by ": " and the ARN of the policy.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..model.errors import Reason

_ACTION = re.compile(r"not authorized to perform: (?P<action>[\w:*-]+)")
_QUOTED_RESOURCE = re.compile(r'on resource: ".*"')
_POLICY_TYPES = (
    "identity-based",
    "resource-based",
    "service control",
    "resource control",
    "permissions boundary",
    "session",
    "VPC endpoint",
    "role trust",
)
_TYPE = rf"(?P<type>{'|'.join(_POLICY_TYPES)})s?"
# A request over a VPC endpoint can be denied by another policy, which the sentence names last.
_EXPLICIT = re.compile(
    rf"with an explicit deny in (?:an?|the) (?:[\w -]+ policy transitively through an? )?{_TYPE}\b", re.IGNORECASE
)
_IMPLICIT = re.compile(rf"because (?:no|the) {_TYPE}(?: policy)? allows\b", re.IGNORECASE)
_BLOCK_PUBLIC_ACCESS = re.compile(r"because public \w+ are prevented by the (?P<setting>\w+) setting", re.IGNORECASE)
_BLOCKED_ENCRYPTION = re.compile(r"because this bucket has blocked upload requests that specify", re.IGNORECASE)
BLOCKED_ENCRYPTION = "blocked encryption type"
BLOCK_PUBLIC_ACCESS = "S3 Block Public Access"
# KMS does not report which of three causes it is, to callers of other accounts for example.
_KEY_NOT_ACCESSIBLE = re.compile(
    r"because the resource does not exist in this Region, no resource-based policies allow access, or"
    r"|refers to a customer master key that does not exist",
    re.IGNORECASE,
)

_OTHER_CREDENTIALS = "or use other credentials."
_ORGANIZATION = "ask the administrator of the organization. A permission of the account does not help."
_IF_NOT_ALLOWED = {
    "identity-based": "Ask for that permission, or use other credentials.",
    "service control": f"No service control policy of the organization allows it: {_ORGANIZATION}",
    "resource control": f"No resource control policy of the organization allows it: {_ORGANIZATION}",
    "permissions boundary": "The permissions boundary of these credentials does not allow it: ask the administrator of "
    f"the organization or of the account, {_OTHER_CREDENTIALS}",
    "session": "The session policy of these credentials does not allow it: get credentials whose session policy does.",
    "VPC endpoint": "The policy of the VPC endpoint does not allow it: ask the administrator of the network.",
    "role trust": "The trust policy of the role does not allow it: ask the administrator of the role.",
}
_IF_DENIED = {
    "identity-based": "A policy of these credentials denies it: ask for a change of that policy, since no other "
    f"permission helps, {_OTHER_CREDENTIALS}",
    "service control": f"A service control policy of the organization denies it: {_ORGANIZATION}",
    "resource control": f"A resource control policy of the organization denies it: {_ORGANIZATION}",
    "permissions boundary": "The permissions boundary of these credentials denies it: ask the administrator of the "
    f"organization or of the account, {_OTHER_CREDENTIALS}",
    "session": "The session policy of these credentials denies it: get credentials whose session policy does not.",
    "VPC endpoint": "The policy of the VPC endpoint denies it: ask the administrator of the network.",
    "role trust": "The trust policy of the role denies it: ask the administrator of the role.",
}


@dataclass(frozen=True, slots=True)
class Denial:
    """What the message of a denied action reports. `layer` is empty if it does not name the type of policy."""

    action: str = ""
    layer: str = ""
    advice: str = ""
    reason: Reason | None = None


def parse_denial(text: str, action: str) -> Denial:
    """The denial that a message reports. `action` is the one of the request, which not every message names."""
    named = _ACTION.search(text)
    action = named["action"] if named else action
    text = _QUOTED_RESOURCE.sub("", text)  # the key of an object can have any words
    if found := _EXPLICIT.search(text):
        layer = _policy_type(found)
        return Denial(action, layer, _if_denied(layer, action), _explicit_reason(layer, action))
    if found := _IMPLICIT.search(text):
        layer = _policy_type(found)
        return Denial(action, layer, _if_not_allowed(layer, action), Reason.NOT_ALLOWED)
    if found := _BLOCK_PUBLIC_ACCESS.search(text):
        advice = f"Remove the public grant, or change the setting {found['setting']} of the bucket and of the account."
        return Denial(action, BLOCK_PUBLIC_ACCESS, advice, Reason.DENIED_BY_SETTING)
    if _BLOCKED_ENCRYPTION.search(text):
        advice = (
            "Unblock it with bucket_default_encryption and blocked_encryption_types: [], or choose another encryption."
        )
        return Denial(action, BLOCKED_ENCRYPTION, advice, Reason.DENIED_BY_SETTING)
    if _KEY_NOT_ACCESSIBLE.search(text):
        advice = (
            "KMS does not report which it is: check the ID and the region of the key, and ask its administrator for "
            "that permission in the key policy, and for one in a policy of these credentials."
        )
        return Denial(action, "", advice)
    return Denial(action)


def _policy_type(found: re.Match[str]) -> str:
    """The type of policy, in the letters of `_POLICY_TYPES`."""
    return next(each for each in _POLICY_TYPES if each.lower() == found["type"].lower())


def _explicit_reason(layer: str, action: str) -> Reason:
    if action.startswith("kms:"):
        return Reason.KEY_DENIED
    is_of_bucket = layer == "resource-based" and action.startswith("s3:")
    return Reason.DENIED_BY_BUCKET_POLICY if is_of_bucket else Reason.DENIED


def _if_denied(layer: str, action: str) -> str:
    if layer != "resource-based":
        return _IF_DENIED[layer]
    policy, administrator = _resource_policy(action)
    return f"{policy} denies it: ask {administrator} to change that statement. No other permission helps."


def _if_not_allowed(layer: str, action: str) -> str:
    if layer != "resource-based":
        return _IF_NOT_ALLOWED[layer]
    policy, administrator = _resource_policy(action)
    return f"{policy} does not allow it: ask {administrator} for that permission, {_OTHER_CREDENTIALS}"


def _resource_policy(action: str) -> tuple[str, str]:
    """The policy of the resource of an action, and who can change it."""
    if action.startswith("s3:"):
        return "The bucket's policy", "the owner of the bucket"
    if action.startswith("kms:"):
        return "The key policy", "the administrator of the key"
    return "The policy of the resource", "its administrator"
