# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired default encryption of a task's buckets: its options, and the exceptions in `overrides`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...model.buckets.bucket_default import DesiredBucketDefault
from ...model.buckets.overrides import Targets, merge_override
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.registry import (
    BLOCKABLE_KINDS,
    BUCKET_DEFAULT_KINDS,
    bucket_kinds_with_option,
    find_kind,
    require_accepted_options,
)
from ..arguments import ArgumentSpec, bucket_encryption_arguments, require_no_empty_text
from .override_entries import OverrideOptions

# What a task does with a bucket that logs are delivered to: change it with a warning, leave it, or not find out.
LogTargetChoice = Literal["warn", "skip", "ignore"]
LOG_TARGET_CHOICES: tuple[LogTargetChoice, ...] = ("warn", "skip", "ignore")
_OPTIONS = ("encryption", "kms_key", "bucket_key_enabled", "blocked_encryption_types")
# An entry of `overrides` that names the encryption is about another key, so the task's key does not apply there.
_DROPPED_WITH_ENCRYPTION = ("kms_key", "bucket_key_enabled")
DROPPED_WITH = {
    "encryption": _DROPPED_WITH_ENCRYPTION,
    # S3's own default leaves nothing to choose, so no option of the task applies.
    "absent": ("encryption", *_DROPPED_WITH_ENCRYPTION, "blocked_encryption_types", "minimum"),
}


@dataclass(frozen=True)
class Target:
    """The desired default encryption of a bucket, and the KMS key as the task names it.

    `log_targets` is what to do with a bucket that logs are delivered to.
    """

    desired: DesiredBucketDefault
    kms_key: KeyRef | None = None
    log_targets: LogTargetChoice = "ignore"


NOTHING_DESIRED = Targets(Target(DesiredBucketDefault()))


def overrides_arguments() -> ArgumentSpec:
    """The exceptions for some of the buckets."""
    return _overrides().arguments()


def _overrides() -> OverrideOptions[Target]:
    return OverrideOptions(
        bucket_encryption_arguments(),
        {
            "encryption": BUCKET_DEFAULT_KINDS,
            "blocked_encryption_types": BLOCKABLE_KINDS,
            "log_targets": LOG_TARGET_CHOICES,
        },
        lambda task, entry: merge_override(task, entry, DROPPED_WITH),
        lambda params, may_be_empty: _parse(params, may_be_empty=may_be_empty),
        # It has no effect on what is expected of buckets. But the same list can be used there.
        {"log_targets": {"type": "str"}},
    )


def parse_targets(
    params: Mapping[str, Any], written: Mapping[str, Any], *, many_accounts: bool = False
) -> Targets[Target]:
    """The desired states of a task, all of them checked; raises OperationError where options contradict each other.

    `written` are the options as the task has them, so that null differs from an omitted option. `many_accounts` is as
    in `OverrideOptions.parse_all`.
    """
    return Targets(_parse(params), _overrides().parse_all(params, written, many_accounts=many_accounts))


def parse_expected(expected: Mapping[str, Any], written: Mapping[str, Any], many_accounts: bool) -> Targets[Target]:
    """The expected states of `expected`; raises OperationError where it names nothing to compare."""
    if not any(expected.get(name) is not None for name in _OPTIONS):
        raise invalid_input(
            "expected names nothing to compare the buckets with.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types in it, or leave "
            "it out to only read the buckets.",
        )
    return parse_targets({**expected, "state": "present"}, written, many_accounts=many_accounts)


def _parse(params: Mapping[str, Any], *, may_be_empty: bool = False) -> Target:
    """One desired state; raises OperationError where the options contradict each other."""
    require_no_empty_text(dict(params), ("kms_key",))
    named = {name for name in _OPTIONS if params[name] is not None}
    if params["state"] == "absent":
        if named or params["minimum"]:
            extra = ", ".join(sorted({*named, *({"minimum"} if params["minimum"] else set())}))
            raise invalid_input(
                f"state: absent resets a bucket to S3's default, so {extra} has no effect.",
                "Leave it out, or set state: present.",
            )
        return Target(DesiredBucketDefault(absent=True))
    kind = find_kind(params["encryption"]) if params["encryption"] else None
    if kind:
        options = named & {"kms_key"} | ({"bucket_key_enabled"} if params["bucket_key_enabled"] else set())
        require_accepted_options(kind, options, BUCKET_DEFAULT_KINDS)
    if not named and not may_be_empty:
        raise invalid_input(
            "The task has no option to set on the buckets.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types, "
            "or use bucket_default_encryption_info to read them.",
        )
    if params["minimum"] and kind is None and params["kms_key"]:
        kinds = " or ".join(bucket_kinds_with_option("kms_key"))
        raise invalid_input("minimum needs encryption: a key alone is not a minimum.", f"Set encryption: {kinds} too.")
    blocked = params["blocked_encryption_types"]
    desired = DesiredBucketDefault(
        kind=kind,
        bucket_key_enabled=params["bucket_key_enabled"],
        blocked=None if blocked is None else tuple(sorted(set(blocked))),
        minimum=bool(params["minimum"]),
    )
    key = KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None
    return Target(desired, key, params.get("log_targets") or "ignore")
