# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The state of a KMS key: which keys S3 can use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = KeyState("1234abcd-12ab-34cd-56ef-1234567890ab", ARN)
RSA = replace(KEY, spec="RSA_2048", usage="ENCRYPT_DECRYPT")


UNREPORTED = [
    KEY,
    replace(KEY, spec="", usage=""),
    replace(KEY, usage=""),
    replace(KEY, spec=""),
    replace(KEY, spec="", usage="", origin=""),
]


@pytest.mark.parametrize("key", UNREPORTED, ids=["all", "no spec and usage", "no usage", "no spec", "no origin"])
def test_a_usable_key(key: KeyState) -> None:
    """An enabled symmetric key. What a store does not report is not wrong, and rotation is managed all the same."""
    key.require_usable()
    assert key.rotates


UNUSABLE = [
    pytest.param(replace(KEY, state="Disabled"), "is disabled", "kms:EnableKey", id="disabled"),
    pytest.param(
        replace(KEY, state="PendingDeletion"), "scheduled for deletion", "kms:CancelKeyDeletion", id="pending deletion"
    ),
    pytest.param(
        replace(KEY, state="PendingReplicaDeletion"),
        "replicas",
        "kms:CancelKeyDeletion",
        id="pending replica deletion",
    ),
    pytest.param(replace(KEY, state="PendingImport"), "key material", "Import", id="pending import"),
    pytest.param(replace(KEY, state="Unavailable"), "key store", "Reconnect", id="store unavailable"),
    pytest.param(replace(KEY, state="Resting"), "in the state Resting", "Wait", id="unknown state"),
    pytest.param(RSA, "RSA_2048", "SYMMETRIC_DEFAULT", id="asymmetric"),
    pytest.param(
        replace(KEY, spec="HMAC_256", usage="GENERATE_VERIFY_MAC"), "HMAC_256", "SYMMETRIC_DEFAULT", id="HMAC"
    ),
    pytest.param(replace(RSA, state="Disabled"), "RSA_2048", "SYMMETRIC_DEFAULT", id="the spec before the state"),
]


@pytest.mark.parametrize(("key", "message", "advice"), UNUSABLE)
def test_an_unusable_key_is_refused_with_advice(key: KeyState, message: str, advice: str) -> None:
    """The failure names the key by its ARN."""
    with pytest.raises(OperationError) as error:
        key.require_usable()
    failure = error.value.failure
    assert (failure.kind, failure.resource) == (FailureKind.KEY_UNUSABLE, ARN)
    assert message in failure.message
    assert advice in failure.advice


def test_the_arn_in_another_region() -> None:
    """A replica has the id of its primary key; a key without an ARN has none in any region."""
    assert KEY.arn_in("us-east-1") == ARN.replace("eu-west-1", "us-east-1")
    assert KeyState().arn_in("us-east-1") == ""
