# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Each principal against each exemption of bucket_encryption_policy, in a lab that enforces policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sealed_lab.policy_language import PolicyKind, Principal, Request, evaluate, parse_policy

from . import policy_refusals as documented
from .conftest import ACCOUNT
from .policy_world import ARN, BUCKET, OTHER_ACCOUNT, ROLE, SERVICE, World, encryption_headers, new_world
from .signed_requests import Requester

__all__ = ["new_world"]  # the fixture `world`


PRINCIPALS = documented.read_table(documented.PRINCIPALS)
_NAMES = {"ROLE": ROLE, "ACCOUNT": OTHER_ACCOUNT, "SERVICE": SERVICE}
# A rule, and what an upload breaks it with.
BROKEN_RULES: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "allow_encryption": ({"allow_encryption": ["SSE-KMS"]}, "`AES256`"),
    "allow_kms_keys": ({"allow_kms_keys": ["another"]}, "`aws:kms`, and KEY by its key ARN"),
    "deny_customer_keys": ({"deny_customer_keys": True}, "a customer key (SSE-C)"),
    "require_encryption_header": ({"require_encryption_header": True}, "nothing"),
}


def _is_denied_by(document: str, principal: Principal, headers: Mapping[str, str], **conditions: str) -> bool:
    """Whether the policy denies an upload explicitly, by the policy engine of the lab, as no client is a service."""
    context = {f"s3:{name.lower()}": [value] for name, value in headers.items() if "customer-key" not in name}
    context |= {name: [value] for name, value in conditions.items()}
    request = Request(principal, "s3:PutObject", f"{ARN}/log", ACCOUNT, {"aws:securetransport": ["true"], **context})
    return "explicit" in evaluate(request, [], parse_policy(document, PolicyKind.RESOURCE)).reason.value


@pytest.mark.parametrize("exemption", documented.EXEMPTIONS)
@pytest.mark.parametrize("rule", BROKEN_RULES)
def test_exemptions(world: World, rule: str, exemption: str) -> None:
    """Each exemption works alone and beside others, for each rule, and for no one else."""
    named = {option: [_NAMES[name] for name in names] for option, names in documented.EXEMPTIONS[exemption].items()}
    options, row = BROKEN_RULES[rule]
    document = world.apply(**options, **named)
    headers = encryption_headers(row, world.keys)
    services = {"SERVICE": SERVICE, "another service": "delivery.logs.amazonaws.com"}
    found = {name: _is_denied_by(document, Principal.service(service), headers) for name, service in services.items()}
    found["nobody (an unsigned request)"] = _is_denied_by(document, Principal.anonymous(), headers)
    for name, credentials in world.credentials.items():
        with Requester(world.lab.url, credentials) as requester:
            found[name] = requester.send("PUT", f"/{BUCKET}/exempt", b"content", headers).is_refused
    assert found == {name: row[exemption] for name, row in PRINCIPALS.items()}
