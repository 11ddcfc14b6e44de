# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find the S3 Control operation of a request by its REST path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from ..errors import ServiceError, not_implemented
from .models import Operation, ServiceModel

_LABEL = re.compile(r"\{(\w+)(\+?)\}")


def _compile_path(path: str) -> re.Pattern[str]:
    pieces = []
    position = 0
    for match in _LABEL.finditer(path):
        pieces.append(re.escape(path[position : match.start()]))
        pieces.append(f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})")
        position = match.end()
    pieces.append(re.escape(path[position:]))
    return re.compile("".join(pieces))


class ControlRouter:
    """The operations of S3 Control by method and path."""

    def __init__(self, model: ServiceModel) -> None:
        self._entries = [(each, _compile_path(each.path)) for each in model.operations.values()]

    def find(self, method: str, raw_path: str, query: Sequence[tuple[str, str]]) -> tuple[Operation, dict[str, str]]:
        """Return the operation and the values of its labels. Raise the 501 error if no operation matches."""
        names = {name for name, _ in query}
        for operation, pattern in self._entries:
            if operation.method != method:
                continue
            match = pattern.fullmatch(raw_path)
            if match is None or not all(name in names for name, _ in operation.literals):
                continue
            known = set(operation.queries) | {name for name, _ in operation.literals}
            for name in names - known:
                raise not_implemented(f"the query parameter {name!r} of {operation.name}")
            return operation, {label: unquote(value) for label, value in match.groupdict().items()}
        raise ServiceError("NotImplemented", f"The lab knows no S3 Control operation at {method} {raw_path}", 501)
