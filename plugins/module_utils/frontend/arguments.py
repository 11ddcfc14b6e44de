# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Argument specs and their checks. The encryption options follow from the kinds."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ..model.accounts.account import SESSION_NAME
from ..model.buckets.bucket_name import require_bucket_name
from ..model.envelope import EnvelopePlace, Format
from ..model.errors import OperationError, invalid_input
from ..model.key_file_name import may_be_a_key
from ..model.keys.key_ref import is_placeholder_id, unresolved_placeholder
from ..model.kinds.registry import (
    BLOCKABLE_KINDS,
    BUCKET_DEFAULT_KINDS,
    CIPHERTEXT_KINDS,
    OBJECT_KINDS,
    name_of_choice,
    with_wire_words,
)
from ..model.objects.limits import require_object_key

ArgumentSpec = dict[str, dict[str, Any]]

# The aliases in this collection are the names of the same options in amazon.aws.
# The encryption options. Ansible takes a name with `key` in it for a secret, unless no_log says otherwise.
_ENCRYPTION_OPTIONS: ArgumentSpec = {
    "kms_key": {"type": "str", "no_log": False, "aliases": ["encryption_key_id", "encryption_kms_key_id"]},
    "bucket_key_enabled": {"type": "bool", "no_log": False},
    "encryption_context": {"type": "dict"},
    "customer_key": {"type": "str", "no_log": True},
    "customer_key_file": {"type": "path", "no_log": False},
    "customer_key_generate": {"type": "bool", "default": False, "no_log": False},
    "envelope": {"type": "str", "choices": [place.value for place in EnvelopePlace]},
    "server_side": {
        "type": "dict",
        "options": {
            "encryption": {"type": "str", "choices": list(with_wire_words(CIPHERTEXT_KINDS))},
            "kms_key": {"type": "str", "no_log": False},
            "bucket_key_enabled": {"type": "bool", "no_log": False},
        },
    },
}


def connection_arguments() -> ArgumentSpec:
    """The connection options: those of amazon.aws, and the endpoint of KMS if it has its own."""
    return {**aws_argument_spec(), "kms_endpoint_url": {"type": "str"}}


def session_arguments() -> ArgumentSpec:
    """The suboptions that say how the session of a role is opened."""
    return {
        "external_id": {"type": "str"},
        "session_name": {"type": "str", "default": SESSION_NAME},
        "duration_seconds": {"type": "int"},
    }


def assume_role_arguments() -> ArgumentSpec:
    """The option of every module: the role to work with, in this account or in another one."""
    options: ArgumentSpec = {
        "role_arn": {"type": "list", "elements": "str", "required": True},
        **session_arguments(),
    }
    return {"assume_role": {"type": "dict", "options": options}}


ACCOUNT_CONSTRAINTS: dict[str, Any] = {"mutually_exclusive": [("assume_role", "accounts", "organization")]}

_TEXTS: dict[str, Any] = {"type": "list", "elements": "str"}


def account_arguments() -> ArgumentSpec:
    """The options for many accounts.

    `organization.role_name` has no default in the spec, so that all accounts of an organization are only selected in
    so many words.
    """
    account: ArgumentSpec = {
        "account_id": {"type": "str"},
        "role_arn": _TEXTS,
        "role_name": {"type": "str"},
        "name": {"type": "str"},
        "regions": _TEXTS,
        **session_arguments(),
    }
    organization: ArgumentSpec = {
        "role_name": {"type": "str"},
        "units": _TEXTS,
        "tags": {"type": "dict"},
        "exclude": _TEXTS,
        "regions": _TEXTS,
        **session_arguments(),
    }
    return {
        "accounts": {"type": "list", "elements": "dict", "options": account},
        "organization": {"type": "dict", "options": organization},
    }


def has_accounts(params: Mapping[str, Any]) -> bool:
    """Whether the task works in many accounts."""
    return params.get("accounts") is not None or params.get("organization") is not None


def bucket_encryption_arguments() -> ArgumentSpec:
    """The options of a bucket's default encryption."""
    return {
        "encryption": {"type": "str", "choices": list(with_wire_words(BUCKET_DEFAULT_KINDS))},
        "kms_key": _ENCRYPTION_OPTIONS["kms_key"],
        "bucket_key_enabled": _ENCRYPTION_OPTIONS["bucket_key_enabled"],
        "blocked_encryption_types": {"type": "list", "elements": "str", "choices": list(BLOCKABLE_KINDS)},
    }


def results_file_arguments() -> ArgumentSpec:
    """The option of every module with many rows: the file of the controller that has all of them."""
    return {"results_file": {"type": "path"}}


def object_arguments(*, key_required: bool) -> ArgumentSpec:
    """The options that identify the object, and who pays for the requests."""
    return {
        "bucket": {"type": "str", "required": True, "aliases": ["bucket_name"]},
        "key": {"type": "str", "aliases": ["object", "object_name"], "no_log": False, "required": key_required},
        "version_id": {"type": "str", "aliases": ["version"]},
        "expected_bucket_owner": {"type": "str"},
        **request_payer_arguments(),
    }


