# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""STS, one method per API call.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from ...model.arn import Arn
from ...model.caller import Caller
from ..errors import translate_errors
from ..session import Clients


class Sts:
    """The STS of a run's session, in the region of the task."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def get_caller_identity(self) -> Caller:
        """GetCallerIdentity, which needs no permission. No call for the session of a role, which STS named already."""
        if self._clients.caller:
            return self._clients.caller
        with translate_errors("sts", "GetCallerIdentity", "these credentials"):
            answer = self._clients.get("sts").get_caller_identity()
        return Caller(answer["Account"], Arn.parse(answer["Arn"]))
