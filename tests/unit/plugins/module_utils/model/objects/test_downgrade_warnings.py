# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Warnings about weaker protection: by the encryption, and by the owner of the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ClientSide
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.downgrade_warnings import (
    ImplicitDefaults,
    downgrade_warnings,
    needs_default,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import strategies as draw

MANAGED = "arn:aws:kms:eu-west-1:111122223333:key/managed"
OWN = "arn:aws:kms:eu-west-1:111122223333:key/own"
UNENCRYPTED, AES, CUSTOMER = ObjectEncryption("NONE"), ObjectEncryption("SSE-S3"), ObjectEncryption("SSE-C")
KMS, KMS_MANAGED = ObjectEncryption("SSE-KMS", OWN), ObjectEncryption("SSE-KMS", MANAGED)
DSSE, DSSE_LEFT = ObjectEncryption("DSSE-KMS", OWN), ObjectEncryption("DSSE-KMS")
DEFAULT = ObjectEncryption(None)
CLIENT, RSA = (
    ObjectEncryption(name, client_side=ClientSide(Format.V2, EnvelopePlace.METADATA, AES))
    for name in ("CSE-KMS", "CSE-RSA")
)
ORDER = ("NONE", "SSE-S3", "SSE-KMS", "DSSE-KMS")

NAMED = [
    pytest.param(KMS, AES, "becomes weaker, from SSE-KMS to SSE-S3.", id="SSE-KMS to SSE-S3"),
    pytest.param(DSSE, KMS, "becomes weaker, from DSSE-KMS to SSE-KMS.", id="DSSE-KMS to SSE-KMS"),
    pytest.param(KMS, KMS_MANAGED, "from a customer managed key to the AWS managed key.", id="the managed key"),
    pytest.param(KMS, DSSE_LEFT, "from a customer managed key to the AWS managed key.", id="stronger, no key named"),
    pytest.param(KMS_MANAGED, DSSE_LEFT, "", id="the managed key stays"),
    pytest.param(KMS_MANAGED, KMS, "", id="a key of one's own"),
    pytest.param(AES, KMS, "", id="stronger"),
    pytest.param(UNENCRYPTED, AES, "", id="from no encryption"),
    pytest.param(KMS, CUSTOMER, "", id="to a customer key"),
    pytest.param(CUSTOMER, AES, "", id="from a customer key, as desired"),
    pytest.param(KMS, ObjectEncryption("aws:fsx"), "", id="to what is no kind of ours"),
    pytest.param(CLIENT, KMS, "becomes weaker, from CSE-KMS to SSE-KMS.", id="client side to server side"),
    pytest.param(RSA, AES, "becomes weaker, from CSE-RSA to SSE-S3.", id="client side of no kind of ours"),
    pytest.param(RSA, CLIENT, "", id="both on the client side"),
    pytest.param(KMS, CLIENT, "", id="server side to client side"),
]


@pytest.mark.parametrize(("before", "after", "expected"), NAMED)
def test_a_weaker_named_encryption_is_a_warning(
    before: ObjectEncryption, after: ObjectEncryption, expected: str
) -> None:
    """The write is made, with a warning."""
    found = downgrade_warnings("k", before, after, ImplicitDefaults(managed_key_arn=MANAGED))
    assert bool(found) is bool(expected)
    assert expected in " ".join(found)


BY_DEFAULT = [
    pytest.param(KMS, AES, "to the bucket's default, SSE-S3. Name encryption to keep it.", id="weaker"),
    pytest.param(KMS, ObjectEncryption("SSE-KMS"), "to the AWS managed key. Name encryption to keep it.", id="its key"),
    pytest.param(KMS, ObjectEncryption("SSE-KMS", "alias/another"), "", id="another key of one's own"),
    pytest.param(KMS, DSSE, "", id="stronger"),
    pytest.param(CUSTOMER, DSSE, "encrypted with your own key. Name encryption to keep it.", id="a customer key"),
    pytest.param(CUSTOMER, None, "cannot be read and may be weaker", id="a customer key, unknown default"),
    pytest.param(DSSE, None, "or allow s3:GetEncryptionConfiguration.", id="unknown default"),
    pytest.param(AES, None, "", id="SSE-S3 is the weakest"),
    pytest.param(UNENCRYPTED, None, "", id="from no encryption"),
    pytest.param(RSA, DSSE, "becomes weaker, from CSE-RSA to the bucket's default", id="from the client side"),
    pytest.param(RSA, None, "cannot be read and may be weaker", id="from the client side, unknown default"),
]


@pytest.mark.parametrize(("before", "default", "expected"), BY_DEFAULT)
def test_a_weaker_bucket_default_is_a_warning(
    before: ObjectEncryption, default: ObjectEncryption | None, expected: str
) -> None:
    """For an upload that names no encryption, with advice."""
    found = downgrade_warnings("k", before, DEFAULT, ImplicitDefaults(default, MANAGED))
    assert bool(found) is bool(expected)
    assert expected in " ".join(found)


@given(draw.ENCRYPTIONS, draw.ENCRYPTIONS, st.booleans())
def test_the_warning_follows_the_order_of_strength(
    before: ObjectEncryption, after: ObjectEncryption, by_default: bool
) -> None:
    """At most one warning. If the order of both is known, exactly if the new one is weaker."""
    written, defaults = (DEFAULT, ImplicitDefaults(after)) if by_default else (after, ImplicitDefaults())
    found = downgrade_warnings("k", before, written, defaults)
    assert len(found) <= 1
    if before.type in ORDER and after.type in ORDER:
        weaker = ORDER.index(str(after.type)) < ORDER.index(str(before.type))
        # If the bucket default need not be read, the object cannot become weaker at AWS.
        assert ("becomes weaker" in " ".join(found)) is (weaker and (not by_default or needs_default(before)))
