# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The sessions of roles: entering an account from the credentials of the task, and staying in it.

The SDK's own way to assume roles needs a profile for each of them. Here its refreshing credentials call AssumeRole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ...model.accounts.account import Account, AssumedRole
from ...model.accounts.session_policy import ENTER_ACCOUNTS, session_policy
from ...model.caller import Caller
from ...model.errors import Failure, FailureKind, OperationError, Reason
from ..session import Clients
from .assume_role import DEFAULT_SECONDS, RoleSession, assume_role
from .sts import Sts

try:
    from botocore.credentials import RefreshableCredentials
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

# Seconds before the end of a session from which on it is renewed: by one thread while the others go on, and by all of
# them. These are the SDK's own numbers, but no more than a third and a fifth of a session: the shortest one lasts 900.
_RENEW, _PARTS_TO_RENEW = 900, 3
_MUST_RENEW, _PARTS_TO_MUST_RENEW = 600, 5
# Seconds for which a role that was refused is not asked for again: each call of a run for the account would.
_REFUSED = 60
# The next attempt may have another outcome.
_TEMPORARY = (FailureKind.THROTTLED, FailureKind.UNREACHABLE)

Now = Callable[[], datetime]


class RoleSessions:
    """The sessions of a run, each with clients of its own. Safe for threads.

    `hub` are the clients of the task's own credentials. `actions` are what the sessions may do in the accounts. `now`
    is the current time, with its zone.
    """

    def __init__(self, hub: Clients, actions: tuple[str, ...], now: Now) -> None:
        self._hub = hub
        self._policy = session_policy(actions)
        self._now = now
        self._lock = threading.Lock()
        self._locks: dict[tuple[AssumedRole, ...], threading.Lock] = {}
        self._entered: dict[tuple[AssumedRole, ...], Clients | OperationError] = {}
        self._caller_lock = threading.Lock()
        self._caller: Caller | None = None

    def caller(self) -> Caller:
        """The account and the principal of the task's own credentials. One call in a run."""
        with self._caller_lock:
            if self._caller is None:
                self._caller = Sts(self._hub).get_caller_identity()
            return self._caller

    def open(self, account: Account) -> Clients:
        """Enter an account: clients with its credentials, to be closed, whose calls are for its own buckets only.

        One AssumeRole, and one for each role on the way that no other account has in common, now and whenever a session
        is about to expire. Raises OperationError if a role cannot be assumed, and if it leads to another account. A
        failure of the task's own credentials, with which no role can be assumed, has the reason OWN_CREDENTIALS.
        """
        if not account.roles:
            return self._open_own(account)
        return self._clients(account.roles, self._policy, account.account_id)

    def enter(self, roles: tuple[AssumedRole, ...]) -> Clients:
        """The clients of the last of these roles, for all that it may work on; without roles, those of the hub.

        Raises OperationError as `open` does.
        """
        if not roles:
            return self._hub
        return self._clients(roles, self._policy)

    def close(self) -> None:
        """Close the clients of the roles on the way to accounts. Only when no account is used any more."""
        with self._lock:
            entered = list(self._entered.values())
            self._entered.clear()
        for each in entered:
            if isinstance(each, Clients):
                each.close()

    def _open_own(self, account: Account) -> Clients:
        caller = self.caller()
        if caller.account != account.account_id:
            raise OperationError(
                Failure(
                    FailureKind.INVALID,
                    f"The credentials of the task are of the account {caller.account}, not of {account.account_id}.",
                    "Name a role of that account in role_arn. Nothing was done in either account.",
                    resource=account.account_id,
                )
            )
        return self._hub.with_credentials(self._hub.own_credentials(), account.account_id, caller)

    def _way(self, roles: tuple[AssumedRole, ...]) -> Clients:
        """The clients that a role is assumed with: those of the roles before it, which are assumed once."""
        if not roles:
            return self._hub
        with self._lock:
            lock = self._locks.setdefault(roles, threading.Lock())
        with lock:
            found = self._entered.get(roles) or self._enter(roles)
            if isinstance(found, Clients) or found.failure.kind not in _TEMPORARY:
                self._entered[roles] = found
        if isinstance(found, OperationError):
            raise OperationError(found.failure)
        return found

    def _enter(self, roles: tuple[AssumedRole, ...]) -> Clients | OperationError:
        try:
            # Which roles are next is not known at once, so it may assume those that it is itself allowed to.
            return self._clients(roles, session_policy(ENTER_ACCOUNTS))
        except OperationError as error:
            return error

    def _clients(self, roles: tuple[AssumedRole, ...], policy: str, owner: str | None = None) -> Clients:
        """The clients of the last of these roles, whose session has this policy."""
        *way, last = roles
        source = self._way(tuple(way))
        account_id = owner or last.account_id
        renewal = _Renewal(source, last, account_id, policy, self._now, is_first=source is self._hub)
        # Opened now, so that what is wrong is known before anything else is done.
        session = renewal.session()
        credentials = _refreshing(renewal, session, last.duration_seconds or DEFAULT_SECONDS, self._now)
        return self._hub.with_credentials(credentials, owner, Caller(session.principal.account, session.principal))


class _Renewal:
    """Opens the session of a role, each time that it is called. The SDK calls it in one thread at a time."""

    def __init__(
        self, source: Clients, role: AssumedRole, account_id: str, policy: str, now: Now, *, is_first: bool
    ) -> None:
        self._source = source
        self._role = role
        self._account_id = account_id
        self._policy = policy
        self._now = now
        self._is_first = is_first
        self._refusal: tuple[datetime, Failure] | None = None

    def session(self) -> RoleSession:
        """A new session. Raises OperationError without a call if the role was refused just now."""
        if self._refusal and self._now() - self._refusal[0] < timedelta(seconds=_REFUSED):
            raise OperationError(self._refusal[1])
        try:
            session = assume_role(self._source, self._role, self._policy)
        except OperationError as error:
            failure = error.failure
            if self._is_first and failure.kind is FailureKind.CREDENTIALS:
                failure = replace(failure, reason=Reason.OWN_CREDENTIALS)
            if failure.kind not in _TEMPORARY:
                self._refusal = (self._now(), failure)
            raise OperationError(failure) from error
        if session.principal.account != self._account_id:
            raise OperationError(_wrong_account(self._role, session, self._account_id))
        return session

    def __call__(self) -> dict[str, str]:
        """A new session, in the SDK's terms."""
        session = self.session()
        return {
            "access_key": session.access_key,
            "secret_key": session.secret_key,
            "token": session.token,
            "expiry_time": session.expires.isoformat(),
        }


def _refreshing(renewal: _Renewal, session: RoleSession, seconds: int, now: Now) -> RefreshableCredentials:
    """The credentials of a session of so many seconds, as those of the SDK that renew themselves."""
    return RefreshableCredentials(
        session.access_key,
        session.secret_key,
        session.token,
        session.expires,
        renewal,
        "assume-role",
        now,
        advisory_timeout=min(_RENEW, seconds // _PARTS_TO_RENEW),
        mandatory_timeout=min(_MUST_RENEW, seconds // _PARTS_TO_MUST_RENEW),
    )


def _wrong_account(role: AssumedRole, session: RoleSession, meant: str) -> Failure:
    return Failure(
        FailureKind.INVALID,
        f"The role {role.arn} leads to the account {session.principal.account}, not to {meant}.",
        "Check account_id and role_arn, and the endpoint of STS. Nothing was done in either account.",
        "sts:AssumeRole",
        str(role.arn),
    )
