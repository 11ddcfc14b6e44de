# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the requests of a run cost by AWS's price list."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import find_kind
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.limits import STORAGE_CLASSES
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.estimate import (
    BUCKET_KEY_REQUESTS,
    NEVER_INCLUDED,
    NEW_VERSIONS,
    REPORTS,
    RETRIEVAL,
    UNKNOWN_CLASSES,
    RequestCounts,
    RequestType,
    estimate,
    kms_requests,
)

MILLION = 1_000_000

PRICES = [
    (RequestCounts(), "0.0000"),
    (RequestCounts(lists=1_000), "0.0050"),
    (RequestCounts(gets={"STANDARD": MILLION}), "0.4000"),
    (RequestCounts(gets={"STANDARD_IA": MILLION}), "1.0000"),
    (RequestCounts(gets={"GLACIER_IR": MILLION}), "10.0000"),
    (RequestCounts(gets={"DEEP_ARCHIVE": MILLION}), "0.4000"),
    (RequestCounts(updates=MILLION), "5.0000"),
    (RequestCounts(copies={"STANDARD": MILLION}), "5.0000"),
    (RequestCounts(copies={"ONEZONE_IA": MILLION}), "10.0000"),
    (RequestCounts(copies={"GLACIER_IR": MILLION}), "20.0000"),
    (RequestCounts(parts={"STANDARD_IA": 1_000}), "0.0100"),
    (RequestCounts(puts=1_000), "0.0050"),
    (RequestCounts(kms=10_000), "0.0300"),
    (RequestCounts(jobs=2), "0.5000"),
    (RequestCounts(job_objects=MILLION), "1.0000"),
    (RequestCounts(manifest_objects=100 * MILLION), "1.5000"),
    # What costs anything is never nothing.
    (RequestCounts(gets={"STANDARD": 1}), "0.0001"),
    # A hundred million objects of SSE-S3 that a job changes in place, chosen by S3: changes, job, objects, manifest.
    (
        RequestCounts(updates=100 * MILLION, jobs=1, job_objects=100 * MILLION, manifest_objects=100 * MILLION),
        "601.7500",
    ),
    # The same from here: lists of 1,000, HeadObject and the change.
    (RequestCounts(lists=100_000, gets={"STANDARD": 100 * MILLION}, updates=100 * MILLION), "540.5000"),
]


@pytest.mark.parametrize(("counts", "expected"), PRICES)
def test_price(counts: RequestCounts, expected: str) -> None:
    """The total is in US dollars, rounded up."""
    assert str(estimate(counts).price_usd) == expected


def test_requests_by_type() -> None:
    """Types without a request are left out, and a storage class is named only where it has a price of its own."""
    found = estimate(RequestCounts(lists=3, gets={"STANDARD_IA": 5, "STANDARD": 2}, updates=7, copies={"STANDARD": 0}))
    rows = [(each.type, each.storage_class, each.number) for each in found.requests]
    assert rows == [
        (RequestType.LIST, None, 3),
        (RequestType.GET, "STANDARD", 2),
        (RequestType.GET, "STANDARD_IA", 5),
        (RequestType.UPDATE, None, 7),
    ]
    assert sum(each.price_usd for each in found.requests) == Decimal("0.0000558")


NOT_INCLUDED = [
    (RequestCounts(lists=1, gets={"STANDARD": 1}), ()),
    (RequestCounts(copies={"STANDARD": 0}), ()),
    (RequestCounts(updates=1), (BUCKET_KEY_REQUESTS,)),
    (RequestCounts(copies={"STANDARD": 1}), (NEW_VERSIONS, BUCKET_KEY_REQUESTS)),
    (RequestCounts(parts={"GLACIER_IR": 1}), (NEW_VERSIONS, RETRIEVAL, BUCKET_KEY_REQUESTS)),
    (RequestCounts(jobs=1), (REPORTS,)),
    (RequestCounts(gets={"SNOW": 1}), (UNKNOWN_CLASSES,)),
]


@pytest.mark.parametrize(("counts", "expected"), NOT_INCLUDED)
def test_what_is_not_included(counts: RequestCounts, expected: tuple[str, ...]) -> None:
    """What costs money beside the requests is named where it can occur."""
    assert estimate(counts).not_included == (*expected, *NEVER_INCLUDED)


@pytest.mark.parametrize("storage_class", STORAGE_CLASSES)
def test_every_storage_class_has_a_price(storage_class: str) -> None:
    """No class of a general purpose bucket is counted as another."""
    found = estimate(RequestCounts(gets={storage_class: 1}, copies={storage_class: 1}))
    assert UNKNOWN_CLASSES not in found.not_included


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PLAIN = ObjectEncryption("SSE-S3")
KMS = ObjectEncryption("SSE-KMS", KEY, bucket_key_enabled=False)
BUCKET_KEY = ObjectEncryption("SSE-KMS", KEY, bucket_key_enabled=True)
DUAL = ObjectEncryption("DSSE-KMS", KEY)
KMS_REQUESTS = [
    (PLAIN, "SSE-S3", None, 0),
    (PLAIN, "SSE-KMS", True, 0),
    (PLAIN, "SSE-KMS", False, 1),
    (KMS, "SSE-S3", None, 1),
    (KMS, "SSE-KMS", True, 1),
    (KMS, "SSE-KMS", False, 2),
    (BUCKET_KEY, "SSE-KMS", False, 1),
    (BUCKET_KEY, "SSE-KMS", True, 0),
    (PLAIN, "DSSE-KMS", None, 1),
    (DUAL, "DSSE-KMS", None, 2),
    (ObjectEncryption("SSE-C"), "SSE-KMS", True, 0),
    (ObjectEncryption("NONE"), "SSE-KMS", False, 1),
]


@pytest.mark.parametrize(("before", "kind", "bucket_key", "expected"), KMS_REQUESTS)
def test_requests_to_kms(before: ObjectEncryption, kind: str, bucket_key: bool | None, expected: int) -> None:
    """A bucket key saves the requests of its objects; DSSE-KMS and other objects cost one for each data key."""
    assert kms_requests(before, DesiredEncryption(find_kind(kind), KEY, bucket_key)) == expected
