# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Waiting for what AWS makes known with a delay."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.keys.key_ref import KmsKey
from ...model.keys.key_state import KeyState

ResultT = TypeVar("ResultT")

# Seconds between attempts: a minute in all. A new user or role is mostly known to KMS within some seconds.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
PAUSES = (1, 2, 4, 8, 15, 30)

# Seconds between looks for what a call has made whose answer was lost.
LOOKS = (1, 2, 4)


# Seconds between looks into the index of the tagging API before a key is made. AWS does not say how late that index is,
# and each second is waited for by every new key: so this makes a second key rare, and not impossible.
INDEX_LOOKS = (1, 2)


def until_found(look: Callable[[], ResultT | None], pauses: tuple[float, ...] | None = None) -> ResultT | None:
    """What a look finds, which may be late by some seconds; None where there is nothing to be found."""
    for pause in LOOKS if pauses is None else pauses:
        found = look()
        if found is not None:
            return found
        if pause:
            time.sleep(pause)
    return look()


# How many reads in a row have to agree: any of them may come from a part of KMS that does not know of a change yet.
AGREEING = 3
# Seconds after a read that does not agree: a minute in all. KMS mostly makes a change known within some seconds.
# Source: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
WAITS = (0.25, 0.5, 1, 2, 4, 8, 15, 30)


def until_agreed(look: Callable[[], ResultT], agrees: Callable[[ResultT], bool]) -> ResultT:
    """What several looks in a row find, when it is as it should be; or what the last one finds after a minute."""
    waits, agreeing = iter(WAITS), 0
    while True:
        found = look()
        agreeing = agreeing + 1 if agrees(found) else 0
        pause = next(waits, None) if not agreeing else 0
        if agreeing == AGREEING or pause is None:
            return found
        if pause:
            time.sleep(pause)


def until_same(look: Callable[[], ResultT]) -> ResultT:
    """What several looks in a row find alike; or what the last one finds after a minute."""
    last = look()
    for pause in WAITS:
        more = [look() for _look in range(AGREEING - 1)]
        if all(found == last for found in more):
            break
        last = more[-1]
        time.sleep(pause)
    return last


def until_taken(write: Callable[[], ResultT]) -> ResultT:
    """Write to a key that this run has made, enabled or brought back, again while KMS does not know of that yet."""
    for pause in LOOKS:
        try:
            return write()
        except OperationError as error:
            if error.failure.kind not in (FailureKind.ABSENT, FailureKind.KEY_UNUSABLE):
                raise
            time.sleep(pause)
    return write()


def until_settled(look: Callable[[], KeyState]) -> KeyState:
    """The replica that a look finds once KMS has made it; raises OperationError where it takes more than a minute."""
    for pause in PAUSES:
        try:
            key = look()
            if key.state != "Creating":
                return key
        except OperationError as error:
            if error.failure.kind is not FailureKind.ABSENT:
                raise
        time.sleep(pause)
    key = look()
    if key.state == "Creating":
        KmsKey(key.arn or "", state=key.state).require_usable_by_s3()
    return key


def until_known(principals: tuple[str, ...], write: Callable[[], ResultT]) -> ResultT:
    """Write a policy that names these new principals, again while KMS does not know them; the error then names them."""
    for pause in PAUSES if principals else ():
        try:
            return write()
        except OperationError as error:
            if error.failure.reason is not Reason.UNKNOWN_PRINCIPAL:
                raise
            time.sleep(pause)
    try:
        return write()
    except OperationError as error:
        if not principals or error.failure.reason is not Reason.UNKNOWN_PRINCIPAL:
            raise
        raise OperationError(_unknown(error.failure, principals)) from error


def _unknown(failure: Failure, principals: tuple[str, ...]) -> Failure:
    one = len(principals) == 1
    who = "the principal" if one else "at least one of the principals"
    message = (
        f"KMS does not know {who} {', '.join(principals)}, which the key policy names "
        f"(tried for {sum(PAUSES)} seconds): {failure.message}"
    )
    unknown = replace(failure, kind=FailureKind.INVALID, message=message)
    return unknown.with_advice(
        "Make it first, or correct its name." if one else "Make them first, or correct their names."
    )
