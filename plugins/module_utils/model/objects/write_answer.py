# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The answer of an upload, and whether it proves what was written, so that no HeadObject has to follow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..envelope import Format, plaintext_size
from ..kinds.encryption import ObjectEncryption
from ..kinds.kind import KeyHolder, Side
from ..kinds.registry import UNENCRYPTED, find_kind
from .client_side_plan import with_plaintext_size
from .object_state import Checksum, ObjectState
from .object_steps import PutObject


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What the answer of PutObject or CompleteMultipartUpload reports of the new object. None or empty: not reported.

    CompleteMultipartUpload does not report a customer key.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """

    encryption: ObjectEncryption
    etag: str | None = None
    version_id: str | None = None
    checksums: tuple[Checksum, ...] = ()


def state_after(
    step: PutObject, before: ObjectState | None, planned: ObjectState, answer: WriteAnswer
) -> ObjectState | None:
    """The new object, if the answer proves encryption, key and checksum; otherwise None. It has no LastModified.

    No answer reports the default retention of the bucket, which a new version of a locked object may get.
    """
    proven = (
        bool(answer.etag)
        and (before is None or before.lock is None)
        and answer.encryption.type not in (None, UNENCRYPTED.name)
        and step.encryption.of_server_side.is_satisfied_by(answer.encryption)
        and not lacks_kms_key(answer.encryption)
        and step.content.checksum in answer.checksums
    )
    if not proven:
        return None
    encryption = planned.encryption.with_server_side(answer.encryption)
    if step.sealing:
        encryption = with_plaintext_size(encryption, plaintext_size(Format.V3, step.content.size))
    return replace(
        planned,
        size=step.content.size,
        encryption=encryption,
        envelope_fields=step.envelope_fields,
        etag=answer.etag,
        version_id=answer.version_id,
        checksums=answer.checksums,
    )


def about_missing_kms_key(names: str) -> str:
    """The warning about objects that `lacks_kms_key` is true for."""
    return (
        f"The store reports {names} as encrypted under a KMS key without naming the key. It may have no KMS, and these "
        "objects may be unencrypted or unreadable."
    )


def lacks_kms_key(encryption: ObjectEncryption) -> bool:
    """Whether an encryption under a KMS key is reported without the key, which AWS never does."""
    kind = find_kind(encryption.type)
    return kind.key_holder is KeyHolder.KMS and kind.side is Side.SERVER and not encryption.kms_key_arn
