# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of an audit of objects, which has a bound whatever is found."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.list_inspector import FileUse, InspectedObject
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.object_report import (
    MOST_LISTED,
    FindDifferences,
    Listed,
    ObjectReport,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Finding, Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState

DONE = FleetStatus(is_complete=True)


def listed(position: int) -> ListedObject:
    return ListedObject(f"k{position:06}", 10, "", "")


def read(position: int, key: int = 0) -> InspectedObject:
    """An object under one of many KMS keys."""
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key:08}"
    state = ObjectState("bucket", f"k{position:06}", 10, ObjectEncryption("SSE-KMS", arn, False))
    return InspectedObject(position, listed(position), state)


def failed(position: int, cause: int = 0, kind: FailureKind = FailureKind.FORBIDDEN) -> InspectedObject:
    """An object that could not be read, for one of many causes."""
    name = f"k{position:06}"
    failure = Failure(kind, f"The object {name!r} is not readable.", f"Ask {cause}.", resource=f"bucket/{name}")
    return InspectedObject(position, listed(position), failure=failure)


def differs(encryption: ObjectEncryption) -> tuple[Finding, ...]:
    return (Finding(f"Its KMS key is {encryption.kms_key_arn}, not ours.", Rule.OBJECT_KEY),)


def result_of(
    objects: list[InspectedObject], find_differences: FindDifferences | None = differs, **options: Any
) -> dict[str, Any]:
    """The result for these objects, in any order."""
    report = ObjectReport("bucket", **{"listed": Listed.FINDINGS, "limit": MOST_LISTED, **options})
    report.find_differences = find_differences
    random.Random(0).shuffle(objects)
    for each in objects:
        report.add(each)
    result = report.result(DONE, number=len(objects), api_calls=0, seconds=0)
    return report.with_compliance(result, matched=len(objects), is_complete=True, fail_on_findings=True)


@pytest.mark.parametrize("keys", [1, 10**9], ids=["one encryption", "one for each object"])
@pytest.mark.parametrize("causes", [1, 10**9], ids=["one cause", "one for each object"])
def test_the_answer_does_not_grow(keys: int, causes: int) -> None:
    """Neither with the findings nor with the failures."""

    def size(number: int) -> int:
        objects = [read(each, each % keys) for each in range(number)]
        objects += [failed(number + each, each % causes) for each in range(number)]
        return len(json.dumps(result_of(objects)))

    assert size(2000) < 1.01 * size(500) < 200_000


def test_the_rows_are_the_same_in_any_order() -> None:
    """Failed objects come first, then those that come first in the list."""
    result = result_of([read(each) for each in range(200)] + [failed(each) for each in range(200, 230)])
    assert [row["key"] for row in result["objects"]] == [
        f"k{each:06}" for each in (*range(MOST_LISTED - 30), *range(200, 230))
    ]
    assert (result["summary"]["not_listed"], result["summary"]["failed"]) == (130, 30)


def test_encryptions_beyond_the_limits_are_counted() -> None:
    """The most frequent ones are listed, as long as there are not too many to count."""
    objects = [read(each, each // 2 if each < 20 else each) for each in range(900)]
    summary = result_of(objects)["summary"]
    assert [row["objects"] for row in summary["by_encryption"]] == [2] * 10 + [1] * 90
    assert summary["other_encryptions"] == {"objects": 790, "bytes": 7900}
    assert sum(row["bytes"] for row in summary["by_encryption"]) == 1100
    many = result_of([read(each, each) for each in range(1500)])["summary"]
    assert (many["other_encryptions"]["objects"], len(many["by_encryption"])) == (1400, 100)
    assert (many["matched"], many["non_compliant"]) == (1500, 1500)


def test_equal_causes_are_told_once() -> None:
    """With the first objects; failures about values of the object have a cause of their own, but for the name."""
    objects = [failed(each) for each in range(8)] + [failed(8, 1)]
    message = result_of(objects)["msg"]
    assert message == (
        "9 of 9 objects failed. The object 'k000000' is not readable. Ask 0. The same cause for 7 more: k000001, "
        "k000002, k000003, k000004 and 3 more. The object 'k000008' is not readable. Ask 1."
    )
    unsupported = result_of([failed(each, 0, FailureKind.UNSUPPORTED) for each in range(3)])["msg"]
    assert unsupported.endswith("Ask 0. The same cause for 2 more: k000001, k000002.")


def test_only_the_use_of_a_file_makes_it_no_object() -> None:
    """Without an expectation, nothing is compared."""
    objects = [
        read(0),
        InspectedObject(1, listed(1), file_use=FileUse.USED),
        InspectedObject(2, listed(2)),  # deleted
        InspectedObject(3, listed(3), read(3).state, file_use=FileUse.NOT_USED),
    ]
    report = ObjectReport("bucket", Listed.NONE, MOST_LISTED)
    for each in objects:
        report.add(each)
    result = report.result(DONE, number=4, api_calls=5, seconds=0.12345)
    assert result["objects"] == []
    assert result["warnings"] == ["Instruction files that the current version of their object does not need: k000003."]
    assert result["summary"] == {
        "matched": 3,
        "bytes": 20,
        "failed": 0,
        "skipped": 1,
        "instruction_files": 1,
        "not_listed": 0,
        "by_encryption": [
            {
                "type": "SSE-KMS",
                "kms_key_arn": "arn:aws:kms:us-east-1:111122223333:key/00000000",
                "bucket_key_enabled": False,
                "objects": 2,
                "bytes": 20,
            }
        ],
        "other_encryptions": {"objects": 0, "bytes": 0},
        "api_calls": 5,
        "seconds": 0.123,
    }
