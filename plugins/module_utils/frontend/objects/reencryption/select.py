# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `select` of objects: by name, time, size, storage class, and the encryption that they have now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ....engine.keys.key_resolver import KeyResolver
from ....model.errors import OperationError, invalid_input
from ....model.keys.key_ref import KeyRef
from ....model.kinds.registry import KINDS, find_kind, name_of_choice
from ....model.objects.limits import require_object_key
from ....model.objects.parts import parse_size
from ....model.objects.reencryption.selection import STORAGE_CLASSES, ObjectSelection, SelectedEncryption
from ...arguments import ArgumentSpec

# What HeadObject can report of an object.
REPORTED_KINDS = tuple(kind.name for kind in KINDS if not kind.is_client_side and not kind.defers_to_bucket)

_DURATION = re.compile(r"(?P<number>\d{1,6})\s*(?P<unit>[smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def selection_arguments(*, by_encryption: bool) -> ArgumentSpec:
    """The option `select`, with or without the encryption that an object has now."""
    options: ArgumentSpec = {
        "prefix": {"type": "str", "default": ""},
        "suffix": {"type": "str", "default": ""},
        "older_than": {"type": "str"},
        "newer_than": {"type": "str"},
        "larger_than": {"type": "str"},
        "smaller_than": {"type": "str"},
        "storage_classes": {"type": "list", "elements": "str"},
    }
    if by_encryption:
        options["encryption"] = {"type": "list", "elements": "raw"}
    return {"select": {"type": "dict", "options": options}}


@dataclass(frozen=True, slots=True)
class EncryptionEntry:
    """One entry of `select.encryption`: a kind, a KMS key as the task names it, or both."""

    type: str | None = None
    kms_key: KeyRef | None = None


@dataclass(frozen=True, slots=True)
class SelectOptions:
    """The option `select`, without the ARNs of its KMS keys, which depend on the region of the bucket."""

    selection: ObjectSelection = ObjectSelection()
    encryption: tuple[EncryptionEntry, ...] = ()

    def resolve(self, keys: KeyResolver, region: str) -> ObjectSelection:
        """The selection, with the keys. Raises OperationError for a key that does not exist: no object is under it."""
        entries = tuple(
            SelectedEncryption(each.type, keys.arn(each.kms_key, region) if each.kms_key else None)
            for each in self.encryption
        )
        return replace(self.selection, encryption=entries)


def parse_select(options: Mapping[str, Any] | None, now: datetime) -> SelectOptions:
    """The option `select`. Raises OperationError for values that are not what it takes, or that select nothing."""
    if options is None:
        return SelectOptions()
    require_object_key(options["prefix"], "select.prefix")
    older, newer = (_time(f"select.{name}", options[name], now) for name in ("older_than", "newer_than"))
    if older and newer and newer >= older:
        raise invalid_input(
            "select.newer_than is not before select.older_than, so together they select nothing.", "Swap them."
        )
    larger, smaller = (_size(f"select.{name}", options[name]) for name in ("larger_than", "smaller_than"))
    if larger is not None and smaller is not None and smaller - larger < 2:
        raise invalid_input("select.larger_than and select.smaller_than leave no size between them.", "Swap them.")
    classes, entries = options["storage_classes"], options.get("encryption")
    for name, value in (("storage_classes", classes), ("encryption", entries)):
        if value is not None and not value:
            raise invalid_input(f"select.{name} is empty, so it selects nothing.", "Leave it out to select all.")
    selection = ObjectSelection(
        options["prefix"], options["suffix"], older, newer, larger, smaller, tuple(classes or ())
    )
    return SelectOptions(selection, tuple(map(_entry, entries or ())))


def require_known_classes(selection: ObjectSelection, *, at_aws: bool) -> None:
    """Raise OperationError for a storage class that no object at AWS has. Other stores have classes of their own."""
    unknown = [each for each in selection.storage_classes if each not in STORAGE_CLASSES]
    if at_aws and unknown:
        raise invalid_input(
            f"select.storage_classes: S3 has no storage class {unknown[0]!r}, so it selects nothing.",
            f"Name some of {', '.join(STORAGE_CLASSES)}.",
        )


def _entry(value: Any) -> EncryptionEntry:
    """One entry of `select.encryption`: the name of a kind, a reference to a KMS key, or a dictionary with both."""
    if isinstance(value, Mapping):
        unknown = sorted(set(map(str, value)) - {"encryption", "kms_key"})
        named = {name: value[name] for name in ("encryption", "kms_key") if value.get(name) is not None}
        if unknown or not named or not all(isinstance(each, str) for each in named.values()):
            raise invalid_input(
                "An entry of select.encryption is not what it takes.",
                "Name a kind, a KMS key, or a dictionary with encryption, kms_key or both.",
            )
        kind = _kind(named["encryption"]) if "encryption" in named else None
        if "encryption" in named and kind is None:
            raise _unknown_kind(named["encryption"])
        if kind and "kms_key" in named and not find_kind(kind).accepts("kms_key"):
            raise invalid_input(
                f"select.encryption: no object under {kind} has a KMS key, so this entry selects nothing.",
                "Leave kms_key out, or name another encryption.",
            )
        return EncryptionEntry(kind, KeyRef.parse(named["kms_key"], of_store=True) if "kms_key" in named else None)
    if not isinstance(value, str) or not value:
        raise invalid_input(
            "An entry of select.encryption is not what it takes.",
            "Name a kind, a KMS key, or a dictionary with encryption, kms_key or both.",
        )
    kind = _kind(value)
    if kind:
        return EncryptionEntry(kind)
    if not _is_key(value):
        raise _unknown_kind(value)
    return EncryptionEntry(None, KeyRef.parse(value))


def _kind(text: str) -> str | None:
    name = name_of_choice(text)
    return name if name in REPORTED_KINDS else None


def _is_key(text: str) -> bool:
    """Whether a text has the form of a KMS key, so that a misspelt kind is not taken for one."""
    return text.startswith(("arn:", "alias/", "mrk-")) or text.count("-") == 4


def _unknown_kind(text: str) -> OperationError:
    return invalid_input(
        f"select.encryption: {text!r} is neither an encryption that S3 reports nor a KMS key.",
        f"Name {', '.join(REPORTED_KINDS[:-1])} or {REPORTED_KINDS[-1]}, or a key by its ARN, id or alias.",
    )


def _size(option: str, text: str | None) -> int | None:
    return None if text is None else parse_size(option, text)


def _time(option: str, text: str | None, now: datetime) -> datetime | None:
    """A time in UTC: ISO 8601, of which a date is its midnight, or a duration before now."""
    if text is None:
        return None
    duration = _DURATION.fullmatch(text.strip())
    try:
        if duration:
            return now - timedelta(**{_UNITS[duration["unit"]]: int(duration["number"])})
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except (ValueError, OverflowError):
        raise invalid_input(
            f"{option}: {text!r} is neither a time nor a duration.",
            "Give a date such as 2026-01-31, a time of ISO 8601, or a duration before now such as 30d, 12h or 2w.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
