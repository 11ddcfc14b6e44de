# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Waiting for what AWS makes known with a delay."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ..model.errors import Failure, FailureKind, Refused

ResultT = TypeVar("ResultT")

# Seconds between attempts: a minute in all. A new user or role is mostly known to KMS within some seconds.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
PAUSES = (1, 2, 4, 8, 15, 30)

# Seconds between looks for what a call has made whose answer was lost.
LOOKS = (1, 2, 4)


def until_found(look: Callable[[], ResultT | None]) -> ResultT | None:
    """What a look finds, which may be late by some seconds; None where there is nothing to be found."""
    for pause in LOOKS:
        found = look()
        if found is not None:
            return found
        time.sleep(pause)
    return look()


def until_known(principals: tuple[str, ...], write: Callable[[], ResultT]) -> ResultT:
    """Write a policy that names these new principals, again while KMS does not know them; the error then names them."""
    for pause in PAUSES if principals else ():
        try:
            return write()
        except Refused as refused:
            if not _is_unknown_principal(refused.failure):
                raise
            time.sleep(pause)
    try:
        return write()
    except Refused as refused:
        if not principals or not _is_unknown_principal(refused.failure):
            raise
        raise Refused(_unknown(refused.failure, principals)) from refused


def _is_unknown_principal(failure: Failure) -> bool:
    return failure.code == "MalformedPolicyDocumentException" and "principal" in failure.message.lower()


def _unknown(failure: Failure, principals: tuple[str, ...]) -> Failure:
    one = len(principals) == 1
    who = "the principal" if one else "at least one of the principals"
    return replace(
        failure,
        kind=FailureKind.INVALID,
        message=f"KMS does not know {who} {', '.join(principals)}, which the key policy newly names "
        f"(tried for {sum(PAUSES)} seconds): {failure.message}",
        advice="Make it first, or correct its ARN." if one else "Make them first, or correct their ARNs.",
    )
