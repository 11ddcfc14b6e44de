# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Operations that the store at the endpoint was found not to support, remembered for the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...model.errors import Failure, FailureKind, OperationError
from ..session import Clients


class StoreLimits:
    """Raises the error of an unsupported operation again, without another call. Safe for threads.

    AWS supports every operation: there, an answer of this kind is about one object only, such as a delete marker.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._unsupported: dict[str, Failure] = {}

    @contextmanager
    def calling(self, operation: str) -> Iterator[None]:
        """For the block that calls this operation."""
        known = self._unsupported.get(operation)
        if known:
            raise OperationError(known)
        try:
            yield
        except OperationError as error:
            if error.failure.kind is FailureKind.UNSUPPORTED and self._clients.custom_endpoint("s3"):
                self._unsupported[operation] = error.failure
            raise
