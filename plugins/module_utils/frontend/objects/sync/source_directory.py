# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The directory in `src` of a push: read where it is, or from the archive that the action plugin has sent."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from ....engine.objects.sync.local_files import LocalList, list_directory
from ....engine.objects.sync.source_archive import list_archive
from ....model.objects.sync.selection import PathSelection
from ..source_display_name import pop_source_path
from .key_files import require_keys_outside

# The action plugin passes the path of its archive in one of these environment variables. The first archive has all
# files of the directory. The second one has those that Ansible Vault has encrypted, as plaintext: they replace the
# files of the same paths.
ARCHIVE_VARIABLE = "SEALED_S3_SYNC_ARCHIVE"
DECRYPTED_VARIABLE = "SEALED_S3_SYNC_DECRYPTED"


def list_source(params: dict[str, Any], selection: PathSelection) -> LocalList:
    """Return the selected files of the directory in `src`, and set the option to the name that the task has for it.

    Raises OperationError if the directory cannot be read.
    """
    path = pop_source_path(params)
    name = str(params["src"])
    if archive := os.environ.get(ARCHIVE_VARIABLE):
        return list_archive(_taken(archive), selection, name)
    require_keys_outside(params, "src", str(path), selection)
    found = list_directory(Path(str(path)), selection, name)
    if decrypted := os.environ.get(DECRYPTED_VARIABLE):
        return found.replaced_by(list_archive(_taken(decrypted), selection, name, found.stop))
    return found


def _taken(archive: str) -> int:
    """A descriptor of the archive, which is open until this process ends.

    The archive loses its name, so that nothing of it remains if the process is killed. Only the action plugin may be
    allowed to do that if it has given the archive to another user.
    """
    descriptor = os.open(archive, os.O_RDONLY | os.O_CLOEXEC)
    with suppress(OSError):
        os.unlink(archive)
    return descriptor
