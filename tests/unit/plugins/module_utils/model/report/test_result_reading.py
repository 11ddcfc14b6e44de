# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""From results and rows to observations: the shapes of each module, and clear errors for all others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    InspectedAt,
    ObjectCount,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.result_reading import (
    Reported,
    read_results,
    read_row,
)

Row = dict[str, Any]

ACCOUNT: Row = {"account_id": "111122223333", "account_name": "production"}
ERROR: Row = {"kind": "forbidden", "code": "AccessDenied", "action": "s3:Get", "resource": "b", "layer": ""}
ROW_ERROR: Row = {"message": "It is forbidden.", **ERROR}
FINDING: Row = {"message": "TLS is not required.", "control": "S3.5", "rule": "bucket-policy-tls", "options": {"b": 1}}
FOUND = ReportedFinding(Rule.TLS, "TLS is not required.", "S3.5", '{"b": 1}')
DEFAULT: Row = {
    "name": "data",
    "region": "eu-central-1",
    "encryption": "SSE-KMS",
    "kms_key": "alias/data",
    "bucket_key_enabled": True,
    "blocked_encryption_types": ["SSE-C"],
    "error": None,
}
POLICY: Row = {
    "name": "data",
    "region": "us-gov-west-1",
    "require_tls": False,
    "minimum_tls_version": "1.2",
    "allow_encryption": [],
    "compliant": False,
    "findings": [FINDING],
    "error": None,
}
KEY: Row = {
    "key_id": "1234",
    "arn": "arn:aws:kms:us-east-1:111122223333:key/1234",
    "alias": "alias/data",
    "aliases": ["alias/data", "alias/other"],
    "region": "us-east-1",
    "state": "Enabled",
    "rotation": {"enabled": True, "period_in_days": 365},
    "manager": "CUSTOMER",
    "deletion_date": None,
    "findings": [],
    "errors": [],
}
OBJECT: Row = {
    "bucket": "data",
    "key": "a/b",
    "size": 7,
    "encryption": {"type": "SSE-S3", "kms_key_arn": None, "bucket_key_enabled": None},
}
GROUP: Row = {"type": "SSE-S3", "kms_key_arn": None, "bucket_key_enabled": None, "objects": 200, "bytes": 2000}
SUMMARY: Row = {
    "matched": 200,
    "failed": 0,
    "by_encryption": [GROUP],
    "other_encryptions": {"objects": 0, "bytes": 0},
}
COUNTED: Row = {**GROUP, "encryption": "SSE-S3", "stored_bytes": 2000, "estimate": {"objects": 3000}}
COUNTS: Row = {
    "objects": 4000,
    "read": 200,
    "failed": 0,
    "by_encryption": [COUNTED],
    "other_encryptions": {"objects": 5, "stored_bytes": 50},
}


def read(*results: object) -> list[Reported]:
    return list(read_results(results))


def observed(*results: object) -> list[Observation]:
    return [each for each in read(*results) if isinstance(each, Observation)]


def counted(*results: object) -> list[ObjectCount]:
    return [each for each in read(*results) if isinstance(each, ObjectCount)]


def errors(*results: object) -> list[tuple[str, str, str]]:
    """The kind and name of what could not be read, and why."""
    return [(each.resource.kind.value, each.resource.name, each.error) for each in observed(*results) if each.error]


def test_rows_of_buckets() -> None:
    """Two aspects, with the partition of the region."""
    default, policy = observed({"buckets": [{**ACCOUNT, **DEFAULT}]}, {"buckets": [POLICY]})
    assert default == Observation(
        Resource(ResourceKind.BUCKET, "data", "arn:aws:s3:::data", "111122223333", "production", "eu-central-1"),
        Aspect.DEFAULT_ENCRYPTION,
        (
            ("encryption", "SSE-KMS"),
            ("kms_key_arn", "alias/data"),
            ("bucket_key_enabled", True),
            ("blocked_encryption_types", "SSE-C"),
        ),
    )
    assert policy == Observation(
        Resource(ResourceKind.BUCKET, "data", "arn:aws-us-gov:s3:::data", "", "", "us-gov-west-1"),
        Aspect.POLICY,
        (("require_tls", False), ("minimum_tls_version", "1.2"), ("allow_encryption", "none")),
        False,
        (FOUND,),
    )


