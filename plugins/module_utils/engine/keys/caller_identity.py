# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The identity of the credentials, requested at most once per run."""

from __future__ import annotations

import threading

from ...aws.accounts.ports import CallerIdentityPort
from ...model.caller import Caller


class CallerIdentity:
    """Requests the identity when it is needed for the first time, and keeps it for the run. Safe for threads."""

    def __init__(self, sts: CallerIdentityPort) -> None:
        self._sts = sts
        self._lock = threading.Lock()
        self._caller: Caller | None = None

    def get(self) -> Caller:
        """The account and principal of the credentials; raises OperationError if the request fails."""
        with self._lock:
            if self._caller is None:
                self._caller = self._sts.get_caller_identity()
            return self._caller
