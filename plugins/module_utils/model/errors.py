# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Failures are values: what was refused, by which layer, for which resource, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NoReturn


class FailureKind(str, Enum):
    """What sort of failure it is; a playbook can branch on it."""

    INVALID = "invalid"  # the playbook asks for what cannot be
    ABSENT = "absent"  # the bucket, object or key does not exist
    FORBIDDEN = "forbidden"  # a policy refuses it
    BLOCKED = "blocked"  # the bucket blocks this encryption type
    WRONG_KEY = "wrong_key"  # a customer key is missing, or another one than the object's
    KEY_UNUSABLE = "key_unusable"  # the KMS key is disabled, being deleted, of another kind or region
    IN_USE = "in_use"  # the KMS key to be deleted is still needed
    CONFLICT = "conflict"  # somebody else changed it meanwhile
    UNSUPPORTED = "unsupported"  # the service does not know the operation
    THROTTLED = "throttled"  # the service asks to slow down, and retries did not help
    CREDENTIALS = "credentials"  # none, expired or unknown
    UNREACHABLE = "unreachable"  # no route, name, time or trust to the endpoint
    UNVERIFIED = "unverified"  # written, but read back otherwise than asked
    FAILED = "failed"  # anything else that a service answers


class Reason(Enum):
    """What exactly a service meant, where a run goes on by it. Only `aws/` knows AWS's codes and sentences for these.

    An unexplained status is one without a code, which is all that the answer to a HEAD has.
    """

    OBJECT_NOT_FOUND = "the bucket exists, and the object does not"
    VERSION_NOT_FOUND = "the object's version does not exist"
    DELETE_MARKER = "the version is a delete marker"
    CUSTOMER_KEY_REQUIRED = "the object can be read only with its customer key"
    UNEXPLAINED_BAD_REQUEST = "status 400"
    UNEXPLAINED_DENIAL = "status 403"
    UNEXPLAINED_ABSENCE = "status 404"
    UPLOAD_NOT_FOUND = "the multipart upload was completed or aborted, or never existed"
    BODY_DAMAGED = "the body did not arrive as it was sent, or not all of it"
    KEY_OF_ANOTHER_ACCOUNT = "the KMS key belongs to another account than the bucket"
    UNKNOWN_PRINCIPAL = "the key policy names a principal that does not exist, or not yet everywhere"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure, told so that a person can act on it.

    `message` and `advice` are sentences. `action` is what was refused, in AWS's words, `resource` its target,
    `layer` the policy or setting that refused it where AWS tells, `code` AWS's error code, for a person to look up.
    `uncertain` is a call that may have been carried out all the same, as no answer came, or none to its first attempt.
    `reason` is what the code decides by.
    """

    kind: FailureKind
    message: str
    advice: str = ""
    action: str = ""
    resource: str = ""
    layer: str = ""
    code: str = ""
    may_have_been_applied: bool = False
    reason: Reason | None = None

    def sentence(self) -> str:
        """The whole of it for a person."""
        return f"{self.message} {self.advice}".strip()

    def with_advice(self, advice: str) -> Failure:
        """This, with other advice."""
        return replace(self, advice=advice)

    def with_more_advice(self, advice: str) -> Failure:
        """This, with more advice after its own."""
        return replace(self, advice=f"{self.advice} {advice}".strip())

    def with_resource(self, resource: str) -> Failure:
        """This, as a failure of that resource."""
        return replace(self, resource=resource)


class OperationError(Exception):
    """Carries a Failure to the nearest place that turns it into a value."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence())
        self.failure = failure


def assert_never(value: NoReturn) -> NoReturn:
    """Close a `match` over a union: a member without a case is a type error, and raises OperationError where it gets
    here.

    So nothing is done for a step that the code does not know. `typing` has such a function from Python 3.11 on, which
    raises an error that does not say what became of the task.
    """
    unknown: object = value
    name = unknown if isinstance(unknown, str) else type(unknown).__name__
    raise OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            f"sealed.s3 does not know how to carry out {name}, so that was not done.",
            "Please report it with the task's options.",
        )
    )


def combine_failures(failures: Sequence[Failure]) -> Failure:
    """Several failures of one run as one: that of the first, in the words of all."""
    if len(failures) == 1:
        return failures[0]
    told = " ".join(failure.sentence() for failure in failures)
    return replace(
        failures[0], message=told, advice="", may_have_been_applied=any(each.may_have_been_applied for each in failures)
    )


def internal_error(error: BaseException) -> Failure:
    """An exception that nothing handles, as a failure with the file and line that raised it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}, line {trace.tb_lineno}" if trace else ""
    return Failure(
        FailureKind.FAILED,
        f"sealed.s3 met a case that it does not handle: {type(error).__name__}{place}.",
        "Please report it with the task's options.",
    )


def invalid_input(message: str, advice: str = "") -> OperationError:
    """What to raise for bad input, before any call."""
    return OperationError(Failure(FailureKind.INVALID, message, advice))
