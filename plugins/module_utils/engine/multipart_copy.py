# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A copy onto itself of an object that is too large for CopyObject: S3 copies it part by part."""

from __future__ import annotations

from threading import Event

from ..aws.ports import MultipartPort, ObjectId, SentPart
from ..model.encrypted_object import CopyObject, InParts
from ..model.errors import Failure, FailureKind, Refused
from ..model.parts import Part
from .multipart import transfer


def copy_in_parts(
    s3: MultipartPort, target: ObjectId, step: CopyObject, in_parts: InParts, *, concurrency: int
) -> None:
    """Copy the object, if it stays the one that was read until the end; otherwise nothing changes."""
    stopped = Event()

    def send(upload_id: str, part: Part) -> SentPart:
        if stopped.is_set():
            raise Refused(Failure(FailureKind.FAILED, "The copy was given up.", code="Stopped"))
        return s3.upload_part_copy(target, upload_id, part, step, in_parts)

    transfer(s3, target, step, in_parts, send, concurrency=concurrency, stop=stopped.set)
