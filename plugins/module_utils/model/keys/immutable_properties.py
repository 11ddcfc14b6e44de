# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a key is made with and keeps for good, so that a difference can only be told.

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
    """An option that only CreateKey takes: what is asked (None: not named), and what the key was made with."""

    option: str
    asked: Value
    creation_options: Value

    @property
    def differs(self) -> bool:
        """Whether another value is asked than the key has."""
        return self.asked is not None and self.asked != self.creation_options


def require_immutable_unchanged(arn: str, properties: Iterable[Immutable]) -> None:
    """Raise OperationError where the task asks for a key that was made otherwise, with what is there and what to do."""
    differing = [each for each in properties if each.differs]
    if not differing:
        return
    made = " and ".join(f"{each.option}: {_told(each.creation_options)}" for each in differing)
    asked = " and ".join(f"{each.option}: {_told(each.asked)}" for each in differing)
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"The key {arn} was made with {made}, and KMS cannot change that to {asked}.",
            "Leave out what differs to keep the key. To have another, name a new alias, which gets a new key: what is "
            "encrypted under this one needs this one until it is encrypted anew.",
            resource=arn,
        )
    )


def _told(value: Value) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else value
