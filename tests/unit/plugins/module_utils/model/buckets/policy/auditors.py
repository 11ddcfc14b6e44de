# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How auditors read a bucket policy to find out whether it requires TLS, as of November 2026.

Each function restates one rule, with what it does not look at. None of them is the rule's own code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Statement = Mapping[str, Any]
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _statements(document: str | None) -> list[Statement]:
    return _as_list(json.loads(document)["Statement"]) if document else []


def aws_config(document: str | None, bucket_arn: str) -> bool:
    """AWS Config's s3-bucket-ssl-requests-only, which is Security Hub's S3.5, too.

    It asks for an explicit Deny of every action for everyone, on the bucket and on its objects. An Allow of requests
    over TLS does not comply. The rule's code is not public; this is what AWS documents.
    Sources: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html
    https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule
    """
    covered = {
        resource
        for statement in _statements(document)
        if statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and {"s3:*", "*"} & set(_as_list(statement.get("Action")))
        and _only_denies_http(statement.get("Condition", {}))
        for resource in _as_list(statement.get("Resource"))
    }
    return {bucket_arn, f"{bucket_arn}/*"} <= covered or "*" in covered or f"{bucket_arn}*" in covered


def _only_denies_http(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    found = {operator: {key.lower(): values for key, values in keys.items()} for operator, keys in condition.items()}
    values = [str(value).lower() for value in _as_list(found.get("Bool", {}).get("aws:securetransport"))]
    return list(found) == ["Bool"] and list(found["Bool"]) == ["aws:securetransport"] and values == ["false"]


def prowler(document: str | None, bucket_arn: str) -> bool:
    """Prowler's s3_bucket_secure_transport_policy (version 5.46.0).

    It wants the value as the text "false", and the key in these letters. It looks at no principal and no resource.
    Source: https://github.com/prowler-cloud/prowler/tree/master/prowler/providers/aws/services/s3
    """
    return any(
        statement.get("Effect") == "Deny"
        and {"s3:PutObject", "*", "s3:*"} & set(_as_list(statement.get("Action")))
        and statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"
        for statement in _statements(document)
    )


def steampipe(document: str | None, bucket_arn: str) -> bool:
    """Steampipe's s3_bucket_enforces_ssl (AWS Compliance, December 2025).

    It reads the policy in a standard form, with lists and keys in lower case, and looks at no action and no resource.
    It is content with a statement about version 1.2 alone. It compares every other value as a boolean.
    Raises ValueError where its query fails: for another version, such as 1.3.
    Source: https://github.com/turbot/steampipe-mod-aws-compliance/blob/main/conformance_pack/s3.pp
    """
    found = False
    for statement in _statements(document):
        principal = statement.get("Principal")
        everyone = principal == "*" or "*" in _as_list(principal.get("AWS") if isinstance(principal, dict) else None)
        if not everyone or statement.get("Effect") != "Deny":
            continue
        condition = statement.get("Condition", {})
        version = _lowered(condition, "NumericLessThan").get("s3:tlsversion")
        values = version if version is not None else _lowered(condition, "Bool").get("aws:securetransport")
        for value in map(str, _as_list(values)):
            if value != "1.2" and value.lower() not in _BOOLEANS:
                raise ValueError(f'invalid input syntax for type boolean: "{value}"')
            found = found or value == "1.2" or not _BOOLEANS[value.lower()]
    return found


def _lowered(condition: Mapping[str, Mapping[str, Any]], operator: str) -> dict[str, Any]:
    return {key.lower(): values for key, values in condition.get(operator, {}).items()}


AUDITORS: Mapping[str, Callable[[str | None, str], bool]] = {
    "AWS Config s3-bucket-ssl-requests-only, Security Hub S3.5": aws_config,
    "Prowler s3_bucket_secure_transport_policy": prowler,
    "Steampipe s3_bucket_enforces_ssl": steampipe,
}