def test_a_bucket_that_could_not_be_read() -> None:
    """Its region may not be known, and so its ARN is not."""
    unread = dict.fromkeys(DEFAULT) | {"name": "data", "error": ROW_ERROR, "compliant": False, "findings": []}
    (found,) = observed({"buckets": [unread], "failed": True, "msg": "1 of 1 bucket failed."})
    assert found.resource == Resource(ResourceKind.BUCKET, "data")
    assert (found.is_compliant, found.error) == (False, "It is forbidden.")


@pytest.mark.parametrize(
    ("changes", "is_compliant", "error"),
    [
        ({}, True, ""),
        ({"manager": "AWS", "rotation": None}, True, ""),
        ({"findings": [FINDING]}, False, ""),
        ({"errors": [ROW_ERROR, ROW_ERROR]}, False, "It is forbidden. It is forbidden."),
    ],
)
def test_keys_comply_without_a_finding_and_an_error(changes: Row, is_compliant: bool, error: str) -> None:
    """Their rows do not say it."""
    (found,) = observed({"kms_keys": [{**KEY, **changes}]})
    assert (found.is_compliant, found.error) == (is_compliant, error)
    assert found.resource == Resource(ResourceKind.KMS_KEY, "alias/data", KEY["arn"], "", "", "us-east-1")
    assert dict(found.columns)["aliases"] == "alias/data, alias/other"


def test_an_object() -> None:
    """One that is named counts as one."""
    assert read({"objects": [OBJECT]}) == [
        Observation(
            Resource(ResourceKind.OBJECT, "data/a/b"),
            Aspect.ENCRYPTION,
            (("encryption", "SSE-S3"), ("kms_key_arn", None)),
        ),
        ObjectCount("data", "SSE-S3", "", 1, 7),
    ]


def test_objects_of_a_prefix() -> None:
    """The numbers are those of the summary, and an encryption that it does not list has no name."""
    others = {**SUMMARY, "other_encryptions": {"objects": 3, "bytes": 30}}
    assert counted({"objects": [OBJECT], "summary": others}) == [
        ObjectCount("data", "SSE-S3", "", 200, 2000),
        ObjectCount("data", "OTHER", "", 3, 30),
    ]


DIFFERING = {**OBJECT, "compliant": False, "findings": [FINDING]}
FOUND_GROUP = {**SUMMARY, "by_encryption": [{**GROUP, "compliant": False, "findings": [FINDING]}]}
UNREAD_OBJECT = {**OBJECT, "encryption": None, "compliant": False, "findings": [], "error": ROW_ERROR}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"objects": [], "summary": SUMMARY}, []),
        ({"objects": [], "summary": SUMMARY, "compliant": True}, [(True, 0, "")]),
        ({"objects": [], "summary": {**SUMMARY, "matched": 0, "by_encryption": []}, "compliant": True}, []),
        ({"objects": [DIFFERING], "summary": {**FOUND_GROUP, "non_compliant": 1}, "compliant": False}, []),
        (
            {"objects": [DIFFERING], "summary": {**FOUND_GROUP, "non_compliant": 200}, "compliant": False},
            [(False, 1, "")],
        ),
        ({"objects": [UNREAD_OBJECT], "summary": {**SUMMARY, "failed": 1}, "compliant": False}, []),
        (
            {"objects": [UNREAD_OBJECT], "summary": {**SUMMARY, "failed": 2}},
            [(None, 0, "1 object could not be read, and the result does not list them.")],
        ),
        (
            {"objects": [], "summary": SUMMARY, "truncated": True, "compliant": False},
            [(False, 0, "The bucket has more objects than the task was to read. Set max_keys to a larger number.")],
        ),
    ],
)
def test_objects_that_are_not_listed(result: Row, expected: list[object]) -> None:
    """The bucket says of them what the objects that are listed do not."""
    found = observed({"bucket": "data", **result})
    of_bucket = [each for each in found if each.resource.kind is ResourceKind.BUCKET]
    assert [(each.is_compliant, len(each.findings), each.error) for each in of_bucket] == expected
    assert all(each.resource.name == "data" for each in of_bucket)


def test_the_message_of_findings_about_objects_that_are_not_listed() -> None:
    """It says how many they are."""
    result = {"bucket": "data", "objects": [], "summary": {**FOUND_GROUP, "non_compliant": 200}, "compliant": False}
    assert [each.message for each in observed(result)[0].findings] == ["200 objects under SSE-S3: TLS is not required."]


