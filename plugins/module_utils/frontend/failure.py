# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A failure in the result of a module. Imports only the model, because action plugins use it too."""

from __future__ import annotations

from typing import Any

from ..model.errors import Failure


def failure_answer(failure: Failure) -> dict[str, Any]:
    """The result of a module that failed."""
    return {"failed": True, "msg": failure.sentence(), "error": error_details(failure)}


def error_details(failure: Failure) -> dict[str, str]:
    """The parts of a failure, as `error` in a result. A playbook can decide by its `kind`."""
    return {
        "kind": failure.kind.value,
        "message": failure.sentence(),
        "code": failure.code,
        "action": failure.action,
        "resource": failure.resource,
        "layer": failure.layer,
    }
