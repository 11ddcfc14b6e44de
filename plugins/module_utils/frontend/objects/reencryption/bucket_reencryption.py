# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module bucket_reencryption."""

from __future__ import annotations

from ....engine.clock import SYSTEM_CLOCK, Clock
from ....model.errors import assert_never
from ...arguments import CUSTOMER_KEY_EXCLUSIVE
from ...result import Result
from ...run import ModuleContext, run_module
from .here import reencrypt_here
from .options import Engine, parse_options, reencryption_arguments


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run bucket_reencryption."""
    run_module(
        reencryption_arguments(),
        _ensure,
        name="bucket_reencryption",
        clock=clock,
        mutually_exclusive=CUSTOMER_KEY_EXCLUSIVE,
    )


def _ensure(task: ModuleContext) -> Result:
    options = parse_options(task.params, task.clock.now())
    match options.engine:
        case Engine.HERE:
            return reencrypt_here(task, options)
        case Engine.BATCH_OPERATIONS:
            from .batch import run_batch  # tasks without jobs start faster without it

            return run_batch(task, options)
        case _:
            assert_never(options.engine)
