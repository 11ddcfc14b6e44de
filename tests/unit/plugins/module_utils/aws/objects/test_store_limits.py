# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a store does not support is remembered for the run."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.store_limits import StoreLimits
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError


class Clients:
    """Clients of AWS or of another store."""

    def __init__(self, custom: bool) -> None:
        self.custom = custom

    def custom_endpoint(self, service: str) -> bool:
        return self.custom


@pytest.mark.parametrize(
    ("custom", "kind", "calls"),
    [
        (True, FailureKind.UNSUPPORTED, 1),
        (True, FailureKind.FORBIDDEN, 3),
        (False, FailureKind.UNSUPPORTED, 3),
    ],
)
def test_an_unsupported_operation_is_called_once(custom: bool, kind: FailureKind, calls: int) -> None:
    """At another store than AWS, and for no other failure. Other operations are not affected."""
    limits, called = StoreLimits(Clients(custom)), []  # type: ignore[arg-type]

    def call() -> None:
        with limits.calling("GetObjectTagging"):
            called.append("GetObjectTagging")
            raise OperationError(Failure(kind, "no"))

    for _time in range(3):
        with pytest.raises(OperationError) as error:
            call()
        assert error.value.failure.kind is kind
    assert len(called) == calls
    with limits.calling("GetObjectAcl"):
        called.append("GetObjectAcl")
    assert called[-1] == "GetObjectAcl"
