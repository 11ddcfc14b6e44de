# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The constraints of the models, for the JSON and query services.

A model can require a parameter, and limit its length, range, pattern or values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..errors import ServiceError
from .values import lower_camel_case

# The example of the KMS API reference, cluster-1a23b4cdefg, does not match the pattern of the model.
_LOOSER_THAN_MODELLED = {"CloudHsmClusterIdType"}

# AWS lists the values of an enumeration in another order than the model.
_RECORDED_ORDER = {"MacAlgorithmSpec": ("HMAC_SHA_384", "HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_512")}
_HIDDEN = object()


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None


def find_violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Yield each violated constraint in the words of AWS's ValidationException."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, path)
        return
    meta = shape.metadata
    if kind == "list":
        yield from _size(meta, len(value), path, value)
        for index, item in enumerate(value):
            yield from find_violations(shape.member, item, f"{path}.{index + 1}.member")
        return
    if kind == "map":
        yield from _size(meta, len(value), path, value)
        for key, item in value.items():
            yield from find_violations(shape.value, item, f"{path}.{key}")
        return
    if kind in ("integer", "long", "float", "double"):
        yield from _range(meta, value, path)
        return
    if kind == "blob":
        yield from _size(meta, len(value), path, _HIDDEN if meta.get("sensitive") else "java.nio.HeapByteBuffer")
        return
    if kind == "string":
        allowed = meta.get("enum")
        if allowed and value not in allowed:
            names = ", ".join(_RECORDED_ORDER.get(shape.name, allowed))
            yield _violation(value, path, f"Member must satisfy enum value set: [{names}]")
            return
        yield from _size(meta, len(value), path, value)
        if meta.get("pattern") and shape.name not in _LOOSER_THAN_MODELLED:
            compiled = _pattern(meta["pattern"])
            if compiled is not None and not compiled.fullmatch(value):
                yield _violation(value, path, f"Member must satisfy regular expression pattern: {meta['pattern']}")


def _structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.metadata.get("required", ()):
        if value.get(name) is None:
            yield _violation(None, prefix + lower_camel_case(name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from find_violations(member, value[name], prefix + lower_camel_case(name))


def _size(meta: dict[str, Any], size: int, path: str, value: Any) -> Iterator[str]:
    if "min" in meta and size < meta["min"]:
        yield _violation(value, path, f"Member must have length greater than or equal to {meta['min']}")
    if "max" in meta and size > meta["max"]:
        yield _violation(value, path, f"Member must have length less than or equal to {meta['max']}")


def _range(meta: dict[str, Any], value: float, path: str) -> Iterator[str]:
    if "min" in meta and value < meta["min"]:
        yield _violation(value, path, f"Member must have value greater than or equal to {meta['min']}")
    if "max" in meta and value > meta["max"]:
        yield _violation(value, path, f"Member must have value less than or equal to {meta['max']}")


def _violation(value: Any, path: str, rule: str) -> str:
    """Return the sentence of a violation. It does not repeat a value that the model calls sensitive."""
    formatted = "" if value is _HIDDEN else " null" if value is None else f" '{value}'"
    return f"Value{formatted} at '{path}' failed to satisfy constraint: {rule}"


def validate(shape: Any, params: dict[str, Any], *, code: str = "ValidationException") -> None:
    """Raise AWS's ValidationException if a constraint is violated."""
    if shape is None:
        return
    violations = list(find_violations(shape, params, ""))
    if violations:
        noun = "error" if len(violations) == 1 else "errors"
        raise ServiceError(code, f"{len(violations)} validation {noun} detected: {'; '.join(violations)}", 400)
