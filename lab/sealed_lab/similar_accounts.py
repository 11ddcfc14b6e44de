# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Many accounts that are like one account: the same roles, policies, buckets and keys under other account numbers."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from .identity.directory import Directory
from .identity.policy_principals import StoredPrincipals
from .identity.records import Account, ManagedPolicy, NamedPolicy, Role, unique_id
from .kms.key_policy import KeyPolicy
from .kms.keys import Alias, Key, new_material
from .lab import Lab, State
from .partitions import partition_of
from .policy_language import Policy, PolicyKind, parse_policy
from .s3.bucket_policies import store_policy
from .s3.names import canonical_id
from .s3.object_table import ObjectTable
from .s3.state import Bucket

_NUMBER = re.compile(r"[0-9]{12}")


def add_similar_accounts(lab: Lab, like: str, accounts: Sequence[str]) -> int:
    """Add accounts that are like the account ``like``, and return the number of their buckets.

    Each has its roles, managed policies, empty buckets, and symmetric KMS keys with their aliases. Where its number is
    in the name of a bucket, in an ARN or in a policy, the number of the new account is there instead. A new account
    joins the organization of ``like``, in the same unit and with the same tags.

    Raise ``ValueError`` where this is impossible.
    """
    state = lab.state
    model = state.directory.accounts.get(like)
    if model is None:
        raise ValueError(f"the account {like!r} has nothing that other accounts could be like")
    buckets = [each for each in state.s3.buckets.values() if each.account == like]
    _check(state, buckets, like, accounts)
    parse = _Parser()
    for number in accounts:
        account = state.directory.account(number, model.partition)
        account.disabled_regions |= model.disabled_regions
        rename = _renaming(like, number)
        _add_identities(state.directory, model, account, rename, parse)
        _join_organization(state.directory, like, number)
        for region in {each for owner, each in state.kms.region_states if owner == like}:
            _add_keys(lab, (like, number), region, rename)
        for bucket in buckets:
            _add_bucket(lab, bucket, number, rename)
    return len(buckets) * len(accounts)


def _renaming(like: str, number: str) -> Callable[[str], str]:
    return lambda text: text.replace(like, number)


def _check(state: State, buckets: Sequence[Bucket], like: str, accounts: Sequence[str]) -> None:
    wrong = next((each for each in accounts if _NUMBER.fullmatch(each) is None), None)
    if wrong is not None:
        raise ValueError(f"an account has 12 digits, not {wrong!r}")
    known = next((each for each in accounts if each in state.directory.accounts), None)
    if known is not None or len(set(accounts)) < len(accounts):
        raise ValueError(f"the account {known or 'of a number'!r} exists already, or is named twice")
    unnamed = next((each.name for each in buckets if like not in each.name), None)
    if unnamed is not None:
        raise ValueError(f"the name of the bucket {unnamed!r} does not contain {like}, so that no other can be like it")
    keys = (each for each in state.kms.all_keys() if each.account == like)
    special = next((each.arn for each in keys if not _can_be_copied(each)), None)
    if special is not None:
        raise ValueError(f"no other key can be like {special}: it is not symmetric, imported or multi-Region")


def _can_be_copied(key: Key) -> bool:
    return key.symmetric and key.origin == "AWS_KMS" and key.multi_region is None


class _Parser:
    """Parses the policies that differ by nothing only once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, PolicyKind], Policy] = {}

    def __call__(self, text: str, kind: PolicyKind) -> Policy:
        found = self._known.get((text, kind))
        if found is None:
            found = self._known[text, kind] = parse_policy(text, kind)
        return found


def _add_identities(
    directory: Directory, model: Account, account: Account, rename: Callable[[str], str], parse: _Parser
) -> None:
    def named(policy: NamedPolicy) -> NamedPolicy:
        text = rename(policy.text)
        return NamedPolicy(policy.name, text, parse(text, PolicyKind.IDENTITY))

    for managed in model.policies.values():
        versions = {name: named(each) for name, each in managed.versions.items()}
        arn = rename(managed.arn)
        account.policies[arn] = ManagedPolicy(
            managed.name, managed.path, arn, unique_id("ANPA"), managed.created, versions, managed.default,
            managed.description, dict(managed.tags),
        )  # fmt: skip
    for role in model.roles.values():
        account.roles[role.name] = replace(
            role,
            arn=rename(role.arn),
            role_id=unique_id("AROA"),
            inline={name: named(each) for name, each in role.inline.items()},
            attached={rename(arn): None for arn in role.attached},
            tags=dict(role.tags),
        )
    for role in account.roles.values():  # their trust policies may name each other
        _trust_again(directory, role, rename, parse)


def _trust_again(directory: Directory, role: Role, rename: Callable[[str], str], parse: _Parser) -> None:
    text = rename(role.trust.text)
    policy = parse(text, PolicyKind.TRUST)
    principals = StoredPrincipals.of(policy, directory)
    if principals.ids:
        policy = parse(json.dumps(principals.for_evaluation(json.loads(text))), PolicyKind.TRUST)
    role.trust, role.trust_ids = NamedPolicy(role.trust.name, text, policy), principals.ids


def _join_organization(directory: Directory, like: str, number: str) -> None:
    found = directory.organizations.of_account(like)
    if found is None:
        return
    member = found.members[like]
    found.members[number] = replace(
        member, number=number, name=f"{member.name}-{number}", email=f"root@{number}.example", tags=dict(member.tags),
        delegations={},
    )  # fmt: skip


def _add_keys(lab: Lab, accounts: tuple[str, str], region: str, rename: Callable[[str], str]) -> None:
    like, number = accounts
    model, now = lab.state.kms.region_state(like, region), lab.clock.now()
    target = lab.state.kms.region_state(number, region)
    for key in model.keys.values():
        text = rename(key.policy.text)
        policy = KeyPolicy.store(text, parse_policy(text, PolicyKind.KEY), lab.state.directory)
        target.keys[key.key_id] = replace(
            key, account=number, policy=policy, tags=dict(key.tags), tag_history=[], materials=[new_material(now)],
            grants={}, usage_record=None,
        )  # fmt: skip
    for alias in model.aliases.values():
        target.aliases[alias.name] = Alias(alias.name, alias.target, now, now)


def _add_bucket(lab: Lab, like: Bucket, number: str, rename: Callable[[str], str]) -> None:
    owners = {canonical_id(like.account): canonical_id(number)}
    bucket = replace(
        like,
        name=rename(like.name),
        account=number,
        encryption=replace(like.encryption, key_id=rename(like.encryption.key_id)),
        acl=tuple(replace(each, grantee=owners.get(each.grantee, each.grantee)) for each in like.acl),
        policy=None,
        stored_policy=None,
        tags=None if like.tags is None else dict(like.tags),
        documents=copy.deepcopy(like.documents),
        collections=copy.deepcopy(like.collections),
        objects=ObjectTable(),
        uploads={},
        completed_uploads={},
        watches={},
    )
    if lab.state.s3.bucket(partition_of(like.region), bucket.name) is not None:
        raise ValueError(f"the bucket {bucket.name!r} exists already")
    lab.state.s3.add_bucket(bucket)
    if like.stored_policy is not None:
        text = rename(json.dumps(like.stored_policy.document))
        policy = parse_policy(text, PolicyKind.RESOURCE, bucket=bucket.name)
        store_policy(bucket, policy, json.loads(text), lab.state.directory)
