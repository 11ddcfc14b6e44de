# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The KMS keys that a task names for an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...model.keys.key_ref import KeyRef
from ...model.objects.client_side_steps import (
    wraps_data_key,
)
from ...model.objects.object_steps import (
    ObjectStep,
    as_update,
    as_write,
)


@dataclass(frozen=True)
class KmsKeys:
    """The KMS keys that the task names: the one that S3 encrypts with, and the one of client-side encryption."""

    of_s3: KeyRef | None = None
    of_client: KeyRef | None = None

    def of_step(self, step: ObjectStep) -> Iterator[KeyRef]:
        """Those that a step uses."""
        if self.of_s3 and (as_write(step) or as_update(step)):
            yield self.of_s3
        if self.of_client and wraps_data_key(step):
            yield self.of_client
