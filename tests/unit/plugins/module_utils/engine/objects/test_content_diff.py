# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The texts of a diff, for an object that was encrypted on the client side."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.content_diff import ContentDiff, compare_texts
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.object_access import ObjectAccess
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import Envelope, Format, KeyWrap
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import find_kind
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    DesiredObject,
    ObjectReading,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId, ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sealing import OpenedKey
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3

DATA_KEY, MESSAGE_ID = Secret(bytes(range(32))), bytes(range(28))
CIPHER, COMMITMENT = ContentCipher.create(DATA_KEY, MESSAGE_ID)
ENVELOPE = Envelope(Format.V3, KeyWrap.KMS_CONTEXT, b"wrapped", MESSAGE_ID, COMMITMENT)
STORED = b"".join(CIPHER.encrypt([b"old text"]))


def diff(
    stored: bytes, opened: OpenedKey | None, kind: str = "CSE-KMS", envelope: Envelope | None = ENVELOPE
) -> ContentDiff:
    s3 = FakeS3()
    s3.add_bucket("bucket")
    state = ObjectState("bucket", "key", len(stored), ObjectEncryption("SSE-KMS"), etag='"e"')
    s3.add_object(state, stored)
    access = cast(ObjectAccess, SimpleNamespace(s3=s3, target=ObjectId("bucket", "key")))
    before = replace(state, encryption=ObjectEncryption(kind), envelope_fields=(("x-amz-c", "115"),), envelope=envelope)
    desired = DesiredObject("bucket", "key", encryption=DesiredEncryption(find_kind(kind)))
    return compare_texts(access, desired, ObjectReading(before, opened=opened), Source(data=b"new text"))


def test_the_text_is_decrypted() -> None:
    """Both texts are plaintext, as for other objects."""
    assert diff(STORED, OpenedKey(DATA_KEY)) == ContentDiff("old text", "new text")


@pytest.mark.parametrize(
    ("stored", "opened", "kind", "why"),
    [
        (STORED[:-1] + b"?", OpenedKey(DATA_KEY), "CSE-KMS", "the object cannot be read"),
        (STORED, OpenedKey(Secret(bytes(32))), "CSE-KMS", "the object cannot be read"),
        (STORED, None, "CSE-KMS", "its data key was not decrypted"),
        (STORED, OpenedKey(DATA_KEY), "CSE-C", "a customer key protects it"),
    ],
    ids=["altered", "another data key", "no data key", "own key"],
)
def test_no_text_is_shown(stored: bytes, opened: OpenedKey | None, kind: str, why: str) -> None:
    """Neither the ciphertext nor a plaintext that is not authentic."""
    assert diff(stored, opened, kind) == ContentDiff(not_shown=why)


def test_an_object_with_fields_that_make_no_envelope_is_not_shown() -> None:
    """Its bytes are ciphertext."""
    assert diff(b"text", OpenedKey(DATA_KEY), envelope=None) == ContentDiff(not_shown="its data key was not decrypted")
