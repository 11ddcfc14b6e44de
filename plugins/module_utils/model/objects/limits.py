# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The fixed limits of S3 for what a task names about an object, so that a plan is refused before anything is written.

They are limits of the S3 API, so they are checked at every endpoint. Only the rules for storage classes and for encoded
words are AWS's own. The limits of parts are in parts.py, and those of single tags in tags.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import invalid_input
from ..tags import RESERVED_PREFIX, Tags
from .encoded_words import decode_words

if TYPE_CHECKING:
    from ..envelope import Texts
    from .desired_object import DesiredObject

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
LONGEST_KEY = 1024
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MOST_TAGS = 10
# Both in bytes. User metadata is measured by its names, without x-amz-meta-, and its values.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
MOST_METADATA = 2 * 1024
MOST_HEADERS = 8 * 1024
# The storage classes of objects in general purpose buckets.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
STORAGE_CLASSES = (
    "STANDARD",
    "INTELLIGENT_TIERING",
    "STANDARD_IA",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
)

_HEADERS = ("content_type", "cache_control", "content_disposition", "content_encoding", "content_language")


def require_object_key(key: str, option: str = "key") -> None:
    """Raise OperationError for a key, or a prefix of keys, that is longer than S3 accepts."""
    length = len(key.encode())
    if length > LONGEST_KEY:
        raise invalid_input(
            f"{option} has {length} bytes in UTF-8, and S3 accepts at most {LONGEST_KEY}.", "Shorten it."
        )


def require_within_limits(desired: DesiredObject, *, at_aws: bool) -> None:
    """Raise OperationError for a desired state that S3 refuses whatever the current state is."""
    require_object_key(desired.key)
    if desired.absent:
        return
    if desired.tags is not None:
        require_few_tags(desired.tags, "The task names")
    _require_small_headers(desired)
    if at_aws:
        _require_no_encoded_word(desired)
    storage_class = desired.properties.storage_class
    if at_aws and storage_class is not None and storage_class not in STORAGE_CLASSES:
        raise invalid_input(
            f"storage_class: {storage_class!r} is not a storage class of a general purpose bucket.",
            f"Give one of {', '.join(STORAGE_CLASSES)}.",
        )


def require_few_tags(tags: Tags, who: str) -> None:
    """Raise OperationError for more tags than an object can have. Those of AWS itself do not count.

    `who` begins the sentence: whose tags they are.
    """
    number = sum(not key.startswith(RESERVED_PREFIX) for key, _value in tags)
    if number > MOST_TAGS:
        raise invalid_input(
            f"{who} {number} tags, and an object can have {MOST_TAGS}.",
            "Name fewer tags, or remove others with purge_tags: true.",
        )


def _require_no_encoded_word(desired: DesiredObject) -> None:
    """Raise OperationError for metadata that S3 would return as another text: an encoded word of RFC 2047 for ASCII.

    S3 decodes encoded words. It encodes text again when it is read, but not ASCII.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    for name, value in desired.properties.metadata or ():
        if decode_words(value).isascii() and decode_words(value) != value:
            raise invalid_input(
                f"metadata.{name} is an encoded word of RFC 2047, which S3 decodes, so that it would be stored as "
                "another text.",
                "Write the text itself.",
            )


def metadata_size(metadata: Texts) -> int:
    """The bytes that S3 counts: names, without x-amz-meta-, and values.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    return sum(len(name.encode()) + len(value.encode()) for name, value in metadata)


def _require_small_headers(desired: DesiredObject) -> None:
    properties = desired.properties
    metadata = metadata_size(properties.metadata or ())
    if metadata > MOST_METADATA:
        raise invalid_input(
            f"metadata has {metadata} bytes in its names and values, and S3 accepts at most {MOST_METADATA}.",
            "Shorten it, or store it in an object of its own.",
        )
    sizes = {name: len(getattr(properties, name) or "") for name in _HEADERS}
    # S3 gets the encryption context as JSON in base64.
    context = sum(len(name.encode()) + len(value.encode()) for name, value in desired.encryption.encryption_context)
    sizes |= {"metadata": metadata, "encryption_context": -(-context // 3) * 4}
    if sum(sizes.values()) > MOST_HEADERS:
        named = [name for name, size in sizes.items() if size]
        verb, advice = ("have", "Shorten the largest of them.") if len(named) > 1 else ("has", "Shorten it.")
        raise invalid_input(
            f"{' and '.join(named)} {verb} {sum(sizes.values())} bytes as headers, and S3 accepts {MOST_HEADERS} for a "
            "request.",
            advice,
        )
