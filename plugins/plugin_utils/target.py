# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Where the module of an action plugin runs."""

from __future__ import annotations

from typing import Any


def is_the_controller(connection: Any) -> bool:
    """Whether modules run on the controller and can read its files: with `local`, and for network devices."""
    return connection.transport == "local" or getattr(connection, "_remote_is_local", False)
