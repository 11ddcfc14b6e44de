# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Each principal against each exemption of bucket_encryption_policy, in a lab that enforces policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sealed_lab.policy_language import Principal

from . import policy_refusals as documented
from .policy_world import BUCKET, OTHER_ACCOUNT, ROLE, SERVICE, World, encryption_headers, is_denied, new_world
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


@pytest.mark.parametrize("exemption", documented.EXEMPTIONS)
@pytest.mark.parametrize("rule", BROKEN_RULES)
def test_exemptions(world: World, rule: str, exemption: str) -> None:
    """Each exemption works alone and beside others, for each rule, and for no one else."""
    named = {option: [_NAMES[name] for name in names] for option, names in documented.EXEMPTIONS[exemption].items()}
    options, row = BROKEN_RULES[rule]
    document = world.apply(**options, **named)
    headers = encryption_headers(row, world.keys)
    services = {"SERVICE": SERVICE, "another service": "delivery.logs.amazonaws.com"}
    found = {name: is_denied(document, Principal.service(service), headers) for name, service in services.items()}
    found["nobody (an unsigned request)"] = is_denied(document, Principal.anonymous(), headers)
    for name, credentials in world.credentials.items():
        with Requester(world.lab.url, credentials) as requester:
            found[name] = requester.send("PUT", f"/{BUCKET}/exempt", b"content", headers).is_refused
    assert found == {name: row[exemption] for name, row in PRINCIPALS.items()}


@pytest.mark.parametrize("exempt", [{}, {"exempt_principals": [ROLE]}, {"exempt_principals": [f"{ROLE[:-6]}*"]}])
def test_exempt_principals_change_any_object_in_place(world: World, exempt: Mapping[str, Any]) -> None:
    """To a key that is not allowed, and only they. A pattern exempts every role that matches it."""
    world.s3.delete_bucket_policy(Bucket=BUCKET)
    world.s3.put_object(Bucket=BUCKET, Key="moved", Body=b"content", ServerSideEncryption="AES256")
    world.apply(allow_kms_keys=["KEY"], **exempt)
    document = f"<ObjectEncryption><SSE-KMS><KMSKeyArn>{world.keys['another']}</KMSKeyArn></SSE-KMS></ObjectEncryption>"
    refused = {}
    for name in ("a session of ROLE", "another user of the bucket's account"):
        with Requester(world.lab.url, world.credentials[name]) as requester:
            refused[name] = requester.send("PUT", f"/{BUCKET}/moved?encryption=", document.encode()).is_refused
    assert refused == {"a session of ROLE": not exempt, "another user of the bucket's account": True}
