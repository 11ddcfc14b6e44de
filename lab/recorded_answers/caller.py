# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The caller of recorded requests: an IAM user with all permissions, as whoever recorded answers from AWS.

The root user would get other answers in places: an initiator without a name, for example.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.credentials import Credentials, ReadOnlyCredentials

_USER = "recorder"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


class Caller(Credentials):
    """Credentials whose keys can be replaced, because each empty lab needs a new user, and clients are expensive."""

    def __init__(self) -> None:
        super().__init__("test", "test")

    def become_user(self, url: str) -> None:
        """Create the user in the empty lab at this URL, and use its access key."""
        iam = _iam(url)
        iam.create_user(UserName=_USER)
        iam.attach_user_policy(UserName=_USER, PolicyArn=_ADMINISTRATOR)
        keys = iam.create_access_key(UserName=_USER)["AccessKey"]
        self.access_key, self.secret_key = keys["AccessKeyId"], keys["SecretAccessKey"]

    def become_root(self) -> None:
        """Use the root user of the default account."""
        self.access_key = self.secret_key = "test"

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the keys of now: clients ask for each request."""
        return ReadOnlyCredentials(self.access_key, self.secret_key, None)

    def session(self) -> Any:
        """Return a session whose clients are this caller."""
        session: Any = boto3.session.Session(region_name="us-east-1")
        session._session._credentials = self
        return session


@cache
def _iam(url: str) -> Any:
    return boto3.client("iam", "us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test")
