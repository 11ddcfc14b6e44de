# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Values that ansible-core cannot convert, and about which its own message says nothing or not which option has it.

Examples are an infinite number for an integer, and a text for a dict of options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict

from ..model.errors import Failure, FailureKind
from .arguments import ArgumentSpec


def unconvertible_option(spec: ArgumentSpec, params: Mapping[str, Any]) -> Failure | None:
    """The first option of the task with such a value, as a failure. It does not have the value, which may be secret."""
    for name, about in spec.items():
        for written in {name, *about.get("aliases", ())} & params.keys():
            try:
                ArgumentSpecValidator({name: about}).validate({written: params[written]})
            except Exception:
                return Failure(
                    FailureKind.INVALID,
                    f"{written} has a value that Ansible cannot convert to the type of the option, "
                    f"{about.get('type', 'str')}.",
                    "Check the value and its parts.",
                )
    return None


def entry_that_is_no_dict(spec: ArgumentSpec, written: Mapping[str, Any]) -> Failure | None:
    """The first value, or entry of a list, that has to be a dict of options and is not, as a failure without the value.

    `written` are the options as the task has them.
    """
    for name, about in spec.items():
        options = about.get("options", {})
        for given in {name, *about.get("aliases", ())} & written.keys() if options else ():
            value = written[given]
            entries = {f"{given}[{index}]": each for index, each in enumerate(value)} if isinstance(value, list) else {}
            for place, entry in entries.items() if about["type"] == "list" else [(given, value)]:
                if not (entry is None and place == given) and not _is_dict(entry):
                    return Failure(
                        FailureKind.INVALID,
                        f"{place} is not a dict.",
                        f"Write it as options with their names, such as {next(iter(options))}: ...",
                    )
    return None


def _is_dict(value: Any) -> bool:
    try:
        check_type_dict(value)
    except Exception:
        return False
    return True
