# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption kinds: the only place to add one.

Ansible copies only statically imported code to a target, so every kind is imported here. Nothing is discovered.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import invalid_input
from ..envelope import KeyWrap
from .foreign import foreign_kind
from .kind import Answer, KeyHolder, Kind, ObjectEncryption, Option

# One line for each kind, in the order of choices and documentation. A new kind needs only its line here.
# pylint: disable=unused-import
from .bucket_default import KIND as BUCKET_DEFAULT
from .sse_s3 import KIND as SSE_S3
from .sse_kms import KIND as SSE_KMS
from .dsse_kms import KIND as DSSE_KMS
from .sse_c import KIND as SSE_C
from .cse_kms import KIND as CSE_KMS
from .cse_c import KIND as CSE_C
from .none import KIND as NONE

KINDS: tuple[Kind, ...] = tuple(each for each in list(globals().values()) if isinstance(each, Kind))

# Kinds by their role, for code that names no kind.
OMITTED = BUCKET_DEFAULT  # the task names no encryption
S3_DEFAULT = SSE_S3  # the default of a new bucket
CUSTOMER_KEY = SSE_C  # every request contains the key
UNENCRYPTED = NONE  # not encrypted

# What is reported for a data key under an RSA key, which no option names, and for an envelope that cannot be read.
UNSUPPORTED_CLIENT_SIDE = "CSE-RSA"
UNREADABLE_CLIENT_SIDE = "CSE with an unreadable envelope"

# An envelope shows only how its data key is encrypted, so that no two kinds can share that.
_WRAPS = [wrap for kind in KINDS for wrap in kind.wraps]
if shared := {wrap.name for wrap in _WRAPS if _WRAPS.count(wrap) > 1}:
    raise TypeError(f"only one kind can have {' and '.join(sorted(shared))} in its wraps")

# S3 has only one such kind, so an object that cannot be read without a customer key is of that kind.
if [kind for kind in KINDS if kind.key_in_requests] != [CUSTOMER_KEY]:
    raise TypeError(f"only {CUSTOMER_KEY.name} can have key_in_requests")

# The names that a task can choose for an object, for the default of a bucket, and for what a bucket blocks.
OBJECT_KINDS = tuple(kind.name for kind in KINDS if kind.choosable)
BUCKET_DEFAULT_KINDS = tuple(kind.name for kind in KINDS if kind.choosable and kind.strength is not None)
# The encryption of a ciphertext by S3, which needs no key of the caller in each request.
CIPHERTEXT_KINDS = tuple(
    kind.name for kind in KINDS if kind.choosable and not kind.is_client_side and not kind.key_in_requests
)
# What the headers of an upload can name, so that a bucket policy can compare it; and the words for a KMS key in them.
HEADER_KINDS = tuple(kind.name for kind in KINDS if kind.choosable and (kind.wire or kind.key_in_requests))
KMS_WIRES = tuple(kind.wire for kind in KINDS if kind.wire and kind.key_holder is KeyHolder.KMS)
BLOCKABLE_KINDS = tuple(kind.name for kind in KINDS if kind.blockable)
# The value of BlockedEncryptionTypes that blocks nothing. Omitting the element does not unblock anything.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html
NOTHING_BLOCKED = "NONE"

_BY_NAME = {kind.name: kind for kind in KINDS}
_BY_WIRE = {kind.wire: kind for kind in KINDS if kind.wire}
_BY_WRAP = {wrap: kind for kind in KINDS for wrap in kind.wraps}


def find_kind(name: str | None) -> Kind:
    """The kind with this name. None is the omitted kind, and any unknown name is a foreign kind."""
    return OMITTED if name is None else _BY_NAME.get(name) or foreign_kind(name)


def with_wire_words(names: Iterable[str]) -> tuple[str, ...]:
    """These names of kinds, and AWS's own words for them, as choices of an option."""
    names = tuple(names)
    return (*names, *(wire for wire, kind in _BY_WIRE.items() if kind.name in names))


def name_of_choice(choice: str) -> str:
    """The name of the kind that a choice stands for: AWS's word becomes the name, any other text stays."""
    return _BY_WIRE[choice].name if choice in _BY_WIRE else choice


def find_kind_by_wire(wire: str) -> Kind:
    """The kind for a value of x-amz-server-side-encryption, or of SSEAlgorithm in the rule of a bucket."""
    return _BY_WIRE.get(wire) or foreign_kind(wire)


def find_kind_by_wrap(wrap: KeyWrap) -> Kind | None:
    """The client-side kind whose data keys are encrypted like this; None if no kind has such keys."""
    return _BY_WRAP.get(wrap)


def recognise(answer: Answer) -> ObjectEncryption:
    """The encryption by S3 in a HeadObject response. Client-side encryption is not in it: the envelope shows that."""
    candidates = (kind.recognise(answer) for kind in KINDS if not kind.is_client_side)
    known = next((encryption for encryption in candidates if encryption), None)
    if known:
        return known
    return ObjectEncryption(answer["ServerSideEncryption"], answer.get("SSEKMSKeyId"))


def bucket_kinds_with_option(option: Option) -> tuple[str, ...]:
    """The names of the kinds that can be the default of a bucket and accept an encryption option."""
    return tuple(name for name in BUCKET_DEFAULT_KINDS if _BY_NAME[name].accepts(option))


def require_accepted_options(kind: Kind, given: Iterable[str], choices: Iterable[str] = OBJECT_KINDS) -> None:
    """Raise OperationError for an encryption option that `kind` does not accept. `choices` are the kinds of a task."""
    for option in sorted(set(given) - set(kind.options)):
        where = "without encryption" if kind.defers_to_bucket else f"with encryption: {kind.name}"
        kinds = " or ".join(name for name in choices if option in _BY_NAME[name].options)
        raise invalid_input(f"{option} has no effect {where}.", f"Leave it out, or set encryption: {kinds}.")
