# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Where the credentials of an account are refused, so that not every resource there makes a call in vain."""

from __future__ import annotations

import threading
from dataclasses import replace

from ...model.accounts.account import Account
from ...model.errors import Failure, FailureKind, Reason
from ...model.outcome import Outcome
from ...model.plan import ContextT, StateT


class RefusedCredentials:
    """The regions of one account that refuse its credentials, or the whole account. Safe for threads.

    A region that is not enabled in the account does not know credentials which are valid elsewhere. If a region refuses
    those that it has accepted before, they are not valid anywhere any more.
    Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._accepted: set[str] = set()
        self._refused: dict[str, Failure] = {}
        self._of_account: Failure | None = None

    def refusal(self, region: str) -> Failure | None:
        """The failure to report instead of a call to this region; None while the region should be called."""
        with self._lock:
            cause = self._of_account or self._refused.get(region)
        if cause is None:
            return None
        where = f"the account {self._account.label}" + ("" if self._of_account else f" in {region}")
        message = f"Not tried: the credentials of {where} were refused. {cause.message}"
        # The cause was found at another resource.
        return replace(cause, code="NotTried", message=message).with_resource("")

    def record(self, region: str, outcome: Outcome[StateT, ContextT]) -> Outcome[StateT, ContextT]:
        """Record the outcome of the work for a resource in a region. Returns it, with advice about the region."""
        failure = outcome.failure
        with self._lock:
            if failure is None:
                self._accepted.add(region)
            if failure is None or not _is_refusal(failure):
                return outcome
            if region in self._accepted:
                self._of_account = self._of_account or failure
                return outcome
            about = refused_in_region(failure, region)
            self._refused.setdefault(region, about)
        return replace(outcome, failure=about)


def refused_in_region(failure: Failure, region: str) -> Failure:
    """The failure of a call to a region, with advice if it refused the credentials of an account that was entered."""
    if not _is_refusal(failure):
        return failure
    place = region or "the region"
    return replace(failure, kind=FailureKind.CREDENTIALS).with_more_advice(
        f"The account was entered, so {place} may not be enabled in it: enable {place} there, or leave it out of the "
        "task."
    )


def _is_refusal(failure: Failure) -> bool:
    """Whether the credentials of the account were refused, and not those of the task, which renew them."""
    if failure.reason is Reason.OWN_CREDENTIALS:
        return False
    return failure.kind is FailureKind.CREDENTIALS or failure.reason is Reason.TOKEN_NOT_ACCEPTED
