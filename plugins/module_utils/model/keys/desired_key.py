# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired state of a KMS key, and the current state that a plan compares it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..tags import Tags
from .desired_policy import DesiredPolicy, PolicyScope
from .key_origin import DesiredOrigin
from .key_state import KeyState


@dataclass(frozen=True, slots=True)
class KeyReading:
    """The current state: the key, or None if it does not exist, and the id of another key that has the alias.

    `read_at` is the time of the reading. It is needed if the age of the key's material was read.
    """

    key: KeyState | None
    scope: PolicyScope
    alias_holder: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DesiredKey:
    """The desired state of a key. None: not named in the task, so the current value is kept."""

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
    # Whether the task names rotation. A key that KMS cannot rotate is then refused; otherwise its rotation is ignored.
    rotation_named: bool = False
    rotate_if_older_than_days: int | None = None
    replica_regions: tuple[str, ...] | None = None
