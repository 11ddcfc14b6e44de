# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the requests of a run cost by AWS's price list.

The prices are those of one Region, without taxes and discounts, at the date of `PRICES_OF`. AWS's price page says which
requests cost the same: LIST costs as much as PUT of S3 Standard whatever the class, and every request but PUT, COPY,
POST and LIST costs as much as GET of the class of its object.
Sources: https://aws.amazon.com/s3/pricing/ and https://aws.amazon.com/kms/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from enum import Enum

from ...kinds.encryption import DesiredEncryption, ObjectEncryption
from ...kinds.kind import KeyHolder
from ...kinds.registry import find_kind
from ..object_state import DEFAULT_STORAGE_CLASS

PRICES_OF = "2026-11-27"
REGION_OF_PRICES = "us-east-1"


class RequestType(str, Enum):
    """What AWS charges for. The requests of one type have one price for each storage class."""

    LIST = "list"
    GET = "get"
    UPDATE = "update_object_encryption"
    COPY = "copy"
    PART = "copy_part"
    PUT = "put"
    KMS = "kms"
    JOB = "batch_job"
    JOB_OBJECT = "batch_job_object"
    MANIFEST_OBJECT = "batch_manifest_object"


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """The number of requests of each type. The mappings are by the storage class of the object.

    `gets` are the requests that read an object or its properties: HeadObject, GetObjectAcl, GetObjectTagging. `parts`
    are those of a copy in parts: CreateMultipartUpload, UploadPartCopy and CompleteMultipartUpload. `puts` are writes
    of S3 Standard: the manifest of a job, PutObjectTagging. `kms` are the requests that S3 sends to KMS.
    `job_objects` are the objects that the jobs process, and `manifest_objects` all objects of a bucket for which S3
    generates a manifest, and not only those that it selects. Of `jobs`, S3 generates the manifest
    for `generated_jobs`, and the number of the objects of `unknown_jobs` is not known.
    """

    lists: int = 0
    gets: Mapping[str, int] = field(default_factory=dict)
    updates: int = 0
    copies: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    puts: int = 0
    kms: int = 0
    jobs: int = 0
    job_objects: int = 0
    manifest_objects: int = 0
    generated_jobs: int = 0
    unknown_jobs: int = 0


@dataclass(frozen=True, slots=True)
class PricedRequests:
    """The requests of one type. `storage_class` is None where the price does not depend on it."""

    type: RequestType
    number: int
    price_usd: Decimal
    storage_class: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The requests of a run by type, and what they cost together in US dollars.

    The total is rounded up to a hundredth of a cent, so that what costs anything is never 0. `not_included` are parts
    of sentences.
    """

    requests: tuple[PricedRequests, ...]
    price_usd: Decimal
    not_included: tuple[str, ...]
    prices_of: str = PRICES_OF
    region_of_prices: str = REGION_OF_PRICES


_STEP = Decimal("0.0001")
_THOUSAND = Decimal(1_000)
_MILLION = Decimal(1_000_000)

# For one request. Source: https://aws.amazon.com/s3/pricing/ ("Requests & data retrievals")
_PUT_PRICES = {
    "STANDARD": Decimal("0.005") / _THOUSAND,
    "INTELLIGENT_TIERING": Decimal("0.005") / _THOUSAND,
    "STANDARD_IA": Decimal("0.01") / _THOUSAND,
    "ONEZONE_IA": Decimal("0.01") / _THOUSAND,
    "GLACIER_IR": Decimal("0.02") / _THOUSAND,
    "GLACIER": Decimal("0.03") / _THOUSAND,
    "DEEP_ARCHIVE": Decimal("0.05") / _THOUSAND,
    "REDUCED_REDUNDANCY": Decimal("0.005") / _THOUSAND,
}
_GET_PRICES = {
    "STANDARD": Decimal("0.0004") / _THOUSAND,
    "INTELLIGENT_TIERING": Decimal("0.0004") / _THOUSAND,
    "STANDARD_IA": Decimal("0.001") / _THOUSAND,
    "ONEZONE_IA": Decimal("0.001") / _THOUSAND,
    "GLACIER_IR": Decimal("0.01") / _THOUSAND,
    "GLACIER": Decimal("0.0004") / _THOUSAND,
    "DEEP_ARCHIVE": Decimal("0.0004") / _THOUSAND,
    "REDUCED_REDUNDANCY": Decimal("0.0004") / _THOUSAND,
}
# UpdateObjectEncryption is billed as a PUT of S3 Standard whatever the class of the object.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
_STANDARD_PUT = _PUT_PRICES[DEFAULT_STORAGE_CLASS]
# Source: https://aws.amazon.com/kms/pricing/ (symmetric keys, after the free tier)
_KMS_REQUEST = Decimal("0.03") / Decimal(10_000)
# Source: https://aws.amazon.com/s3/pricing/ ("Management & insights": S3 Batch Operations)
_JOB = Decimal("0.25")
_JOB_OBJECT = Decimal("1.00") / _MILLION
_MANIFEST_OBJECT = Decimal("0.015") / _MILLION

# Whose data costs a retrieval for each GB that a copy reads, and whose storage is charged for a minimum duration.
_CHARGED_BY_RETRIEVAL = ("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR")

NEVER_INCLUDED = (
    "taxes, discounts, free tiers and the prices of other Regions",
    "requests that are sent again after an error",
    "what a change causes outside of this task: replication, CloudTrail data events, event notifications",
)
BUCKET_KEY_REQUESTS = "the requests to KMS for objects under a bucket key, which are few"
NEW_VERSIONS = "the storage of the noncurrent versions that copies leave in a bucket with versioning"
RETRIEVAL = (
    "the data that copies retrieve from STANDARD_IA, ONEZONE_IA and GLACIER_IR, and the rest of the minimum storage "
    "duration of the objects that they replace"
)
UNKNOWN_OBJECTS = (
    "the objects of jobs that are not prepared yet, as their number is not known: the change of each, and 1.00 US "
    "dollar for a million of them"
)
GENERATED_MANIFESTS = (
    "the manifests that S3 generates: 0.015 US dollars for a million objects of the bucket, also of those that are not "
    "selected"
)
REPORTS = "the storage of the manifests and of the reports of jobs"
UNKNOWN_CLASSES = "what other storage classes than those of the list cost: they are counted as STANDARD"


def estimate(counts: RequestCounts) -> Estimate:
    """The price of the requests. It is a lower bound of the bill: `not_included` says what is missing."""
    requests = tuple(each for each in _priced(counts) if each.number > 0)
    total = sum((each.price_usd for each in requests), Decimal(0))
    return Estimate(requests, total.quantize(_STEP, ROUND_UP), tuple(_not_included(counts)))


def kms_requests(before: ObjectEncryption, written: DesiredEncryption) -> int:
    """The requests to KMS of one object that is changed: one to decrypt its data key, and one for its new data key.

    Under a bucket key none is counted. `written` names its key and bucket key.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    found = before.server_side
    target = written.of_server_side
    opens = find_kind(found.type).key_holder is KeyHolder.KMS and not found.bucket_key_enabled
    closes = target.kind.key_holder is KeyHolder.KMS and not target.bucket_key_enabled
    return int(opens) + int(closes)


