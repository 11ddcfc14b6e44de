# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A failure as a module answers with it. Nothing but the model is imported, as the controller's part uses it too."""

from __future__ import annotations

from typing import Any

from ..model.errors import Failure


def failure_answer(failure: Failure) -> dict[str, Any]:
    """A failure as a module returns it."""
    return {"failed": True, "msg": failure.sentence(), "error": error_details(failure)}


def error_details(failure: Failure) -> dict[str, str]:
    """The parts of a failure that a playbook can branch on."""
    return {
        "kind": failure.kind.value,
        "message": failure.sentence(),
        "code": failure.code,
        "action": failure.action,
        "resource": failure.resource,
        "layer": failure.layer,
    }
