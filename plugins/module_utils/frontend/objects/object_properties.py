# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The properties of an object from the options of a task, as S3 stores them."""

from __future__ import annotations

from typing import Any

from ...model.errors import invalid_input
from ...model.objects.envelope_fields import is_envelope_field
from ...model.objects.object_state import Properties
from ...model.tags import freeze_texts
from ..arguments import require_no_empty_text

PROPERTIES = (
    "content_type",
    "cache_control",
    "content_disposition",
    "content_encoding",
    "content_language",
    "storage_class",
)


# The content type that S3 gives an object without one.
DEFAULT_CONTENT_TYPE = "binary/octet-stream"


def parse_properties(params: dict[str, Any]) -> Properties:
    """The named properties. S3 stores names of metadata in lower case, and values without surrounding blanks.

    An empty text removes a property. Raises OperationError for text that a header cannot contain.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    require_no_empty_text(params, ("storage_class",))
    named = {name: _header(name, params[name]) for name in PROPERTIES if params[name] is not None}
    if named.get("content_type") == "":
        named["content_type"] = DEFAULT_CONTENT_TYPE
    if "content_encoding" in named:
        named["content_encoding"] = _without_transfer_coding(named["content_encoding"])
    return Properties(**named, metadata=None if params["metadata"] is None else _metadata(params["metadata"]))


def _metadata(given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    metadata: dict[str, str] = {}
    for name, value in freeze_texts("metadata", given):
        lower = name.lower()
        if not lower.isascii() or not all(sign.isalnum() or sign in "!#$%&'*+-.^_`|~" for sign in lower) or not lower:
            raise invalid_input(f"metadata: {name!r} is not a valid header name.", "Use letters, digits, - and _.")
        if is_envelope_field(lower):
            raise invalid_input(
                f"metadata: {lower!r} belongs to client-side encryption, and is no metadata of the user.",
                "Leave it out. An envelope that is there stays.",
            )
        if lower in metadata:
            raise invalid_input(
                f"metadata: {lower!r} is named twice: S3 ignores case in names of metadata.", "Name it once."
            )
        metadata[lower] = _header(f"metadata.{lower}", value)
    return tuple(sorted(metadata.items()))


def _without_transfer_coding(encoding: str) -> str:
    """The codings that S3 stores. `aws-chunked` is about how a request is sent, and S3 removes it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
    """
    codings = encoding.split(",")
    stored = [coding for coding in codings if coding.strip().lower() != "aws-chunked"]
    return encoding if len(stored) == len(codings) else ",".join(stored).strip()


def _header(option: str, value: str) -> str:
    value = value.strip()
    if not value.isascii() or not all(sign.isprintable() or sign == "\t" for sign in value):
        raise invalid_input(f"{option} has characters that no header can contain.", "Use printable ASCII on one line.")
    return value