def _priced(counts: RequestCounts) -> Iterator[PricedRequests]:
    yield _of(RequestType.LIST, counts.lists, _STANDARD_PUT)
    yield from _by_class(RequestType.GET, counts.gets, _GET_PRICES)
    yield _of(RequestType.UPDATE, counts.updates, _STANDARD_PUT)
    yield from _by_class(RequestType.COPY, counts.copies, _PUT_PRICES)
    yield from _by_class(RequestType.PART, counts.parts, _PUT_PRICES)
    yield _of(RequestType.PUT, counts.puts, _STANDARD_PUT)
    yield _of(RequestType.KMS, counts.kms, _KMS_REQUEST)
    yield _of(RequestType.JOB, counts.jobs, _JOB)
    yield _of(RequestType.JOB_OBJECT, counts.job_objects, _JOB_OBJECT)
    yield _of(RequestType.MANIFEST_OBJECT, counts.manifest_objects, _MANIFEST_OBJECT)


def _of(request_type: RequestType, number: int, price: Decimal, storage_class: str | None = None) -> PricedRequests:
    return PricedRequests(request_type, number, number * price, storage_class)


def _by_class(
    request_type: RequestType, numbers: Mapping[str, int], prices: Mapping[str, Decimal]
) -> Iterator[PricedRequests]:
    for storage_class, number in sorted(numbers.items()):
        price = prices.get(storage_class, prices[DEFAULT_STORAGE_CLASS])
        yield _of(request_type, number, price, storage_class)


def _not_included(counts: RequestCounts) -> Iterator[str]:
    copied = {name for by_class in (counts.copies, counts.parts) for name, number in by_class.items() if number > 0}
    if copied:
        yield NEW_VERSIONS
    if not copied.isdisjoint(_CHARGED_BY_RETRIEVAL):
        yield RETRIEVAL
    if counts.updates or copied or counts.job_objects:
        yield BUCKET_KEY_REQUESTS
    if counts.unknown_jobs:
        yield UNKNOWN_OBJECTS
    if counts.generated_jobs and not counts.manifest_objects:
        yield GENERATED_MANIFESTS
    if counts.jobs:
        yield REPORTS
    if not {*copied, *counts.gets} <= _PUT_PRICES.keys():
        yield UNKNOWN_CLASSES
    yield from NEVER_INCLUDED
