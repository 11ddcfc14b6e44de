# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Multipart uploads that may have been left unfinished, because an answer of CreateMultipartUpload was lost.

Nothing in the list of uploads proves which run began one: another run of the same user can begin an upload of the same
object at the same moment. So an upload whose id was never received is reported, and not aborted.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# The uploads that a message names; the number of the others follows.
_NAMED = 3


class BegunUpload(NamedTuple):
    """The id of a new upload, and whether the SDK sent the request again, as a lost answer makes it do."""

    upload_id: str
    repeated: bool = False


class UnfinishedUpload(NamedTuple):
    """An upload that S3 lists, and when it was begun (ISO 8601)."""

    upload_id: str
    initiated: str


def describe_unfinished(name: str, uploads: Sequence[UnfinishedUpload]) -> str:
    """The uploads in a sentence for a person, who can tell which of them is of no use; empty if there are none."""
    if not uploads:
        return ""
    latest = sorted(uploads, key=lambda upload: upload.initiated, reverse=True)
    named = ", ".join(f"{upload.upload_id} (begun {upload.initiated})" for upload in latest[:_NAMED])
    more = f", and {len(latest) - _NAMED} more" if len(latest) > _NAMED else ""
    return (
        f"CreateMultipartUpload was sent again, so one of the unfinished uploads of {name} may be of this run: "
        f"{named}{more}. The store keeps an upload and bills its parts until AbortMultipartUpload or a lifecycle rule "
        "(AbortIncompleteMultipartUpload) removes it."
    )