def test_counts_of_a_bucket() -> None:
    """All objects, or an estimate, whose bytes are in proportion."""
    failed = {"key": "x", "version_id": None, "error": ROW_ERROR}
    whole = {
        "summary": {**COUNTS, "failed": 3},
        "sample": None,
        "failed_objects": [failed],
        "failed": True,
        "msg": "Two.",
    }
    invoked = {**whole, "invocation": {"module_args": {"bucket": None, "bucket_name": "data"}}}
    assert counted(invoked) == [ObjectCount("data", "SSE-S3", "", 200, 2000), ObjectCount("data", "OTHER", "", 5, 50)]
    assert errors(invoked) == [
        ("object", "data/x", "It is forbidden."),
        ("bucket", "data", "2 objects could not be read, and the result does not list them."),
    ]
    sampled = {"bucket": "data", "summary": COUNTS, "sample": {"is_complete": False}, "failed_objects": []}
    assert counted(sampled) == [ObjectCount("data", "SSE-S3", "", 3000, 40_000, is_estimate=True)]


def test_accounts_and_regions_that_could_not_be_entered() -> None:
    """Also accounts without a resource are accounts of the report."""
    found = observed(
        {
            "buckets": [],
            "accounts": [{**ACCOUNT, "matched": 0, "error": None}, {**ACCOUNT, "account_id": "2", "error": ROW_ERROR}],
            "failed_accounts": ["2"],
            "failed": True,
            "msg": "1 of 2 accounts could not be entered or listed.",
            "error": ERROR,
        },
        {"kms_keys": [], "failed_regions": [{**ACCOUNT, "region": "eu-west-1", "error": ROW_ERROR}]},
    )
    assert [(each.resource.kind, each.resource.name, each.error) for each in found] == [
        (ResourceKind.ACCOUNT, "111122223333", ""),
        (ResourceKind.ACCOUNT, "2", "It is forbidden."),
        (ResourceKind.REGION, "eu-west-1", "It is forbidden."),
    ]
    assert found[2].resource.account_id == "111122223333"


ENTERED = {"accounts": [{**ACCOUNT, "error": ROW_ERROR}], "error": ERROR, "failed": True}
NOT_FAILED = {"failed": False, "failed_when_result": False}  # a task with `failed_when: false`
OF_FINDINGS = {"failed": True, "msg": "1 bucket does not comply.", "error": {**ERROR, "kind": "non_compliant"}}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"failed": True, "msg": "No credentials."}, "No credentials."),
        ({"failed": True, "msg": "No credentials.", "error": ERROR}, "No credentials."),
        ({"unreachable": True, "msg": "No route."}, "No route."),
        ({"failed": True, "msg": {"a": 1}}, "The task failed, and does not say why."),
        ({"failed": True}, "The task failed, and does not say why."),
        ({"failed": True, "skipped": True, "msg": "Both."}, "Both."),
        (
            {"buckets": [DEFAULT], "failed": True, "msg": "The list ended early.", "error": ERROR},
            "The list ended early.",
        ),
        ({"buckets": [DEFAULT], "failed": True, "msg": "The rows file."}, "The rows file."),
        ({"buckets": [{**DEFAULT, "error": ROW_ERROR}], "failed": True, "msg": "1 of 1 failed."}, ""),
        ({"buckets": [POLICY], **OF_FINDINGS}, ""),
        ({"buckets": [DEFAULT], **OF_FINDINGS}, "1 bucket does not comply."),
        ({"buckets": [], **ENTERED, "msg": "1 of 1 account could not be entered or listed."}, ""),
        ({"buckets": [], **ENTERED, "msg": "A. The run was stopped: 1 of 2."}, "A. The run was stopped: 1 of 2."),
        ({"msg": "No credentials.", "error": ERROR, **NOT_FAILED}, "No credentials."),
        ({"buckets": [DEFAULT], "msg": "The run was stopped: 1 of 2.", **NOT_FAILED}, "The run was stopped: 1 of 2."),
        ({"buckets": [DEFAULT], "compliant": True, **NOT_FAILED}, ""),
        ({"buckets": [DEFAULT], "compliant": False}, "The task found that not everything complies."),
        ({"buckets": [POLICY], "compliant": False}, ""),
        ({"objects": [], "compliant": False, "warnings": ["The object does not exist."]}, "The object does not exist."),
    ],
)
def test_a_failure_that_no_row_explains_is_an_error_of_the_run(result: Row, expected: str) -> None:
    """So that a report never says that all is well because a task ended early."""
    found = [each for each in errors(result) if not each[1]]
    assert found == ([("account", "", expected)] if expected else [])


