# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options that identify a key, and those that only CreateKey accepts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...model.errors import invalid_input
from ...model.keys.key_origin import ORIGINS, DesiredOrigin
from ...model.keys.key_ref import ALIAS
from ..arguments import ArgumentSpec, require_no_empty_text


def identity_arguments() -> ArgumentSpec:
    """The options for the alias and the id."""
    return {
        "alias": {"type": "str", "aliases": ["key_alias"]},
        "key_id": {"type": "str", "no_log": False, "aliases": ["key_arn"]},
    }


def regions_arguments() -> ArgumentSpec:
    """The option for the regions of a task for many accounts."""
    return {"regions": {"type": "list", "elements": "str"}}


def require_no_regions(params: Mapping[str, Any]) -> None:
    """Raise OperationError for `regions` in a task for the account of its credentials."""
    if params["regions"] is not None:
        raise invalid_input(
            "regions has no effect without accounts and organization.",
            "Set region. For several regions of one account, name the account in accounts.",
        )


def deletion_arguments() -> ArgumentSpec:
    """The options of the deletion."""
    return {
        "deletion_window_in_days": {"type": "int", "default": 30, "aliases": ["pending_window", "deletion_delay"]},
        "unused_days": {"type": "int", "default": 30},
        "force": {"type": "bool", "default": False},
    }


def parse_alias(text: str) -> str:
    """The full name of an alias, whose prefix is optional; raises OperationError for an alias that AWS reserves."""
    alias = text if text.startswith("alias/") else f"alias/{text}"
    if not ALIAS.match(alias) or alias.startswith("alias/aws/"):
        raise invalid_input(
            f"{text!r} is not a valid alias for your keys.",
            "Use at most 250 letters, digits, /, _ and - after alias/. AWS reserves alias/aws/ for the keys that it "
            "manages.",
        )
    return alias


# The pattern of KMS's RegionType.
_REGION = re.compile(r"([a-z]+-){2,3}\d+\Z")


def origin_arguments() -> ArgumentSpec:
    """The options for the origin of the key material, and for the regions of the key."""
    return {
        "multi_region": {"type": "bool"},
        "replica_regions": {"type": "list", "elements": "str"},
        "origin": {"type": "str", "choices": list(ORIGINS)},
        "custom_key_store_id": {"type": "str", "no_log": False},
        "xks_key_id": {"type": "str", "no_log": False},
    }


def parse_origin(params: dict[str, Any], names_rotation: bool) -> DesiredOrigin:
    """The desired origin; raises OperationError for a combination that KMS refuses."""
    require_no_empty_text(params, ("custom_key_store_id", "xks_key_id"))
    multi_region = params["multi_region"]
    if params["replica_regions"]:
        if multi_region is False:
            raise invalid_input("replica_regions has no effect with multi_region: false.", "Omit one of them.")
        multi_region = True
    desired = DesiredOrigin(params["origin"], params["custom_key_store_id"], params["xks_key_id"], multi_region)
    desired.require_possible(names_rotation)
    return desired


def parse_replica_regions(regions: list[str] | None, home: str) -> tuple[str, ...] | None:
    """The regions of the replicas, each once; raises OperationError for an invalid region, or that of the key."""
    if regions is None:
        return None
    for region in regions:
        if not _REGION.match(region):
            raise invalid_input(f"replica_regions: {region!r} is not a region.", "Give names such as eu-west-1.")
        if region == home:
            raise invalid_input(
                f"replica_regions: {region} is the region of the task, which the primary key is in.",
                "Name other regions only.",
            )
    return tuple(sorted(set(regions)))
