# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with dest: the objects of a prefix become files of a directory."""

from __future__ import annotations

from ....model.errors import Failure, FailureKind, OperationError
from ...result import Result
from ...run import ModuleContext
from .options import parse_options


def pull(task: ModuleContext) -> Result:
    """Download the objects of a prefix to the files of a directory."""
    parse_options(task.params)
    raise OperationError(Failure(FailureKind.UNSUPPORTED, f"dest: {task.params['dest']} is not supported yet."))
