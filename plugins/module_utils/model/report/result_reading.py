# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""From the results of `_info` modules, and from the rows that they write to a file, to what a report is made of.

A result is recognised by the lists that it has, and a row by its columns, because a registered variable does not say
which module made it. What no `_info` module returns is refused, so that a report never lacks it without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Union

from ..errors import OperationError, invalid_input
from ..finding import Rule
from .fields import LARGEST, Fields, plain_text
from .observation import (
    Aspect,
    InspectedAt,
    ObjectCount,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
    Value,
)
from .partition import partition_of

Reported = Union[Observation, ObjectCount, InspectedAt]

# The encryption of objects that a result counts together, because the bucket has too many different ones.
OTHER_ENCRYPTIONS = "OTHER"

_MODULES = (
    "bucket_default_encryption_info, bucket_encryption_policy_info, kms_key_for_s3_info, s3_encrypted_object_info or "
    "bucket_reencryption_info"
)
_ADVICE = f"Give what a task with {_MODULES} of this version registered, or wrote to its results_file."
# The list that every module returns that can change a resource, and no _info module.
_OF_WRITERS = "not_there_yet"
# The kind of the error of a task that fails because of its findings, which are in its rows.
_NON_COMPLIANT = "non_compliant"
# The beginning of the sentence about accounts that a run which was stopped has not entered.
_STOPPED = "The run was stopped:"
_RULES = {rule.value: rule for rule in Rule}
# What a task failed at that says of no resource why.
_RUN = Resource(ResourceKind.ACCOUNT, "")

_Columns = tuple[tuple[str, Value], ...]


def read_results(results: Sequence[object]) -> Iterator[Reported]:
    """What registered variables say: results, and the results of loops.

    Results of tasks that were skipped say nothing. The errors of a task that failed are those of its rows; where these
    do not explain it, there is one about its bucket, or else about the run: a resource of the kind account without a
    name.

    Raises OperationError for anything else, and where all results are those of skipped tasks.
    """
    number = skipped = 0
    for where, result in _each_result(results):
        number += 1
        if result.get("skipped") is True and result.get("failed") is not True:
            skipped += 1
        else:
            yield from _read_result(Fields(result, where, _ADVICE))
    if skipped == number:
        cause = "All results are those of skipped tasks" if skipped else "There is no result"
        raise invalid_input(f"{cause}, so there is nothing to report.", _ADVICE)


def read_row(row: object, where: str) -> Iterator[Reported]:
    """What one row says, of those that a task writes to its `results_file`. `where` is for errors.

    Raises OperationError for what is no such row.
    """
    return _read(Fields.of(row, where, _ADVICE))


def _each_result(results: Sequence[object]) -> Iterator[tuple[str, Mapping[object, object]]]:
    """The results, also those within the result of a loop, each with its place."""
    for position, result in enumerate(results):
        where = f"results[{position}]"
        if not isinstance(result, Mapping):
            raise _not_a_result(where)
        items = result.get("results")
        # An empty list is that of a loop over nothing, or of one that failed before its first item.
        if not items or isinstance(items, str) or not isinstance(items, Sequence):
            yield where, result
            continue
        for place, item in enumerate(items):
            if not isinstance(item, Mapping):
                raise _not_a_result(f"{where}.results[{place}]")
            yield f"{where}.results[{place}]", item


def _not_a_result(where: str) -> OperationError:
    return invalid_input(f"{where} is not the result of a task.", _ADVICE)


def _read_result(result: Fields) -> Iterator[Reported]:
    if "censored" in result.values:
        raise invalid_input(
            f"{result.where} is hidden, because its task has no_log: true.",
            "Set no_log: false for that task. The modules hide secrets themselves.",
        )
    if _OF_WRITERS in result.values:
        raise _of_a_writer(result)
    read = next((read for name, read in _LISTS if name in result.values), None)
    if read is None and not _has_failed(result):
        raise invalid_input(f"{result.where} is not of an _info module of this collection.", _ADVICE)
    time = result.time_or_none("inspected_at")
    if time:
        yield InspectedAt(time)
    is_read = complies = True
    for each in (*_accounts(result), *(read(result) if read else ())):
        if isinstance(each, Observation):
            is_read = is_read and not each.error
            complies = complies and each.is_compliant is not False and not each.findings
        yield each
    error = _unexplained(result, is_read=is_read, complies=complies)
    if error:
        bucket = _bucket_of(result)
        about, aspect = (_bucket(bucket), Aspect.ENCRYPTION) if bucket else (_RUN, Aspect.ACCESS)
        yield Observation(about, aspect, error=error)


