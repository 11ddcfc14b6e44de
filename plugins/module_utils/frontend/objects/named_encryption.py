# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption that an object has to have when it is read."""

from __future__ import annotations

from typing import Any

from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.registry import find_kind, require_accepted_options
from ...model.secret import CustomerKey
from ...model.tags import freeze_texts
from ..arguments import require_no_empty_text

_OPTIONS = ("kms_key", "encryption_context", "customer_key", "customer_key_file")


def named_encryption(params: dict[str, Any], key: CustomerKey | None) -> DesiredEncryption:
    """The encryption that the options name, with the customer key. Raises OperationError for a contradiction."""
    require_no_empty_text(params, ("kms_key",))
    kind = find_kind(params["encryption"])
    if not kind.defers_to_bucket:
        require_accepted_options(kind, (name for name in _OPTIONS if params[name]))
    context = freeze_texts("encryption_context", params["encryption_context"] or {})
    return DesiredEncryption(kind, encryption_context=context, customer_key=key)
