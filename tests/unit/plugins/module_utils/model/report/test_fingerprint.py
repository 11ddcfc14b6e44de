# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A fingerprint is that of one finding about one resource, in every report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.fingerprint import fingerprint
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import Resource, ResourceKind

BUCKET = Resource(ResourceKind.BUCKET, "data", "arn:aws:s3:::data", "111122223333", "production", "eu-west-1")
NAMED = replace(BUCKET, arn="")
KEY = replace(NAMED, kind=ResourceKind.KMS_KEY, name="alias/app")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((Rule.TLS, BUCKET, "a"), (Rule.TLS, BUCKET, "b"), True),
        ((Rule.TLS, BUCKET, "a"), (Rule.TLS, replace(BUCKET, account_id="", region="", account_name=""), "a"), True),
        ((Rule.TLS, NAMED, "a"), (Rule.TLS, replace(NAMED, region="", account_name=""), "a"), True),
        ((Rule.TLS, NAMED, "a"), (Rule.TLS, replace(NAMED, account_id="444455556666"), "a"), False),
        ((Rule.TLS, NAMED, "a"), (Rule.TLS, replace(NAMED, kind=ResourceKind.OBJECT), "a"), False),
        ((Rule.TLS, BUCKET, "a"), (Rule.TLS_VERSION, BUCKET, "a"), False),
        ((Rule.TLS, BUCKET, "a"), (Rule.TLS, replace(BUCKET, arn="arn:aws:s3:::logs"), "a"), False),
        ((Rule.POLICY_STATEMENT, BUCKET, "a"), (Rule.POLICY_STATEMENT, BUCKET, "b"), False),
        ((Rule.KEY_ROTATION, KEY, "a"), (Rule.KEY_ROTATION, replace(KEY, region="us-east-1"), "a"), False),
    ],
)
def test_findings_are_the_same_or_not(
    one: tuple[Rule, Resource, str], other: tuple[Rule, Resource, str], same: bool
) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) is same


def test_a_fingerprint_never_changes() -> None:
    """Reports of earlier versions are compared with new ones."""
    found = fingerprint(Rule.TLS, BUCKET, "The bucket policy does not deny requests without TLS.")
    assert found == "5084f6dd54d4c353194e3177f45606447069baaca55e8e0a5aa6fce7dab64fa1"
    assert len(fingerprint(Rule.KEY_PUBLIC, KEY, "\ud800 \u2028 \U0001f511")) == 64
