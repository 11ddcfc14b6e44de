# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What S3 answers about objects, also as stores other than AWS say it, and what is written of that."""

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


def test_a_private_acl_is_no_grant() -> None:
    """Full control of the owner alone is what every write makes."""
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": [OWNER]}) == ()
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": []}) == ()
    assert flatten_grants({"Owner": {"ID": "somebody"}, "Grants": [OWNER]}) != ()


def test_an_acl_is_written_as_it_was_read() -> None:
    """The owner's own grant among it: a write that names grants makes these, and no others."""
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
def test_grants_that_no_write_takes(grant: dict[str, Any]) -> None:
    """WRITE means nothing for an object, and who is not named cannot be granted anything."""
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
    pytest.param(RETAINED, ObjectLock("GOVERNANCE", "2044-12-01T16:00:00+00:00"), id="no date of the answer"),
    pytest.param(
        {**RETAINED, **at("Thu, 01 Dec 2044 15:59:59 GMT")},
        ObjectLock("GOVERNANCE", "2044-12-01T16:00:00+00:00"),
        id="the last second",
    ),
    pytest.param({**RETAINED, **at("Thu, 01 Dec 2044 16:00:00 GMT")}, None, id="over"),
    pytest.param(
        {**RETAINED, **at("Fri, 02 Dec 2044 16:00:00 GMT"), "ObjectLockLegalHoldStatus": "ON"},
        ObjectLock(legal_hold=True),
        id="over, but for a hold",
    ),
    pytest.param(
        {"ObjectLockEventHold": "ON", "ObjectLockEventHoldDurationDays": 7},
        ObjectLock(event_hold=True, event_hold_days=7),
        id="an event hold",
    ),
]


@pytest.mark.parametrize(("answer", "lock"), LOCKS)
def test_a_lock_counts_while_it_is_in_force(answer: dict[str, Any], lock: ObjectLock | None) -> None:
    """By S3's own clock. S3 goes on reporting a retention that is over, and refuses to write it again."""
    assert flatten_lock(answer) == lock


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


@pytest.mark.parametrize(("answer", "expected"), DEFAULTS)
def test_the_retention_of_a_bucket_in_words(answer: dict[str, Any], expected: str | None) -> None:
    """A bucket that has Object Lock may have no default."""
    assert flatten_retention(answer) == expected


def test_a_lock_is_written_as_it_was_read() -> None:
    """Without what is not set."""
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
    ("answer", "count"),
    [
        ({"TagCount": 2}, 2),
        ({"TagCount": 2, "ResponseMetadata": {"HTTPHeaders": {"server": "AmazonS3"}}}, 2),
        ({"ResponseMetadata": {"HTTPHeaders": {"server": "AmazonS3"}}}, 0),
        ({"ResponseMetadata": {"HTTPHeaders": {"server": "SeaweedFS 30GB 4.02"}}}, None),
        ({}, None),
    ],
)
def test_silence_about_tags_means_none_with_s3_only(answer: dict[str, Any], count: int | None) -> None:
    """Another store may not count them."""
    state = flatten_object(ObjectId("b", "k"), {"ContentLength": 1, **answer})
    assert state.tag_count == count


@pytest.mark.parametrize(
    ("answer", "archive"),
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
def test_an_archive_is_read_from_the_headers(answer: dict[str, Any], archive: Archive | None) -> None:
    """The class, the tier, and what is restored."""
    assert flatten_object(ObjectId("b", "k"), {"ContentLength": 1, **answer}).archive == archive
