# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The action plugin of s3_encrypted_object: gives the module a file of the controller."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.plugin_utils.controller_file import ControllerFileAction


class ActionModule(ControllerFileAction):
    """Find the file, decrypt it, copy it to the target if needed, and run the module."""