def test_a_failure_of_a_task_for_one_bucket_is_an_error_of_the_bucket() -> None:
    """Its options say which."""
    result = {
        "failed": True,
        "msg": "No such bucket.",
        "error": ERROR,
        "invocation": {"module_args": {"bucket": "data"}},
    }
    assert errors(result) == [("bucket", "data", "No such bucket.")]


def test_results_of_loops_and_of_skipped_tasks() -> None:
    """Skipped ones say nothing; a loop that failed without an item is an error."""
    loop = {"results": [{"buckets": [DEFAULT]}, {"skipped": True, "item": 1}], "changed": False}
    found = observed(loop, {"skipped": True, "results": []}, {"results": [], "failed": True, "msg": "No list."})
    assert [each.resource.name for each in found] == ["data", ""]


def test_time_of_a_result() -> None:
    """In UTC."""
    times = read({"buckets": [], "inspected_at": "2026-11-27T09:30:00+01:00"})
    assert times == [InspectedAt(datetime(2026, 11, 27, 8, 30, tzinfo=timezone.utc))]


class Marked(str):
    """A text of a type of its own, as Ansible marks what comes from a target."""

    def __str__(self) -> str:
        return self


def test_texts_are_of_the_type_of_python() -> None:
    """Nothing that SQLite or JSON do not know reaches them; half of a surrogate pair is replaced."""
    marked = {Marked(name): Marked(value) if isinstance(value, str) else value for name, value in POLICY.items()}
    finding = {**FINDING, "message": Marked("half \ud800"), "options": {Marked("a"): [Marked("\udfff")]}}
    (found,) = observed({"buckets": [{**marked, "findings": [finding]}]})
    texts = [found.resource.name, found.resource.arn, found.findings[0].message, found.findings[0].options]
    assert [type(text) for text in texts] == [str] * 4
    assert texts[2:] == ["half \ufffd", '{"a": ["\ufffd"]}']


def deep(depth: int) -> object:
    value: object = 1
    for _level in range(depth):
        value = [value]
    return value


def changed(row: Row, **changes: object) -> Row:
    return {name: value for name, value in {**row, **changes}.items() if value is not ...}


