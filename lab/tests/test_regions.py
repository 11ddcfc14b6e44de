# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Opt-in regions: what is not redirected, and what an account is told where it has not enabled the region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from client_calls import raises_client_error

from sealed_lab import RemoteLab, RunningLab

pytestmark = pytest.mark.behaviour
OWN, OTHER = "111111111111", "222222222222"
OPT_IN = "me-south-1"
ROLE = f"arn:aws:iam::{OTHER}:role/fleet"


def create_bucket(lab: RunningLab, name: str, region: str) -> None:
    """Create a bucket of the other account."""
    s3 = lab.client("s3", region=region, account=OTHER)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})


def test_buckets_of_opt_in_regions(lab: RunningLab) -> None:
    """A request to another region is not redirected, but botocore goes to the region that the answer names."""
    create_bucket(lab, "new", OPT_IN)
    create_bucket(lab, "old", "eu-west-1")
    for asked, name, own in (("eu-west-1", "new", OPT_IN), (OPT_IN, "old", "eu-west-1")):
        s3 = lab.client("s3", region=asked, account=OTHER)
        assert "ServerSideEncryptionConfiguration" in s3.get_bucket_encryption(Bucket=name)
        answers = [each for each in lab.calls.select(operation="GetBucketEncryption") if name in each.resource]
        assert [(each.region, each.status, each.error) for each in answers] == [
            (asked, 400, "IllegalLocationConstraintException"),
            (own, 200, ""),
        ]
    with raises_client_error("IllegalLocationConstraintException", 400) as messages:
        lab.client("s3").create_bucket(Bucket="mine", CreateBucketConfiguration={"LocationConstraint": OPT_IN})
    assert messages == [
        f"The {OPT_IN} location constraint is incompatible for the region specific endpoint this request was sent to."
    ]


Call = Callable[[Any], object]
CALLS: dict[str, tuple[Call, tuple[str, int], tuple[str, int]]] = {
    # service: a call, and the code and status for a session and for the root user
    "s3": (lambda s3: s3.list_buckets(), ("InvalidToken", 400), ("InvalidAccessKeyId", 403)),
    "kms": (lambda kms: kms.list_keys(), ("UnrecognizedClientException", 400), ("UnrecognizedClientException", 400)),
    "sts": (lambda sts: sts.get_caller_identity(), ("InvalidClientTokenId", 403), ("InvalidClientTokenId", 403)),
}


def session_of(lab: RunningLab, region: str = "us-east-1") -> Mapping[str, Any]:
    """A session in the other account."""
    sts = lab.client("sts", region=region, account=OWN)
    found: Mapping[str, Any] = sts.assume_role(RoleArn=ROLE, RoleSessionName="sess")["Credentials"]
    return found


@pytest.mark.parametrize("service", CALLS)
def test_credentials_where_the_region_is_not_enabled(lab: RunningLab, service: str) -> None:
    call, of_session, of_root = CALLS[service]
    session = session_of(lab)
    lab.set_region(OTHER, OPT_IN, enabled=False)
    with raises_client_error(*of_session):
        call(lab.client(service, region=OPT_IN, credentials=session))
    with raises_client_error(*of_root):
        call(lab.client(service, region=OPT_IN, account=OTHER))
    call(lab.client(service, region=OPT_IN, account=OWN))
    call(lab.client(service, region="eu-west-1", credentials=session))
    lab.set_region(OTHER, OPT_IN, enabled=True)
    call(lab.client(service, region=OPT_IN, credentials=session))


def test_buckets_of_a_region_that_was_disabled_are_still_listed(lab: RunningLab) -> None:
    create_bucket(lab, "left", OPT_IN)
    session = session_of(lab)
    lab.set_region(OTHER, OPT_IN, enabled=False)
    s3 = lab.client("s3", credentials=session)
    assert [each["BucketRegion"] for each in s3.list_buckets(MaxBuckets=10)["Buckets"]] == [OPT_IN]
    with raises_client_error("InvalidToken", 400):
        lab.client("s3", region=OPT_IN, credentials=session).get_bucket_encryption(Bucket="left")


def test_no_session_of_an_account_is_issued_in_a_region_that_it_has_not_enabled(lab: RunningLab) -> None:
    lab.set_region(OTHER, OPT_IN, enabled=False)
    with raises_client_error("RegionDisabledException", 403) as messages:
        session_of(lab, OPT_IN)
    assert messages[0].startswith(f"STS is not activated in this region for account:{OTHER}.")
    lab.set_region(OWN, OPT_IN, enabled=False)
    with raises_client_error("InvalidClientTokenId", 403):
        session_of(lab, OPT_IN)
    session_of(lab, "eu-west-1")


@pytest.mark.parametrize("kind", ["running", "remote"])
def test_only_opt_in_regions_can_be_disabled(lab: RunningLab, kind: str) -> None:
    """Both kinds of lab have the same control."""
    control: Any = lab if kind == "running" else RemoteLab(lab.url)
    for region in ("us-east-1", "eu-north-1", "us-gov-west-1", "cn-north-1"):
        with pytest.raises(ValueError, match="is enabled in every account"):
            control.set_region(OTHER, region, enabled=False)
    with pytest.raises(ValueError, match="an account has 12 digits"):
        control.set_region("mine", OPT_IN, enabled=False)
    control.set_region(OTHER, OPT_IN, enabled=False)
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        lab.client("s3", region=OPT_IN, account=OTHER).list_buckets()
