# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The messages of the check of a role: bounded, and complete where they can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.role_check import check_role
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.role_policy import (
    NeededPermission,
    Purpose,
    trust_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.iam_role import IamRole, SimulatedAction, Verdict

ROLE = "arn:aws:iam::111122223333:role/batch"


@dataclass(frozen=True)
class Roles:
    """IAM with a role that is allowed nothing, or that cannot be reached."""

    failure: Failure | None = None

    def get_role(self, name: str) -> IamRole:
        """The role, which S3 Batch Operations may assume."""
        self._require()
        return IamRole(ROLE, json.dumps(trust_policy()))

    def simulate_principal_policy(
        self, role_arn: str, actions: tuple[str, ...], resources: tuple[str, ...], context: Mapping[str, str]
    ) -> tuple[SimulatedAction, ...]:
        """Nothing is allowed. At most 20 resources of one region and account are asked for at once."""
        self._require()
        assert len(resources) <= 20
        assert context.get("kms:ViaService", "") in ("", f"s3.{resources[0].split(':')[3]}.amazonaws.com")
        return tuple(SimulatedAction(each, arn, Verdict.NOT_ALLOWED) for each in actions for arn in resources)

    def _require(self) -> None:
        if self.failure:
            raise OperationError(self.failure)


def keys(number: int) -> tuple[str, ...]:
    """The ARNs of so many keys, in two regions."""
    return tuple(f"arn:aws:kms:eu-west-{each % 2 + 1}:111122223333:key/{each:08}" for each in range(number))


def test_the_message_for_many_keys_is_bounded() -> None:
    """It says how many keys it leaves out, and `policy` has all of them."""
    need = NeededPermission(("kms:Decrypt",), keys(1000), Purpose.READ_UNDER_KEYS)
    found = check_role(Roles(), ROLE, (need,))
    assert found.failure is not None
    assert len(found.failure.sentence()) < 2500
    assert "and 998 more, which the job needs" in found.failure.message
    assert "(and 988 more resources)" in found.failure.advice
    assert found.policy is not None
    assert len(found.policy["Statement"][0]["Resource"]) == 1000


def test_iam_that_cannot_be_reached() -> None:
    """Nothing else is tried, and the job may go on. The warnings have the cause and the policy."""
    need = NeededPermission(("s3:PutObject",), ("arn:aws:s3:::reports/*",), Purpose.WRITE_REPORT)
    silent = Failure(FailureKind.UNREACHABLE, "There is no connection to iam.amazonaws.com.", action="iam:GetRole")
    found = check_role(Roles(silent), ROLE, (need,))
    assert (found.failure, found.policy) == (None, None)
    assert ["There is no connection to iam.amazonaws.com." in each for each in found.warnings] == [True, True]
    assert '"Sid": "WriteReport"' in found.warnings[1]
