# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Properties of a key that only CreateKey sets, so that a difference can only be reported.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Union

from ..errors import Failure, FailureKind, OperationError

Value = Union[bool, str, None]


@dataclass(frozen=True, slots=True)
class Immutable:
    """An option of CreateKey: the desired value (None: not named in the task), and the current value."""

    option: str
    desired: Value
    current: Value

    @property
    def differs(self) -> bool:
        """Whether the task names another value than the current one."""
        return self.desired is not None and self.desired != self.current


def require_immutable_unchanged(arn: str, properties: Iterable[Immutable]) -> None:
    """Raise OperationError, with advice, if the task names another value for one of these properties."""
    differing = [each for each in properties if each.differs]
    if not differing:
        return
    current = " and ".join(f"{each.option}: {_yaml_value(each.current)}" for each in differing)
    desired = " and ".join(f"{each.option}: {_yaml_value(each.desired)}" for each in differing)
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"The key {arn} was created with {current}, and KMS cannot change that to {desired}.",
            "To keep the key, omit the options that differ. To get another key, name a new alias. Data that is "
            "encrypted under the current key needs this key until it is encrypted again.",
            resource=arn,
        )
    )


def _yaml_value(value: Value) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else value
