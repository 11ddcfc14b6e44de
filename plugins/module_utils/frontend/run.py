# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run of a module, from its parameters to its result. The only place that exits or fails."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info

from ..aws.session import OLDEST_SDK, SDK_VERSION, Clients, Connection, sdk_is_recent
from ..engine.clock import SYSTEM_CLOCK, Clock
from ..model.errors import OperationError, file_error, internal_error, invalid_input
from .arguments import (
    ArgumentSpec,
    assume_role_arguments,
    connection_arguments,
    escape_lone_surrogates,
    keys_as_file_names,
    lone_surrogate,
    require_no_key_as_file_name,
    require_no_placeholder,
    require_plain_text,
    require_text,
    use_names_of_kinds,
    workers,
)
from .payload import end_of_imports
from .result import Result, failure_result
from .unconvertible import entry_that_is_no_dict, unconvertible_option
from .written import read_written_params, require_no_null_account, require_no_null_entries

if TYPE_CHECKING:
    from ..aws.accounts.role_sessions import RoleSessions
    from ..model.accounts.account import AssumedRole
    from .result_rows import ResultRows


@dataclass(frozen=True)
class ModuleContext:
    """What the job of a module works with.

    `name` is that of the module, without the collection. `rows` takes each row of a task with `results_file`.
    """

    module: AnsibleModule
    clients: Clients
    clock: Clock
    name: str
    rows: ResultRows | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The options of the task."""
        params: dict[str, Any] = self.module.params
        return params

    @property
    def check_mode(self) -> bool:
        """Whether this is a check run, which writes nothing."""
        return bool(self.module.check_mode)

    def role_sessions(self) -> RoleSessions:
        """A way into other accounts, with the credentials of the task, to do there what the module does."""
        from ..aws.accounts.role_sessions import RoleSessions  # for such tasks only: others start faster without them
        from ..model.accounts.session_policy import session_actions

        return RoleSessions(self.clients, session_actions(self.name), self.clock.now)


# Seconds to wait for a connection, and for a response.
Timeouts = tuple[float, float]
# For modules that move no data: S3 and KMS answer such calls within a second or not at all, and in a fleet many
# buckets may wait for each other.
METADATA_TIMEOUTS: Timeouts = (5, 10)
# For modules that transfer objects. Some stores also hash an object before they answer.
DATA_TIMEOUTS: Timeouts = (10, 60)


def run_module(
    arguments: ArgumentSpec,
    job: Callable[[ModuleContext], Result],
    *,
    name: str,
    clock: Clock = SYSTEM_CLOCK,
    timeouts: Timeouts = DATA_TIMEOUTS,
    **constraints: Any,
) -> None:
    """Run the job of a module, and exit with the result that it returns; with `failed` in it, the module fails.

    `name` is that of the module, without the collection. `timeouts` apply unless the task's aws_config sets others.
    `constraints` are those of AnsibleModule (required_one_of, mutually_exclusive and so on). Any exception becomes a
    failure.
    """
    end_of_imports()
    arguments = {**assume_role_arguments(), **arguments}
    spec = {**connection_arguments(), **arguments}
    module = _module(spec, constraints)
    _exit_on_signals()
    if not sdk_is_recent():
        module.fail_json(msg=missing_required_lib(f"boto3>={OLDEST_SDK}", reason=f"(there is {SDK_VERSION or 'none'})"))
    clients: Clients | None = None
    rows: ResultRows | None = None
    try:
        require_text(module.params, spec)
        require_plain_text(module.params, spec)
        require_no_key_as_file_name(module.params)
        require_no_null_entries(read_written_params(), arguments)
        require_no_null_account(read_written_params())
        use_names_of_kinds(module.params, arguments)
        if not module.check_mode:
            require_no_placeholder(module.params)
        roles = _roles(module)
        rows = _rows(module)
        clients = Clients(connection_of(module, timeouts))
        task = ModuleContext(module, clients, clock, name, rows)
        if roles:
            task = replace(task, clients=task.role_sessions().enter(roles))
        result = job(task)
    except OperationError as error:
        result = failure_result(error.failure)
    except OSError as error:
        result = failure_result(file_error(error))
    except Exception as error:  # a bug is reported in a sentence, without a traceback that could show secrets
        more = "The result does not contain what was done before that."
        result = failure_result(internal_error(error).with_more_advice(more))
    _exit(module, clients, rows.complete(result) if rows else result)


def _roles(module: AnsibleModule) -> tuple[AssumedRole, ...]:
    """The roles to assume; empty without `assume_role`."""
    if module.params.get("assume_role") is None:
        return ()
    from .assume_role import parse_assume_role  # for these tasks only: others start faster without it

    return parse_assume_role(module.params)


def _rows(module: AnsibleModule) -> ResultRows | None:
    """What takes the rows, without what the module hides in its result. None without `results_file`."""
    if module.params.get("results_file") is None:
        return None
    from .result_rows import ResultRows  # for these tasks only: others start faster without it

    return ResultRows(lambda row: remove_values(row, module.no_log_values))


class _Module(AnsibleModule):  # type: ignore[misc]
    """The module of a task, whose log and result hide a key that is given as the name of its file."""

    params: dict[str, Any]
    _is_checked = False

    def __init__(self, argument_spec: ArgumentSpec, **options: Any) -> None:
        try:
            super().__init__(argument_spec=argument_spec, **options)
            self._is_checked = True
        except UnicodeEncodeError:
            raise
        except Exception:
            # Without parameters, Ansible failed before it read any.
            failure = unconvertible_option(argument_spec, getattr(self, "params", {}))
            if failure is None:
                raise
            self.params = {}  # Ansible does not know yet which of them are secret, and returns all as the invocation
            self.fail_json(**failure_result(failure))

    def _log_invocation(self) -> None:
        self.no_log_values.update(keys_as_file_names(self.params).values())
        super()._log_invocation()

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """Fail. Ansible itself calls this for options that it does not accept, before their text is checked."""
        if lone_surrogate(self.params):
            self.params = escape_lone_surrogates(self.params)
        if not self._is_checked and (failure := entry_that_is_no_dict(self.argument_spec, read_written_params())):
            self._is_checked = True
            self.fail_json(**failure_result(failure))
        super().fail_json(escape_lone_surrogates(msg), **result)
        raise AssertionError("unreachable")


def _module(spec: ArgumentSpec, constraints: dict[str, Any]) -> AnsibleModule:
    try:
        return _Module(argument_spec=spec, supports_check_mode=True, **constraints)
    except UnicodeEncodeError:  # syslog accepts only UTF-8; invalid text is reported later, so it must not be logged
        return _Module(argument_spec=spec, supports_check_mode=True, no_log=True, **constraints)


def _exit_on_signals() -> None:
    """End as after an exception: files and uploads are cleaned up. SIGHUP is what a terminal sends that is closed."""
    signal.signal(signal.SIGTERM, _exit_on_signal)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it, so that the run goes on
        signal.signal(signal.SIGHUP, _exit_on_signal)


def _exit_on_signal(number: int, _frame: object) -> NoReturn:
    """Raise an exception, so that open files and uploads are cleaned up."""
    raise SystemExit(128 + number)


def _exit(module: AnsibleModule, clients: Clients | None, result: Result) -> NoReturn:
    if clients and module.params.get("debug_botocore_endpoint_logs"):
        result["resource_actions"] = sorted(clients.calls.operations)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    _redact_content(module)
    if lone_surrogate(module.params):  # in the name of a file; Ansible would not accept it in a result
        module.params, result = escape_lone_surrogates(module.params), escape_lone_surrogates(result)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
    raise AssertionError("unreachable")


_CONTENT_OPTIONS = ("content", "content_base64")
_SECRET_OPTIONS = ("customer_key", "previous_customer_key", "secret_key", "session_token")


def _redact_content(module: AnsibleModule) -> None:
    """Hide the content of an object in the returned invocation, and nowhere else.

    The content is a `no_log` option, so that the log does not have it. But Ansible also replaces every occurrence of a
    `no_log` value in the result: a content of "1" would hide a size of 1.
    """
    for name in _CONTENT_OPTIONS:
        if module.params.get(name) is not None:
            if module.params[name] not in (module.params.get(secret) for secret in _SECRET_OPTIONS):
                module.no_log_values.discard(module.params[name])
            module.params[name] = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class ConnectionOptions(Protocol):
    """The options of a module, or of a plugin on the controller, as the code of amazon.aws reads them."""

    params: dict[str, Any]

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """Fail, because options contradict each other."""


def connection_of(module: ConnectionOptions, timeouts: Timeouts) -> Connection:
    """The connection that the options describe. Raises OperationError for an aws_config that the SDK refuses."""
    try:
        region, endpoint_url, options = get_aws_connection_info(module)
    except TypeError as error:  # amazon.aws builds the SDK's Config of aws_config, too
        raise invalid_input(
            f"The SDK does not accept aws_config: {error}.", "Check the names of its options."
        ) from error
    profile = options.pop("profile_name", None)
    options.pop("aws_config", None)
    return Connection(
        region=region,
        endpoint_url=endpoint_url,
        kms_endpoint_url=module.params.get("kms_endpoint_url"),
        cloudtrail_endpoint_url=module.params.get("cloudtrail_endpoint_url"),
        profile=profile,
        options=options,
        config=module.params.get("aws_config") or {},
        user_agent=f"Ansible/{ansible_version}",
        workers=workers(module.params),
        connect_timeout=timeouts[0],
        read_timeout=timeouts[1],
        request_payer=module.params.get("request_payer"),
    )
