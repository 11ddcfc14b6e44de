# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a module returns, as a playbook sees it."""

from __future__ import annotations

from typing import Any

# A JSON object: a module's whole result, or a part of it.
Result = dict[str, Any]
