# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Argument specs. The encryption options follow from the kinds."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ..model.errors import invalid_input
from ..model.kinds.registry import BLOCKABLE_KINDS, BUCKET_DEFAULT_KINDS, OBJECT_KINDS

ArgumentSpec = dict[str, dict[str, Any]]

# How each encryption option of a kind is given. Names with `key` in them are no secrets unless they say so.
_ENCRYPTION_OPTIONS: ArgumentSpec = {
    "kms_key": {"type": "str", "no_log": False},
    "bucket_key_enabled": {"type": "bool", "no_log": False},
    "encryption_context": {"type": "dict"},
    "customer_key": {"type": "str", "no_log": True},
    "customer_key_file": {"type": "path", "no_log": False},
    "customer_key_generate": {"type": "bool", "default": False, "no_log": False},
}


def connection_arguments() -> ArgumentSpec:
    """How to reach AWS: the vocabulary of amazon.aws, and where the keys live if that is elsewhere."""
    return {**aws_argument_spec(), "kms_endpoint_url": {"type": "str"}}


def bucket_encryption_arguments() -> ArgumentSpec:
    """The options of a bucket's default encryption."""
    return {
        "encryption": {"type": "str", "choices": list(BUCKET_DEFAULT_KINDS)},
        "kms_key": _ENCRYPTION_OPTIONS["kms_key"],
        "bucket_key_enabled": _ENCRYPTION_OPTIONS["bucket_key_enabled"],
        "blocked_encryption_types": {"type": "list", "elements": "str", "choices": list(BLOCKABLE_KINDS)},
    }


def object_encryption_arguments() -> ArgumentSpec:
    """The options of an object's encryption."""
    return {
        "encryption": {"type": "str", "choices": list(OBJECT_KINDS)},
        **_ENCRYPTION_OPTIONS,
        "previous_customer_key": {"type": "str", "no_log": True},
        "previous_customer_key_file": {"type": "path", "no_log": False},
    }


def customer_key_arguments() -> ArgumentSpec:
    """The customer key of an object that is only read."""
    return {name: _ENCRYPTION_OPTIONS[name] for name in ("customer_key", "customer_key_file")}


# More threads than these gain nothing: a single one keeps a quarter of a processor busy.
MOST_WORKERS = 256


def workers(params: dict[str, Any]) -> int:
    """The task's `concurrency`; raises OperationError where it would do nothing."""
    concurrency: int = params["concurrency"]
    if not 1 <= concurrency <= MOST_WORKERS:
        raise invalid_input(f"concurrency: {concurrency} is out of bounds.", f"Give 1 to {MOST_WORKERS}.")
    return concurrency


def require_no_empty_text(params: dict[str, Any], options: tuple[str, ...]) -> None:
    """Raise OperationError for an option that is there and empty: a variable that is not set, more often than not."""
    for option in options:
        if params.get(option) == "":
            raise invalid_input(f"{option} is empty.", "Give it a value, or leave it out.")


# Stands for a text that cannot be told, as what a module returns has to be UTF-8 too.
_NO_TEXT = "NOT_A_TEXT"


def require_text(params: dict[str, Any], spec: ArgumentSpec) -> None:
    """Raise OperationError for text that UTF-8 cannot write, as no service takes it, and forget it.

    The names of files are another matter: in those, Python writes bytes that are no text as halves of pairs.
    """
    halves = {name: lone_surrogate(params.get(name)) for name, about in spec.items() if about.get("type") != "path"}
    found = [(name, half) for name, half in halves.items() if half]
    for name, _half in found:
        params[name] = _NO_TEXT
    for name, half in found:
        raise invalid_input(
            f"{name} has half of a surrogate pair (U+{ord(half):04X}), which is no sign of any script.",
            "Write the sign itself, or both halves of its escape.",
        )


def lone_surrogate(value: Any) -> str | None:
    """The first half of a surrogate pair in a text, or in the texts of a list or dict."""
    if isinstance(value, str):
        return next((sign for sign in value if "\ud800" <= sign <= "\udfff"), None)
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, map(lone_surrogate, inner)), None)


def escape_lone_surrogates(value: Any) -> Any:
    """The same value, with the halves of pairs in its texts written as escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {escape_lone_surrogates(name): escape_lone_surrogates(inner) for name, inner in value.items()}
    return [escape_lone_surrogates(inner) for inner in value] if isinstance(value, list) else value


CUSTOMER_KEY_EXCLUSIVE = [("customer_key", "customer_key_file")]
