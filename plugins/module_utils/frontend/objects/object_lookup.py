# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The lookup s3_object: the plaintext of small objects, on the controller."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...aws.accounts.sts import Sts
from ...aws.keys.kms import Kms
from ...aws.objects.s3_objects import S3Objects
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.keys.key_resolver import KeyResolver
from ...engine.objects.object_opening import ObjectOpening
from ...engine.objects.small_object import SmallObject
from ...model.accounts.session_policy import session_actions
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.encryption import DesiredEncryption
from ...model.objects.object_state import ObjectId
from ...model.objects.parts import parse_size
from ...model.secret import CustomerKey
from ..arguments import (
    ArgumentSpec,
    customer_key_arguments,
    kind_arguments,
    legacy_arguments,
    object_arguments,
    require_no_empty_text,
    require_no_key_as_file_name,
    require_no_placeholder,
    require_object,
    require_plain_text,
    require_text,
    use_names_of_kinds,
)
from ..controller_plugin import clients_of_plugin, run_plugin
from ..run import DATA_TIMEOUTS
from .client_side import client_side_ports
from .customer_keys import customer_key_of_file
from .named_encryption import named_encryption

Options = dict[str, Any]


@dataclass(frozen=True)
class Controller:
    """What Ansible does for a lookup on the controller.

    `key_file` finds a file by the name that the user wrote, and provides its path, decrypted if Ansible Vault has
    encrypted it. `warn` shows a warning.
    """

    key_file: Callable[[str], AbstractContextManager[Path]]
    warn: Callable[[str], object]


def look_up(keys: list[Any], options: Options, controller: Controller, clock: Clock = SYSTEM_CLOCK) -> list[str]:
    """The plaintext of each object, as text, or in base64 if the option `base64` is set.

    Raises OperationError with every failure, as `run_plugin` does.
    """
    return run_plugin(lambda: _look_up(keys, options, controller, clock))


def _look_up(keys: list[Any], options: Options, controller: Controller, clock: Clock) -> list[str]:
    # A list of Ansible may be of a class of its own, and the choices are not checked inside of it.
    params = {**options, "legacy_formats": [str(name) for name in options["legacy_formats"]]}
    targets = _targets(keys, params)
    max_size = _max_size(params["max_size"])
    named = _named(params, controller)
    kms_key = KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None
    clients = clients_of_plugin(params, DATA_TIMEOUTS, session_actions("s3_encrypted_object_download"), clock)
    s3, keys_of_kms = S3Objects(clients), KeyResolver(Kms(clients), Sts(clients))
    client_side = client_side_ports(clients, params)
    texts = []
    for target in targets:
        opening = ObjectOpening(target, named, kms_key, s3, keys_of_kms, client_side)
        plaintext = SmallObject(opening, max_size, clock).read()
        for warning in plaintext.warnings:
            controller.warn(warning)
        texts.append(_as_text(target, plaintext.data, in_base64=params["base64"]))
    return texts


def _arguments() -> ArgumentSpec:
    """The options that are texts, for the checks that modules make too."""
    return {
        **object_arguments(key_required=True),
        **customer_key_arguments(),
        **kind_arguments(),
        **legacy_arguments(),
        **{name: {"type": "str"} for name in ("max_size", "kms_endpoint_url", "endpoint_url", "region", "profile")},
    }


def _targets(keys: list[Any], params: Options) -> list[ObjectId]:
    """The objects. Raises OperationError for options that modules refuse too, and for a key that is not a text."""
    spec = _arguments()
    use_names_of_kinds(params, spec)
    for name in params["legacy_formats"]:
        choices = spec["legacy_formats"]["choices"]
        if name not in choices:
            raise invalid_input(f"legacy_formats: {name!r} is not a format.", f"Choose from {', '.join(choices)}.")
    if params["version_id"] and len(keys) > 1:
        raise invalid_input(
            "version_id names a version of one object, and the lookup has several keys.", "Use one lookup for each."
        )
    require_no_placeholder(params)
    targets = []
    for key in keys:
        if not isinstance(key, (str, int)) or isinstance(key, bool):
            raise invalid_input("A key is not a text.", "Give the keys of the objects as the first arguments.")
        named = {**params, "key": str(key)}
        require_text(named, spec)
        require_plain_text(named, spec)
        require_object(named)
        targets.append(ObjectId(params["bucket"], str(key), params["version_id"], params["expected_bucket_owner"]))
    return targets


def _max_size(text: str) -> int:
    size = parse_size("max_size", text)
    if not size:
        raise invalid_input("max_size is 0.", "Give a number with a unit, such as 1MiB.")
    return size


def _named(params: Options, controller: Controller) -> DesiredEncryption:
    """The encryption that the objects have to have, with the customer key."""
    if params["customer_key"] is not None and params["customer_key_file"] is not None:
        raise invalid_input("customer_key and customer_key_file are mutually exclusive.", "Leave out one of them.")
    require_no_empty_text(params, ("customer_key_file",))
    require_no_key_as_file_name(params)
    return named_encryption(params, _customer_key(params, controller))


def _customer_key(params: Options, controller: Controller) -> CustomerKey | None:
    if params["customer_key"] is not None:
        return CustomerKey.parse(params["customer_key"])
    name = params["customer_key_file"]
    if name is None:
        return None
    with controller.key_file(name) as path:
        return customer_key_of_file(path, "customer_key_file", f"customer_key_file {name}", controller.warn)


def _as_text(target: ObjectId, data: bytes, *, in_base64: bool) -> str:
    if in_base64:
        return base64.b64encode(data).decode("ascii")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:  # its text has bytes of the content
        position = error.start
    raise invalid_input(
        f"The object {target.key!r} in the bucket {target.bucket} is not text in UTF-8: see the byte at {position}.",
        "Set base64=true to get its bytes in base64, for the filter b64decode or an option such as content_base64.",
        target.name,
    )