def _has_failed(result: Fields) -> bool:
    """Whether the task failed, also where its `failed_when` says that it did not.

    Only a module that failed returns an `error`, or a `msg`.
    """
    values = result.values
    is_hidden = isinstance(values.get("error"), Mapping) or (
        "failed_when_result" in values and isinstance(values.get("msg"), str)
    )
    return values.get("failed") is True or values.get("unreachable") is True or is_hidden


def _of_a_writer(fields: Fields) -> OperationError:
    return invalid_input(f"{fields.where} is of a module that changes resources, and not of an _info module.", _ADVICE)


def _unexplained(result: Fields, *, is_read: bool, complies: bool) -> str:
    """What a task says that failed, where its rows do not say it; empty if they do.

    A task that fails because of some of its rows has no error of its own. With accounts, that is the error of one of
    them, unless the run was stopped: then some were not entered, and have no error.
    """
    if not _has_failed(result):
        if result.flag_or_none("compliant") is False and is_read and complies:
            return " ".join(result.texts_or_none("warnings") or ()) or "The task found that not everything complies."
        return ""
    message = result.values.get("msg")
    message = plain_text(message) if isinstance(message, str) and message else "The task failed, and does not say why."
    own = result.values.get("error")
    if not isinstance(own, Mapping):
        return message if is_read or _STOPPED in message else ""
    if own.get("kind") == _NON_COMPLIANT:
        return message if complies else ""
    errors = (each.fields_or_none("error") for each in result.each("accounts"))
    is_of_account = any(each and own.items() <= each.values.items() for each in errors)
    return "" if is_of_account and _STOPPED not in message else message


def _accounts(result: Fields) -> Iterator[Reported]:
    """The accounts of a task, also those without a resource."""
    for account in result.each("accounts"):
        yield from _read_account(account)


def _read(row: Fields) -> Iterator[Reported]:
    """What a row says; raises OperationError for what is not a row of an _info module."""
    columns = set(row.values)
    if columns & {"before", "after", "changed", "actions"}:
        raise _of_a_writer(row)
    read = next((read for needed, read in _ROWS if needed <= columns), None)
    if read is None:
        raise invalid_input(f"{row.where} is not a row of an _info module of this collection.", _ADVICE)
    return read(row)


def _read_account(row: Fields) -> Iterator[Reported]:
    account_id, name = row.text("account_id"), row.text_or_none("account_name") or ""
    resource = Resource(ResourceKind.ACCOUNT, account_id, "", account_id, name)
    yield Observation(resource, Aspect.ACCESS, error=_error(row))


def _read_region(row: Fields) -> Iterator[Reported]:
    region = row.text("region")
    resource = Resource(ResourceKind.REGION, region, "", *_account(row), region)
    yield Observation(resource, Aspect.ACCESS, error=_error(row))


def _read_default(row: Fields) -> Iterator[Reported]:
    columns: _Columns = (
        ("encryption", row.text_or_none("encryption")),
        ("kms_key_arn", row.text_or_none("kms_key")),
        ("bucket_key_enabled", row.flag_or_none("bucket_key_enabled")),
        ("blocked_encryption_types", _joined(row, "blocked_encryption_types")),
    )
    yield _of_bucket(row, Aspect.DEFAULT_ENCRYPTION, columns)


def _read_policy(row: Fields) -> Iterator[Reported]:
    columns: _Columns = (
        ("require_tls", row.flag_or_none("require_tls")),
        ("minimum_tls_version", row.text_or_none("minimum_tls_version")),
        ("allow_encryption", _joined(row, "allow_encryption")),
    )
    yield _of_bucket(row, Aspect.POLICY, columns)


def _of_bucket(row: Fields, aspect: Aspect, columns: _Columns) -> Observation:
    name, region = row.text("name"), row.text_or_none("region") or ""
    # Without the region of a bucket, its partition is not known.
    arn = f"arn:{partition_of(region)}:s3:::{name}" if region else ""
    resource = Resource(ResourceKind.BUCKET, name, arn, *_account(row), region)
    return Observation(resource, aspect, columns, row.flag_or_none("compliant"), _findings(row), _error(row))


