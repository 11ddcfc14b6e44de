# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HeadObject: the current state of an object, the customer key that decrypts it, and the cause of a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.errors import WITHOUT_CHECKSUMS, Failure, FailureKind, OperationError, Reason
from ...model.kinds.registry import CUSTOMER_KEY, find_kind
from ...model.plan import NotThereYet

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.objects.object_state import ObjectId, ObjectState
    from ...model.objects.sealing import FoundFile, OpenedKey
    from ...model.secret import CustomerKey

_NO_OBJECT = (Reason.OBJECT_NOT_FOUND, Reason.VERSION_NOT_FOUND, Reason.UNEXPLAINED_ABSENCE)


@dataclass(frozen=True, slots=True)
class KnownObject:
    """What a list of the bucket says of an object, so that S3 needs not be asked again.

    `is_absent` says that there is no object, `missing_bucket` that there is no bucket yet, and `has_instruction_file`
    whether an object with the name of its instruction file was listed (None: not looked for).
    """

    is_absent: bool = False
    missing_bucket: tuple[NotThereYet, ...] = ()
    has_instruction_file: bool | None = None


@dataclass(frozen=True, slots=True)
class FoundObject:
    """The object (None: it does not exist), and the customer key that S3 decrypts it with.

    `opened` is the data key of an object under client-side encryption, if it is needed, and `found_file` the
    instruction file, if the task names that place for the envelope.
    """

    object: ObjectState | None
    decrypted_with: CustomerKey | None = None
    delete_marker: bool = False
    opened: OpenedKey | None = None
    found_file: FoundFile | None = None

    def require_protected(self) -> None:
        """Raise OperationError if the store returned an object under a customer key without that key.

        AWS refuses that. A store that does not may have stored the plaintext.
        """
        state, key = self.object, self.decrypted_with
        if state is None or not find_kind(state.encryption.type).key_in_requests:
            return
        md5 = state.encryption.customer_key_md5
        if key and md5 in (None, key.md5):
            return
        how = f"with another key, whose MD5 is {key.md5}" if key else "without a key"
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"{state.name} is reported as encrypted with a customer key ({CUSTOMER_KEY.name}), but the store at "
                f"this endpoint answers a request {how}. The plaintext may be readable without the key.",
                "Do not rely on this encryption at this endpoint, and do not trust the content. Delete the object if "
                "nobody but you may read it.",
                resource=state.name,
            )
        )


