# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Events of CloudTrail. Calls of KMS are recorded: those that clients make, and those that S3 makes for them.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..identity.records import Caller
from ..policy_language import PrincipalKind
from ..protocol.values import iso8601_second, lower_camel_case
from .history import KEY_TYPE, SOURCE, Event

# The invoker of the calls that S3 makes for a user, in the events of that user.
_INVOKED_BY_AWS = "AWS Internal"
# Parameters that are secret or large are not recorded.
_OMITTED = {
    *("plaintext", "ciphertextBlob", "message", "signature", "mac", "encryptedKeyMaterial", "importToken"),
    "sharedSecretCiphertextBlob",
}
# Operations with these prefixes are read-only in CloudTrail, also the cryptographic ones.
_READ_PREFIXES = (
    *("Describe", "Get", "List", "Encrypt", "Decrypt", "Generate", "ReEncrypt", "Verify", "Sign", "Derive"),
    *("Encapsulate", "Decapsulate"),
)


def record_call(call: Call, error: ServiceError | None) -> None:
    """Record a call of KMS with the keys that it used. ``error`` is None if the call succeeded."""
    keys = tuple(dict.fromkeys(call.keys))
    parameters = {
        lower_camel_case(name): base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in call.params.items()
        if lower_camel_case(name) not in _OMITTED
    }
    _record_event(call, call.operation.name, keys, parameters, error)


def record_s3_key_use(
    call: Call, action: str, key_arn: str, context: Mapping[str, str], denial_message: str | None
) -> None:
    """Record a call of KMS that S3 made with its caller's permissions."""
    parameters: dict[str, Any] = {"keyId": key_arn, "encryptionContext": dict(context)}
    if action.startswith("GenerateDataKey"):
        parameters["keySpec"] = "AES_256"
    error = ServiceError("AccessDenied", denial_message, 403) if denial_message is not None else None
    _record_event(call, action, (key_arn,), parameters, error, invoked_by=_INVOKED_BY_AWS)


def _record_event(
    call: Call,
    name: str,
    keys: tuple[str, ...],
    parameters: dict[str, Any],
    error: ServiceError | None,
    invoked_by: str = "",
) -> None:
    """Add the event to the caller's history and, if the call succeeded, to the history of the key's owner."""
    if call.caller.anonymous:
        return
    event_id, now = str(uuid.uuid4()), call.now()
    read_only = name.startswith(_READ_PREFIXES)
    owners = [] if error is not None else [arn.split(":")[4] for arn in keys]
    for account in dict.fromkeys([call.account, *owners]):
        region = keys[0].split(":")[3] if keys else call.region
        document = {
            "eventVersion": "1.11",
            "userIdentity": _user_identity(call.caller, invoked_by),
            "eventTime": iso8601_second(int(now)),
            "eventSource": SOURCE,
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": invoked_by or "127.0.0.1",
            "userAgent": invoked_by or call.record.user_agent,
            **({"errorCode": error.code} if error is not None else {}),
            **({"errorMessage": error.message} if error is not None and error.message else {}),
            "requestParameters": parameters or None,
            "responseElements": None,
            "requestID": str(uuid.uuid4()),
            "eventID": event_id,
            "readOnly": read_only,
            "resources": [{"accountId": arn.split(":")[4], "type": KEY_TYPE, "ARN": arn} for arn in keys],
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account,
            "eventCategory": "Management",
        }
        text = json.dumps(document, default=str)
        user = call.caller.arn.rpartition("/")[2] if "/" in call.caller.arn else "root"
        event = Event(event_id, now, name, read_only, call.caller.access_key, user, keys, text)
        call.lab.state.history.add(account, region, event)


def _user_identity(caller: Caller, invoked_by: str) -> dict[str, Any]:
    """Return the element ``userIdentity``.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    principal = caller.principal
    types = {
        PrincipalKind.USER: "IAMUser",
        PrincipalKind.ROLE_SESSION: "AssumedRole",
        PrincipalKind.ROOT: "Root",
        PrincipalKind.FEDERATED: "FederatedUser",
        PrincipalKind.SERVICE: "AWSService",
    }
    identity: dict[str, Any] = {"type": types.get(principal.kind, "Unknown")}
    if principal.kind is PrincipalKind.SERVICE:
        return {**identity, "invokedBy": principal.arn}
    identity |= {
        "principalId": principal.unique_id or principal.account,
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": caller.access_key,
    }
    if principal.kind is PrincipalKind.USER:
        identity["userName"] = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.ROLE_SESSION:
        identity["sessionContext"] = {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal.unique_id.partition(":")[0],
                "arn": principal.role_arn,
                "accountId": principal.account,
                "userName": principal.role_arn.rpartition("/")[2],
            }
        }
    return {**identity, "invokedBy": invoked_by} if invoked_by else identity
