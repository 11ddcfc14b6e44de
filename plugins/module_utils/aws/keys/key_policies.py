# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""GetKeyPolicy for the keys that a task names, for tasks that do not manage keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import translate_errors

if TYPE_CHECKING:
    from ..session import Clients


class KeyPolicies:
    """The policies of keys in any region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def get_key_policy(self, key: str, region: str) -> str:
        """GetKeyPolicy. The only policy of a key has the name `default`."""
        with translate_errors("kms", "GetKeyPolicy", key):
            policy: str = self._clients.get("kms", region).get_key_policy(KeyId=key, PolicyName="default")["Policy"]
        return policy
