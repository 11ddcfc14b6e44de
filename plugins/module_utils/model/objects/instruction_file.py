# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The instruction file: an object that holds the encrypted data key of another object.

Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/metadata-strategy.md
"""

from __future__ import annotations

from .envelope_fields import INSTRUCTION_SUFFIX
from .object_state import ObjectId

# The clients write less than 2 KiB. A larger file is not read into memory.
LARGEST_INSTRUCTION_FILE = 64 * 1024
# The longest key of an object in bytes.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY = 1024


def instruction_file_of(target: ObjectId) -> ObjectId:
    """The current instruction file of an object. It has no relation to the object's versions."""
    return target._replace(key=target.key + INSTRUCTION_SUFFIX, version_id=None)


def owner_of_file(key: str) -> str | None:
    """The key of the object whose instruction file has this key; None for any other key."""
    owner = key.removesuffix(INSTRUCTION_SUFFIX)
    return owner if owner and owner != key else None


def can_have_instruction_file(key: str) -> bool:
    """Whether the key of the instruction file is short enough for S3."""
    return len((key + INSTRUCTION_SUFFIX).encode("utf-8", "surrogatepass")) <= _LONGEST_KEY
