# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The attributes of all modules: check mode, diff mode, idempotence and the action group."""

from __future__ import annotations


class ModuleDocFragment:
    # Modules that write.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and report what it would change, without writing anything.
    support: full
    details:
      - A check run makes the same read requests as a real run, and stops before the first write. It returns the same
        C(changed), C(actions) and C(diff).
      - Values that AWS chooses during the write, such as an ETag or a version ID, are V(null) in a check run. The ID of
        a new key is a placeholder.
      - A bucket or alias that does not exist yet, and that an earlier task may create, is planned as if it existed.
        C(docs/check_mode.md) explains it.
  diff_mode:
    description: Returns details on what has changed, or would change in check mode, when in diff mode.
    support: full
    details:
      - The diff contains only the parts that differ. It is the same in a check run and in a real run.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
"""

    # Modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and report what it would change, without writing anything.
    support: full
    details:
      - This module only reads, with and without check mode.
  diff_mode:
    description: Returns details on what has changed, or would change in check mode, when in diff mode.
    support: N/A
    details:
      - This module only reads.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
    details:
      - This module only reads.
"""

    ACTIONGROUP_AWS = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/sealed.s3.aws) in C(module_defaults) to set the connection options of all modules at once.
    support: full
    membership:
      - sealed.s3.aws
"""
