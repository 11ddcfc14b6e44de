# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Temporary credentials."""

from __future__ import annotations

import base64
import os
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..policy_language import Principal
from .records import Credential, Session, new_secret, unique_id

# The longest session of a root user, and how long one of a user lasts if the request does not say it.
ROOT_LIMIT = 3600
USER_DEFAULT = 43200


def require_long_term(call: Call) -> None:
    """Raise AccessDenied for credentials that are temporary themselves."""
    if call.caller.temporary:
        raise ServiceError("AccessDenied", f"Cannot call {call.operation.name} with session credentials", 403)


def issue_credential(call: Call, principal: Principal, duration: float, session: Session) -> Credential:
    """Create temporary credentials, which expire by the lab's clock."""
    credential = Credential(
        unique_id("ASIA")[:20], new_secret(), principal, base64.b64encode(os.urandom(240)).decode(),
        call.now() + duration, created=call.now(), session=session,
    )  # fmt: skip
    call.lab.state.directory.credentials[credential.access_key] = credential
    return credential


def credential_fields(credential: Credential) -> dict[str, Any]:
    """Return credentials as the API shows them."""
    return {
        "AccessKeyId": credential.access_key,
        "SecretAccessKey": credential.secret,
        "SessionToken": credential.token,
        "Expiration": credential.expires,
    }
