# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Warnings about a write that makes the desired state, but protects an object less than before."""

from __future__ import annotations

from dataclasses import dataclass

from ..kinds.encryption import ObjectEncryption
from ..kinds.kind import KeyHolder
from ..kinds.registry import find_kind


@dataclass(frozen=True, slots=True)
class ImplicitDefaults:
    """What S3 chooses for a write that does not name it, as far as it was read.

    `default` is the encryption that the bucket's default gives an object; None if it was not needed or cannot be read.
    `managed_key_arn` is the AWS managed key for S3, which S3 uses if no key is named.
    """

    default: ObjectEncryption | None = None
    managed_key_arn: str | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """How the warnings name the encryption, and the option that keeps it."""

    subject: str
    option: str


_OF_OBJECT = _Words("The encryption", "encryption")
_OF_CIPHERTEXT = _Words("The server-side encryption", "server_side")


def downgrade_warnings(
    key: str, before: ObjectEncryption, after: ObjectEncryption, implicit_defaults: ImplicitDefaults
) -> tuple[str, ...]:
    """Warnings about a weaker encryption, or about a change from a customer managed key to the AWS managed key.

    An `after` without a type is the bucket's default. Of two client-side kinds, the encryption of the ciphertext by S3
    is compared.
    """
    if before.client_side and after.client_side:
        return _downgrades(key, before.server_side, after.server_side, implicit_defaults, _OF_CIPHERTEXT)
    return _downgrades(key, before, after, implicit_defaults, _OF_OBJECT)


def _downgrades(
    key: str, before: ObjectEncryption, after: ObjectEncryption, implicit_defaults: ImplicitDefaults, words: _Words
) -> tuple[str, ...]:
    if after.type is not None:
        return _compared(key, before, after, after.type, implicit_defaults, words)
    if not needs_default(before):
        return ()
    default = implicit_defaults.default
    if default is None:
        return (
            f"{words.subject} of {key!r} changes from {before.type} to the bucket's default, which cannot be read and "
            f"may be weaker. Name {words.option} to keep it, or allow s3:GetEncryptionConfiguration.",
        )
    if find_kind(before.type).key_holder is KeyHolder.CALLER:
        return (
            f"{words.subject} of {key!r} changes from {before.type} to the bucket's default, {default.type}: it is "
            f"no longer encrypted with your own key. Name {words.option} to keep it.",
        )
    target = f"the bucket's default, {default.type}"
    warnings = _compared(key, before, default, target, implicit_defaults, words)
    return tuple(f"{warning} Name {words.option} to keep it." for warning in warnings)


def needs_default(before: ObjectEncryption) -> bool:
    """Whether the bucket's default may protect less than the current encryption. Keys of S3 protect least."""
    return before.client_side is not None or find_kind(before.type).key_outside_s3


def _compared(
    key: str,
    before: ObjectEncryption,
    after: ObjectEncryption,
    target: str,
    implicit_defaults: ImplicitDefaults,
    words: _Words,
) -> tuple[str, ...]:
    kind = find_kind(after.type)
    # The envelope also shows client-side encryption of a kind that no option names.
    if kind.weakens(find_kind(before.type)) or (before.client_side is not None and not kind.is_client_side):
        return (f"{words.subject} of {key!r} becomes weaker, from {before.type} to {target}.",)
    managed = implicit_defaults.managed_key_arn
    uses_it = kind.has_managed_key and after.kms_key_arn in (None, managed)
    if managed and uses_it and before.kms_key_arn not in (None, managed):
        return (f"The key of {key!r} changes from a customer managed key to the AWS managed key.",)
    return ()