def find_object(
    s3: ObjectPort, target: ObjectId, customer_key: CustomerKey | None, *other_keys: CustomerKey | None
) -> FoundObject:
    """Call HeadObject with `customer_key`, without a key, and with each other key, until S3 returns the object.

    `customer_key` is one that S3 may get in any case. The other keys may be for client-side encryption, so S3 gets them
    only for an object of which it says that it needs a customer key.
    A response to HEAD has no body: status 400 means that a key is missing or not accepted, and 403 means a wrong key or
    a missing permission. So another call finds the cause of a refusal. Raises OperationError with that cause.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    tried: dict[str, Failure] = {}
    is_needed = False
    for key in (customer_key, None, *other_keys):
        name = key.md5 if key else ""
        if name in tried:
            continue
        if key and key is not customer_key and not is_needed:
            is_needed = _is_key_missing(s3, target, tried)
            if not is_needed:
                break
        try:
            state = s3.head_object(target, key)
        except OperationError as error:
            tried[name] = error.failure
            reason = error.failure.reason
            if reason is Reason.UNEXPLAINED_ABSENCE:
                return _absent(s3, target, key)
            if reason is Reason.DELETE_MARKER and target.version_id:
                return FoundObject(None, delete_marker=True)
            if reason in (Reason.UNEXPLAINED_BAD_REQUEST, Reason.UNEXPLAINED_DENIAL):
                continue
            raise
        # AWS refuses a key that the object does not need. SeaweedFS 4 ignores it, and then it has decrypted nothing.
        kind = find_kind(state.encryption.type)
        return FoundObject(state, key if kind.key_in_requests else None)
    given = next(filter(None, (customer_key, *other_keys)), None)
    if is_needed or _is_key_missing(s3, target, tried):
        raise OperationError(_missing_key(target) if given is None else _wrong_key(target, tried))
    raise _diagnose_refusal(s3, target, tried)


def require_no_key_needed(s3: ObjectPort, target: ObjectId) -> None:
    """Raise OperationError of the kind WRONG_KEY if S3 says that the object needs a customer key, of which it has none.

    It is one request, whereas the SDK repeats a refused HeadObject. Any other failure is left to the next request.
    """
    try:
        needs_key = _needs_customer_key(s3, target)
    except OperationError:
        return
    if needs_key:
        raise OperationError(_missing_key(target))


def _is_key_missing(s3: ObjectPort, target: ObjectId, tried: dict[str, Failure]) -> bool:
    """Whether S3 says that the object needs a customer key. Raises OperationError with another cause of status 400."""
    return tried[""].reason is Reason.UNEXPLAINED_BAD_REQUEST and _needs_customer_key(s3, target)


def missing_bucket(target: ObjectId, failure: Failure) -> tuple[NotThereYet, ...]:
    """The bucket, if the failure says that it does not exist, so that an earlier task may create it.

    No task can create a version with a given id, so a request for a version is just a failure.
    """
    if failure.reason is not Reason.BUCKET_NOT_FOUND or target.version_id:
        return ()
    return (NotThereYet(target.bucket, f"The bucket {target.bucket}", failure),)


def _absent(s3: ObjectPort, target: ObjectId, key: CustomerKey | None) -> FoundObject:
    """The object does not exist. Raises OperationError if the bucket does not either, as HEAD returns the same."""
    try:
        s3.get_first_byte(target, key)
    except OperationError as error:
        if error.failure.reason not in _NO_OBJECT:
            raise
    return FoundObject(None)


def _diagnose_refusal(s3: ObjectPort, target: ObjectId, tried: dict[str, Failure]) -> OperationError:
    """The error with the cause of the refusals. The call that finds the cause may also raise it."""
    owner = f"Check expected_bucket_owner, too: {target.expected_bucket_owner}." if target.expected_bucket_owner else ""
    try:
        s3.get_first_byte(target, None)
    except OperationError as error:
        if error.failure.kind is not FailureKind.FORBIDDEN:
            raise
        return OperationError(error.failure.with_more_advice(owner))
    if tried[""].reason is Reason.UNEXPLAINED_BAD_REQUEST:
        return OperationError(_bad_request(s3, target, tried[""]))
    failure = Failure(
        FailureKind.FORBIDDEN,
        f"s3:GetObject on {target.name} is forbidden ({tried[''].code} to HEAD).",
        "Allow s3:GetObject, and kms:Decrypt on the object's KMS key, which HEAD needs for checksums.",
        "s3:GetObject",
        target.name,
    )
    return OperationError(failure.with_more_advice(owner))


def _bad_request(s3: ObjectPort, target: ObjectId, failure: Failure) -> Failure:
    """Status 400 for HEAD, where GET works without a customer key: the store refuses the request itself."""
    advice = WITHOUT_CHECKSUMS if s3.reads_checksums else "Check whether the store supports HeadObject."
    message = f"s3:HeadObject on {target.name} was refused (400), and s3:GetObject works."
    return replace(failure, kind=FailureKind.UNSUPPORTED, message=message, reason=None).with_advice(advice)


def _needs_customer_key(s3: ObjectPort, target: ObjectId) -> bool:
    """Whether status 400 means that a customer key is missing. It can also mean expired credentials.

    Raises OperationError with any other cause.
    """
    try:
        s3.get_first_byte(target, None)
    except OperationError as error:
        if error.failure.reason is not Reason.CUSTOMER_KEY_REQUIRED:
            raise
        return True
    return False


def _missing_key(target: ObjectId) -> Failure:
    return Failure(
        FailureKind.WRONG_KEY,
        f"The object {target.key!r} in the bucket {target.bucket} is encrypted with a customer key "
        f"({CUSTOMER_KEY.name}), and the task has none.",
        "Set the key that the object was written with in customer_key or customer_key_file. A task of "
        "s3_encrypted_object that changes the encryption has it in previous_customer_key.",
        resource=target.name,
    )


def _wrong_key(target: ObjectId, tried: dict[str, Failure]) -> Failure:
    given = " and ".join(sorted(md5 for md5 in tried if md5))
    return Failure(
        FailureKind.WRONG_KEY,
        f"The object {target.key!r} in the bucket {target.bucket} is encrypted with another customer key "
        f"({CUSTOMER_KEY.name}) than the one of the task, whose MD5 is {given}.",
        "Set the key that the object was written with. A task of s3_encrypted_object that changes the key has the old "
        "one in previous_customer_key.",
        resource=target.name,
    )
