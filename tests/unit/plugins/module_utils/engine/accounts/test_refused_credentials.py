# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Where the credentials of an account are refused: in one region, or everywhere."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.accounts.refused_credentials import RefusedCredentials
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

HERE, THERE = "eu-west-1", "me-south-1"
UNKNOWN = Failure(FailureKind.CREDENTIALS, "The service does not know them.")
TOKEN = Failure(FailureKind.FAILED, "Refused (InvalidToken).", reason=Reason.TOKEN_NOT_ACCEPTED)
OWN = Failure(FailureKind.CREDENTIALS, "Expired.", reason=Reason.OWN_CREDENTIALS)
FORBIDDEN = Failure(FailureKind.FORBIDDEN, "No.")


def outcome(failure: Failure | None = None) -> Outcome[str, None]:
    """The outcome for one resource."""
    return Outcome(failure=failure)


@pytest.fixture
def refused() -> RefusedCredentials:
    """Those of an account."""
    return RefusedCredentials(Account("111122223333", "prod"))


@pytest.mark.parametrize("failure", [UNKNOWN, TOKEN])
def test_a_region_that_is_not_enabled(refused: RefusedCredentials, failure: Failure) -> None:
    """It has accepted nothing yet. Other regions are called."""
    recorded = refused.record(THERE, outcome(failure)).failure
    assert recorded
    assert recorded.kind is FailureKind.CREDENTIALS
    assert recorded.message == failure.message
    assert "The account was entered, so me-south-1 may not be enabled in it" in recorded.advice
    refusal = refused.refusal(THERE)
    assert refusal
    assert refusal.message.startswith("Not tried: the credentials of the account 111122223333 (prod) in me-south-1")
    assert (refusal.code, refusal.resource) == ("NotTried", "")
    assert refused.refusal(HERE) is None


def test_a_region_that_accepted_them_before(refused: RefusedCredentials) -> None:
    """Then they are not valid anywhere any more."""
    refused.record(HERE, outcome())
    assert refused.record(HERE, outcome(UNKNOWN)).failure == UNKNOWN
    for region in (HERE, THERE):
        refusal = refused.refusal(region)
        assert refusal
        assert refusal.message.startswith("Not tried: the credentials of the account 111122223333 (prod) were refused.")


@pytest.mark.parametrize("failure", [None, FORBIDDEN, OWN])
def test_other_outcomes(refused: RefusedCredentials, failure: Failure | None) -> None:
    """They refuse no credentials of the account."""
    assert refused.record(HERE, outcome(failure)) == outcome(failure)
    assert refused.refusal(HERE) is None
