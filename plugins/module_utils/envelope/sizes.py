# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Sizes that a plan needs: what one message can hold, and how much metadata an envelope takes."""

from __future__ import annotations

from ..model.envelope import LARGEST_PLAINTEXT, Envelope
from ..model.errors import invalid_input
from ..model.objects.encoded_words import Metadata
from .serializing import serialize_envelope

# Upper estimate for KMS's ciphertext of 32 bytes, whose size KMS does not document. Examples of AWS have 167 and 184
# bytes, an older one 204.
# Sources: https://docs.aws.amazon.com/cli/latest/reference/kms/generate-data-key.html,
# https://github.com/aws/aws-sdk-java/blob/master/aws-java-sdk-s3/src/main/java/com/amazonaws/services/s3/package-info.java
KMS_CIPHERTEXT_BYTES = 256


def require_encryptable(size: int) -> None:
    """Raise OperationError for a plaintext that is larger than one message of AES-GCM."""
    if size > LARGEST_PLAINTEXT:
        raise invalid_input(
            f"The content has {size} bytes, and client-side encryption is possible up to {LARGEST_PLAINTEXT} bytes "
            "(64 GiB less 32 bytes).",
            "Split the content into several objects, or choose server-side encryption.",
        )


def metadata_size(metadata: Metadata) -> int:
    """The bytes that S3 counts: names, without x-amz-meta-, and values.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    return sum(len(name.encode()) + len(value.encode()) for name, value in metadata)


def envelope_metadata_size(envelope: Envelope) -> int:
    """The bytes of metadata that the envelope takes.

    For a plan that does not know the encrypted data key: give an envelope with KMS_CIPHERTEXT_BYTES or 60 zeros.
    """
    return metadata_size(serialize_envelope(envelope)[0])