def request_payer_arguments() -> ArgumentSpec:
    """The option of every module that reads or writes objects: who pays for its requests."""
    return {"request_payer": {"type": "str", "choices": ["requester"]}}


def object_encryption_arguments() -> ArgumentSpec:
    """The options of an object's encryption."""
    return {
        "encryption": {"type": "str", "choices": list(with_wire_words(OBJECT_KINDS)), "aliases": ["encryption_mode"]},
        **_ENCRYPTION_OPTIONS,
        "previous_customer_key": {"type": "str", "no_log": True},
        "previous_customer_key_file": {"type": "path", "no_log": False},
    }


def kind_arguments() -> ArgumentSpec:
    """The options that say which encryption an object that is read has to have, and which KMS key."""
    return {
        "encryption": {"type": "str", "choices": list(with_wire_words(OBJECT_KINDS)), "aliases": ["encryption_mode"]},
        "kms_key": _ENCRYPTION_OPTIONS["kms_key"],
        "encryption_context": _ENCRYPTION_OPTIONS["encryption_context"],
    }


def expected_object_arguments() -> ArgumentSpec:
    """The option `expected` of objects: the encryption that they should have."""
    named = ("encryption", "kms_key", "bucket_key_enabled")
    options = object_encryption_arguments()
    minimum = {"minimum": {"type": "bool", "default": False}}
    return {"expected": {"type": "dict", "options": {**{name: options[name] for name in named}, **minimum}}}


def legacy_arguments() -> ArgumentSpec:
    """The older formats of client-side encryption that a task accepts."""
    choices = [each.value for each in Format if each is not Format.V3]
    return {"legacy_formats": {"type": "list", "elements": "str", "choices": choices, "default": [Format.V2.value]}}


# The options with the name of a file that contains a key, also in the suboptions of these options.
_KEY_FILES = ("customer_key_file", "previous_customer_key_file")
_WITH_KEY_FILES = ("copy_src",)
CUSTOMER_KEY_EXCLUSIVE = [("customer_key", "customer_key_file")]


def customer_key_arguments() -> ArgumentSpec:
    """The options for the customer key of an object that is only read."""
    return {name: _ENCRYPTION_OPTIONS[name] for name in ("customer_key", "customer_key_file")}


def copy_source_arguments() -> ArgumentSpec:
    """The option that names another object, whose content is copied."""
    options: ArgumentSpec = {
        "bucket": {"type": "str", "required": True, "aliases": ["bucket_name"]},
        "key": {"type": "str", "required": True, "aliases": ["object", "object_name"], "no_log": False},
        "version_id": {"type": "str", "aliases": ["version"]},
        "expected_bucket_owner": {"type": "str"},
        **customer_key_arguments(),
    }
    return {"copy_src": {"type": "dict", "options": options, "mutually_exclusive": CUSTOMER_KEY_EXCLUSIVE}}


def keys_as_file_names(params: dict[str, Any]) -> dict[str, str]:
    """The options for a key file whose value may be the key itself, with that value."""
    inner = {option: params.get(option) for option in _WITH_KEY_FILES}
    named = {name: params.get(name) for name in _KEY_FILES}
    for option, values in inner.items():
        if isinstance(values, dict):
            named |= {f"{option}.{name}": values.get(name) for name in _KEY_FILES}
    return {name: value for name, value in named.items() if value and _may_be_a_key(value)}


def _may_be_a_key(name: str) -> bool:
    folder = os.path.dirname(name)
    try:
        in_folder = folder not in ("", "/") and os.path.isdir(folder)
        return may_be_a_key(name, exists=os.path.exists(name), in_folder=in_folder)
    except ValueError:  # a NUL in the name
        return True


def require_no_key_as_file_name(params: dict[str, Any]) -> None:
    """Raise OperationError, without the value, for a key in an option for the name of its file."""
    for option in keys_as_file_names(params):
        raise invalid_input(
            f"{option} is the name of a file, and its value has the form of a key, so it is not shown.",
            f"Set a key in {option.removesuffix('_file')}. For a file of such a name, write its folder, too: ./NAME.",
        )


# More threads are not faster: a single one keeps a quarter of a processor busy.
MAX_WORKERS = 256


def workers(params: dict[str, Any]) -> int:
    """The task's `concurrency`, and 1 for a module without it; raises OperationError if it is out of bounds.

    It is checked before the SDK's clients are made, because a pool of connections is allocated for all of them.
    """
    concurrency: int = params.get("concurrency", 1)
    if not 1 <= concurrency <= MAX_WORKERS:
        raise invalid_input(f"concurrency: {concurrency} is out of bounds.", f"Give 1 to {MAX_WORKERS}.")
    return concurrency


