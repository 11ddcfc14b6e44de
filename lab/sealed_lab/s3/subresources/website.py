# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The rules of a website configuration.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import invalid_argument, invalid_request
from ...protocol.xml_shapes import malformed_xml

_PROTOCOLS = ("http", "https")
_RULE_LIMIT = 50


def check_website(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration. Raise an error if S3 would refuse it."""
    redirect_all = configuration.get("RedirectAllRequestsTo")
    if redirect_all is not None:
        if len(configuration) > 1:
            raise invalid_argument(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                "RedirectAllRequestsTo",
                "not null",
            )
        _check_protocol(redirect_all)
        return dict(configuration)
    _check_index(configuration.get("IndexDocument"))
    if "RoutingRules" in configuration:
        _check_routing_rules(configuration["RoutingRules"])
    return dict(configuration)


def _check_index(index: Mapping[str, Any] | None) -> None:
    if index is None:
        raise invalid_argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        )
    suffix = index["Suffix"]
    if not suffix or "/" in suffix:
        raise invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix)


def _check_routing_rules(rules: Sequence[Mapping[str, Any]]) -> None:
    if not rules:
        raise malformed_xml()
    if len(rules) > _RULE_LIMIT:
        raise invalid_request(
            f"{len(rules)} routing rules provided, the number of routing rules in a website configuration is limited "
            f"to {_RULE_LIMIT}."
        )
    for rule in rules:
        _check_redirect(rule["Redirect"])
        if "Condition" in rule:
            _check_condition(rule["Condition"])


def _check_redirect(redirect: Mapping[str, Any]) -> None:
    _check_protocol(redirect)
    if "ReplaceKeyWith" in redirect and "ReplaceKeyPrefixWith" in redirect:
        raise invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    code = redirect.get("HttpRedirectCode")
    if code is not None and (not _is_code(code, "3") or code == "300"):
        raise invalid_request(f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.")


def _check_condition(condition: Mapping[str, Any]) -> None:
    if not condition:
        raise invalid_request(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't "
            "be present."
        )
    code = condition.get("HttpErrorCodeReturnedEquals")
    if code is not None and not _is_code(code, "45"):
        raise invalid_request(f"The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX.")


def _is_code(text: str, first: str) -> bool:
    return len(text) == 3 and text.isdigit() and text[0] in first


def _check_protocol(redirect: Mapping[str, Any]) -> None:
    if redirect.get("Protocol", "http") not in _PROTOCOLS:
        raise invalid_request(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
            "automatically."
        )
