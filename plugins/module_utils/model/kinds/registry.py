# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption kinds: the single place to add one.

A module's code reaches a target through static imports only, so a kind is here by an import that says so. Nothing is
discovered.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import invalid_input
from .foreign import foreign_kind
from .kind import Answer, KeyHolder, Kind, ObjectEncryption, Option

# One line is one kind, and all that there is to add here. Their order is that of choices and documentation.
# pylint: disable=unused-import
from .bucket_default import KIND as BUCKET_DEFAULT
from .sse_s3 import KIND as SSE_S3
from .sse_kms import KIND as SSE_KMS
from .dsse_kms import KIND as DSSE_KMS
from .sse_c import KIND as SSE_C
from .none import KIND as NONE

KINDS: tuple[Kind, ...] = tuple(each for each in list(globals().values()) if isinstance(each, Kind))

# What the rest asks for by the part that it plays.
OMITTED = BUCKET_DEFAULT  # what is asked for where no encryption is named
S3_DEFAULT = SSE_S3  # what S3 itself gives a bucket that nobody has configured
CUSTOMER_KEY = SSE_C  # the kind whose key goes with every request
UNENCRYPTED = NONE  # what a store without any encryption has

# S3 has one such kind. An object that cannot be read without its key is of that kind, whatever else is asked for.
if [kind for kind in KINDS if kind.key_in_requests] != [CUSTOMER_KEY]:
    raise TypeError(f"key_in_requests is of {CUSTOMER_KEY.name} alone")

# Whether a customer key may be for client-side encryption, so that S3 must not see it: requests go without it first.
CUSTOMER_KEYS_MAY_BE_CLIENT_SIDE = any(kind.is_client_side and kind.key_holder is KeyHolder.CALLER for kind in KINDS)

# What a playbook may write, for an object and for a bucket's default, and what a bucket can block.
OBJECT_KINDS = tuple(kind.name for kind in KINDS if kind.choosable)
BUCKET_DEFAULT_KINDS = tuple(kind.name for kind in KINDS if kind.choosable and kind.strength is not None)
BLOCKABLE_KINDS = tuple(kind.name for kind in KINDS if kind.blockable)
# How S3 says in BlockedEncryptionTypes that it blocks none; leaving the element out does not unblock.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html
NOTHING_BLOCKED = "NONE"

_BY_NAME = {kind.name: kind for kind in KINDS}
_BY_WIRE = {kind.wire: kind for kind in KINDS if kind.wire}
# S3 encrypts the ciphertext of a client-side kind once more, so that a server-side kind would recognise it, too.
_RECOGNISING = sorted(KINDS, key=lambda kind: not kind.is_client_side)


def find_kind(name: str | None) -> Kind:
    """The kind of a name in an option, a result or a state; None is the omitted one, any other a foreign one."""
    return OMITTED if name is None else _BY_NAME.get(name) or foreign_kind(name)


def find_kind_by_wire(wire: str) -> Kind:
    """The kind of a value of x-amz-server-side-encryption, or of SSEAlgorithm in a bucket's rule."""
    return _BY_WIRE.get(wire) or foreign_kind(wire)


def recognise(answer: Answer) -> ObjectEncryption:
    """The encryption that the answer to HeadObject reports."""
    found = (kind.recognise(answer) for kind in _RECOGNISING)
    known = next((encryption for encryption in found if encryption), None)
    if known:
        return known
    return ObjectEncryption(answer["ServerSideEncryption"], answer.get("SSEKMSKeyId"))


def kinds_with_option(option: Option, among: Iterable[str] | None = None) -> tuple[str, ...]:
    """The names of the kinds that take an encryption option, of those that are asked about."""
    names = None if among is None else set(among)
    return tuple(kind.name for kind in KINDS if kind.takes(option) and (names is None or kind.name in names))


def require_options_taken(kind: Kind, given: Iterable[str]) -> None:
    """Raise OperationError, before any call, for an encryption option that `kind` does not take."""
    for option in sorted(set(given) - set(kind.options)):
        where = "without encryption" if kind.defers_to_bucket else f"with encryption: {kind.name}"
        kinds = " or ".join(other.name for other in KINDS if option in other.options)
        raise invalid_input(f"{option} has no effect {where}.", f"Leave it out, or set encryption: {kinds}.")
