# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Responses of S3 about objects, also in the formats of other stores, and requests that write the same values."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_buckets import flatten_retention
from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.expand import expand_grants, expand_lock
from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.flatten import (
    flatten_grants,
    flatten_lock,
    flatten_object,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import Archive
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId, ObjectLock

OWNER = {"Grantee": {"ID": "me", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
PUBLIC = {"Grantee": {"URI": ALL_USERS, "Type": "Group"}, "Permission": "READ"}
OTHER = {"Grantee": {"ID": "you", "DisplayName": "yours"}, "Permission": "READ"}


def test_a_private_acl_has_no_grants() -> None:
    """Every write gives full control to the owner."""
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": [OWNER]}) == ()
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": []}) == ()
    assert flatten_grants({"Owner": {"ID": "another-owner"}, "Grants": [OWNER]}) != ()


NAMELESS = {"Grantee": {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
NAMED_ONLY = {**NAMELESS, "Grantee": {"ID": "", "DisplayName": "minio"}}


@pytest.mark.parametrize("owner", [{}, {"ID": "", "DisplayName": ""}, {"DisplayName": "minio"}], ids=str)
def test_an_owner_without_an_id(owner: dict[str, str]) -> None:
    """A store without ACLs reports full control of a grantee without an id: that is the owner."""
    assert flatten_grants({"Owner": owner, "Grants": [NAMELESS]}) == ()
    assert flatten_grants({"Owner": owner, "Grants": [NAMED_ONLY]}) == ()
    assert flatten_grants({"Owner": owner, "Grants": [{**NAMELESS, "Permission": "READ"}]}) != ()
    assert flatten_grants({"Owner": owner, "Grants": [NAMELESS, PUBLIC]}) != ()
    assert flatten_grants({"Owner": owner, "Grants": [OWNER]}) != ()
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": [NAMELESS]}) != ()


def test_an_acl_is_written_as_it_was_read() -> None:
    """Including the grant of the owner, because a write creates only the grants that it names."""
    grants = flatten_grants({"Owner": {"ID": "me"}, "Grants": [OWNER, PUBLIC, OTHER]})
    assert [grant.describe() for grant in grants] == ["FULL_CONTROL to me", f"READ to {ALL_USERS}", "READ to you"]
    assert expand_grants(grants) == {"GrantFullControl": 'id="me"', "GrantRead": f'uri="{ALL_USERS}", id="you"'}


@pytest.mark.parametrize(
    "grant",
    [
        {"Grantee": {"ID": "you"}, "Permission": "WRITE"},
        {"Grantee": {"DisplayName": "yours"}, "Permission": "READ"},
        {"Grantee": {}, "Permission": "READ"},
        {"Grantee": {"ID": 'you", uri="them'}, "Permission": "READ"},
    ],
)
def test_grants_that_cannot_be_written(grant: dict[str, Any]) -> None:
    """WRITE has no effect on an object, and a grantee without an identifier cannot be named."""
    _owner, found = flatten_grants({"Owner": {"ID": "me"}, "Grants": [OWNER, grant]})
    assert not found.can_be_written


UNTIL = datetime(2044, 12, 1, 16, tzinfo=timezone.utc)
RETAINED = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL}


def at(date: str) -> dict[str, Any]:
    return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}


LOCKS = [
    pytest.param({}, None, id="none"),
    pytest.param({"ObjectLockLegalHoldStatus": "OFF"}, None, id="a hold that is released"),
    pytest.param({"ObjectLockLegalHoldStatus": "ON"}, ObjectLock(legal_hold=True), id="a legal hold"),
    pytest.param(RETAINED, ObjectLock("GOVERNANCE", "2044-12-01T16:00:00+00:00"), id="no date in the response"),
    pytest.param(
        {**RETAINED, **at("Thu, 01 Dec 2044 15:59:59 GMT")},
        ObjectLock("GOVERNANCE", "2044-12-01T16:00:00+00:00"),
        id="the last second",
    ),
    pytest.param({**RETAINED, **at("Thu, 01 Dec 2044 16:00:00 GMT")}, None, id="expired"),
    pytest.param(
        {**RETAINED, **at("Fri, 02 Dec 2044 16:00:00 GMT"), "ObjectLockLegalHoldStatus": "ON"},
        ObjectLock(legal_hold=True),
        id="expired, but with a hold",
    ),
    pytest.param(
        {"ObjectLockEventHold": "ON", "ObjectLockEventHoldDurationDays": 7},
        ObjectLock(event_hold=True, event_hold_days=7),
        id="an event hold",
    ),
]


@pytest.mark.parametrize(("response", "lock"), LOCKS)
def test_a_lock_counts_while_it_is_in_force(response: dict[str, Any], lock: ObjectLock | None) -> None:
    """At the time of the response. S3 still reports an expired retention, and refuses to write it again."""
    assert flatten_lock(response) == lock


DEFAULTS = [
    pytest.param({}, None, id="no locks"),
    pytest.param({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}, "", id="no default"),
    pytest.param(
        {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}},
        "COMPLIANCE for 30 days",
        id="days",
    ),
    pytest.param(
        {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}},
        "GOVERNANCE for 1 year",
        id="a year",
    ),
]


@pytest.mark.parametrize(("response", "expected"), DEFAULTS)
def test_the_retention_of_a_bucket_in_words(response: dict[str, Any], expected: str | None) -> None:
    """A bucket that has Object Lock may have no default."""
    assert flatten_retention(response) == expected


def test_a_lock_is_written_as_it_was_read() -> None:
    """Values that are not set are not sent."""
    lock = ObjectLock("COMPLIANCE", "2044-12-01T16:00:00+00:00", True, True, event_hold_years=2)
    assert expand_lock(lock) == {
        "ObjectLockMode": "COMPLIANCE",
        "ObjectLockRetainUntilDate": "2044-12-01T16:00:00+00:00",
        "ObjectLockLegalHoldStatus": "ON",
        "ObjectLockEventHold": "ON",
        "ObjectLockEventHoldDurationYears": 2,
    }
    assert expand_lock(None) == {}


@pytest.mark.parametrize(
    ("response", "count"),
    [
        ({"TagCount": 2}, 2),
        ({"TagCount": 2, "ResponseMetadata": {"HTTPHeaders": {"server": "AmazonS3"}}}, 2),
        ({"ResponseMetadata": {"HTTPHeaders": {"server": "AmazonS3"}}}, 0),
        ({"ResponseMetadata": {"HTTPHeaders": {"server": "SeaweedFS 30GB 4.02"}}}, None),
        ({}, None),
    ],
)
def test_a_missing_number_of_tags_means_none_only_for_s3(response: dict[str, Any], count: int | None) -> None:
    """Another store may not count them."""
    state = flatten_object(ObjectId("b", "k"), {"ContentLength": 1, **response})
    assert state.tag_count == count


@pytest.mark.parametrize(
    ("response", "archive"),
    [
        ({}, None),
        ({"StorageClass": "GLACIER"}, Archive("GLACIER")),
        ({"StorageClass": "GLACIER", "Restore": 'ongoing-request="false", expiry-date="x"'}, None),
        (
            {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "ARCHIVE_ACCESS"},
            Archive("ARCHIVE_ACCESS", tier=True),
        ),
    ],
)
def test_an_archive_is_read_from_the_headers(response: dict[str, Any], archive: Archive | None) -> None:
    """The storage class, the tier, and the restored copy."""
    assert flatten_object(ObjectId("b", "k"), {"ContentLength": 1, **response}).archive == archive


@pytest.mark.parametrize("date", ["Thu, 26 Nov 2026 07:00:00 GMT", "Thu, 26 Nov 2026 07:00:00 -0000", "yesterday", ""])
def test_the_lock_of_another_store_may_have_a_time_without_a_zone(date: str) -> None:
    """It is in UTC. An answer without a readable date does not end the lock."""
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": datetime(2030, 1, 1)}  # noqa: DTZ001
    state = flatten_object(
        ObjectId("b", "k"), {"ContentLength": 1, **lock, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}
    )
    assert state.lock == ObjectLock("GOVERNANCE", "2030-01-01T00:00:00+00:00")
