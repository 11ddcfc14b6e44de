# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report for code scanning and viewers: SARIF 2.1.0.

What GitHub requires is in it: a place in a file for each result, though there is no file, and `primaryLocationLineHash`
as its fingerprint. GitHub takes 25,000 results and shows 5,000, so the most severe come first.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html,
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timezone
from typing import Any

from ...model.report.fields import plain_text
from ...model.report.fingerprint import fingerprint_of
from ...model.report.mending import mending_task
from ...model.report.observation import Resource, ResourceKind
from ...model.report.report import Change, ErrorRow, FindingGroup, FindingRow, Report, Status
from .sarif_text import message_text, resource_uri
from .sarif_tool import NOT_COMPLIANT, NOT_READ, SarifTool, requirements
from .sentences import NO_REASON, NO_RESOURCE, UNKNOWN

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
_BASES = {_BASE: {"description": {"text": "The resources of the accounts, which are not files."}}}
# The region that each result needs: the front of the file.
_FRONT = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
_KINDS = {
    ResourceKind.ACCOUNT: "Account",
    ResourceKind.REGION: "Region",
    ResourceKind.BUCKET: "Bucket",
    ResourceKind.KMS_KEY: "KMS key",
    ResourceKind.OBJECT: "Object",
}


def sarif_report(report: Report) -> Iterator[str]:
    """The lines of the file, with one line for each result: what could not be read, and the findings.

    If something could not be read, or if there is no resource, the execution was not successful. The findings that
    only the earlier report has are results too, in the state `absent`.
    """
    tool = SarifTool(report)
    yield f'{{"$schema":{_json(SCHEMA)},"version":"2.1.0","runs":[{{"tool":{{"driver":{_json(tool.driver())}}}'
    if taxonomies := tool.taxonomies():
        yield f',"taxonomies":{_json(taxonomies)}'
    yield f',"originalUriBaseIds":{_json(_BASES)},"properties":{_json({"title": plain_text(report.title)})}'
    yield from _invocation(report)
    yield ',"results":['
    yield from _lines(_results(report, tool))
    yield "]}]}\n"


def _invocation(report: Report) -> Iterator[str]:
    notifications = _notifications(report)
    first = next(notifications, None)
    begin: dict[str, Any] = {"executionSuccessful": first is None}
    if report.time:
        begin["endTimeUtc"] = f"{report.time.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    yield f',"invocations":[{_json(begin)[:-1]}'
    if first is not None:
        yield ',"toolExecutionNotifications":['
        yield from _lines(_with_first(first, notifications))
        yield "]"
    yield "}]"


def _with_first(first: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield first
    yield from others


def _notifications(report: Report) -> Iterator[Mapping[str, Any]]:
    descriptor = {"id": NOT_READ, "index": 0}
    if not report.totals().resources:
        yield {"descriptor": descriptor, "level": "error", "message": {"text": NO_RESOURCE}}
    for error in report.errors():
        yield {"descriptor": descriptor, "level": "error", **_about(error.resource, error.message)}


def _results(report: Report, tool: SarifTool) -> Iterator[Mapping[str, Any]]:
    for error in report.errors():
        yield _error(error, tool)
    for resource in _unexplained(report):
        mark = _partial_fingerprints(fingerprint_of(NOT_COMPLIANT, resource))
        yield {**tool.not_compliant(), **_about(resource, NO_REASON), **mark, "properties": _properties(resource)}
    for finding in report.findings():
        yield _finding(finding, tool)


def _finding(finding: FindingRow, tool: SarifTool) -> Mapping[str, Any]:
    resource = finding.resource
    group = FindingGroup(
        finding.rule, finding.control, finding.options, 1, 1, 1, ((finding.message, 1),), 0, (resource,)
    )
    properties = _properties(resource)
    if finding.control:
        properties["control"] = finding.control
    if known := requirements(finding.control):
        properties["requirements"] = known
    if finding.change is not Change.ABSENT and (task := mending_task(group)):
        properties["mendingTask"] = task
    result = {
        **tool.rule(finding.rule),
        **_about(resource, finding.message),
        **_partial_fingerprints(finding.fingerprint),
        "properties": properties,
    }
    if finding.control:
        result["taxa"] = [tool.control(finding.control)]
    if finding.change:
        result["baselineState"] = finding.change.value
    return result


def _error(error: ErrorRow, tool: SarifTool) -> Mapping[str, Any]:
    return {
        **tool.not_read(),
        **_about(error.resource, error.message),
        **_partial_fingerprints(fingerprint_of(NOT_READ, error.resource, error.aspect.value)),
        "properties": {**_properties(error.resource), "aspect": error.aspect.value},
    }


def _unexplained(report: Report) -> Iterator[Resource]:
    """The resources that failed without a finding."""
    for kind in ResourceKind:
        for row in report.rows(kind):
            if row.status is not Status.FAILED:
                break
            if not row.findings:
                yield row.resource


def _about(resource: Resource, message: str) -> Mapping[str, Any]:
    """The message, which names the resource, and the place."""
    name = resource.name or UNKNOWN
    logical = {"name": name, "kind": "resource"}
    if resource.arn:
        logical["fullyQualifiedName"] = resource.arn
    artifact = {"uri": resource_uri(resource), "uriBaseId": _BASE}
    return {
        "message": {"text": message_text(f"{_KINDS[resource.kind]} {name}: {message}")},
        "locations": [
            {"physicalLocation": {"artifactLocation": artifact, "region": _FRONT}, "logicalLocations": [logical]}
        ],
    }


def _properties(resource: Resource) -> dict[str, Any]:
    named = {"account": resource.account_id, "accountName": resource.account_name, "region": resource.region}
    return {name: value for name, value in named.items() if value}


def _partial_fingerprints(fingerprint: str) -> Mapping[str, Any]:
    # GitHub reads the first only. The second says which computation it is.
    return {"partialFingerprints": {"primaryLocationLineHash": fingerprint, "sealedS3Finding/v1": fingerprint}}


def _lines(values: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    separator = "\n"
    for value in values:
        yield f"{separator}{_json(value)}"
        separator = ",\n"
    yield "\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