def _read_key(row: Fields) -> Iterator[Reported]:
    rotation = row.fields_or_none("rotation")
    columns: _Columns = (
        ("state", row.text_or_none("state")),
        ("rotation", rotation.flag_or_none("enabled") if rotation else None),
        ("rotation_period_in_days", rotation.number_or_none("period_in_days") if rotation else None),
        ("manager", row.text_or_none("manager")),
        ("deletion_date", row.text_or_none("deletion_date")),
        ("aliases", _joined(row, "aliases")),
    )
    key_id, region = row.text("key_id"), row.text_or_none("region") or ""
    name, arn = row.text_or_none("alias") or key_id, row.text_or_none("arn") or ""
    resource = Resource(ResourceKind.KMS_KEY, name, arn, *_account(row), region)
    findings = _findings(row)
    error = " ".join(each.text("message") for each in row.each("errors"))
    yield Observation(resource, Aspect.KEY, columns, not (findings or error), findings, error)


def _read_object(row: Fields) -> Iterator[Reported]:
    known = row.fields_or_none("encryption")
    columns: _Columns = (
        ("encryption", known.text_or_none("type") if known else None),
        ("kms_key_arn", known.text_or_none("kms_key_arn") if known else None),
    )
    error = _error(row) or ("" if known else "Its encryption could not be read.")
    resource = _object(row.text("bucket"), row.text("key"))
    yield Observation(resource, Aspect.ENCRYPTION, columns, row.flag_or_none("compliant"), _findings(row), error)


def _read_buckets(result: Fields) -> Iterator[Reported]:
    for row in result.each("buckets"):
        yield from _read(row)


def _read_keys(result: Fields) -> Iterator[Reported]:
    for row in result.each("kms_keys"):
        yield from _read(row)
    for region in result.each("failed_regions"):
        yield from _read_region(region)


def _read_objects(result: Fields) -> Iterator[Reported]:
    """The objects that a result lists, and what its numbers say about the others of the bucket."""
    summary = result.fields_or_none("summary")
    for row in result.each("objects"):
        yield from _read_object(row)
        if summary is None:
            yield from _one_object(row)
    if summary is None:
        return
    bucket = _require_bucket(result)
    for group in summary.each("by_encryption"):
        yield _count(bucket, group.text("type"), group, "bytes")
    yield from _other_encryptions(summary, bucket, "bytes")
    yield from _of_summary(result, summary, bucket)


def _one_object(row: Fields) -> Iterator[Reported]:
    known = row.fields_or_none("encryption")
    if known:
        key = known.text_or_none("kms_key_arn") or ""
        yield ObjectCount(row.text("bucket"), known.text("type"), key, 1, row.number_or_none("size") or 0)


def _of_summary(result: Fields, summary: Fields, bucket: str) -> Iterator[Reported]:
    """What is known about the objects of a bucket that are not listed, as an observation of the bucket."""
    rows = list(result.each("objects"))
    unread = (summary.number_or_none("failed") or 0) - sum(1 for row in rows if row.values.get("error"))
    differing = (summary.number_or_none("non_compliant") or 0) - sum(1 for row in rows if row.values.get("findings"))
    errors = [_not_listed(unread)] if unread > 0 else []
    if result.flag_or_none("truncated") is True:
        errors.append("The bucket has more objects than the task was to read. Set max_keys to a larger number.")
    findings = tuple(_findings_of_groups(summary)) if differing > 0 else ()
    is_compliant = result.flag_or_none("compliant")
    # The objects that are listed say it, or nothing was compared.
    if (is_compliant is False and not (findings or errors or differing > 0)) or not summary.number_or_none("matched"):
        is_compliant = None
    if is_compliant is not None or findings or errors:
        yield Observation(_bucket(bucket), Aspect.ENCRYPTION, (), is_compliant, findings, " ".join(errors))


def _findings_of_groups(summary: Fields) -> Iterator[ReportedFinding]:
    for group in summary.each("by_encryption"):
        number = _objects(group.number("objects"))
        for each in _findings(group):
            yield replace(each, message=f"{number} under {group.text('type')}: {each.message}")


def _read_counts(result: Fields) -> Iterator[Reported]:
    """The objects of a bucket, counted or estimated from a sample, and those that could not be read."""
    summary = result.fields("summary")
    if "by_encryption" not in summary.values:
        if _has_failed(result):
            return
        raise invalid_input(f"{result.where} counts no objects.", "Set counts: true in its task.")
    bucket = _require_bucket(result)
    sample = result.fields_or_none("sample")
    is_estimate = sample is not None and sample.flag_or_none("is_complete") is not True
    for group in summary.each("by_encryption"):
        count = _count(bucket, group.text("encryption"), group, "stored_bytes")
        yield _estimated(count, group, summary) if is_estimate else count
    if not is_estimate:
        yield from _other_encryptions(summary, bucket, "stored_bytes")
    failed = list(result.each("failed_objects"))
    for row in failed:
        yield Observation(_object(bucket, row.text("key")), Aspect.ENCRYPTION, error=_error(row))
    unread = (summary.number_or_none("failed") or 0) - len(failed)
    if unread > 0:
        yield Observation(_bucket(bucket), Aspect.ENCRYPTION, error=_not_listed(unread))


