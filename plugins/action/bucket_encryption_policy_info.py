# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The action plugin of bucket_encryption_policy_info: shows its progress, and writes its rows to a file."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.plugin_utils.fleet_action import FleetAction


class ActionModule(FleetAction):
    """Run the module, show its progress, and write its rows."""
