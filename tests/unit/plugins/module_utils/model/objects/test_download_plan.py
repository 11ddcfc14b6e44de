# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for a download: when the object is downloaded, and when not."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ClientSide
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.download_plan import (
    Download,
    LocalFile,
    plan_download,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import Checksum, ObjectState

SHA = Checksum("SHA256", "c2hh", full_object=True)
PARTS = Checksum("SHA512", "cGFydHM=-2", full_object=False)
OBJECT = ObjectState("b", "k", 5, ObjectEncryption("SSE-S3"), checksums=(PARTS, SHA))
LOCAL = LocalFile("/f", 3)

CASES = [
    (Overwrite.DIFFERENT, None, False, True),
    (Overwrite.DIFFERENT, LOCAL, False, True),
    (Overwrite.DIFFERENT, LOCAL, True, False),
    (Overwrite.ALWAYS, None, False, True),
    (Overwrite.ALWAYS, LOCAL, True, True),
    (Overwrite.NEVER, None, False, True),
    (Overwrite.NEVER, LOCAL, False, False),
    (Overwrite.NEVER, LOCAL, True, False),
]


@pytest.mark.parametrize(
    ("overwrite", "local", "same", "downloads"),
    CASES,
    ids=[f"{o.value}, {'same' if s else 'other' if f else 'no'} file" for o, f, s, _d in CASES],
)
def test_when_an_object_is_downloaded(
    overwrite: Overwrite, local: LocalFile | None, same: bool, downloads: bool
) -> None:
    """An existing file is compared, unless the task decides."""
    plan = plan_download("/f", overwrite, OBJECT, local, same)
    assert plan.before == local
    assert plan.operations == (("GetObject",) if downloads else ())
    assert plan.after == (LocalFile("/f", 5, SHA) if downloads else local)


def test_a_composite_checksum_is_not_in_the_planned_state() -> None:
    """It cannot be compared with the checksum of a file."""
    source = ObjectState("b", "k", 5, ObjectEncryption("SSE-S3"), checksums=(PARTS,))
    assert plan_download("/f", Overwrite.DIFFERENT, source, None, False).after == LocalFile("/f", 5, None)


@pytest.mark.parametrize(
    ("kind", "warned"),
    [
        *(("SSE-KMS", False), ("DSSE-KMS", False), ("SSE-S3", True), ("SSE-C", True), ("NONE", True), (None, False)),
        *(("CSE-KMS", False), ("CSE-C", True)),
    ],
)
@pytest.mark.parametrize("same", [True, False], ids=["same", "other"])
def test_an_encryption_context_for_an_object_without_one_is_a_warning(
    kind: str | None, warned: bool, same: bool
) -> None:
    """With and without a change. For kinds with a KMS key, S3 uses the stored context by itself."""
    source = ObjectState("b", "k", 5, ObjectEncryption(kind))
    plan = plan_download("/f", Overwrite.DIFFERENT, source, LOCAL, same, names_context=True)
    assert [warning for warning in plan.warnings if f"under {kind}" in warning] == list(plan.warnings)
    assert len(plan.warnings) == warned
    assert plan_download("/f", Overwrite.DIFFERENT, source, LOCAL, same).warnings == ()


@pytest.mark.parametrize("overwrite", Overwrite)
def test_a_client_side_encrypted_object_is_decrypted(overwrite: Overwrite) -> None:
    """The file gets the size of the plaintext. The checksum of S3 is that of the ciphertext, so it is not expected."""
    client_side = ClientSide(Format.V3, EnvelopePlace.METADATA, ObjectEncryption("SSE-S3"), 5)
    source = ObjectState("b", "k", 21, ObjectEncryption("CSE-KMS", client_side=client_side), checksums=(SHA,))
    plan = plan_download("/f", overwrite, source, None, False)
    assert (plan.steps, plan.after) == ((Download(source),), LocalFile("/f", 5))
