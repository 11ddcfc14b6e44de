# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Sizes that a plan needs before it knows the encrypted data key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope.serializing import bound_context
from ansible_collections.sealed.s3.plugins.module_utils.envelope.sizes import (
    KMS_CIPHERTEXT_BYTES,
    envelope_metadata_size,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    LARGEST_PLAINTEXT,
    Envelope,
    EnvelopePlace,
    Format,
    KeyWrap,
    require_encryptable,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.limits import metadata_size
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    parse,
    refusal,
    v3_object,
)

PLANNED = Envelope(Format.V3, KeyWrap.AES_GCM, bytes(60), bytes(28), bytes(28), description=(("version", "1"),))
CONTEXT = bound_context((("team", "a"),))
BY_KMS = Envelope(Format.V3, KeyWrap.KMS_CONTEXT, bytes(KMS_CIPHERTEXT_BYTES), bytes(28), bytes(28), CONTEXT)


def test_the_size_for_an_own_key_is_exact() -> None:
    """3 + 40 + 40 for the content, 80 + 2 for the data key, 15 for the description, and seven for each name."""
    assert envelope_metadata_size(PLANNED) == 3 + 40 + 40 + 80 + 2 + 15 + 6 * 7
    assert envelope_metadata_size(PLANNED) == metadata_size(tuple(v3_object().metadata.items()))
    assert envelope_metadata_size(PLANNED) == envelope_metadata_size(parse(v3_object()))


@pytest.mark.parametrize("usual", [167, 184, 204])
def test_the_size_for_kms_is_an_upper_estimate(usual: int) -> None:
    """For every size of KMS's ciphertext that AWS's examples have, and by less than 128 bytes."""
    written = envelope_metadata_size(replace(BY_KMS, encrypted_data_key=bytes(usual)))
    assert 0 < envelope_metadata_size(BY_KMS) - written < 128


def test_an_instruction_file_takes_the_size_of_the_data_key() -> None:
    """The content fields stay in the metadata."""
    for envelope in (PLANNED, BY_KMS):
        assert envelope_metadata_size(replace(envelope, place=EnvelopePlace.INSTRUCTION_FILE)) == 3 + 40 + 40 + 3 * 7


def test_metadata_is_measured_in_bytes() -> None:
    assert metadata_size((("name", "wört"), ("other", ""))) == 4 + 5 + 5


def test_the_largest_content() -> None:
    """Just under 64 GiB, refused before anything is sent."""
    require_encryptable(0)
    require_encryptable(LARGEST_PLAINTEXT)
    failure = refusal(lambda: require_encryptable(LARGEST_PLAINTEXT + 1))
    assert failure.kind is FailureKind.INVALID
    assert failure.message == (
        "The content has 68719476705 bytes, and client-side encryption is possible up to 68719476704 bytes (64 GiB "
        "less 32 bytes)."
    )
