# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The expected encryption of objects, and what is found about each kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ClientSide
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import OBJECT_KINDS, find_kind
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.expected_encryption import (
    ExpectedEncryption,
    findings,
)

OURS = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = "arn:aws:kms:us-east-1:111122223333:key/ffffabcd-12ab-34cd-56ef-1234567890ab"
KEY = {"kms_key_arn": OURS, "key_name": "alias/app"}

UNENCRYPTED = ObjectEncryption("NONE")
SSE_S3 = ObjectEncryption("SSE-S3")
SSE_C = ObjectEncryption("SSE-C")
SSE_KMS = ObjectEncryption("SSE-KMS", OURS, False)
WITH_BUCKET_KEY = replace(SSE_KMS, bucket_key_enabled=True)
UNDER_OTHER = replace(SSE_KMS, kms_key_arn=OTHER)
WITHOUT_KEY = replace(SSE_KMS, kms_key_arn=None)
DSSE_KMS = ObjectEncryption("DSSE-KMS", OURS)
DSSE_OTHER = ObjectEncryption("DSSE-KMS", OTHER)
_SIDE = ClientSide(Format.V3, EnvelopePlace.METADATA, SSE_S3)
CSE_KMS = ObjectEncryption("CSE-KMS", client_side=_SIDE)
CSE_C = ObjectEncryption("CSE-C", client_side=_SIDE)
CSE_RSA = ObjectEncryption("CSE-RSA", client_side=_SIDE)
FOREIGN = ObjectEncryption("aws:fsx")


def expect(kind: str | None = None, **options: object) -> ExpectedEncryption:
    """What a task expects."""
    return ExpectedEncryption(find_kind(kind) if kind else None, **options)  # type: ignore[arg-type]


def about(expected: ExpectedEncryption, actual: ObjectEncryption) -> list[str]:
    """The sentences."""
    return [finding.message for finding in findings(expected, actual)]


BARE = "The object is not encrypted, but should be encrypted with"


def kind_is(actual: str, expected: str) -> list[str]:
    return [f"The object is encrypted with {actual}, not with {expected}."]


