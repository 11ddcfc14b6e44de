# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of client-side encryption."""

from __future__ import annotations

from typing import Any

from ...aws.accounts.sts import Sts
from ...aws.keys.data_keys import DataKeys
from ...aws.objects.instruction_files import InstructionFiles
from ...aws.session import Clients
from ...engine.objects.client_side.envelope_reading import ClientSidePorts
from ...engine.objects.client_side.shared_identity import SharedIdentity
from ...engine.objects.kms_keys import KmsKeys
from ...model.envelope import Format, Texts
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.kind import Kind
from ...model.kinds.registry import find_kind, require_accepted_options
from ...model.tags import freeze_texts

# The names of AWS itself in an encryption context. The clients add one of them.
_RESERVED = "aws:"


def client_side_ports(clients: Clients, params: dict[str, Any]) -> ClientSidePorts:
    """What is called for client-side encryption, and the older formats that the task accepts."""
    return ClientSidePorts(
        InstructionFiles(clients, conditional_writes=params.get("conditional_writes", True)),
        DataKeys(clients),
        SharedIdentity.of(Sts(clients)),
        frozenset(Format(name) for name in params["legacy_formats"]),
    )


def parse_kms_keys(params: dict[str, Any]) -> KmsKeys:
    """The KMS keys of the task. Raises OperationError for a text that is no reference to a key."""
    own = KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None
    if not find_kind(params["encryption"]).is_client_side:
        return KmsKeys(of_s3=own)
    named = (params["server_side"] or {}).get("kms_key")
    if named == "":
        raise invalid_input("server_side.kms_key is empty.", "Give it a value, or leave it out.")
    return KmsKeys(of_s3=KeyRef.parse(named, of_store=True) if named else None, of_client=own)


def parse_context(params: dict[str, Any], kind: Kind) -> Texts:
    """The encryption context. Raises OperationError for one that other clients of client-side encryption cannot use."""
    context = freeze_texts("encryption_context", params["encryption_context"] or {})
    if not kind.is_client_side:
        return context
    for name, value in context:
        if name.lower().startswith(_RESERVED):
            raise invalid_input(
                f"encryption_context: {name!r} is reserved for AWS and its clients.", "Use a name without aws:."
            )
        if not name.isascii() or not value.isascii():
            raise invalid_input(
                f"encryption_context: {name!r} or its value has characters that are not ASCII, which not every S3 "
                "Encryption Client can give to KMS.",
                "Use ASCII only.",
            )
    return context


def parse_server_side(params: dict[str, Any]) -> DesiredEncryption | None:
    """The encryption of the ciphertext by S3; None: not named."""
    named = params["server_side"]
    if named is None:
        return None
    kind = find_kind(named["encryption"])
    given = (name for name in ("kms_key", "bucket_key_enabled") if named[name] is not None)
    require_accepted_options(kind, given)
    return DesiredEncryption(kind, bucket_key_enabled=named["bucket_key_enabled"])
