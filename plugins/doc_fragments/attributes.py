# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What every module of this collection says about check mode, diff mode and its like."""

from __future__ import annotations


class ModuleDocFragment:
    # A module that writes.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode, and then tells what it would do without writing anything.
    support: full
    details:
      - A check run makes the same reads as a real run, stops before the first write, and returns the same C(changed),
        C(actions) and C(diff).
      - What AWS decides only when it writes, such as an ETag, a version id or a key id, is V(null) in a check run.
  diff_mode:
    description: Returns what has changed, or would change in check mode, when in diff mode.
    support: full
    details:
      - The diff has only the parts that differ. It is the same in a check run and in a real run.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
"""

    # A module that only reads.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode, and then tells what it would do without writing anything.
    support: full
    details:
      - This module only reads, in check mode as always.
  diff_mode:
    description: Returns what has changed, or would change in check mode, when in diff mode.
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
