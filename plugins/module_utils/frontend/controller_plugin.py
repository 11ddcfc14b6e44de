# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The work of a plugin on the controller: the SDK, the connection, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from ansible.module_utils.basic import missing_required_lib

from ..aws.accounts.role_sessions import RoleSessions
from ..aws.session import OLDEST_SDK, SDK_VERSION, Clients, sdk_is_recent
from ..engine.clock import Clock
from ..model.accounts.account import AssumedRole
from ..model.accounts.role_rules import parse_role_arn
from ..model.errors import OperationError, file_error, internal_error, invalid_input
from .run import Timeouts, connection_of

ResultT = TypeVar("ResultT")


def run_plugin(work: Callable[[], ResultT]) -> ResultT:
    """Do the work of a plugin. Raises OperationError with every failure, also for an exception that nothing handles: a
    traceback could show secrets."""
    if not sdk_is_recent():
        reason = f"(there is {SDK_VERSION or 'none'})"
        raise invalid_input(missing_required_lib(f"boto3>={OLDEST_SDK}", reason=reason))
    try:
        return work()
    except OperationError:
        raise
    except OSError as error:
        failure = file_error(error)
    except Exception as error:
        failure = internal_error(error)
    raise OperationError(failure)


class _Options:
    """The options of a plugin, as the code of amazon.aws reads those of a module."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params

    def fail_json(self, msg: str, **_result: Any) -> NoReturn:
        """Fail, because options contradict each other."""
        raise invalid_input(msg)


def clients_of_plugin(params: dict[str, Any], timeouts: Timeouts, actions: tuple[str, ...], clock: Clock) -> Clients:
    """The clients of a plugin. With the option assume_role_arn, they have the session of that role, which is limited to
    these actions."""
    clients = Clients(connection_of(_Options(params), timeouts))
    if not params["assume_role_arn"]:
        return clients
    role = AssumedRole(parse_role_arn("assume_role_arn", params["assume_role_arn"]))
    return RoleSessions(clients, actions, clock.now).enter((role,))
