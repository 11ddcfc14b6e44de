# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations


class ModuleDocFragment:
    # All rows of a task, in a file.
    DOCUMENTATION = r"""
options:
  results_file:
    description:
      - A file on the controller for all rows of the result, as JSON lines. It also has the rows that the result leaves
        out, such as unchanged ones. The rows have the same fields and the same order as in the result.
      - An account that cannot be entered or listed has a row with its C(account_id), C(account_name) and C(error)
        only.
      - A relative path is relative to the directory of the playbook. The directory has to exist.
      - The file is written in one step at the end, also if the task fails, and in check mode. An existing file is
        replaced. Only the user who runs Ansible can read it.
      - If the module is killed, the file has the rows that were finished before. If the host becomes unreachable, or
        C(timeout) ends the task, the file is not written.
      - If the file cannot be written at the end, the task fails, and its result says what was done.
      - The action plugin of the module writes it. It cannot be combined with C(async). Tasks for several hosts, and
        loops, need a name of their own for each, such as with C(inventory_hostname) in it.
    type: path
    version_added: 0.2.0
"""