REFUSED: list[tuple[object, str]] = [
    ("text", r"results\[0\] is not the result of a task"),
    ([{"buckets": []}], r"results\[0\] is not the result of a task"),
    ({"results": ["x"]}, r"results\[0\].results\[0\] is not the result of a task"),
    ({"ping": "pong"}, r"results\[0\] is not of an _info module of this collection"),
    ({"results": [{"ping": "pong"}]}, r"results\[0\].results\[0\] is not of an _info module"),
    ({"started": 1, "finished": 0, "ansible_job_id": "1"}, "is not of an _info module"),
    ({"censored": "the output has been hidden", "changed": False}, r"results\[0\] is hidden.*no_log: false"),
    ({"skipped": True}, "All results are those of skipped tasks"),
    ({"results": [{"skipped": True}], "skipped": True}, "All results are those of skipped tasks"),
    ({"buckets": [], "not_there_yet": []}, "of a module that changes resources"),
    ({"kms_key": {}, "actions": [], "not_there_yet": []}, "of a module that changes resources"),
    ({"buckets": "data"}, r"buckets of results\[0\] is a text, and not a list"),
    ({"buckets": ["data"]}, r"buckets\[0\] of results\[0\] is a text, and not an object"),
    ({"buckets": [{"name": "data"}]}, r"buckets\[0\] of results\[0\] is not a row of an _info module"),
    ({"buckets": [{"name": "data", "before": {}, "after": {}}]}, "of a module that changes resources"),
    ({"buckets": [changed(DEFAULT, name=None)]}, r"name of buckets\[0\] of results\[0\] is null, and not a text"),
    ({"buckets": [changed(DEFAULT, encryption=1)]}, "encryption of .* is a number, and not a text"),
    ({"buckets": [changed(DEFAULT, bucket_key_enabled="yes")]}, "is a text, and not true or false"),
    ({"buckets": [changed(DEFAULT, blocked_encryption_types=[1])]}, "is a list, and not a list of texts"),
    ({"buckets": [changed(DEFAULT, error="x")]}, "error of .* is a text, and not an object"),
    ({"buckets": [changed(DEFAULT, error={})]}, r"error of buckets\[0\] of results\[0\] has no message"),
    ({"buckets": [changed(DEFAULT, compliant="false")]}, "compliant of .* is a text, and not true or false"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, rule=...)])]}, "no rule.*older versions.*task again"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, rule="x")])]}, "the rule 'x', which this version"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options=...)])]}, "has no options"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options=[])])]}, "is a list, and not an object"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options={1: 2})])]}, "not an object of JSON"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options={"a": float("nan")})])]}, "of JSON"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options={"a": 1 << 80})])]}, "of JSON"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options={"a": deep(99_000)})])]}, "of JSON"),
    ({"buckets": [changed(POLICY, findings=[changed(FINDING, options={"a": object()})])]}, "of JSON"),
    ({"buckets": [], "inspected_at": "yesterday"}, r"inspected_at of results\[0\] is not a time in ISO 8601"),
    ({"buckets": [], "inspected_at": "2026-11-27T09:30:00"}, "with a time zone"),
    ({"buckets": [], "inspected_at": "0001-01-01T00:00:00+23:00"}, "is not a time"),
    ({"buckets": [], "accounts": [{"account_id": 1, "error": None}]}, "account_id of .* is a number, and not a text"),
    ({"kms_keys": [changed(KEY, rotation={"enabled": True, "period_in_days": -1})]}, "is out of range"),
    ({"kms_keys": [changed(KEY, rotation={"enabled": True, "period_in_days": True})]}, "not a whole number"),
    ({"kms_keys": [changed(KEY, findings=...)]}, "is not a row of an _info module"),
    ({"objects": [changed(OBJECT, bucket=...)]}, r"objects\[0\] of results\[0\] has no bucket"),
    ({"objects": [], "summary": SUMMARY}, "does not say which bucket"),
    (
        {"bucket": "b", "objects": [], "summary": changed(SUMMARY, by_encryption=[changed(GROUP, objects=1 << 63)])},
        "range",
    ),
    ({"summary": {"api_calls": 1}, "jobs": []}, "counts no objects. Set counts: true"),
]


@pytest.mark.parametrize(("result", "message"), REFUSED)
def test_what_no_info_module_returns_is_refused(result: object, message: str) -> None:
    """With its place, and what to do."""
    with pytest.raises(OperationError, match=message) as raised:
        read(result)
    assert raised.value.failure.kind is FailureKind.INVALID
    assert raised.value.failure.advice


def test_no_result() -> None:
    """There is nothing to report."""
    with pytest.raises(OperationError, match="There is no result, so there is nothing to report"):
        read()


def rows() -> Iterator[tuple[Row, ResourceKind]]:
    yield {**ACCOUNT, **DEFAULT}, ResourceKind.BUCKET
    yield POLICY, ResourceKind.BUCKET
    yield {**ACCOUNT, **KEY}, ResourceKind.KMS_KEY
    yield {**ACCOUNT, "region": "eu-west-1", "error": ROW_ERROR}, ResourceKind.REGION
    yield {**ACCOUNT, "error": ROW_ERROR}, ResourceKind.ACCOUNT


@pytest.mark.parametrize(("row", "kind"), list(rows()))
def test_rows_of_a_file(row: Row, kind: ResourceKind) -> None:
    """The same as in results, and those of accounts and regions that could not be entered."""
    (found,) = read_row(row, "rows.jsonl, line 7,")
    assert isinstance(found, Observation)
    assert found.resource.kind is kind


@pytest.mark.parametrize("row", [{}, OBJECT, [], None, {"region": "x", "changed": True, "actions": [], **KEY}])
def test_rows_that_no_info_module_writes(row: object) -> None:
    """With the file and the line."""
    with pytest.raises(OperationError, match=r"^rows.jsonl, line 7, is "):
        read_row(row, "rows.jsonl, line 7,")
