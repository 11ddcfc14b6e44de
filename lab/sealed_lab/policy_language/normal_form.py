# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Policy documents as S3 and KMS return them, and the replacement of principals in documents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any


def replace_principals(document: dict[str, Any], replace: Callable[[str], str]) -> dict[str, Any]:
    """Return the document with other names in ``AWS`` of Principal and NotPrincipal."""
    statements = document.get("Statement")
    if isinstance(statements, dict):
        return {**document, "Statement": _replace_in_statement(statements, replace)}
    return {**document, "Statement": [_replace_in_statement(each, replace) for each in statements or ()]}


def _replace_in_statement(statement: dict[str, Any], replace: Callable[[str], str]) -> dict[str, Any]:
    found = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        value = found.get(element)
        if isinstance(value, dict) and "AWS" in value:
            names = value["AWS"]
            replaced = replace(names) if isinstance(names, str) else [replace(name) for name in names]
            found[element] = {**value, "AWS": replaced}
    return found


_POLICY_ORDER = ("Version", "Id", "Statement")
_STATEMENT_ORDER = (
    *("Sid", "Effect", "Principal", "NotPrincipal"),
    *("Action", "NotAction", "Resource", "NotResource", "Condition"),
)
_ACCOUNT = re.compile(r"\d{12}")


def bucket_policy_form(document: dict[str, Any], partition: str) -> dict[str, Any]:
    """Return a bucket policy as S3 returns it.

    Statement is a list. Every other list with one element is that element. The elements of a statement are in one
    order, and actions are sorted. An account id is the ARN of its root user. The values of conditions are strings. The
    order of principals and resources means nothing: here it follows from a digest, so that it differs from what a
    client has sent.

    Recorded from AWS: the order of the elements, a Statement with one element that stays a list, and ``{"AWS": "*"}``
    that stays so, without a Sid that was not sent (localstack, test_bucket_policy_crud, 2026-02-21). The other rules
    are reported: https://github.com/hashicorp/terraform/pull/4278, https://github.com/hashicorp/terraform/issues/2432
    and https://github.com/hashicorp/terraform-provider-aws/issues/22030.
    """
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    found = {**document, "Statement": [_statement_form(each, partition) for each in statements]}
    return {name: found[name] for name in _POLICY_ORDER if name in found}


def key_policy_form(document: dict[str, Any], partition: str) -> dict[str, Any]:
    """Return a key policy as KMS returns it: only its principals are in another form than they were sent.

    A list with one principal is that principal, the order of principals means nothing, and an account id is the ARN of
    its root user.
    https://github.com/hashicorp/terraform/issues/13973 and
    https://github.com/hashicorp/terraform-provider-aws/issues/39788
    """
    one = isinstance(document["Statement"], dict)
    statements = [_with_principals_form(each, partition) for each in _as_list(document["Statement"])]
    return {**document, "Statement": statements[0] if one else statements}


def _with_principals_form(statement: dict[str, Any], partition: str) -> dict[str, Any]:
    found = dict(statement)
    for name in ("Principal", "NotPrincipal"):
        if isinstance(found.get(name), dict):
            found[name] = {form: _principals_form(names, partition) for form, names in found[name].items()}
    return found


def _statement_form(statement: dict[str, Any], partition: str) -> dict[str, Any]:
    found = _with_principals_form(statement, partition)
    for name in ("Action", "NotAction"):
        if name in found:
            found[name] = _collapse(sorted(_unique(found[name])))
    for name in ("Resource", "NotResource"):
        if name in found:
            found[name] = _collapse(sorted(_unique(found[name]), key=_digest))
    if "Condition" in found:
        found["Condition"] = {
            operator: {key: _collapse([_text(value) for value in _as_list(values)]) for key, values in keys.items()}
            for operator, keys in found["Condition"].items()
        }
    return {name: found[name] for name in _STATEMENT_ORDER if name in found}


def _principals_form(names: Any, partition: str) -> Any:
    arns = (f"arn:{partition}:iam::{name}:root" if _ACCOUNT.fullmatch(name) else name for name in _as_list(names))
    return _collapse(sorted(set(arns), key=_digest))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _unique(value: Any) -> list[str]:
    return list(dict.fromkeys(_as_list(value)))


def _collapse(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
