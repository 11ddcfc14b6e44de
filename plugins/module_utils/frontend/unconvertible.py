# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Values on which the type checks of ansible-core end with an exception, such as an infinite number for an integer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

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
