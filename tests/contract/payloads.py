# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Write modules as Ansible sends them to a target: one file with the module, all that it imports, and its options.

payloads.py TASKS.json   [{"file": PATH, "module": "sealed.s3.NAME", "options": {…}}, …]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_loader
from ansible.template import Templar


def main(tasks: Path) -> None:
    """Write the file of each task."""
    init_plugin_loader()
    for task in json.loads(tasks.read_text()):
        name = task["module"]
        built = modify_module(
            module_name=name,
            module_path=module_loader.find_plugin_with_context(name).plugin_resolved_path,
            module_args=task["options"],
            templar=Templar(loader=DataLoader()),
            task_vars={"ansible_python_interpreter": sys.executable},
            module_compression="ZIP_DEFLATED",  # Ansible's default
        )
        Path(task["file"]).write_bytes(built.b_module_data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
