# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Failures as values: what was refused, by which layer, for which resource, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NoReturn


class FailureKind(str, Enum):
    """The kind of a failure. A playbook can decide by it."""

    INVALID = "invalid"  # the options of the task are wrong or contradict each other
    ABSENT = "absent"  # the bucket, object or key does not exist
    FORBIDDEN = "forbidden"  # a policy refuses it
    BLOCKED = "blocked"  # the bucket blocks this encryption type
    WRONG_KEY = "wrong_key"  # a customer key is missing, or is not the object's
    NOT_AUTHENTIC = "not_authentic"  # client-side encryption: the content or its envelope is damaged or was altered
    KEY_UNUSABLE = "key_unusable"  # the KMS key is disabled, pending deletion, or of an unsuitable kind or region
    IN_USE = "in_use"  # the KMS key that should be deleted is still used
    CONFLICT = "conflict"  # the resource was changed by another client during the run
    UNSUPPORTED = "unsupported"  # the service does not know the operation
    THROTTLED = "throttled"  # the service limits the rate of requests, also after retries
    CREDENTIALS = "credentials"  # missing, expired or unknown
    UNREACHABLE = "unreachable"  # no connection to the endpoint: name, route, timeout or certificate
    UNVERIFIED = "unverified"  # written, but the state that was read back is not the desired one
    NON_COMPLIANT = "non_compliant"  # read only: a resource is not as expected, and the task is to fail then
    FAILED = "failed"  # any other error


class Reason(Enum):
    """The cause of a failure, for the causes that code decides by. Only `aws/` knows AWS's codes and messages for them.

    An unexplained status is an HTTP status without an error code, such as in the response to a HEAD.
    """

    BUCKET_NOT_FOUND = "the bucket does not exist"
    OBJECT_NOT_FOUND = "the bucket exists, and the object does not exist"
    VERSION_NOT_FOUND = "the object's version does not exist"
    DELETE_MARKER = "the version is a delete marker"
    CUSTOMER_KEY_REQUIRED = "the object can only be read with its customer key"
    UNEXPLAINED_BAD_REQUEST = "status 400"
    UNEXPLAINED_DENIAL = "status 403"
    UNEXPLAINED_ABSENCE = "status 404"
    OBJECT_LOCKED = "the object is under Object Lock"
    UPLOAD_NOT_FOUND = "the multipart upload was completed or aborted, or never existed"
    JOB_NOT_FOUND = "S3 Batch Operations does not know the job"
    TOKEN_OF_ANOTHER_REQUEST = "another request to create a job had the same token"
    BODY_DAMAGED = "the body that arrived is not the body that was sent"
    KEY_OF_ANOTHER_ACCOUNT = "the KMS key and the bucket belong to different accounts"
    RATE_LIMITED = "the service refused the request because of its rate, and has carried out nothing"
    DENIED_BY_BUCKET_POLICY = "a statement of the bucket's policy denies it"
    DENIED = "a statement of another policy denies it"
    DENIED_BY_SETTING = "a setting of the bucket or of its account denies it"
    NOT_UNDER_THIS_KMS_KEY = "the data key is encrypted under another KMS key"
    KEY_DENIED = "a statement of a policy denies the use of the KMS key"
    NOT_ALLOWED = "no statement of a policy allows it"
    TOKEN_NOT_ACCEPTED = "the service does not accept the session token, which other regions may accept"
    OWN_CREDENTIALS = "no role can be assumed, because the credentials of the task itself are missing or refused"
    UNKNOWN_PRINCIPAL = "the key policy names a principal that does not exist, or is not yet visible everywhere"


# A permission does not help against these.
EXPLICIT_DENIALS = (Reason.DENIED_BY_BUCKET_POLICY, Reason.DENIED, Reason.DENIED_BY_SETTING, Reason.KEY_DENIED)

# Advice for a store that does not accept the headers of checksums.
WITHOUT_CHECKSUMS = (
    "If the store does not accept the SDK's checksums, set request_checksum_calculation and "
    "response_checksum_validation to when_required in aws_config, or AWS_REQUEST_CHECKSUM_CALCULATION and "
    "AWS_RESPONSE_CHECKSUM_VALIDATION in the environment."
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure, with what a person needs to fix it.

    `message` and `advice` are sentences. `action` is what was refused, in AWS's terms, and `resource` its target.
    `layer` is the policy or setting that refused it, if AWS reports that. `code` is AWS's error code, for a person to
    search for. `may_have_been_applied` is true for a call that may have been carried out although it failed, because
    its response, or that of its first attempt, was lost. `reason` is what code decides by.
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

    def with_option(self, option: str, name: str) -> Failure:
        """The same with the advice for a task in which the option of this name has another one."""
        return replace(self, advice=self.advice.replace(option, name))

    def sentence(self) -> str:
        """The message and the advice."""
        return f"{self.message} {self.advice}".strip()

    def with_advice(self, advice: str) -> Failure:
        """The same failure with other advice."""
        return replace(self, advice=advice)

    def with_more_advice(self, advice: str) -> Failure:
        """The same failure with more advice after its own."""
        return replace(self, advice=f"{self.advice} {advice}".strip())

    def with_alternative(self, permission: str, alternative: str) -> Failure:
        """The same failure, with the permission that is needed and what to do without it.

        If a policy denies the action, that permission does not help, and the failure keeps its own advice about that.
        """
        if self.reason in EXPLICIT_DENIALS:
            return self.with_more_advice(f"Or {alternative}.")
        return self.with_advice(f"{permission}, or {alternative}.")

    def with_resource(self, resource: str) -> Failure:
        """The same failure for that resource."""
        return replace(self, resource=resource)


class OperationError(Exception):
    """Carries a Failure to the code that reports it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence())
        self.failure = failure


def assert_never(value: NoReturn) -> NoReturn:
    """Close a `match` over a union: a member without a case is a type error, and at run time raises OperationError.

    So nothing is written for an unknown step. `typing.assert_never` exists only since Python 3.11, and its error does
    not say what happened to the task.
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
    """Several failures of one run as one: the first, with the sentences of all as its message."""
    if len(failures) == 1:
        return failures[0]
    return replace(
        failures[0],
        message=" ".join(failure.sentence() for failure in failures),
        advice="",
        may_have_been_applied=any(failure.may_have_been_applied for failure in failures),
    )


def file_error(error: OSError) -> Failure:
    """A refusal of the operating system that no other code explains, such as a disk that is full."""
    name = f" for {error.filename!r}" if error.filename else ""
    return Failure(
        FailureKind.INVALID,
        f"The host that runs the task refused an operation{name}: {error.strerror or error}.",
        "Check the paths of the task, the permissions of the user who runs it, and the free space.",
        code=type(error).__name__,
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


def invalid_input(message: str, advice: str = "", resource: str = "") -> OperationError:
    """The exception for options that are invalid, or that the current state of the resource does not allow."""
    return OperationError(Failure(FailureKind.INVALID, message, advice, resource=resource))
