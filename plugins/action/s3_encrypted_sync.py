# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The action plugin of s3_encrypted_sync: gives the module a directory of the controller, and shows its progress."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.plugin_utils.controller_directory import ControllerDirectoryAction


class ActionModule(ControllerDirectoryAction):
    """Find the directory, decrypt and send its files if needed, run the module and show its progress."""
