# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run of a module: from its parameters to its one answer. The only place that exits or fails."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info

from ..aws.session import OLDEST_SDK, SDK_VERSION, Clients, Connection, sdk_is_recent
from ..engine.clock import SYSTEM_CLOCK, Clock
from ..model.errors import OperationError, internal_error, invalid_input
from .arguments import ArgumentSpec, connection_arguments, escape_lone_surrogates, lone_surrogate, require_text
from .failure import failure_answer
from .result import Result


@dataclass(frozen=True)
class ModuleContext:
    """What a module's job works with."""

    module: AnsibleModule
    clients: Clients
    clock: Clock

    @property
    def params(self) -> dict[str, Any]:
        """The task's options."""
        params: dict[str, Any] = self.module.params
        return params

    @property
    def check_mode(self) -> bool:
        """Whether this run stops at the gate."""
        return bool(self.module.check_mode)


# Seconds to wait for a connection and for an answer, where each call is small: S3 and KMS answer such within a second
# or not at all, and many buckets may wait for it.
SMALL_CALLS = (5, 10)
# The same where objects are moved, or looked at by stores that hash them for it.
ANY_CALLS = (10, 60)


def run_module(
    arguments: ArgumentSpec,
    job: Callable[[ModuleContext], Result],
    *,
    clock: Clock = SYSTEM_CLOCK,
    timeouts: tuple[float, float] = ANY_CALLS,
    **constraints: Any,
) -> None:
    """Run a module's job and answer with what it returns; `failed` in it makes the answer a failure.

    `timeouts` are those of the SDK's clients, unless the task's aws_config has others. `constraints` are
    AnsibleModule's (required_one_of, mutually_exclusive and their like). No exception gets past this.
    """
    spec = {**connection_arguments(), **arguments}
    module = _module(spec, constraints)
    signal.signal(signal.SIGTERM, _end)
    if not sdk_is_recent():
        module.fail_json(msg=missing_required_lib(f"boto3>={OLDEST_SDK}", reason=f"(there is {SDK_VERSION or 'none'})"))
    clients: Clients | None = None
    try:
        require_text(module.params, spec)
        clients = Clients(_connection(module, timeouts))
        answer = job(ModuleContext(module, clients, clock))
    except OperationError as error:
        answer = failure_answer(error.failure)
    except Exception as error:  # a defect of ours is told in a sentence too
        answer = {"failed": True, "msg": f"{internal_error(error).sentence()} What was done before that is not told."}
    _exit(module, clients, answer)


def _module(spec: ArgumentSpec, constraints: dict[str, Any]) -> AnsibleModule:
    try:
        return AnsibleModule(argument_spec=spec, supports_check_mode=True, **constraints)
    except UnicodeEncodeError:  # the log on the target takes UTF-8 alone: a text that is none is told of, not logged
        return AnsibleModule(argument_spec=spec, supports_check_mode=True, no_log=True, **constraints)


def _end(number: int, _frame: object) -> NoReturn:
    """End as by an exception, so that what is open is cleaned up on the way."""
    raise SystemExit(128 + number)


def _exit(module: AnsibleModule, clients: Clients | None, answer: Result) -> NoReturn:
    if clients and module.params.get("debug_botocore_endpoint_logs"):
        answer["resource_actions"] = sorted(clients.calls.operations)
    for warning in answer.pop("warnings", ()):
        module.warn(warning)
    _hide_contents(module)
    if lone_surrogate(module.params):  # the name of a file, which Ansible would refuse to take back
        module.params, answer = escape_lone_surrogates(module.params), escape_lone_surrogates(answer)
    if answer.pop("failed", False):
        module.fail_json(**answer)
    module.exit_json(**answer)
    raise AssertionError("unreachable")


# Contents are hidden from the log like secrets. But they are no needles: Ansible would blank every place in the answer
# where such a value happens to occur, and a content of "1" would blank a size.
_CONTENTS = ("content", "content_base64")
_SECRETS = ("customer_key", "previous_customer_key", "secret_key", "session_token")


def _hide_contents(module: AnsibleModule) -> None:
    for name in _CONTENTS:
        if module.params.get(name) is not None:
            if module.params[name] not in (module.params.get(secret) for secret in _SECRETS):
                module.no_log_values.discard(module.params[name])
            module.params[name] = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def _connection(module: AnsibleModule, timeouts: tuple[float, float]) -> Connection:
    try:
        region, endpoint_url, options = get_aws_connection_info(module)
    except TypeError as error:  # amazon.aws makes the SDK's Config too
        raise invalid_input(
            f"aws_config is not taken by the SDK: {error}.", "Check the names of its options."
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
        workers=module.params.get("concurrency") or 1,
        connect_timeout=timeouts[0],
        read_timeout=timeouts[1],
    )
