# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The import of a module's files from a zip, in a Python of its own: it is changed for the whole process."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from ansible_collections.sealed.s3.plugins.module_utils.frontend import payload

FILES = {
    "room/__init__.py": "",
    "room/folder/__init__.py": "",
    "room/folder/first.py": "from . import second\nimport json\nVALUE = second.VALUE",
    "room/folder/second.py": "VALUE = __file__",
    "payload.py": Path(payload.__file__).read_text(),
}
PROGRAM = """
import collections, gc, json, sys
archive = sys.argv[1]
sys.path.insert(0, archive)
compiled = collections.Counter()
sys.addaudithook(lambda event, given: compiled.update([str(given[1])]) if event == "compile" else None)
import payload
payload.compile_once()
disabled = not gc.isenabled()
import room.folder.first as first
payload.end_of_imports()
try:
    import room.folder.third
except ModuleNotFoundError as error:
    missing = error.name
print(json.dumps({
    "compiled": {path[len(archive) + 1:]: count for path, count in compiled.items() if path.startswith(archive)},
    "value": first.VALUE[len(archive) + 1:],
    "package": first.__package__,
    "source": first.__loader__.get_source("room.folder.first"),
    "collector": [disabled, gc.isenabled(), gc.get_freeze_count() > 0],
    "missing": missing,
}))
"""


def test_each_file_of_a_payload_is_compiled_once(tmp_path: Path) -> None:
    """Under its own name. Without `compile_once`, Python compiles each of them twice."""
    archive = tmp_path / "payload.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for name, source in FILES.items():
            written.writestr(name, source)
    command = [sys.executable, "-c", PROGRAM, str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    later = {name: count for name, count in seen["compiled"].items() if name != "payload.py"}
    assert later == dict.fromkeys(set(FILES) - {"payload.py"}, 1)
    assert (seen["value"], seen["package"]) == ("room/folder/second.py", "room.folder")
    assert seen["source"] == FILES["room/folder/first.py"]
    assert seen["collector"] == [True, True, True]
    assert seen["missing"] == "room.folder.third"


def test_nothing_is_changed_outside_of_a_payload() -> None:
    """Such as in the process of a test, or of a tool that imports a module for its documentation."""
    hooks, frozen = list(sys.path_hooks), gc.get_freeze_count()
    payload.compile_once()
    payload.end_of_imports()
    assert (sys.path_hooks, gc.isenabled(), gc.get_freeze_count()) == (hooks, True, frozen)
