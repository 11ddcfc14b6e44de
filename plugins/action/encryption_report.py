# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The action encryption_report, which runs on the controller."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.plugin_utils.encryption_report import ReportAction


class ActionModule(ReportAction):
    """Write a report about results of modules."""
