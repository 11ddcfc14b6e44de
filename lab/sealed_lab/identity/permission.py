# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The permission check of the services whose errors are JSON."""

from __future__ import annotations

from ..call import Call
from ..errors import ServiceError
from .authorization import Context, Resource


def require_permission(call: Call, action: str, resource: str = "*", *, context: Context | None = None) -> None:
    """Raise AccessDeniedException unless the caller may do the action."""
    message = call.lab.authorizer.denial_message(call.caller, action, Resource(resource, call.account), context)
    if message is not None:
        raise ServiceError("AccessDeniedException", message, 400)
