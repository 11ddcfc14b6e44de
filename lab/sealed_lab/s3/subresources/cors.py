# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The rules of a CORS configuration, and the rule that applies to a request of a browser.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import invalid_request
from ...protocol.xml_shapes import malformed_xml

_METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")
_RULE_LIMIT = 100


def check_cors(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration. Raise an error if a rule is not valid."""
    rules: Sequence[Mapping[str, Any]] = configuration["CORSRules"]
    if not 0 < len(rules) <= _RULE_LIMIT:
        raise malformed_xml()
    for rule in rules:
        for method in rule["AllowedMethods"]:
            if method not in _METHODS:
                raise invalid_request(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
        for element, values in (("AllowedOrigin", "AllowedOrigins"), ("AllowedHeader", "AllowedHeaders")):
            for value in rule.get(values, ()):
                if value.count("*") > 1:
                    raise invalid_request(f'{element} "{value}" can not have more than one wildcard.')
        for value in rule.get("ExposeHeaders", ()):
            if "*" in value:
                raise invalid_request(
                    f'ExposeHeader "{value}" contains wildcard. We currently do not support wildcard for ExposeHeader.'
                )
    return dict(configuration)


@dataclass(frozen=True, slots=True)
class CorsRequest:
    """A request of a script on a web page: its origin, its method, and the headers that it requests."""

    origin: str
    method: str
    headers: tuple[str, ...]


def cors_headers(configuration: Mapping[str, Any] | None, request: CorsRequest) -> dict[str, str] | None:
    """Return the headers of the response by the first rule that allows the request; None if no rule does."""
    for rule in (configuration or {}).get("CORSRules", ()):
        pattern = next((each for each in rule["AllowedOrigins"] if _matches(each, request.origin)), None)
        if pattern is None or request.method not in rule["AllowedMethods"]:
            continue
        allowed = [each.lower() for each in rule.get("AllowedHeaders", ())]
        if all(any(_matches(each, header) for each in allowed) for header in request.headers):
            return _response_headers(rule, pattern, request)
    return None


def _response_headers(rule: Mapping[str, Any], pattern: str, request: CorsRequest) -> dict[str, str]:
    everyone = pattern == "*"
    headers = {"Access-Control-Allow-Origin": "*" if everyone else request.origin}
    headers["Access-Control-Allow-Methods"] = ", ".join(rule["AllowedMethods"])
    if request.headers:
        headers["Access-Control-Allow-Headers"] = ", ".join(request.headers)
    if "ExposeHeaders" in rule:
        headers["Access-Control-Expose-Headers"] = ", ".join(rule["ExposeHeaders"])
    if "MaxAgeSeconds" in rule:
        headers["Access-Control-Max-Age"] = str(rule["MaxAgeSeconds"])
    if not everyone:
        headers["Access-Control-Allow-Credentials"] = "true"
    headers["Vary"] = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
    return headers


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None
