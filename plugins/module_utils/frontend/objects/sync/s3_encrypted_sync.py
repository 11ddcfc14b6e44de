# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_sync."""

from __future__ import annotations

from ....engine.clock import SYSTEM_CLOCK, Clock
from ...result import Result
from ...run import ModuleContext, run_module
from .options import CONSTRAINTS, sync_arguments


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run s3_encrypted_sync."""
    run_module(sync_arguments(), _sync, name="s3_encrypted_sync", clock=clock, **CONSTRAINTS)


def _sync(task: ModuleContext) -> Result:
    """Push or pull. AnsibleModule has made sure that the task names one of src and dest.

    Only what the direction needs is imported.
    """
    if task.params["src"] is None:
        from .pull import pull

        return pull(task)
    from .push import push

    return push(task)
