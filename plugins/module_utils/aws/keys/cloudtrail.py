# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The event history of CloudTrail for one key, page by page.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ...model.arn import Arn
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_usage import UsageEvent
from ..errors import translate_errors

if TYPE_CHECKING:
    from ..session import Clients

_PAGE = 50


class CloudTrail:
    """The CloudTrail of a run's session, in the region of the task."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def lookup_events(
        self, key_arn: str, start: datetime | None, token: str | None
    ) -> tuple[list[UsageEvent], str | None]:
        """LookupEvents, one page: the latest events first, and the token of the next page or None.

        Credentials are sent to AWS, or to the endpoint that the task names for CloudTrail, and to no other server.
        """
        self._require_endpoint(key_arn)
        since = {"StartTime": start} if start else {}
        more = {"NextToken": token} if token else {}
        with translate_errors("cloudtrail", "LookupEvents", key_arn):
            answer = self._clients.get("cloudtrail").lookup_events(
                LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": key_arn}],
                MaxResults=_PAGE,
                **since,
                **more,
            )
        return [flatten_event(event) for event in answer.get("Events", ())], answer.get("NextToken")

    def _require_endpoint(self, key_arn: str) -> None:
        """Raise OperationError if the KMS is not known to be at AWS.

        Other stores have no CloudTrail, and AWS's has not recorded the use of their keys.
        """
        clients = self._clients
        if clients.has_cloudtrail_endpoint or not (
            clients.custom_endpoint("kms") or clients.custom_endpoint("cloudtrail")
        ):
            return
        if clients.verify is False:
            cause, advice = (
                "Certificates are not checked, so no server is known to be AWS's.",
                "Set validate_certs, set",
            )
        else:
            cause, advice = "The KMS of this task is not at AWS, so no CloudTrail is known to record its use.", "Set"
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"{cause} No request was sent.",
                f"{advice} cloudtrail_endpoint_url if there is one, or omit include_usage.",
                "cloudtrail:LookupEvents",
                key_arn,
            )
        )


def flatten_event(event: Mapping[str, Any]) -> UsageEvent:
    """The event of a LookupEvents response, which contains the whole record as a JSON text.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    record = json.loads(event.get("CloudTrailEvent") or "{}")
    identity = record.get("userIdentity") or {}
    parameters = record.get("requestParameters") or {}
    context = parameters.get("encryptionContext") or {}
    service = identity.get("invokedBy")
    principal = _principal(identity)
    return UsageEvent(
        time=event["EventTime"].astimezone(timezone.utc).isoformat(),
        operation=event.get("EventName", ""),
        principal=principal or service or event.get("Username") or "unknown",
        via=service if principal else None,
        error=record.get("errorCode"),
        bucket=_bucket(context.get("aws:s3:arn", "")),
    )


def _principal(identity: Mapping[str, Any]) -> str | None:
    """The caller: the role of a session, a user, or another account; None for a service that acts for itself.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    if identity.get("type") == "AWSService":
        return None
    return issuer.get("arn") or identity.get("arn") or identity.get("accountId") or identity.get("principalId")


def _bucket(arn: str) -> str | None:
    """The bucket of S3's encryption context, which is the ARN of an object or, with a bucket key, of a bucket."""
    parsed = Arn.try_parse(arn)
    return parsed.resource.partition("/")[0] if parsed and not parsed.account else None
