# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""DescribeKey for the keys that a task names, for tasks that otherwise do not use KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import translate_errors
from .key_shapes import flatten_key

if TYPE_CHECKING:
    from ...model.keys.key_state import KeyState
    from ..session import Clients


class KeyLookup:
    """The keys of a run's session, in any region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def at_store(self) -> bool:
        """Whether the endpoint of KMS is that of S3, and not AWS's, because the task names no other."""
        kms, s3 = self._clients.get("kms"), self._clients.get("s3")
        return self._clients.custom_endpoint("kms") and kms.meta.endpoint_url == s3.meta.endpoint_url

    def describe_key(self, key: str, region: str) -> KeyState:
        """DescribeKey. It accepts every form of a reference; aliases are those of the region."""
        with translate_errors("kms", "DescribeKey", f"{key} in {region}"):
            answer = self._clients.get("kms", region).describe_key(KeyId=key)
        return flatten_key(answer["KeyMetadata"])
