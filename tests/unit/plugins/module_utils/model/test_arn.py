# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Amazon Resource Names: parsed and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn, same_kms_key
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

PARTS = st.text(st.characters(exclude_characters=":"))
ARNS = st.builds(Arn, PARTS, PARTS, PARTS, PARTS, st.text())


@given(ARNS)
def test_an_arn_is_read_as_it_was_written(arn: Arn) -> None:
    """A resource may contain colons."""
    assert Arn.parse(str(arn)) == arn


@given(st.text() | ARNS.map(str))
def test_a_text_is_kept_or_refused(text: str) -> None:
    """No part of an ARN is lost or changed."""
    arn = Arn.try_parse(text)
    assert arn is None or str(arn) == text


EXAMPLES = [
    pytest.param(KEY, "key", "1234abcd-12ab-34cd-56ef-1234567890ab", id="key"),
    pytest.param("arn:aws:kms:eu-west-1:111122223333:alias/app/photos", "alias", "app/photos", id="alias"),
    pytest.param("arn:aws:iam::111122223333:root", "", "root", id="account"),
    pytest.param("arn:aws:iam::111122223333:role/team/app", "role", "team/app", id="role with a path"),
    pytest.param("arn:aws:s3:::raw", "", "raw", id="bucket"),
    pytest.param("arn:aws:logs:eu-west-1:111122223333:log-group:a", "", "log-group:a", id="resource with a colon"),
]


@pytest.mark.parametrize(("text", "resource_type", "resource_id"), EXAMPLES)
def test_the_resource(text: str, resource_type: str, resource_id: str) -> None:
    """Its type and its ID."""
    arn = Arn.parse(text)
    assert (arn.resource_type, arn.resource_id) == (resource_type, resource_id)


def test_the_parts() -> None:
    """In the order of AWS; another region changes no other part."""
    arn = Arn.parse(KEY)
    assert arn == Arn("aws", "kms", "eu-west-1", "111122223333", "key/1234abcd-12ab-34cd-56ef-1234567890ab")
    assert str(arn.with_region("us-east-1")) == KEY.replace("eu-west-1", "us-east-1")


@pytest.mark.parametrize("text", ["", "arn", "alias/app", "arn:aws:kms:eu-west-1:111122223333", f"x{KEY}"])
def test_a_text_that_is_not_an_arn(text: str) -> None:
    """It is refused with the form of an ARN."""
    assert Arn.try_parse(text) is None
    with pytest.raises(OperationError) as error:
        Arn.parse(text)
    assert error.value.failure.kind is FailureKind.INVALID
    assert repr(text) in error.value.failure.message


KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("named", "reported", "same"),
    [
        (KEY_ARN, KEY_ARN, True),
        (KEY_ARN, KEY_ARN.replace("1111", "9999"), False),
        (KEY_ARN, None, False),
        ("my-minio-key", "my-minio-key", True),
        ("my-minio-key", "arn:aws:kms:my-minio-key", True),
        ("arn:aws:kms:my-minio-key", "my-minio-key", True),
        ("my-minio-key", "arn:aws:kms:my-minio-key-2", False),
        ("minio-key", "arn:aws:kms:my-minio-key", False),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", KEY_ARN, True),
        ("1234567890ab", KEY_ARN, False),
        (KEY_ARN, "1234abcd-12ab-34cd-56ef-1234567890ab", False),
    ],
)
def test_a_key_is_the_one_that_a_store_reports(named: str, reported: str | None, same: bool) -> None:
    """At AWS, only the same ARN. A store may report the name of a task with a prefix."""
    assert same_kms_key(named, reported) is same
