# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a playbook asks of a KMS key, and what a plan starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..tags import Tags
from .desired_policy import DesiredPolicy, PolicyScope
from .key_origin import DesiredOrigin
from .key_state import KeyState


@dataclass(frozen=True, slots=True)
class KeyReading:
    """What a plan starts from: the key, if there is one, the id of another key that the alias stands for, and the time
    of the reading, which is needed where the age of the key's material was read."""

    key: KeyState | None
    scope: PolicyScope
    alias_holder: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DesiredKey:
    """What a playbook asks for. None: not named, so kept."""

    alias: str | None = None
    key_id: str | None = None
    description: str | None = None
    enabled: bool | None = None
    policy: DesiredPolicy = DesiredPolicy()
    rotation_enabled: bool | None = None
    rotation_period_in_days: int | None = None
    tags: Tags | None = None
    purge_tags: bool = True
    creation_options: DesiredOrigin = DesiredOrigin()
    # Whether rotation is asked for by name: a key that KMS cannot rotate is then refused, and not left alone.
    rotation_named: bool = False
    rotate_if_older_than_days: int | None = None
    replica_regions: tuple[str, ...] | None = None
