# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The type of a module's result."""

from __future__ import annotations

from typing import Any

# A JSON object: the whole result of a module, or a part of it.
Result = dict[str, Any]
