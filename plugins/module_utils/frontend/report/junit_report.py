# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report in the form of test results, which Jenkins, GitLab and most other CI systems show: JUnit XML.

There is no standard of it. This is what the readers have in common: tests with at most one of `failure`, `error` and
`skipped`, and with a name that no other test of its class has.

Sources: https://github.com/testmoapp/junitxml, https://docs.gitlab.com/ci/testing/unit_test_reports,
https://github.com/jenkinsci/xunit-plugin (`junit-10.xsd`)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...model.errors import assert_never
from ...model.finding import Rule
from ...model.report.observation import Aspect, Resource, ResourceKind
from ...model.report.report import AspectStatus, FindingRow, Report, Row, Status
from ...model.report.rules import RULES
from .collection import NAME, VERSION
from .sentences import NO_REASON, NO_RESOURCE, NOTHING_EXPECTED, PARTLY_READ, UNKNOWN

# The rules of XML forbid all others, also as references. Source: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# In an attribute, a reader takes each of the last three for a space, unless it is a reference.
_IN_ATTRIBUTE = {**_MARKUP, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_TEXT_REFERENCES, _ATTRIBUTE_REFERENCES = str.maketrans(_MARKUP), str.maketrans(_IN_ATTRIBUTE)

_SUITES = {
    ResourceKind.ACCOUNT: "accounts",
    ResourceKind.REGION: "regions",
    ResourceKind.BUCKET: "buckets",
    ResourceKind.KMS_KEY: "KMS keys",
    ResourceKind.OBJECT: "objects",
}
# What begins the name of a rule says what was inspected; the first that fits.
_ASPECTS = {
    "bucket-policy": Aspect.POLICY,
    "bucket": Aspect.DEFAULT_ENCRYPTION,
    "kms-key": Aspect.KEY,
    "object": Aspect.ENCRYPTION,
}
# The suite of a report without a resource.
_ONE_FAILURE = {"tests": 1, "failures": 1}


def junit_report(report: Report) -> Iterator[str]:
    """The lines of the file: a suite for each kind of resources, and in it a test for each resource.

    A bucket has a test for each of its aspects. A report without a resource has one test, which fails.
    """
    numbers = {kind: _numbers(report, kind) for kind in ResourceKind}
    total = _sum(list(numbers.values()))
    is_empty = not total["tests"]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    # `skipped` is not in Jenkins's schema of this element.
    counts = {name: number for name, number in total.items() if name != "skipped"}
    yield f"<testsuites{_attributes(name=report.title)}{_counts({**counts, **(_ONE_FAILURE if is_empty else {})})}>\n"
    if is_empty:
        yield from _suite(report, "resources", {**total, **_ONE_FAILURE})
        yield f'    <testcase{_attributes(classname=NAME, name="resources")} time="0">\n'
        yield f"      <failure{_attributes(type='no-resource', message=NO_RESOURCE)}/>\n"
        yield "    </testcase>\n  </testsuite>\n"
    for kind, of_kind in numbers.items():
        if of_kind["tests"]:
            yield from _suite(report, _SUITES[kind], of_kind)
            for row in report.rows(kind):
                yield from _tests(report, row)
            yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _numbers(report: Report, kind: ResourceKind) -> Mapping[str, int]:
    # The numbers come before the tests, so the rows are read twice.
    found = Counter(each.status for row in report.rows(kind) for each in row.by_aspect)
    return {
        "tests": sum(found.values()),
        "failures": found[Status.FAILED],
        "errors": found[Status.NOT_AVAILABLE],
        "skipped": found[Status.NOT_COMPARED],
    }


def _sum(numbers: list[Mapping[str, int]]) -> Mapping[str, int]:
    return {name: sum(each[name] for each in numbers) for name in numbers[0]}


def _suite(report: Report, name: str, numbers: Mapping[str, int]) -> Iterator[str]:
    time = _attributes(timestamp=report.time.isoformat(timespec="seconds")) if report.time else ""
    yield f"  <testsuite{_attributes(name=name)}{_counts(numbers)}{time}>\n"
    yield f"    <properties><property{_attributes(name=NAME, value=VERSION)}/></properties>\n"


def _counts(numbers: Mapping[str, int]) -> str:
    return "".join(f' {name}="{number}"' for name, number in numbers.items()) + ' time="0"'


def _tests(report: Report, row: Row) -> Iterator[str]:
    findings = list(report.findings_of(row.resource)) if row.findings else []
    for each in row.by_aspect:
        of_aspect = [finding for finding in findings if _belongs(finding.rule, each, row.aspects)]
        attributes = _attributes(classname=_class(row.resource), name=_name(row.resource, each.aspect))
        outcome = _outcome(row.resource, each, of_aspect)
        begin = f'    <testcase{attributes} time="0"'
        yield f"{begin}>\n{outcome}    </testcase>\n" if outcome else f"{begin}/>\n"


def _belongs(rule: Rule, known: AspectStatus, aspects: Sequence[Aspect]) -> bool:
    """Whether a finding of the rule is about this aspect. One that is about no aspect of the resource is with each."""
    about = next(aspect for prefix, aspect in _ASPECTS.items() if rule.value.startswith(prefix))
    return about is known.aspect or (about not in aspects and known.status is Status.FAILED)


def _class(resource: Resource) -> str:
    """The account and the kind: Jenkins shows what is before the last dot as a group."""
    account = " ".join(filter(None, (resource.account_id or UNKNOWN, resource.account_name)))
    return f"{account}.{resource.kind.value}"


def _name(resource: Resource, aspect: Aspect) -> str:
    """The name, with the aspect of a bucket, and with the region of a key, which another region may have, too."""
    if resource.kind is ResourceKind.BUCKET:
        return f"{resource.name}: {aspect.value.replace('_', ' ')}"
    if resource.kind is ResourceKind.ACCOUNT:
        return resource.name or UNKNOWN
    is_regional = resource.kind is ResourceKind.KMS_KEY and resource.region
    return f"{resource.name} ({resource.region})" if is_regional else resource.name


def _outcome(resource: Resource, known: AspectStatus, findings: Sequence[FindingRow]) -> str:
    """The element that says why the test did not pass; empty if it did."""
    unread = [f"{PARTLY_READ} {message}" for message in known.errors]
    match known.status:
        case Status.PASSED:
            return ""
        case Status.NOT_COMPARED:
            return f"      <skipped{_attributes(message=NOTHING_EXPECTED)}/>\n"
        case Status.NOT_AVAILABLE:
            return _element("error", "not-read", known.errors[0], resource, known.errors)
        case Status.FAILED if not findings:
            return _element("failure", "not-compliant", NO_REASON, resource, [NO_REASON, *unread])
        case Status.FAILED:
            others = len(findings) - 1
            more = f" And {others} more finding{'s' if others > 1 else ''}." if others else ""
            message = f"{findings[0].message}{more}{f' {PARTLY_READ}' if unread else ''}"
            lines = [*map(_finding, findings), *unread]
            return _element("failure", findings[0].rule.value, message, resource, lines)
        case _:
            assert_never(known.status)


def _finding(finding: FindingRow) -> str:
    text = RULES[finding.rule]
    control = f", {finding.control}" if finding.control else ""
    mending = f" ({text.module})" if text.module else ""
    return f"{text.severity.value} {finding.rule.value}{control}: {finding.message}\n  {text.advice}{mending}"


def _element(name: str, of_type: str, message: str, resource: Resource, lines: Iterable[str]) -> str:
    about = filter(None, (resource.arn, resource.region and f"Region {resource.region}"))
    text = _text("\n".join([*lines, *about]))
    return f"      <{name}{_attributes(type=of_type, message=message)}>{text}</{name}>\n"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_permitted(value).translate(_ATTRIBUTE_REFERENCES)}"' for name, value in values.items())


def _text(text: str) -> str:
    return _permitted(text).translate(_TEXT_REFERENCES)


def _permitted(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
