# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Instruction files in S3. Every method takes the object, and calls S3 for its instruction file.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import closing
from dataclasses import replace
from typing import Any

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.registry import CUSTOMER_KEY, recognise
from ...model.objects.instruction_file import LARGEST_INSTRUCTION_FILE, instruction_file_of
from ...model.objects.object_state import Checksum, InstructionFile, ObjectId
from ..buckets.s3_buckets import expand_owner
from ..errors import translate_errors
from ..session import Clients
from .checksum_settings import sends_checksums
from .expand import expand_checksum, expand_deletion_condition, expand_encryption, expand_target, name_of

_CONTENT_TYPE = "application/json"
# The mark of the clients of AWS: it has no value.
_MARK = {"x-amz-crypto-instr-file": ""}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A key with more versions and delete markers than in these pages counts as one whose versions may not be listed.
_PAGES = 10


class InstructionFiles:
    """The instruction files of a run's session. Without `conditional_writes`, no request has a condition."""

    def __init__(self, clients: Clients, *, conditional_writes: bool = True) -> None:
        self._clients = clients
        self._conditional_writes = conditional_writes

    def get_instruction_file(self, target: ObjectId) -> InstructionFile | None:
        """GetObject. A file that is too large is refused before its body is read."""
        file = instruction_file_of(target)
        try:
            with translate_errors("s3", "GetObject", name_of(file)):
                answer = self._clients.get("s3").get_object(**expand_target(file))
                with closing(answer["Body"]) as stream:
                    is_too_large = answer.get("ContentLength", 0) > LARGEST_INSTRUCTION_FILE
                    body = b"" if is_too_large else _read(stream)
        except OperationError as error:
            if _does_not_exist(error.failure, file):
                return None
            raise OperationError(_explain_read(error.failure)) from error
        if is_too_large or len(body) > LARGEST_INSTRUCTION_FILE:
            raise _too_large(file)
        return InstructionFile(body, answer["ETag"], recognise(answer))

    def put_instruction_file(
        self, target: ObjectId, body: bytes, *, if_match: str | None, encryption: DesiredEncryption
    ) -> str:
        """PutObject, with If-None-Match or If-Match. Returns the ETag."""
        file = instruction_file_of(target)
        condition = {"IfMatch": if_match} if if_match else {"IfNoneMatch": "*"}
        try:
            with translate_errors("s3", "PutObject", name_of(file)):
                answer = self._clients.get("s3").put_object(
                    **expand_target(file),
                    **expand_encryption(encryption),
                    **(condition if self._conditional_writes else {}),
                    **(expand_checksum(_checksum(body)) if sends_checksums(self._clients) else {}),
                    Body=body,
                    ContentType=_CONTENT_TYPE,
                    Metadata=_MARK,
                )
        except OperationError as error:
            if error.failure.reason is Reason.OBJECT_NOT_FOUND:  # of a file that If-Match names
                raise _deleted_meanwhile(error.failure) from error
            raise
        return str(answer["ETag"])

    def delete_instruction_file(self, target: ObjectId, if_match: str | None = None) -> None:
        """DeleteObject, at AWS with If-Match. A file that does not exist is not an error."""
        file = instruction_file_of(target)
        try:
            with translate_errors("s3", "DeleteObject", name_of(file)):
                condition = expand_deletion_condition(self._clients, if_match) if self._conditional_writes else {}
                self._clients.get("s3").delete_object(**expand_target(file), **condition)
        except OperationError as error:
            if error.failure.reason is not Reason.OBJECT_NOT_FOUND:
                raise

    def has_other_versions(self, target: ObjectId) -> bool | None:
        """ListObjectVersions. The versions of the key itself come before those of longer keys."""
        try:
            return self._has_other_versions(target)
        except OperationError as error:
            if error.failure.kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED):
                raise
            return None

    def _has_other_versions(self, target: ObjectId) -> bool | None:
        marker: dict[str, str] = {}
        with translate_errors("s3", "ListObjectVersions", target.name):
            for _page in range(_PAGES):
                answer = self._clients.get("s3").list_object_versions(
                    Bucket=target.bucket, Prefix=target.key, **expand_owner(target.expected_bucket_owner), **marker
                )
                if any(_is_other_version(version, target) for version in answer.get("Versions", ())):
                    return True
                if not answer.get("IsTruncated"):
                    return False
                if answer.get("NextKeyMarker") != target.key:
                    return False if answer.get("NextKeyMarker") else None
                following = answer.get("NextVersionIdMarker")
                marker = {"KeyMarker": target.key, **({"VersionIdMarker": following} if following else {})}
        return None


def _does_not_exist(failure: Failure, file: ObjectId) -> bool:
    """Whether S3 says so. The SDK cannot read its code for a key that XML does not represent, which the body repeats.

    Source: https://www.w3.org/TR/xml/#charsets
    """
    if failure.reason is Reason.UNEXPLAINED_ABSENCE:
        return _NOT_IN_XML.search(file.key) is not None
    return failure.reason is Reason.OBJECT_NOT_FOUND


def _read(stream: Any) -> bytes:
    """At most one byte more than the limit. The SDK checks the length and the checksum at the end of the body."""
    body = b""
    while len(body) <= LARGEST_INSTRUCTION_FILE:
        chunk = stream.read(LARGEST_INSTRUCTION_FILE + 1 - len(body))
        if not chunk:
            break
        body += chunk
    return body


def _is_other_version(version: dict[str, Any], target: ObjectId) -> bool:
    return version.get("Key") == target.key and version.get("VersionId", "null") != target.version_id


def _checksum(body: bytes) -> Checksum:
    return Checksum("SHA256", base64.b64encode(hashlib.sha256(body).digest()).decode("ascii"), full_object=True)


def _explain_read(failure: Failure) -> Failure:
    """The failure of a read, with what to do about a file that S3 decrypts only with a customer key."""
    if failure.reason is not Reason.CUSTOMER_KEY_REQUIRED:
        return failure
    return replace(
        failure,
        kind=FailureKind.WRONG_KEY,
        message=f"The instruction file {failure.resource} is encrypted with {CUSTOMER_KEY.name}, so it cannot be read.",
        advice="No customer key is sent for an instruction file: give the file another encryption with "
        "s3_encrypted_object and previous_customer_key.",
    )


def _too_large(file: ObjectId) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.NOT_AUTHENTIC,
            f"{file.name} has more than {LARGEST_INSTRUCTION_FILE} bytes, so it is not an instruction file, and it was "
            "not read.",
            "Check who wrote it. Restore an earlier version of the instruction file, or write the content again under "
            "another key.",
            "s3:GetObject",
            file.name,
        )
    )


def _deleted_meanwhile(failure: Failure) -> OperationError:
    return OperationError(
        replace(
            failure,
            kind=FailureKind.CONFLICT,
            message=f"The instruction file {failure.resource} was deleted by another client during the run.",
            advice="Run the task again.",
            reason=None,
        )
    )
