# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The import of a module's files on the target, where Ansible sends them as a zip of sources without bytecode.

So every task compiles every file that it imports. Python's zipimport even compiles each of them twice: once only to get
the name of the file, and once for its code. A module of ours needs about a hundred files.
Source: `zipimporter.get_filename` in https://github.com/python/cpython/blob/3.14/Lib/zipimport.py
"""

from __future__ import annotations

import gc
import sys
from zipimport import zipimporter


class _PayloadImporter(zipimporter):
    """Imports from a zip as zipimport does, but knows the name of a file without its code."""

    def get_filename(self, fullname: str) -> str:
        name = fullname.rpartition(".")[2]
        file = f"{name}/__init__.py" if self.is_package(fullname) else f"{name}.py"
        return f"{self.archive}/{self.prefix}{file}"


def compile_once() -> None:
    """Let Python compile each file of the payload once, and not collect garbage, from the next import on.

    A module calls it before it imports its other files. Does nothing outside of a payload.
    """
    loader: object = __spec__.loader
    if not isinstance(loader, zipimporter):
        return
    sys.path_hooks[:] = [_PayloadImporter if hook is zipimporter else hook for hook in sys.path_hooks]
    for path in [path for path, finder in sys.path_importer_cache.items() if isinstance(finder, zipimporter)]:
        del sys.path_importer_cache[path]
    gc.disable()


def end_of_imports() -> None:
    """Collect garbage from now on, but do not visit again what the imports have made: it stays until the end."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
