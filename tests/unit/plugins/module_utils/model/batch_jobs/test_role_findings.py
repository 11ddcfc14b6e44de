# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The verdict on a role, by the simulator and by the policies of buckets and keys."""

from __future__ import annotations

import json

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.role_findings import (
    RoleFindings,
    attached_to,
    judge,
    simulation_context,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.role_policy import NeededPermission
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.iam_role import SimulatedAction, Verdict

ROLE = Arn.parse("arn:aws:iam::111122223333:role/batch")
OBJECTS, BUCKET = "arn:aws:s3:::data/*", "arn:aws:s3:::data"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
FOREIGN = "arn:aws:kms:eu-west-1:444455556666:key/k"
ALLOWED, DENIED, NOT_ALLOWED = Verdict.ALLOWED, Verdict.DENIED, Verdict.NOT_ALLOWED


def key_policy(principal: str, effect: str = "Allow") -> str:
    """A key policy with one statement."""
    statement = {"Effect": effect, "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "One", **statement}]})


DELEGATING = key_policy("arn:aws:iam::111122223333:root")
NAMING = key_policy(str(ROLE))
ANOTHER = key_policy("arn:aws:iam::444455556666:root")


def verdict(
    resource: str,
    found: Verdict | None,
    attached: dict[str, str | None] | None,
    missing_keys: tuple[str, ...] = (),
    layer: str = "",
) -> str:
    """What the role lacks for one action, as a word, and what refuses it."""
    action = "kms:Decrypt" if ":kms:" in resource else "s3:GetObject"
    need = NeededPermission((action,), (resource,))
    simulated = [] if found is None else [SimulatedAction(action, resource, found, missing_keys, layer)]
    findings = judge(ROLE, [need], simulated, attached)
    if findings == RoleFindings():
        return "fine"
    if findings.missing:
        return "missing"
    return f"refused by {findings.refusals[0].by}" if findings.refusals else f"unsure {findings.unknown_keys}"


@pytest.mark.parametrize(
    ("resource", "found", "attached", "expected"),
    [
        (OBJECTS, ALLOWED, None, "fine"),
        (OBJECTS, NOT_ALLOWED, None, "missing"),
        (OBJECTS, NOT_ALLOWED, {BUCKET: None}, "missing"),
        (OBJECTS, NOT_ALLOWED, {}, "unsure ()"),
        (OBJECTS, None, {BUCKET: None}, "unsure ()"),
        (OBJECTS, DENIED, None, "refused by a statement of the role's own policies, which denies it"),
        (KEY, ALLOWED, {KEY: DELEGATING}, "fine"),
        (KEY, ALLOWED, {KEY: NAMING}, "fine"),
        (KEY, ALLOWED, {}, "fine"),
        (KEY, ALLOWED, {KEY: ANOTHER}, f"refused by the policy of the key {KEY}, which does not allow it"),
        (KEY, NOT_ALLOWED, {KEY: DELEGATING}, "missing"),
        (KEY, NOT_ALLOWED, {KEY: NAMING}, "fine"),
        (KEY, ALLOWED, {KEY: key_policy("*", "Deny")}, f"refused by the policy of the key {KEY}, whose statement One"),
        (FOREIGN, NOT_ALLOWED, {}, "missing"),
        (FOREIGN, ALLOWED, {}, "fine"),
    ],
)
def test_verdicts(resource: str, found: Verdict | None, attached: dict[str, str | None] | None, expected: str) -> None:
    """Only what is certain is missing or refused."""
    assert verdict(resource, found, attached).startswith(expected)


def test_what_the_simulator_does_not_know() -> None:
    """A missing condition key leaves it open; a policy above the role is no matter of the role's own policies."""
    assert verdict(OBJECTS, DENIED, None, ("aws:SourceIp",)) == "unsure ('aws:SourceIp',)"
    assert verdict(OBJECTS, ALLOWED, None, ("aws:SourceIp",)) == "fine"
    assert verdict(OBJECTS, NOT_ALLOWED, None, (), "service control policy") == "refused by a service control policy"


def test_missing_parts_of_a_permission() -> None:
    """The policy to add has the actions and the resources that are missing, and no others."""
    need = NeededPermission(("kms:Decrypt", "kms:Encrypt"), (KEY, FOREIGN))
    simulated = [
        SimulatedAction("kms:Decrypt", KEY, NOT_ALLOWED),
        SimulatedAction("kms:Decrypt", FOREIGN, ALLOWED),
        SimulatedAction("kms:Encrypt", KEY, ALLOWED),
        SimulatedAction("kms:Encrypt", FOREIGN, ALLOWED),
    ]
    assert judge(ROLE, [need], simulated, None).missing == (NeededPermission(("kms:Decrypt",), (KEY,)),)


def test_what_a_request_of_a_job_is_known_to_have() -> None:
    """The endpoint of S3 in the region of the key, in the domain of its partition."""
    assert attached_to(OBJECTS) == attached_to(BUCKET) == BUCKET
    assert attached_to(KEY) == KEY
    assert "kms:ViaService" not in simulation_context(ROLE, OBJECTS)
    assert simulation_context(ROLE, KEY)["kms:ViaService"] == "s3.eu-west-1.amazonaws.com"
    chinese = "arn:aws-cn:kms:cn-north-1:111122223333:key/k"
    assert simulation_context(ROLE, chinese)["kms:ViaService"] == "s3.cn-north-1.amazonaws.com.cn"
