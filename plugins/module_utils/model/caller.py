# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The identity of the credentials."""

from __future__ import annotations

from dataclasses import dataclass

from .arn import Arn


@dataclass(frozen=True, slots=True)
class Caller:
    """The account and the principal that the credentials belong to."""

    account: str
    arn: Arn

    @property
    def partition(self) -> str:
        """The AWS partition of the account, such as aws or aws-cn."""
        return self.arn.partition