def _estimated(count: ObjectCount, group: Fields, summary: Fields) -> ObjectCount:
    """The numbers of all objects, from those of a sample. The bytes are in proportion to the objects that were read."""
    read = summary.number("read")
    stored_bytes = count.stored_bytes * summary.number("objects") // read if read else 0
    objects = group.fields("estimate").number("objects")
    return replace(count, objects=objects, stored_bytes=min(stored_bytes, LARGEST), is_estimate=True)


def _count(bucket: str, encryption: str, group: Fields, size: str) -> ObjectCount:
    key = group.text_or_none("kms_key_arn") or ""
    return ObjectCount(bucket, encryption, key, group.number("objects"), group.number(size))


def _other_encryptions(summary: Fields, bucket: str, size: str) -> Iterator[Reported]:
    others = summary.fields_or_none("other_encryptions")
    if others and others.number("objects"):
        yield _count(bucket, OTHER_ENCRYPTIONS, others, size)


def _bucket_of(result: Fields) -> str:
    """The bucket of a task that is about one; empty if the result does not say it."""
    found = [result.values.get("bucket")]
    invocation = result.values.get("invocation")
    options = invocation.get("module_args") if isinstance(invocation, Mapping) else None
    if isinstance(options, Mapping):
        found += [options.get("bucket"), options.get("bucket_name")]
    objects = result.values.get("objects")
    if isinstance(objects, list):
        found += [row.get("bucket") for row in objects[:1] if isinstance(row, Mapping)]
    return next((plain_text(each) for each in found if isinstance(each, str)), "")


def _require_bucket(result: Fields) -> str:
    bucket = _bucket_of(result)
    if not bucket:
        raise invalid_input(f"{result.where} does not say which bucket it is about.", _ADVICE)
    return bucket


def _bucket(name: str) -> Resource:
    return Resource(ResourceKind.BUCKET, name)


def _object(bucket: str, key: str) -> Resource:
    """An object without its ARN: results do not say the region of its bucket, and so not the partition."""
    return Resource(ResourceKind.OBJECT, f"{bucket}/{key}")


def _account(row: Fields) -> tuple[str, str]:
    return row.text_or_none("account_id") or "", row.text_or_none("account_name") or ""


def _joined(row: Fields, name: str) -> str | None:
    texts = row.texts_or_none(name)
    return None if texts is None else ", ".join(texts) or "none"


def _error(row: Fields) -> str:
    error = row.fields_or_none("error")
    return (error.text("message") or "It could not be read.") if error else ""


def _findings(row: Fields) -> tuple[ReportedFinding, ...]:
    return tuple(map(_finding, row.each("findings")))


def _finding(finding: Fields) -> ReportedFinding:
    if "rule" not in finding.values:
        raise invalid_input(
            f"{finding.where} has no rule, as in the results of older versions of this collection.",
            "Run the task again with this version.",
        )
    name = finding.text("rule")
    rule = _RULES.get(name)
    if rule is None:
        raise invalid_input(f"{finding.where} has the rule {name!r}, which this version does not know.", _ADVICE)
    return ReportedFinding(rule, finding.text("message"), finding.text_or_none("control"), finding.json("options"))


def _not_listed(number: int) -> str:
    return f"{_objects(number)} could not be read, and the result does not list them."


def _objects(number: int) -> str:
    return "1 object" if number == 1 else f"{number:,} objects"


_Read = Callable[[Fields], Iterator[Reported]]

# The first whose columns a row has.
_ROWS: tuple[tuple[frozenset[object], _Read], ...] = (
    (frozenset({"name", "require_tls", "error"}), _read_policy),
    (frozenset({"name", "bucket_key_enabled", "error"}), _read_default),
    (frozenset({"key_id", "findings", "errors"}), _read_key),
    (frozenset({"account_id", "region", "error"}), _read_region),
    (frozenset({"account_id", "account_name", "error"}), _read_account),
)
# The first of these lists that a result has.
_LISTS: tuple[tuple[str, _Read], ...] = (
    ("buckets", _read_buckets),
    ("kms_keys", _read_keys),
    ("objects", _read_objects),
    ("failed_objects", _read_counts),
    ("jobs", _read_counts),
)
