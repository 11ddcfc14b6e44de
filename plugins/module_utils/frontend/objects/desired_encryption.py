# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired encryption of objects that are written, from the options of a task."""

from __future__ import annotations

from typing import Any

from ...model.envelope import EnvelopePlace
from ...model.errors import invalid_input
from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.kind import KeyHolder
from ...model.kinds.registry import find_kind, require_accepted_options
from ...model.secret import CustomerKey
from ..arguments import object_encryption_arguments
from .client_side import parse_context, parse_server_side


def parse_encryption(params: dict[str, Any], key: CustomerKey | None) -> DesiredEncryption:
    """The desired encryption, with the customer key of the task. Raises OperationError for options that contradict it.

    The KMS keys are parsed by `parse_kms_keys`, because they have to be resolved.
    """
    kind = find_kind(params["encryption"])
    named = {option for option in object_encryption_arguments() if params[option]} - {"encryption"}
    require_accepted_options(kind, (option for option in named if not option.startswith("previous_")))
    if kind.key_holder is KeyHolder.CALLER and key is None:
        raise invalid_input(f"encryption: {kind.name} needs a key.", "Set customer_key or customer_key_file.")
    return DesiredEncryption(
        kind=kind,
        bucket_key_enabled=params["bucket_key_enabled"],
        encryption_context=parse_context(params, kind),
        customer_key=key,
        envelope=EnvelopePlace(params["envelope"]) if params["envelope"] else None,
        server_side=parse_server_side(params),
    )
