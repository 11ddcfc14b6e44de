# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How much metadata an envelope takes, for a plan."""

from __future__ import annotations

from ..model.envelope import Envelope
from ..model.objects.limits import metadata_size
from .serializing import serialize_envelope

# Upper estimate for KMS's ciphertext of 32 bytes, whose size KMS does not document. Examples of AWS have 167 and 184
# bytes, an older one 204.
# Sources: https://docs.aws.amazon.com/cli/latest/reference/kms/generate-data-key.html,
# https://github.com/aws/aws-sdk-java/blob/master/aws-java-sdk-s3/src/main/java/com/amazonaws/services/s3/package-info.java
KMS_CIPHERTEXT_BYTES = 256


def envelope_metadata_size(envelope: Envelope) -> int:
    """The bytes of metadata that the envelope takes.

    For a plan that does not know the encrypted data key: give an envelope with KMS_CIPHERTEXT_BYTES or 60 zeros.
    """
    return metadata_size(serialize_envelope(envelope)[0])
