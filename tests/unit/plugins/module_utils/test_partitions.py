# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every region of every partition, from the data of the SDK."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from botocore.session import Session

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys.key_policy import (
    parse_policy_options,
    policy_arguments,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredPolicy, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_lockout import require_manageable
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import merge_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef, KeyRefForm

ACCOUNT = "111122223333"


class RegionOfPartition(NamedTuple):
    """A region, its partition, and the partition's domain."""

    partition: str
    region: str
    suffix: str


def _regions() -> list[RegionOfPartition]:
    endpoints = Session().get_component("data_loader").load_data("endpoints")
    return [
        RegionOfPartition(partition["partition"], region, partition["dnsSuffix"])
        for partition in endpoints["partitions"]
        for region in partition["regions"]
    ]


PLACES = _regions()
every_region = pytest.mark.parametrize("place", PLACES, ids=[place.region for place in PLACES])


def test_the_sdk_knows_all_partitions() -> None:
    """Otherwise the other tests would check nothing."""
    known = {place.partition for place in PLACES}
    assert known >= {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"}
    assert len(PLACES) > 30


@every_region
def test_a_policy_of_every_region(place: RegionOfPartition) -> None:
    """Through that region's S3 only, for principals and buckets of that partition, and manageable."""
    scope = PolicyScope(place.partition, place.region, ACCOUNT)
    arn = f"arn:{place.partition}:iam::{ACCOUNT}:role/app"
    options = {name: argument.get("default") for name, argument in policy_arguments().items()}
    desired = parse_policy_options(
        {**options, "users": [arn], "buckets": ["raw"], "allowed_accounts": ["444455556666"]}
    )
    policy = merge_policy(None, desired, scope)
    assert policy is not None
    require_manageable(policy, scope, Arn(place.partition, "sts", "", ACCOUNT, "assumed-role/deploy/session"))
    by_sid = {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}
    assert by_sid["S3KeyUsers"]["Condition"] == {
        "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"s3.{place.region}.{place.suffix}"},
        "ArnLike": {
            "kms:EncryptionContext:aws:s3:arn": [f"arn:{place.partition}:s3:::raw", f"arn:{place.partition}:s3:::raw/*"]
        },
    }
    others = by_sid["S3KeyOtherAccounts"]["Principal"]["AWS"]
    assert others == [f"arn:{place.partition}:iam::444455556666:root"]
    assert merge_policy(policy, desired, scope) == policy


@every_region
def test_a_key_of_every_region(place: RegionOfPartition) -> None:
    """Its ARN is parsed, with that region."""
    arn = f"arn:{place.partition}:kms:{place.region}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    reference = KeyRef.parse(arn)
    assert (reference.form, reference.region) == (KeyRefForm.KEY_ARN, place.region)
    assert reference.arn
    assert reference.arn.partition == place.partition
    reference.require_region(place.region)


@pytest.mark.parametrize("name", ["logging.s3.amazonaws.com", "s3.amazonaws.com", "ec2.amazonaws.com.cn"])
def test_service_principals(name: str) -> None:
    """They have the same names in every partition, except for some in aws-cn."""
    options = {option: argument.get("default") for option, argument in policy_arguments().items()}
    desired = parse_policy_options({**options, "services": [name]})
    assert desired == DesiredPolicy(services=(name,))
