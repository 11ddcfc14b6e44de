# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""IAM roles, and what IAM's policy simulator says about them.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class IamRole:
    """A role that exists. `trust_policy` is the JSON of its trust policy."""

    arn: str
    trust_policy: str


class Verdict(Enum):
    """What the policies of a role say about one action on one resource."""

    ALLOWED = "allowed"
    DENIED = "a statement denies it"
    NOT_ALLOWED = "no statement allows it"


@dataclass(frozen=True, slots=True)
class SimulatedAction:
    """The verdict of the simulator on one action and one resource.

    `missing_keys` are the condition keys that the policies need and the simulation did not have: with one of them, the
    verdict may differ from that of a real request. `layer` is the policy that limits the role whatever its own policies
    allow, such as a service control policy; empty if there is none.
    """

    action: str
    resource: str
    verdict: Verdict
    missing_keys: tuple[str, ...] = ()
    layer: str = ""
