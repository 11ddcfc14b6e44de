# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Write the parameters of the installed botocore to sealed_lab/known_parameters.json.

The lab refuses every other parameter, so that a newer botocore does not bring parameters that the lab ignores. After
this script, test_strictness.py reports the new parameters that no handler mentions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore

import sealed_lab
from sealed_lab.protocol.models import SERVICES, service_model

FILE = Path(sealed_lab.__file__).with_name("known_parameters.json")


def installed_parameters() -> dict[str, Any]:
    """Return the names of the parameters by service and operation, with the version of botocore."""
    services = {}
    for service in SERVICES:
        operations = service_model(service).operations.values()
        shapes = {each.model.name: each.model.input_shape for each in operations}
        services[service] = {name: sorted(shapes[name].members) if shapes[name] else [] for name in sorted(shapes)}
    return {"botocore": botocore.__version__, "services": services}


def format_parameters(found: dict[str, Any]) -> str:
    """Return the text of the file, with one operation in a line."""
    services = [
        f"  {json.dumps(service)}: {{\n"
        + ",\n".join(f"    {json.dumps(name)}: {json.dumps(members)}" for name, members in operations.items())
        + "\n  }"
        for service, operations in found["services"].items()
    ]
    return f'{{"botocore": {json.dumps(found["botocore"])}, "services": {{\n' + ",\n".join(services) + "\n}}\n"


if __name__ == "__main__":
    FILE.write_text(format_parameters(installed_parameters()))
