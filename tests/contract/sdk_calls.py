# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Hooks on the calls of the SDK: for a client that writes between two calls, and for other stores than the lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient


class SdkCalls:
    """The calls of all clients in this process, until the test ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._before: dict[str, tuple[int, Callable[[], object]]] = {}
        self._instead: dict[str, Callable[[], object]] = {}
        self._changes: dict[str, Callable[[dict[str, Any]], object]] = {}
        # All operations go through this one function, which the stubs do not have.
        name = "_make_api_call"
        call = getattr(BaseClient, name)

        def hooked(client: Any, operation: str, parameters: Any) -> Any:
            self._run_before(operation)
            if operation in self._instead:
                self._instead[operation]()
                return {}
            response = call(client, operation, parameters)
            if operation in self._changes:
                self._changes[operation](response)
            return response

        monkeypatch.setattr(BaseClient, name, hooked)

    def before(self, operation: str, action: Callable[[], object], *, after: int = 0) -> None:
        """Run `action` once, before the next call of an operation; `after` calls go through first."""
        self._before[operation] = (after, action)

    def instead(self, operation: str, action: Callable[[], object]) -> None:
        """Run `action` for every call of an operation, which is not sent and gets an empty response."""
        self._instead[operation] = action

    def change_response(self, operation: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change every response of an operation."""
        self._changes[operation] = change

    def _run_before(self, operation: str) -> None:
        if operation not in self._before:
            return
        # Removed first, as the action may call the same operation.
        after, action = self._before.pop(operation)
        if after:
            self._before[operation] = (after - 1, action)
        else:
            action()
