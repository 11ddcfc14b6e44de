# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""STS, one method per API call.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from ...model.arn import Arn
from ...model.caller import Caller
from ..errors import translate_errors
from ..session import Clients


class Sts:
    """The STS of a run's session, in the region of the task."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def get_caller_identity(self) -> Caller:
        """GetCallerIdentity, which needs no permission."""
        with translate_errors("sts", "GetCallerIdentity", "these credentials"):
            answer = self._clients.get("sts").get_caller_identity()
        return Caller(answer["Account"], Arn.parse(answer["Arn"]))

    def assume_role(self, role_arn: str) -> dict[str, Any]:
        """AssumeRole: temporary credentials, as options of boto3's clients. They are valid for one hour."""
        with translate_errors("sts", "AssumeRole", role_arn):
            answer = self._clients.get("sts").assume_role(RoleArn=role_arn, RoleSessionName="sealed.s3")
            found = answer["Credentials"]
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }
