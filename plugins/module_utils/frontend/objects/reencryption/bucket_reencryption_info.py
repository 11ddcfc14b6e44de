# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module bucket_reencryption_info."""

from __future__ import annotations

from typing import Any

from ....engine.clock import SYSTEM_CLOCK, Clock
from ....model.buckets.bucket_name import require_bucket_name
from ....model.errors import invalid_input
from ...arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    customer_key_arguments,
    request_payer_arguments,
    require_no_empty_text,
)
from ...result import Result
from ...run import ModuleContext, run_module
from .options import Versions
from .select import parse_select, selection_arguments

# More objects of a sample would make no margin smaller that a person reads, and each is kept in memory.
_LARGEST_SAMPLE = 100_000
_VERSIONS = (Versions.CURRENT.value, Versions.ALL.value)


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run bucket_reencryption_info."""
    run_module(
        {
            "bucket": {"type": "str", "required": True, "aliases": ["bucket_name"]},
            "expected_bucket_owner": {"type": "str"},
            **request_payer_arguments(),
            **selection_arguments(by_encryption=False),
            "versions": {
                "type": "str",
                "choices": [each.value for each in Versions],
                "default": Versions.CURRENT.value,
            },
            "counts": {"type": "bool"},
            "sample": {"type": "int"},
            "sample_seed": {"type": "int"},
            "concurrency": {"type": "int", "default": 32},
            "progress": {"type": "bool", "default": True},
            **customer_key_arguments(),
        },
        gather_info,
        clock=clock,
        mutually_exclusive=CUSTOMER_KEY_EXCLUSIVE,
    )


def gather_info(task: ModuleContext) -> Result:
    """Count the objects of the bucket by their encryption, and report its jobs."""
    began = task.clock.monotonic()
    _require_options(task.params)
    selection = parse_select(task.params["select"], task.clock.now()).selection
    from .bucket_counts import count_objects

    result = {"changed": False, **count_objects(task, selection)}
    result["summary"]["api_calls"] = task.clients.calls.requests
    result["summary"]["seconds"] = round(task.clock.monotonic() - began, 3)
    return result


def _require_options(params: dict[str, Any]) -> None:
    """Raise OperationError for options that cannot be meant."""
    require_no_empty_text(params, ("bucket", "expected_bucket_owner"))
    require_bucket_name(params["bucket"], access_points=True)
    sample = params["sample"]
    if sample is not None and not 1 <= sample <= _LARGEST_SAMPLE:
        raise invalid_input(f"sample: {sample} is out of bounds.", f"Give 1 to {_LARGEST_SAMPLE}, or leave it out.")
    if params["sample_seed"] is not None and sample is None:
        raise invalid_input("sample_seed has no effect without sample.", "Set sample, or leave sample_seed out.")
