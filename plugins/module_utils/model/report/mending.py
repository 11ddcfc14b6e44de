# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The task that mends a group of findings, as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .observation import Resource, ResourceKind
from .report import FindingGroup
from .rules import RULES

# The number of keys, and of buckets with objects: each of them needs a task of its own.
_MOST_TASKS = 5
_OF_OBJECTS = "sealed.s3.bucket_reencryption"
# A text that needs no quotes, because no version of YAML takes it for anything else than a text.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_NOT_A_TEXT = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")
_REPLACEMENT = 0xFFFD
_TEMPLATE = re.compile(r"\{[{%#]")


def mending_task(group: FindingGroup) -> str:
    """The task, or tasks, for the first resources of the group; empty if no module mends it, or no option is known.

    Comments say which resources are left out, and what to add for resources of several accounts. Texts from AWS are
    quoted where YAML or Ansible would take them for anything else.
    """
    about = RULES[group.rule]
    options = json.loads(group.options)
    if about.module is None or not options or not group.names:
        return ""
    kind = group.names[0].kind
    if kind is ResourceKind.KMS_KEY:
        lines = _key_tasks(about.module, about.title, group, options)
    elif about.module == _OF_OBJECTS:  # also for a bucket, whose objects are only counted
        lines = _object_tasks(about.module, about.title, group, options)
    else:
        lines = _bucket_task(about.module, about.title, group, options)
    return "".join(f"{line}\n" for line in lines)


def _bucket_task(module: str, title: str, group: FindingGroup, options: dict[str, Any]) -> Iterator[str]:
    """One task for all buckets, in all their accounts."""
    yield from _head(module, title)
    yield "    buckets:"
    yield from _items(list(dict.fromkeys(each.name for each in group.names)), "      ")
    yield from _rest(group.resources - len(group.names), "bucket", "      ")
    yield from _accounts(dict.fromkeys(each.account_id for each in group.names if each.account_id), group)
    yield from _values(options)


def _key_tasks(module: str, title: str, group: FindingGroup, options: dict[str, Any]) -> Iterator[str]:
    """A task for each key, because a key is in one account and region."""
    for key in group.names[:_MOST_TASKS]:
        has_alias = key.name.startswith("alias/")
        if key.account_id and not has_alias:
            yield f"# With credentials of the account {_comment(key.account_id)}."
        yield from _head(module, title)
        yield f"    {'alias' if has_alias else 'key_id'}: {_scalar(key.name)}"
        if key.account_id and has_alias:
            yield from _accounts([key.account_id], group)
            if key.region:
                yield "    regions:"
                yield from _items([key.region], "      ")
        elif key.region:
            yield f"    region: {_scalar(key.region)}"
        yield from _values(options)
    yield from _rest(group.resources - min(len(group.names), _MOST_TASKS), "key", "")


def _object_tasks(module: str, title: str, group: FindingGroup, options: dict[str, Any]) -> Iterator[str]:
    """A task for each bucket that has such objects."""
    buckets = {_bucket_of(each): each for each in reversed(group.names)}
    names = [name for name in dict.fromkeys(map(_bucket_of, group.names)) if name]
    for name in names[:_MOST_TASKS]:
        account = buckets[name].account_id
        if account:
            yield f"# With credentials of the account {_comment(account)}."
        yield from _head(module, title)
        yield f"    bucket: {_scalar(name)}"
        yield from _values(options)
    if group.resources > len(group.names) or len(names) > _MOST_TASKS:
        yield "# Other buckets of the report may have such objects, too."


def _bucket_of(each: Resource) -> str:
    """The bucket of an object, or its access point, whose ARN has a slash itself."""
    if each.kind is ResourceKind.BUCKET:
        return each.name
    parts = each.name.split("/")
    return "/".join(parts[: 2 if each.name.startswith("arn:") else 1])


def _head(module: str, title: str) -> Iterator[str]:
    yield f"- name: {_scalar(title)}"
    yield f"  {module}:"


def _accounts(account_ids: Any, group: FindingGroup) -> Iterator[str]:
    if not account_ids:
        return
    yield "    accounts:"
    yield "      # Add the role_name or the role_arn with which the task enters each account."
    for account_id in account_ids:
        yield f"      - account_id: {_scalar(account_id)}"
    if group.names[0].kind is ResourceKind.BUCKET:
        yield from _rest(group.accounts - len(account_ids), "account", "      ")


def _rest(number: int, word: str, indent: str) -> Iterator[str]:
    if number > 0:
        yield f"{indent}# And {number:,} more {word}{'' if number == 1 else 's'} of the report."


def _values(options: dict[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, list) and value:
            yield f"    {_scalar(name)}:"
            yield from _items(value, "      ")
        else:
            yield f"    {_scalar(name)}: {_scalar(value)}"


def _items(values: list[Any], indent: str) -> Iterator[str]:
    return (f"{indent}- {_scalar(value)}" for value in values)


def _scalar(value: Any) -> str:
    """A value in YAML. A text that Ansible would take for a template is marked as unsafe."""
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_scalar(name)}: {_scalar(inner)}' for name, inner in value.items())}}}"
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_A_TEXT:
        return value
    text = f'"{"".join(map(_escaped, value))}"'
    return f"!unsafe {text}" if _TEMPLATE.search(value) else text


def _escaped(character: str) -> str:
    """A character between double quotes. YAML has escapes of JSON, and one more for what is above U+FFFF.

    Half of a surrogate pair is no character, and YAML has no escape for it.
    """
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    number = ord(character) if not "\ud800" <= character <= "\udfff" else _REPLACEMENT
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _comment(text: str) -> str:
    """A text in a comment, which ends with its line."""
    return "".join(map(_escaped, text))
