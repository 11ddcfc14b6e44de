# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The policy of a bucket, and what it says about TLS and encryption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import Failure, FailureKind, OperationError
from ...iam.policy_document import Statement, parse_policy, statements
from ...iam.policy_kind import BUCKET_POLICY
from ...kinds.registry import CUSTOMER_KEY, find_kind_by_wire
from .rules import PolicyRules
from .statements import (
    ALLOW_ENCRYPTION,
    ALLOW_ENCRYPTION_CUSTOMER_KEYS,
    ALLOW_KMS_KEYS,
    DENIALS,
    DENY_CUSTOMER_KEYS,
    KMS_KEY_REQUIRED,
    KMS_KEYS_IN_PLACE,
    NOBODY,
    TLS_SIDS,
    Denial,
    Exemptions,
    Guard,
    is_owned,
    read_guard,
)

# The Sids that a rule always has together.
_TOGETHER = {
    ALLOW_ENCRYPTION_CUSTOMER_KEYS: (ALLOW_ENCRYPTION,),
    ALLOW_KMS_KEYS: (KMS_KEYS_IN_PLACE,),
    KMS_KEY_REQUIRED: (ALLOW_KMS_KEYS, KMS_KEYS_IN_PLACE),
    KMS_KEYS_IN_PLACE: (ALLOW_KMS_KEYS,),
}


@dataclass(frozen=True, slots=True)
class Guards:
    """The statements of a policy that this collection understands.

    `owned` has the Sids of this collection (None: a statement in another form), and `foreign` the others as (name,
    meaning), with the place as the name of one without a Sid.
    """

    owned: Mapping[str, Guard | None] = field(default_factory=dict)
    foreign: tuple[tuple[str, Guard], ...] = ()

    def of(self, sid: str) -> Guard | None:
        """The statement of this collection with this Sid, or one of others that denies the same kind of request."""
        owned = self.owned.get(sid)
        return owned or next((guard for guard in self._effective if guard.denial is DENIALS[sid]), None)

    def all(self, denial: Denial) -> list[Guard]:
        """Every statement that denies this kind of request."""
        return [guard for guard in (*self.owned.values(), *self._effective) if guard and guard.denial is denial]

    @property
    def exempt(self) -> Exemptions:
        """The exemptions of this collection's statements: those of the first one."""
        return self._owned_exempt or NOBODY

    @property
    def all_exempt(self) -> Exemptions:
        """The exemptions of this collection's statements; those of others if it has no statement on encryption."""
        if self._owned_exempt is not None:
            return self._owned_exempt
        others = [guard.exempt for guard in self._effective]
        return Exemptions(
            tuple(sorted({name for exempt in others for name in exempt.principals})),
            tuple(sorted({name for exempt in others for name in exempt.services})),
        )

    @property
    def _owned_exempt(self) -> Exemptions | None:
        return next((guard.exempt for sid, guard in self.owned.items() if guard and sid not in TLS_SIDS), None)

    @property
    def _effective(self) -> list[Guard]:
        """The statements of others that make a rule true: those without more exemptions than the statements of this
        collection."""
        allowed = self._owned_exempt
        return [guard for _name, guard in self.foreign if allowed is None or guard.exempt.is_within(allowed)]


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The policy of one bucket.

    `deviating` are the Sids of this collection whose statement is missing or has another form than the collection
    writes. `document` is the whole policy (JSON; None: there is no policy), and `statements` and `guards` are what it
    has. They are not compared, so that equal rules of several buckets are equal.
    """

    rules: PolicyRules
    deviating: tuple[str, ...] = ()
    document: str | None = field(default=None, compare=False)
    statements: tuple[Statement, ...] = field(default=(), compare=False, repr=False)
    guards: Guards = field(default=Guards(), compare=False, repr=False)


def read_policy_state(document: str | None, bucket_arn: str) -> PolicyState:
    """The state of a policy (JSON; None: no policy).

    Raises OperationError for a text that is no policy, and where two statements have one Sid of this collection.
    """
    found = tuple(statements(parse_policy(document, BUCKET_POLICY))) if document else ()
    guards = _read_guards(found, bucket_arn)
    return PolicyState(_rules(guards), _deviating(guards), document, found, guards)


def _read_guards(found: Sequence[Statement], bucket_arn: str) -> Guards:
    """The meaning of the statements of a policy. Raises OperationError where two have one Sid of this collection."""
    sids = [str(each["Sid"]) for each in found if is_owned(each)]
    twice = [sid for sid, number in Counter(sids).items() if number > 1]
    if twice:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"The bucket policy has {len(sids)} statements of this collection, and more than one with the Sid "
                f"{', '.join(twice)}.",
                "Remove all but one of them from the policy, or change the Sid of those that are not of this "
                "collection.",
            )
        )
    owned: dict[str, Guard | None] = dict.fromkeys(sid for sid in DENIALS if sid in sids)
    foreign = []
    for number, statement in enumerate(found, 1):
        guard = read_guard(statement, bucket_arn)
        if not is_owned(statement):
            if guard:
                foreign.append((str(statement.get("Sid") or f"number {number}"), guard))
        elif guard and DENIALS.get(statement["Sid"]) is guard.denial:
            owned[statement["Sid"]] = guard
    return Guards(owned, tuple(foreign))


def _rules(guards: Guards) -> PolicyRules:
    versions = [guard.values[0] for guard in guards.all(Denial.OLD_TLS)]
    exempt = guards.all_exempt
    return PolicyRules(
        require_tls=bool(guards.all(Denial.PLAIN_HTTP)),
        minimum_tls_version=max(versions, key=float, default=None),
        allow_encryption=_allowed_kinds(guards),
        allow_kms_keys=_allowed_by_all(guards, Denial.OTHER_KMS_KEY),
        deny_customer_keys=guards.of(DENY_CUSTOMER_KEYS) is not None,
        require_encryption_header=bool(guards.all(Denial.NO_HEADER)),
        exempt_principals=exempt.principals,
        exempt_services=exempt.services,
    )


def _allowed_kinds(guards: Guards) -> tuple[str, ...] | None:
    """The kinds that an upload may name. A rule about customer keys alone does not restrict the others."""
    wires = _allowed_by_all(guards, Denial.OTHER_ENCRYPTION)
    if wires is None:
        return None
    names = [find_kind_by_wire(wire).name for wire in wires]
    return tuple(names if guards.of(ALLOW_ENCRYPTION_CUSTOMER_KEYS) else [*names, CUSTOMER_KEY.name])


def _allowed_by_all(guards: Guards, denial: Denial) -> tuple[str, ...] | None:
    """The values that no statement denies; None if none is about them."""
    lists = [set(guard.values) for guard in guards.all(denial)]
    return tuple(sorted(set.intersection(*lists))) if lists else None


def _deviating(guards: Guards) -> tuple[str, ...]:
    found = {sid for sid, guard in guards.owned.items() if guard is None}
    found |= {sid for owned in guards.owned for sid in _TOGETHER.get(owned, ()) if guards.of(sid) is None}
    found |= {
        sid for sid, guard in guards.owned.items() if guard and sid not in TLS_SIDS and guard.exempt != guards.exempt
    }
    return tuple(sid for sid in DENIALS if sid in found)
