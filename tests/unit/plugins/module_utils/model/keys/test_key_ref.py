# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""References to KMS keys: their four forms, and their regions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef, KeyRefForm

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
ARN = f"arn:aws:kms:eu-west-1:111122223333:key/{ID}"
ALIAS_ARN = "arn:aws:kms:eu-west-1:111122223333:alias/app/photos"

FORMS = [
    pytest.param(ID, KeyRefForm.KEY_ID, ID, "", "", id="key id"),
    pytest.param(MRK, KeyRefForm.KEY_ID, MRK, "", "", id="key id of a multi-Region key"),
    pytest.param("my-key_1.v2", KeyRefForm.KEY_ID, "my-key_1.v2", "", "", id="key id of another store"),
    pytest.param(ARN, KeyRefForm.KEY_ARN, ID, "aws", "eu-west-1", id="key ARN"),
    pytest.param(ARN.replace(ID, MRK), KeyRefForm.KEY_ARN, MRK, "aws", "eu-west-1", id="multi-Region key ARN"),
    pytest.param("alias/app/photos", KeyRefForm.ALIAS_NAME, "alias/app/photos", "", "", id="alias name"),
    pytest.param("alias/aws/s3", KeyRefForm.ALIAS_NAME, "alias/aws/s3", "", "", id="alias of the AWS managed key"),
    pytest.param(ALIAS_ARN, KeyRefForm.ALIAS_ARN, "alias/app/photos", "aws", "eu-west-1", id="alias ARN"),
    *(
        pytest.param(
            ARN.replace("aws:", f"{partition}:").replace("eu-west-1", region),
            KeyRefForm.KEY_ARN,
            ID,
            partition,
            region,
            id=partition,
        )
        for partition, region in (
            ("aws-cn", "cn-north-1"),
            ("aws-us-gov", "us-gov-west-1"),
            ("aws-iso", "us-iso-east-1"),
            ("aws-iso-b", "us-isob-east-1"),
            ("aws-iso-e", "eu-isoe-west-1"),
            ("aws-iso-f", "us-isof-south-1"),
            ("aws-eusc", "eusc-de-east-1"),
        )
    ),
]


@pytest.mark.parametrize(("text", "form", "resource", "partition", "region"), FORMS)
def test_each_form_is_recognised(text: str, form: KeyRefForm, resource: str, partition: str, region: str) -> None:
    """With its partition, region and account."""
    reference = KeyRef.parse(text)
    assert (reference.text, reference.form, reference.resource, reference.region) == (text, form, resource, region)
    place = (reference.arn.partition, reference.arn.account) if reference.arn else ("", "")
    assert place == (partition, "111122223333" if region else "")


NONSENSE = {
    "empty": "",
    "blank": " ",
    "alias without a name": "alias/",
    "alias alone": "alias",
    "alias with a blank": "alias/my key",
    "alias with a colon": "alias/my:key",
    "key with its prefix but no ARN": f"key/{ID}",
    "an S3 ARN": "arn:aws:s3:::bucket",
    "an ARN with a short account": f"arn:aws:kms:eu-west-1:1111:key/{ID}",
    "an ARN without an account": f"arn:aws:kms:eu-west-1::key/{ID}",
    "an ARN without a region": f"arn:aws:kms::111122223333:key/{ID}",
    "an ARN of no key": "arn:aws:kms:eu-west-1:111122223333:key/",
    "an ARN of a grant": "arn:aws:kms:eu-west-1:111122223333:grant/1",
    "an ARN of a foreign cloud": f"arn:cloud:kms:eu-west-1:111122223333:key/{ID}",
    "two lines": f"{ID}\n",
    "an ARN of two lines": f"{ARN}\n",
    "an alias of two lines": "alias/x\n",
    "a URL": "https://kms.eu-west-1.amazonaws.com/",
    "too long": "x" * 257,
    "too long an alias": "alias/" + "x" * 251,
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE.keys())
def test_an_invalid_reference_is_refused(text: str) -> None:
    """The message quotes the text, and the advice lists the forms."""
    with pytest.raises(OperationError) as error:
        KeyRef.parse(text)
    assert error.value.failure.kind is FailureKind.INVALID
    assert repr(text) in error.value.failure.message
    assert "alias/NAME" in error.value.failure.advice


