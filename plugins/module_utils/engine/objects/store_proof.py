# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Proof of what was written to a store other than AWS. Some stores accept a request and do not carry it out.

Each function raises OperationError of the kind UNVERIFIED for what is not proven.
"""

from __future__ import annotations

import secrets
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.kinds.registry import CUSTOMER_KEY, find_kind
from ...model.objects.encoded_words import in_reported_words
from ...model.objects.object_state import Grants, ObjectId, ObjectState, Properties
from ...model.secret import CUSTOMER_KEY_BYTES, CustomerKey
from .comparison import StoredContent
from .stored_bytes import digest_of_source, digest_of_stored
from .write_verification import same_checksums

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.objects.desired_object import Content, DesiredObject
    from ...model.objects.object_steps import ObjectWrite
    from ..transfer.content import Source
    from .object_access import ObjectAccess


def unverified(name: str, message: str, advice: str) -> OperationError:
    """The exception for what was written and is not proven."""
    return OperationError(Failure(FailureKind.UNVERIFIED, message, advice, resource=name))


def require_properties(step: ObjectWrite, desired: DesiredObject, found: ObjectState) -> None:
    """The store has the properties that the task names, and has lost none that the write was to keep.

    The guessed content type of a new object is not compared: the task does not name it.
    """
    kept = desired.properties.merged_with(step.properties)
    if kept.metadata:
        kept = replace(kept, metadata=in_reported_words(kept.metadata, found.properties.metadata or ()))
    for name in (field.name for field in fields(Properties)):
        named, written, actual = (getattr(each, name) for each in (desired.properties, kept, found.properties))
        if (written is None and named is None) or (actual or None) == (written or None):
            continue
        if name == "content_type" and written is None:  # the store chooses one
            continue
        if named is None and (name == "metadata" and set(written) <= set(actual or ())):
            continue
        if named is None and name == "content_type" and written == desired.new_content_type:
            continue
        raise unverified(
            found.name,
            f"{found.name} was written with {name} {_in_words(written)}, but is reported with {_in_words(actual)}.",
            f"The store at this endpoint does not keep {name}. Leave it out there.",
        )


def require_content(
    access: ObjectAccess, content: Content, source: Source, key: CustomerKey | None, found: ObjectState
) -> None:
    """The store has the checksum that was sent. If it reports no such checksum, its bytes are compared."""
    if is_reported(content, found):
        return
    sent = content.checksum
    same = StoredContent(access.s3, access.target, key, found).compare_by_checksum(source, sent)
    if same is None:
        same = _read(access, key, found) == digest_of_source(source, found.size)
    if not same:
        raise _damaged(found, "was uploaded, but has other bytes than the content of the task")


def is_reported(content: Content, found: ObjectState) -> bool:
    """Whether the store reports the checksum that was sent. Raises OperationError for another one, or another size."""
    sent = content.checksum
    if found.size == content.size and sent in found.checksums:
        return True
    reported = [checksum.value for checksum in found.checksums if checksum.algorithm == sent.algorithm]
    if found.size != content.size or reported:
        raise unverified(
            found.name,
            f"{found.name} was written with {content.size} bytes and the {sent.algorithm} {sent.value}, but is "
            f"reported with {found.size} bytes and {' and '.join(reported) or 'no such checksum'}.",
            "The store at this endpoint may have damaged the content, or computes the checksum otherwise. Download "
            "the object and compare it before you rely on it.",
        )
    return False


def require_copied(before: ObjectState, found: ObjectState, *, keeps_tags: bool) -> None:
    """A copy has the size of what was copied, each checksum that both report, and as many tags if it keeps them.

    A store may ignore the source of a copy, or drop its tags. The tags of a copy are read if the task names some.
    """
    if found.size != before.size or same_checksums(before, found) is False:
        raise unverified(
            found.name,
            f"{before.name} had {before.size} bytes, was copied {_destination(before, found)} has another content of "
            f"{found.size} bytes since then.",
            "The store at this endpoint does not copy the content, or another client wrote the object at the same "
            "moment. Check the object, and restore it.",
        )
    if keeps_tags and before.tag_count and found.tag_count != before.tag_count:
        raise unverified(
            found.name,
            f"{found.name} was copied onto itself, and is reported with {found.tag_count or 0} instead of "
            f"{before.tag_count} tags since then.",
            "The store at this endpoint does not copy tags. Set them again, and name tags in each task that changes "
            "the object.",
        )


def _destination(copied: ObjectState, found: ObjectState) -> str:
    return "onto itself, and" if found.name == copied.name else f"to {found.name}, and the copy"


def require_grants(access: ObjectAccess, step: ObjectWrite) -> None:
    """The object has the grants that the write was to keep. Without any, the access control list is private."""
    if not step.grants:
        return
    name = access.name
    try:
        found = access.s3.get_object_acl(access.target)
    except OperationError as error:
        message = f"{name} was written with its ACL, but that cannot be read back: {error.failure.message}"
        raise OperationError(replace(error.failure, message=message)) from error
    if set(found) == set(step.grants):
        return
    raise unverified(
        name,
        f"{name} was written with the grants {_grants_in_words(step.grants)}, but is reported with "
        f"{_grants_in_words(found) or 'a private ACL'}.",
        "The store at this endpoint does not keep the ACL of an object that is written. Set the ACL again.",
    )


def require_same_bytes(access: ObjectAccess, key: CustomerKey | None, sample: str, found: ObjectState) -> None:
    """The object can be read after its encryption was changed, and has the bytes that it had before."""
    if _read(access, key, found) != sample:
        how = "client-side encryption" if found.envelope_fields else found.encryption.type
        raise _damaged(found, f"was written as {how}, and has other bytes since then")


_REFUSED_KINDS = (FailureKind.FORBIDDEN, FailureKind.INVALID, FailureKind.WRONG_KEY)
_REFUSED_REASONS = (Reason.CUSTOMER_KEY_REQUIRED, Reason.UNEXPLAINED_BAD_REQUEST, Reason.UNEXPLAINED_DENIAL)


def require_customer_key_needed(s3: ObjectPort, target: ObjectId, found: ObjectState) -> None:
    """The store does not return an object that it reports under a customer key without that key, or with another one.

    Some stores return the headers of this encryption and store the plaintext. Before the first object, no request
    shows that which writes nothing: SeaweedFS does encrypt, and still accepts the parts of an upload without the key.
    An object that exists already shows it. The SDK would send a refused HeadObject again, so the first byte is read.
    Not of an archived object: that is refused with any key.
    """
    if not find_kind(found.encryption.type).key_in_requests:
        return
    random_key = CustomerKey(secrets.token_bytes(CUSTOMER_KEY_BYTES))
    for key, how in ((None, "without the key"), (random_key, "with another key")):
        if _is_refused(s3, target, key, found):
            continue
        raise unverified(
            found.name,
            f"{found.name} is reported as encrypted with a customer key ({CUSTOMER_KEY.name}), but the store at this "
            f"endpoint answers a request {how}. The plaintext may be readable without the key.",
            "Delete the object if nobody but you may read it, and choose another encryption at this endpoint.",
        )


def _is_refused(s3: ObjectPort, target: ObjectId, key: CustomerKey | None, found: ObjectState) -> bool:
    """Whether the store refuses to return the object. Raises OperationError for a failure that is no refusal."""
    try:
        if found.size and found.archive is None:
            s3.get_first_byte(target, key)
        else:
            s3.head_object(target, key)
    except OperationError as error:
        if error.failure.reason in _REFUSED_REASONS or error.failure.kind in _REFUSED_KINDS:
            return True
        raise
    return False


def require_deleted(access: ObjectAccess) -> None:
    """The object, or the version that was to be deleted, does not exist any more."""
    try:
        access.s3.head_object(access.target, None)
    except OperationError as error:
        # Without s3:ListBucket, S3 answers 403 for an object that does not exist. It was readable before.
        if error.failure.reason in (Reason.UNEXPLAINED_ABSENCE, Reason.DELETE_MARKER, Reason.UNEXPLAINED_DENIAL):
            return
        if error.failure.reason is not Reason.UNEXPLAINED_BAD_REQUEST:
            raise
    raise unverified(
        access.name,
        f"{access.name} was deleted, but the store at this endpoint still answers requests for it.",
        "Check the object. Another client may have written it again at the same moment.",
    )


def _read(access: ObjectAccess, key: CustomerKey | None, found: ObjectState) -> str:
    try:
        return digest_of_stored(access.s3, access.target, key, found)
    except OperationError as error:
        if found.archive:
            raise unverified(
                found.name,
                f"{found.name} was written as {found.encryption.type} in {found.archive.place}, where the store "
                "archives it, so its bytes cannot be read and compared.",
                "Restore it and download it before you rely on it, or set a storage_class that can be read.",
            ) from error
        raise unverified(
            found.name,
            f"{found.name} was written as {found.encryption.type}, but cannot be read since then: "
            f"{error.failure.message}",
            "The store at this endpoint may not be able to decrypt it. Restore the object, and choose another "
            "encryption at this endpoint.",
        ) from error


def _damaged(found: ObjectState, what: str) -> OperationError:
    return unverified(
        found.name,
        f"{found.name} {what}.",
        "The store at this endpoint damages the content. Restore the object, and choose another encryption there.",
    )


def _grants_in_words(grants: Grants) -> str:
    return " and ".join(grant.describe() for grant in grants)


def _in_words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return str(dict(value))
    return repr(value)
