# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `expected` for objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...aws.accounts.sts import Sts
from ...aws.keys.key_lookup import KeyLookup
from ...aws.session import Clients
from ...engine.keys.key_resolver import KeyResolver
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.registry import BUCKET_DEFAULT_KINDS, OBJECT_KINDS, find_kind, require_accepted_options
from ...model.objects.expected_encryption import ExpectedEncryption
from ..arguments import require_no_empty_text

_OPTIONS = ("encryption", "kms_key", "bucket_key_enabled")


def parse_expected(options: Mapping[str, Any]) -> tuple[ExpectedEncryption, KeyRef | None]:
    """What is expected, without the ARN of the key; raises OperationError where the options contradict each other."""
    require_no_empty_text(dict(options), ("kms_key",))
    named = {name for name in _OPTIONS if options[name] is not None}
    if not named:
        raise invalid_input(
            "expected names nothing to compare the objects with.",
            f"Name at least one of {', '.join(_OPTIONS)} in it, or leave it out to only read the objects.",
        )
    kind = find_kind(options["encryption"]) if options["encryption"] else None
    if kind:
        require_accepted_options(kind, [name for name in ("kms_key", "bucket_key_enabled") if options[name]])
        if kind.is_client_side and options["kms_key"]:
            raise invalid_input(
                f"expected.kms_key cannot be compared under {kind.name}: only KMS knows the key of a data key.",
                "Leave it out.",
            )
    if options["minimum"] and (kind is None or kind.name not in BUCKET_DEFAULT_KINDS):
        raise invalid_input(
            "expected.minimum needs an encryption that has a place in the order of strength.",
            f"Set encryption to {' or '.join(name for name in OBJECT_KINDS if name in BUCKET_DEFAULT_KINDS)} in it.",
        )
    expected = ExpectedEncryption(
        kind=kind, bucket_key_enabled=options["bucket_key_enabled"], minimum=options["minimum"]
    )
    return expected, KeyRef.parse(options["kms_key"], of_store=True) if options["kms_key"] else None


def resolver_of(
    expected: ExpectedEncryption, kms_key: KeyRef | None, clients: Clients
) -> Callable[[str], ExpectedEncryption]:
    """A function of the region of the bucket that returns what is expected there, with the ARN of the key.

    It raises OperationError for a key that does not exist. KMS is called once.
    """
    if kms_key is None:
        return lambda region: expected
    keys = KeyResolver(KeyLookup(clients), Sts(clients))
    named = replace(expected, key_name=kms_key.text, kms_key_is_aws_managed=kms_key.is_aws_managed_s3)
    resolved: dict[str, ExpectedEncryption] = {}

    def resolve(region: str) -> ExpectedEncryption:
        if region not in resolved:
            resolved[region] = replace(named, kms_key_arn=keys.arn(kms_key, region))
        return resolved[region]

    return resolve