@pytest.mark.parametrize(
    ("expected", "actual", "sentences"),
    [
        # The kind alone.
        (expect("SSE-S3"), SSE_S3, []),
        (expect("SSE-S3"), UNENCRYPTED, [f"{BARE} SSE-S3."]),
        (expect("SSE-S3"), SSE_KMS, kind_is("SSE-KMS", "SSE-S3")),
        (expect("SSE-KMS"), WITH_BUCKET_KEY, []),
        (expect("SSE-KMS"), WITHOUT_KEY, []),
        (expect("SSE-KMS"), DSSE_KMS, kind_is("DSSE-KMS", "SSE-KMS")),
        (expect("SSE-KMS"), CSE_KMS, kind_is("CSE-KMS", "SSE-KMS")),
        (expect("SSE-C"), SSE_C, []),
        (expect("SSE-C"), SSE_S3, kind_is("SSE-S3", "SSE-C")),
        (expect("CSE-KMS"), CSE_KMS, []),
        (expect("CSE-KMS"), CSE_C, kind_is("CSE-C", "CSE-KMS")),
        (expect("CSE-C"), CSE_RSA, kind_is("CSE-RSA", "CSE-C")),
        (expect("SSE-S3"), FOREIGN, kind_is("aws:fsx", "SSE-S3")),
        # With a key.
        (expect("SSE-KMS", **KEY), SSE_KMS, []),
        (expect("SSE-KMS", **KEY), UNDER_OTHER, [f"Its KMS key is {OTHER}, not alias/app."]),
        (expect("SSE-KMS", **KEY), WITHOUT_KEY, ["Its KMS key is not reported, not alias/app."]),
        (expect("SSE-KMS", **KEY), SSE_S3, kind_is("SSE-S3", "SSE-KMS with the key alias/app")),
        (
            expect("SSE-KMS", **KEY),
            DSSE_OTHER,
            [*kind_is("DSSE-KMS", "SSE-KMS"), f"Its KMS key is {OTHER}, not alias/app."],
        ),
        (expect("DSSE-KMS", **KEY), SSE_KMS, kind_is("SSE-KMS", "DSSE-KMS")),
        # The key alone: of any kind that has one.
        (expect(**KEY), DSSE_KMS, []),
        (expect(**KEY), UNDER_OTHER, [f"Its KMS key is {OTHER}, not alias/app."]),
        (
            expect(**KEY),
            CSE_KMS,
            ["The object is encrypted with CSE-KMS, for which S3 reports no KMS key, not with the key alias/app."],
        ),
        (
            expect(**KEY),
            SSE_C,
            ["The object is encrypted with SSE-C, for which S3 reports no KMS key, not with the key alias/app."],
        ),
        (expect(**KEY), UNENCRYPTED, [f"{BARE} the key alias/app."]),
        # The bucket key, where the object can have one.
        (expect(bucket_key_enabled=True), WITH_BUCKET_KEY, []),
        (expect(bucket_key_enabled=True), SSE_KMS, ["It uses no S3 bucket key."]),
        (expect(bucket_key_enabled=False), WITH_BUCKET_KEY, ["It uses an S3 bucket key."]),
        (expect(bucket_key_enabled=True), DSSE_KMS, []),
        (expect(bucket_key_enabled=True), SSE_S3, []),
        (
            expect("SSE-KMS", bucket_key_enabled=True, **KEY),
            UNDER_OTHER,
            [f"Its KMS key is {OTHER}, not alias/app.", "It uses no S3 bucket key."],
        ),
        # A minimum.
        (
            expect("SSE-S3", minimum=True),
            UNENCRYPTED,
            [f"{BARE} SSE-S3."],
        ),
        (expect("SSE-S3", minimum=True), DSSE_KMS, []),
        (expect("SSE-S3", minimum=True), SSE_C, kind_is("SSE-C", "SSE-S3")),
        (expect("SSE-KMS", minimum=True), SSE_S3, kind_is("SSE-S3", "SSE-KMS")),
        (expect("SSE-KMS", minimum=True), CSE_C, []),
        (expect("SSE-KMS", minimum=True), CSE_RSA, kind_is("CSE-RSA", "SSE-KMS")),
        (expect("SSE-KMS", minimum=True), FOREIGN, kind_is("aws:fsx", "SSE-KMS")),
        (expect("SSE-KMS", minimum=True, **KEY), DSSE_OTHER, []),
        (expect("SSE-KMS", minimum=True, **KEY), UNDER_OTHER, [f"Its KMS key is {OTHER}, not alias/app."]),
        (expect("SSE-KMS", minimum=True, kms_key_is_aws_managed=True, **KEY), UNDER_OTHER, []),
        (expect("DSSE-KMS", minimum=True), SSE_KMS, kind_is("SSE-KMS", "DSSE-KMS")),
        (expect("SSE-KMS", minimum=True, bucket_key_enabled=True), SSE_KMS, []),
    ],
)
def test_each_difference_is_one_sentence(
    expected: ExpectedEncryption, actual: ObjectEncryption, sentences: list[str]
) -> None:
    """None of it is a control of AWS."""
    assert about(expected, actual) == sentences
    assert {finding.control for finding in findings(expected, actual)} <= {None}


@pytest.mark.parametrize("name", OBJECT_KINDS)
def test_an_object_of_the_expected_kind_complies(name: str) -> None:
    """And one of any other kind does not."""
    objects = (SSE_S3, SSE_KMS, DSSE_KMS, SSE_C, CSE_KMS, CSE_C)
    assert {each.type for each in objects} == set(OBJECT_KINDS)
    assert [each.type for each in objects if not findings(expect(name), each)] == [name]
