# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which options a task has written. AnsibleModule adds every omitted option as None, so null looks the same there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils import basic
from ansible.module_utils.common.validation import check_type_dict, check_type_list

from ..model.errors import invalid_input
from .arguments import ArgumentSpec


def read_written_params() -> Mapping[str, Any]:
    """The options of the task before Ansible added defaults.

    `_load_params` is the function that Ansible documents for modules that need these; the result is parsed again from
    what the module got, so changes of AnsibleModule are not in it.
    """
    params: Mapping[str, Any] = basic._load_params()
    return params


def written_suboptions(written: Mapping[str, Any], option: str) -> Mapping[str, Any]:
    """The written suboptions of an option that is a dict, in any form that Ansible accepts for one."""
    value = written.get(option)
    found: Mapping[str, Any] = {} if value is None else check_type_dict(value)
    return found


def written_options(value: Any, spec: ArgumentSpec) -> list[frozenset[str]]:
    """For each entry of a list of dicts, in any form that Ansible accepts for one, the options that it writes."""
    entries = [] if value is None else check_type_list(value)
    return [_written_in(check_type_dict(entry), spec) for entry in entries]


def _written_in(entry: Mapping[str, Any], spec: ArgumentSpec) -> frozenset[str]:
    return frozenset(
        name for name, about in spec.items() if any(each in entry for each in (name, *about.get("aliases", ())))
    )


def require_no_null_entries(written: Mapping[str, Any], spec: ArgumentSpec, place: str = "") -> None:
    """Raise OperationError for null in a list, which Ansible would turn into the text "None"."""
    for name, about in spec.items():
        value = next((written[each] for each in (name, *about.get("aliases", ())) if each in written), None)
        options = about.get("options", {})
        if about.get("type") == "list" and isinstance(value, list):
            for position, entry in enumerate(value):
                where = f"{place}{name}[{position}]"
                if entry is None:
                    raise invalid_input(f"{where} is null, which often is an undefined variable.", "Leave it out.")
                if isinstance(entry, dict):
                    require_no_null_entries(entry, options, f"{where}.")
        elif isinstance(value, dict):
            require_no_null_entries(value, options, f"{place}{name}.")


# Without them, a task works in the account of its own credentials.
_OF_ACCOUNTS = ("assume_role", "accounts", "organization")


def require_no_null_account(written: Mapping[str, Any]) -> None:
    """Raise OperationError for null as the accounts of a task, which would make it work in another account."""
    for name in _OF_ACCOUNTS:
        if name in written and written[name] is None:
            raise invalid_input(
                f"{name} is null, which often is an undefined variable.",
                "To work in the account of the credentials, leave it out, or set it to {{ omit }}.",
            )
