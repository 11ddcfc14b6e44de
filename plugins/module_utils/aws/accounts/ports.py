# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls about the account of the credentials, as the engine uses them."""

from __future__ import annotations

from typing import Protocol

from ...model.caller import Caller


class CallerIdentityPort(Protocol):
    """The identity of the credentials."""

    def get_caller_identity(self) -> Caller:
        """The account and the principal of the credentials. The call needs no permission."""
