# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired rules as a floor: what is there, and is as strict or stricter, stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...errors import invalid_input
from ...kinds.registry import CUSTOMER_KEY, find_kind_by_wire
from .desired_policy import DesiredPolicy
from .policy_state import Guards
from .statements import (
    ALLOW_ENCRYPTION,
    ALLOW_ENCRYPTION_CUSTOMER_KEYS,
    ALLOW_KMS_KEYS,
    KMS_KEY_REQUIRED,
    KMS_KEYS_IN_PLACE,
    Denial,
    Guard,
)


def apply_minimum(desired: DesiredPolicy, guards: Guards) -> DesiredPolicy:
    """The desired rules, restricted further by what the statements of this collection already restrict.

    Raises OperationError where nothing would remain that an upload may name, and for a statement of this collection in
    another form, because it may be stricter.
    """
    versions = [float(guard.values[0]) for guard in guards.all(Denial.OLD_TLS)]
    version = desired.minimum_tls_version
    if version is not None and versions and max(versions) >= float(version):
        desired = replace(desired, require_tls=True, minimum_tls_version=None)
    if desired.allow_encryption is not None:
        desired = replace(desired, allow_encryption=_kinds(desired.allow_encryption, guards))
    if desired.allow_kms_keys is not None:
        keys = _owned(ALLOW_KMS_KEYS, guards)
        for sid in (KMS_KEY_REQUIRED, KMS_KEYS_IN_PLACE):
            _owned(sid, guards)
        desired = replace(
            desired,
            allow_kms_keys=_shared("allow_kms_keys", desired.allow_kms_keys, keys.values)
            if keys
            else (desired.allow_kms_keys),
            allows_aws_managed_key=desired.allows_aws_managed_key and KMS_KEY_REQUIRED not in guards.owned,
        )
    return desired


def restrict_further(guard: Guard | None, sid: str, guards: Guards) -> Guard | None:
    """The statement for a Sid, so that it denies all that the current one of this collection denies.

    Raises OperationError for a current statement in another form, because it may deny more.
    """
    current = _owned(sid, guards)
    if current is None or guard is None:
        return guard or current
    if guard.denial is Denial.IN_PLACE:
        # Without values, every change in place is denied.
        return replace(guard, values=tuple(each for each in guard.values if each in current.values))
    return guard


def without_satisfied(wanted: Mapping[str, Guard | None], guards: Guards) -> dict[str, Guard | None]:
    """The wanted statements without the new ones where a statement of others denies the same or more."""
    others = [guard for _name, guard in guards.foreign]
    return {
        sid: guard
        for sid, guard in wanted.items()
        if sid in guards.owned or guard is None or not any(other.denies_all_of(guard) for other in others)
    }


def _kinds(asked: tuple[str, ...], guards: Guards) -> tuple[str, ...]:
    guard = _owned(ALLOW_ENCRYPTION, guards)
    denies_customer_keys = _owned(ALLOW_ENCRYPTION_CUSTOMER_KEYS, guards) is not None
    if guard is None:
        current = asked
    else:
        current = tuple(find_kind_by_wire(wire).name for wire in guard.values) + (CUSTOMER_KEY.name,)
    if denies_customer_keys:
        current = tuple(name for name in current if name != CUSTOMER_KEY.name)
    return _shared("allow_encryption", asked, current)


def _owned(sid: str, guards: Guards) -> Guard | None:
    guard = guards.owned.get(sid)
    if guard is None and sid in guards.owned:
        raise invalid_input(
            f"The statement {sid} of the bucket policy has another form than this collection writes, so it is not "
            "known whether it is stricter than the minimum.",
            "Write it anew without minimum, or remove it.",
        )
    return guard


def _shared(option: str, asked: tuple[str, ...], current: tuple[str, ...]) -> tuple[str, ...]:
    shared = tuple(each for each in asked if each in current)
    if not shared:
        raise invalid_input(
            f"{option}: the policy allows {', '.join(current) or 'nothing'}, and the minimum {', '.join(asked)}. An "
            "upload could name nothing that both allow.",
            f"Name in {option} at least one that the policy allows, or leave out minimum.",
        )
    return shared