def require_no_empty_text(params: dict[str, Any], options: tuple[str, ...]) -> None:
    """Raise OperationError for an option that is set to an empty text, which often is an undefined variable."""
    for option in options:
        if params.get(option) == "":
            raise invalid_input(f"{option} is empty.", "Give it a value, or leave it out.")


def use_names_of_kinds(params: dict[str, Any], spec: ArgumentSpec) -> None:
    """Replace AWS's words for encryption kinds by the names of this collection, in `params` and in its suboptions."""
    for name, about in spec.items():
        value = params.get(name)
        if name == "encryption" and isinstance(value, str):
            params[name] = name_of_choice(value)
        for entry in value if isinstance(value, list) else [value]:
            if "options" in about and isinstance(entry, dict):
                use_names_of_kinds(entry, about["options"])


def require_no_placeholder(params: dict[str, Any]) -> None:
    """Raise OperationError for an option with the placeholder of a key that did not exist in a check run."""
    for name in params:
        if text := _placeholder(params[name]):
            failure = unresolved_placeholder(text)
            raise OperationError(replace(failure, message=f"{name}: {failure.message}"))


def _placeholder(value: Any) -> str:
    """The first placeholder in a text, a list or a dict; empty if there is none."""
    if isinstance(value, str):
        return value if is_placeholder_id(value.rpartition("/")[2]) else ""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, map(_placeholder, inner)), "")


def require_object(params: dict[str, Any]) -> None:
    """Raise OperationError unless the options of `object_arguments` can identify an object."""
    require_no_empty_text(params, ("bucket", "key", "version_id", "expected_bucket_owner"))
    require_bucket_name(params["bucket"], access_points=True)
    for option in ("key", "prefix"):
        require_object_key(params.get(option) or "", option)


# Replaces a text that cannot be returned, because the result of a module must be UTF-8, too.
_INVALID_TEXT = "NOT_A_TEXT"


def require_text(params: dict[str, Any], spec: ArgumentSpec) -> None:
    """Raise OperationError for a text that UTF-8 cannot encode, as no service accepts it, and replace it in `params`.

    Options of the type path are left out: in file names Python represents undecodable bytes as lone surrogates
    (PEP 383).
    """
    surrogates = {name: lone_surrogate(params.get(name)) for name, about in spec.items() if about.get("type") != "path"}
    found = [(name, surrogate) for name, surrogate in surrogates.items() if surrogate]
    for name, _surrogate in found:
        params[name] = _INVALID_TEXT
    for name, surrogate in found:
        raise invalid_input(
            f"{name} has half of a surrogate pair (U+{ord(surrogate):04X}), which is not a character.",
            "Write the character itself, or both halves of its escape.",
        )


# The limits of Linux, in bytes. Other systems that run Ansible have the same or lower ones.
_MAX_NAME, _MAX_PATH = 255, 4095
# The content of an object may have any character.
_MAY_HAVE_NUL = ("content",)
_MODES = ("mode", "directory_mode")


def require_plain_text(params: dict[str, Any], spec: ArgumentSpec) -> None:
    """Raise OperationError for a NUL character, which no path, header or name can have, for a path that is too long,
    and for a mode that is a structure."""
    for name, about in spec.items():
        value = params.get(name)
        if name not in _MAY_HAVE_NUL and _has_nul(value):
            raise invalid_input(f"{name} has a NUL character (U+0000).", "Remove it.")
        if about.get("type") == "path" and value:
            _require_path(name, value)
        if name in _MODES and about.get("type") == "raw" and not isinstance(value, (str, int, type(None))):
            raise invalid_input(f"{name} is not a mode of a file.", "Write it as a text, such as '0600' or 'u=rw'.")


def _require_path(name: str, value: str) -> None:
    try:
        path = os.fsencode(value)
    except UnicodeEncodeError as error:
        raise invalid_input(f"{name} cannot be the name of a file.", "Check its characters.") from error
    if len(path) > _MAX_PATH or any(len(part) > _MAX_NAME for part in path.split(b"/")):
        raise invalid_input(
            f"{name} is too long: a file system accepts names of {_MAX_NAME} bytes, and paths of {_MAX_PATH}.",
            "Use a shorter path.",
        )


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return any(map(_has_nul, inner))


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def lone_surrogate(value: Any) -> str | None:
    """The first lone surrogate in a text, or in the texts of a list or dict."""
    if isinstance(value, str):
        found = None if value.isascii() else _LONE_SURROGATE.search(value)  # a content may have many megabytes
        return found.group() if found else None
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, map(lone_surrogate, inner)), None)


def escape_lone_surrogates(value: Any) -> Any:
    """The same value, with the lone surrogates in its texts written as escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {escape_lone_surrogates(name): escape_lone_surrogates(inner) for name, inner in value.items()}
    return [escape_lone_surrogates(inner) for inner in value] if isinstance(value, list) else value
