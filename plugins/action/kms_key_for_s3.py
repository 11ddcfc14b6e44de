# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The action plugin of kms_key_for_s3: shows its progress where it reads many things, and writes its rows."""

from __future__ import annotations

from typing import Any

from ansible_collections.sealed.s3.plugins.plugin_utils.fleet_action import FleetAction


class ActionModule(FleetAction):
    """Run the module, show its progress, and write its rows."""

    def _may_take_long(self, arguments: dict[str, Any]) -> bool:
        """A task for many accounts, and a deletion, which reads the default encryption of all buckets."""
        has_accounts = any(arguments.get(name) is not None for name in ("accounts", "organization"))
        return has_accounts or arguments.get("state") == "absent"
