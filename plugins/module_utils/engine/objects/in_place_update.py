# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether a change of encryption in place was one."""

from __future__ import annotations

from ...model.errors import Failure, FailureKind, OperationError
from ...model.objects.object_state import ObjectState


def require_unmoved(planned: ObjectState, found: ObjectState) -> None:
    """Raise OperationError where a change in place touched more than the encryption.

    S3 keeps ETag, size and LastModified. A store that does not know the request has overwritten the object with it.
    """
    names = [name for name in ("etag", "size", "last_modified") if getattr(planned, name) != getattr(found, name)]
    if not names:
        return
    version = f" Its former content is in the version {planned.version_id}." if planned.version_id else ""
    raise OperationError(
        Failure(
            FailureKind.UNVERIFIED,
            f"{planned.bucket}/{planned.key} is another object after UpdateObjectEncryption than before: "
            f"{' and '.join(names)} changed. The store took the request for an upload and overwrote the object with "
            f"it, or somebody else wrote the object at the same moment.{version}",
            "Look at the object, restore it if it was overwritten, and do not use change_method: update at this "
            "endpoint.",
            resource=f"{planned.bucket}/{planned.key}",
        )
    )
