# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options that only the making of a key takes."""

from __future__ import annotations

from typing import Any

from ..model.key_origin import ORIGINS, DesiredOrigin
from .arguments import ArgumentSpec, require_no_empty_text


def origin_arguments() -> ArgumentSpec:
    """Where the key material comes from, and how many regions it is for."""
    return {
        "multi_region": {"type": "bool"},
        "origin": {"type": "str", "choices": list(ORIGINS)},
        "custom_key_store_id": {"type": "str", "no_log": False},
        "xks_key_id": {"type": "str", "no_log": False},
    }


def parse_origin(params: dict[str, Any], asks_for_rotation: bool) -> DesiredOrigin:
    """What the options ask for; raises Refused where KMS would refuse them together."""
    require_no_empty_text(params, ("custom_key_store_id", "xks_key_id"))
    asked = DesiredOrigin(params["origin"], params["custom_key_store_id"], params["xks_key_id"], params["multi_region"])
    asked.require_possible(asks_for_rotation)
    return asked
