# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Each message that is documented for UpdateObjectEncryption has its advice, and no other message has.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
"""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.update_encryption_errors import (
    ERROR_PATTERNS,
    explain_update_error,
    find_pattern,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, Reason

DOCUMENTED = [
    ("The UpdateObjectEncryption operation doesn't supported unencrypted source objects.", "change_method: auto"),
    (
        "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or "
        "SSE-C.",
        "change_method: auto",
    ),
    (
        "The UpdateObjectEncryption operation doesn't support updating the encryption type to DSSE-KMS or SSE-C.",
        "change_method: auto",
    ),
    ("Requests that modify an object encryption configuration require AWS Signature Version 4.", "signature_version"),
    (
        "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are "
        "SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
        "change_method: auto",
    ),
    (
        "Requests that modify an object's encryption type to SSE-KMS require an AWS KMS key Amazon Resource Name "
        "(ARN). Modify the request to specify a KMS key ARN, and then try again.",
        "Name the key in kms_key",
    ),
    (
        "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name "
        "(ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
        "Check the ARN",
    ),
    ("The BucketKeyEnabled value isn't valid. Valid values are true or false.", "bucket_key_enabled"),
    ("The AWS KMS key in the request must be owned by the same account as the bucket.", "of the account that owns"),
    (
        "The bucket owner's account was approved to make UpdateObjectEncryption requests that use any AWS KMS key in "
        "their organization, but the bucket owner's account isn't part of an organization in AWS Organizations.",
        "join the organization",
    ),
    (
        "The specified AWS KMS key must be from the same organization in AWS Organizations as the bucket.",
        "of the bucket's organization",
    ),
    (
        "The encryption type for the specified object can\u2019t be updated because that object is protected by S3 "
        "Object Lock.",
        "change_method: copy",
    ),
]


@pytest.mark.parametrize(("said", "advice"), DOCUMENTED)
def test_a_documented_message_has_its_advice(said: str, advice: str) -> None:
    """It is recognised by words that no other message has."""
    failure = Failure(FailureKind.FORBIDDEN, said, code="AccessDenied")
    found = find_pattern(failure)
    assert found is not None
    assert advice in found.advice
    assert [each for each in ERROR_PATTERNS if each.substring.lower() in said.lower()] == [found]
    explained = explain_update_error(failure)
    assert (explained.kind, explained.advice, explained.reason) == (found.kind, found.advice, found.reason)


def test_a_key_of_another_account_is_recognised() -> None:
    """A copy can use such a key, an update in place cannot."""
    reasons = [pattern.reason for pattern in ERROR_PATTERNS]
    assert reasons.count(Reason.KEY_OF_ANOTHER_ACCOUNT) == 3


def test_each_advice_is_for_a_documented_message() -> None:
    """The numbers are equal."""
    assert len(ERROR_PATTERNS) == len(DOCUMENTED)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Access Denied",
        "User is not authorized to perform: s3:UpdateObjectEncryption on resource: arn:aws:s3:::a/Object Lock.pdf",
    ],
)
def test_another_message_has_none(said: str) -> None:
    """It is not recognised as a key of another account, either."""
    failure = Failure(FailureKind.FORBIDDEN, said, code="AccessDenied")
    assert find_pattern(failure) is None
    explained = explain_update_error(failure)
    assert explained.reason is None
    assert "kms:ReEncrypt*" in explained.advice