def test_the_name_of_a_key_in_a_store() -> None:
    """As MinIO reports it. It is accepted only where a key may be one of a store."""
    reference = KeyRef.parse("arn:aws:kms:my-minio-key", of_store=True)
    assert (reference.form, reference.resource, reference.region) == (KeyRefForm.STORE_NAME, "my-minio-key", "")
    for text, of_store in (("arn:aws:kms:my-minio-key", False), ("arn:aws:kms:", True), ("arn:aws:kms:a:b", True)):
        with pytest.raises(OperationError):
            KeyRef.parse(text, of_store=of_store)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("aws/s3", "For an alias, write alias/aws/s3."),
        ("app/photos", "For an alias, write alias/app/photos."),
        (f"key/{ID}", f"Write {ID}."),
        ("/app", "Give a key id"),
        ("alias/my key", "Give a key id"),
    ],
)
def test_the_advice_has_the_reference_to_write(text: str, advice: str) -> None:
    """Where the text lacks, or has, only the prefix."""
    with pytest.raises(OperationError) as error:
        KeyRef.parse(text)
    assert error.value.failure.advice.startswith(advice)


@given(st.text(max_size=80))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    """There is no other result, and an accepted text is kept unchanged."""
    try:
        assert KeyRef.parse(text).text == text
    except OperationError as error:
        assert error.failure.kind is FailureKind.INVALID  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "managed"),
    [("alias/aws/s3", True), (ALIAS_ARN.replace("app/photos", "aws/s3"), True), ("alias/aws/ebs", False), (ID, False)],
)
def test_the_aws_managed_key_is_known_by_its_alias(text: str, managed: bool) -> None:
    """By name and by ARN."""
    assert KeyRef.parse(text).is_aws_managed_s3 is managed


@pytest.mark.parametrize("text", [ID, MRK, "alias/x", ARN, ALIAS_ARN], ids=["id", "mrk", "alias", "ARN", "alias ARN"])
def test_a_reference_in_its_own_region_is_unchanged(text: str) -> None:
    """A reference without a region applies to the region of the bucket."""
    reference = KeyRef.parse(text)
    assert reference.in_region("eu-west-1") == reference


@pytest.mark.parametrize("text", [ID, MRK, "alias/x"], ids=["id", "mrk", "alias"])
def test_a_reference_without_a_region_serves_every_region(text: str) -> None:
    """One alias serves a fleet in many regions."""
    assert KeyRef.parse(text).in_region("us-east-1") == KeyRef.parse(text)


def test_the_arn_of_a_multi_region_key_becomes_that_of_its_replica() -> None:
    """A replica has the same id in its own region."""
    replica = KeyRef.parse(ARN.replace(ID, MRK)).in_region("us-east-1")
    assert replica == KeyRef.parse(f"arn:aws:kms:us-east-1:111122223333:key/{MRK}")


@pytest.mark.parametrize(
    "text",
    [ARN, ALIAS_ARN, ALIAS_ARN.replace("app/photos", MRK)],
    ids=["key", "alias", "alias with the name of a multi-Region key"],
)
def test_an_arn_of_another_region_is_refused(text: str) -> None:
    """S3 uses keys of the bucket's own region only."""
    with pytest.raises(OperationError) as error:
        KeyRef.parse(text).in_region("us-east-1")
    failure = error.value.failure
    assert (failure.kind, failure.resource) == (FailureKind.KEY_UNUSABLE, text)
    assert "is in eu-west-1, but the bucket is in us-east-1" in failure.message


@pytest.mark.parametrize("name", ["one", "alias/one", "arn:aws:kms:eu-west-1:111122223333:key/one"])
def test_a_key_of_the_region_of_the_task(name: str) -> None:
    """Nothing is raised; an id or alias is of any region."""
    KeyRef.parse(name).require_region("eu-west-1")


@pytest.mark.parametrize(
    ("resource", "replica"), [("key/one", False), ("alias/one", False), (f"key/mrk-{'0' * 32}", True)]
)
def test_an_arn_of_another_region_than_that_of_the_task(resource: str, replica: bool) -> None:
    """The message has both regions, and how to name a replica."""
    with pytest.raises(OperationError) as error:
        KeyRef.parse(f"arn:aws:kms:us-east-1:111122223333:{resource}").require_region("eu-west-1")
    failure = error.value.failure
    assert "is in us-east-1, but the region of the task is eu-west-1" in failure.message
    assert "Set region: us-east-1" in failure.advice
    assert ("replica" in failure.advice) == replica
