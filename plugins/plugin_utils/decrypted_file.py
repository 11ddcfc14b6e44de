# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Files of the controller that Ansible Vault may have encrypted."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import invalid_input


def decrypted_file(loader: Any, path: str, name: str) -> str:
    """The path; for a file that Ansible Vault has encrypted, the path of a decrypted copy with mode 0600.

    The caller removes the copy with `cleanup_tmp_file` of the loader. Raises OperationError, in which `name` is the
    option and the file as the user wrote it, for a file that cannot be read or decrypted.
    """
    try:
        readable: str = loader.get_real_file(path)
    except AnsibleError as error:
        raise invalid_input(f"{name} cannot be read on the controller: {one_line(error)}") from error
    return readable


def one_line(cause: Exception) -> str:
    """What an exception says, as a sentence in one line."""
    return " ".join(str(cause).split()).rstrip(".") + "."
