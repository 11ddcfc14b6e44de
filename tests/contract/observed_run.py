# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run a module as Ansible sends it, and write what its start did: observed_run.py REPORT PAYLOAD

The report has the modules that were imported, the files that were compiled from their source, and the files and folders
that were opened or listed.
"""

from __future__ import annotations

import gc
import json
import runpy
import sys
from pathlib import Path
from typing import Any

EVENTS = {"compile": "compiled", "open": "opened", "os.listdir": "listed"}


def main(report: str, payload: str) -> None:
    """Run the payload to its end, and write the report."""
    seen: dict[str, list[str]] = {name: [] for name in EVENTS.values()}

    def observe(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS:
            seen[EVENTS[event]].append(str(arguments[1 if event == "compile" else 0]))

    sys.argv = [payload]
    sys.addaudithook(observe)
    try:
        runpy.run_path(payload, run_name="__main__")
    finally:
        collects = gc.isenabled()
        document = {**seen, "imported": sorted(sys.modules), "frozen": gc.get_freeze_count(), "collects": collects}
        Path(report).write_text(json.dumps(document))


if __name__ == "__main__":
    main(*sys.argv[1:])
