# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The page of a report, as an HTML parser reads it. A browser reads it in `make soak page`."""

from __future__ import annotations

import base64
import functools
import hashlib
import html.parser
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.earlier_report import EarlierReport
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    ObjectCount,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import Status, Totals
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page import page as report_page
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page import shown_text, summary, tables
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import report_world

SOURCES = Path(report_page.__file__).parent
VOID = {"meta", "input", "path", "rect", "img", "br", "hr"}
# Elements whose end tag HTML allows to leave out, and what ends them.
OPTIONAL_ENDS = {"td": {"td", "th", "tr"}, "th": {"td", "th", "tr"}, "tr": {"tr"}, "li": {"li"}}


@dataclass
class Element:
    """An element with its attributes and all text in it."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None = None
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        found = [self] if self.tag == tag else []
        return found + [each for child in self.children for each in child.all(tag)]

    def with_id(self, wanted: str) -> Element:
        return next(each for each in self.everything() if each.attributes.get("id") == wanted)

    def everything(self) -> list[Element]:
        return [self] + [each for child in self.children for each in child.everything()]


class Parser(html.parser.HTMLParser):
    """Builds the tree, and notes what does not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {})
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while tag in OPTIONAL_ENDS.get(self.here.tag, set()):
            self._leave()
        element = Element(tag, dict(attrs), self.here)
        if len(element.attributes) != len(attrs):
            self.problems.append(f"{tag} has an attribute twice")
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self.here.tag != tag and self.here.tag in OPTIONAL_ENDS:
            self._leave()
        if self.here.tag != tag:
            self.problems.append(f"</{tag}> within {self.here.tag}")
            return
        self._leave()

    def handle_data(self, data: str) -> None:
        element: Element | None = self.here
        while element is not None:
            element.text += data
            element = element.parent

    def _leave(self) -> None:
        assert self.here.parent is not None
        self.here = self.here.parent


def parsed(text: str) -> Element:
    parser = Parser()
    parser.feed(text)
    parser.close()
    assert parser.problems == []
    assert parser.here is parser.root
    return parser.root


@functools.cache
def hostile_text() -> str:
    with report_world.report_of(24) as report:
        return "".join(report_page.page(report))


@functools.cache
def hostile_page() -> Element:
    return parsed(hostile_text())


def page_of(*observed: Observation | ObjectCount, title: str = "Title") -> Element:
    with ReportStore(title) as report:
        for each in observed:
            report.add(each)
        return parsed("".join(report_page.page(report)))


def bucket(name: str, *messages: str, is_compliant: bool | None = True, error: str = "", **columns: Any) -> Observation:
    resource = Resource(ResourceKind.BUCKET, name, f"arn:aws:s3:::{name}", region="eu-west-1")
    found = tuple(ReportedFinding(Rule.TLS, message) for message in messages)
    return Observation(resource, Aspect.POLICY, tuple(columns.items()), not found and is_compliant, found, error)


def rows_of(page: Element, section: str) -> list[list[str]]:
    (body,) = page.with_id(section).all("tbody")
    return [[cell.text.strip() for cell in row.children] for row in body.children]


def test_only_its_own_style_and_script_may_run() -> None:
    """The policy names their hashes, and there is no other one, and nothing to load."""
    page = hostile_page()
    (policy,) = (meta for meta in page.all("meta") if meta.attributes.get("http-equiv"))
    content = str(policy.attributes["content"])
    (style,), (data, script) = page.all("style"), page.all("script")
    assert data.attributes["type"] == "application/json"
    for directive, element in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in content
    assert content.startswith("default-src 'none'; ")
    assert content.endswith("base-uri 'none'; form-action 'none'")
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_there_is_nothing_from_elsewhere() -> None:
    """No element that loads, no attribute with a style or a handler, and links to documentation only."""
    for element in hostile_page().everything():
        assert element.tag not in {"link", "img", "iframe", "object", "embed", "base", "video", "audio", "use"}
        names = [name for name in element.attributes if name.startswith("on") or name in {"src", "style", "srcset"}]
        assert names == []
        target = element.attributes.get("href") or ""
        assert re.match(r"#|https://(docs\.aws\.amazon\.com|github\.com)/|$", target), target
        if target.startswith("https:"):
            assert element.attributes["rel"] == "noopener noreferrer"


def test_names_of_strangers_are_text() -> None:
    """They are in the page as they are, or with escapes for what cannot be seen, and nothing of them is an element."""
    page = hostile_page()
    names = {cells[1] for cells in rows_of(page, "buckets")}
    for name in report_world.HOSTILE_NAMES:
        assert shown_text.shown(name.replace("\ud800", "\ufffd")).strip() in names
    assert {each.tag for each in page.all("tbody")[0].everything()} <= {
        *("tbody", "tr", "th", "td", "bdi", "small", "ul", "li")
    }
    assert {each.attributes.get("id") for each in page.all("script")} == {"data", None}


def test_text_has_no_unseen_characters() -> None:
    """The direction of a text cannot be turned, and no control character or half of a pair is in the file."""
    unseen = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
    assert re.findall(unseen, hostile_text()) == []
    hostile_text().encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain-name.1", "plain-name.1"),
        ("é 🔑 日本 العربية", "é 🔑 日本 العربية"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\nb\tc\x00", "a\\x0ab\\x09c\\x00"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("half \ud800", "half \\ud800"),
        ("x" * 4001, "x" * 4000 + "… (4,001 characters)"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, expected: str) -> None:
    """Letters of all languages stay as they are."""
    assert shown_text.shown(text) == expected


def test_the_data_of_the_script_is_in_the_rows() -> None:
    """It has a number for each row of each table, and no text ends its element."""
    page = hostile_page()
    data = json.loads(page.with_id("data").text)
    assert re.findall("[<>&\u2028\u2029]", page.with_id("data").text) == []
    assert [table["id"] for table in data["tables"]] == ["accounts", "buckets", "keys", "objects", "counts"]
    for table in data["tables"]:
        rows = rows_of(page, table["id"])
        for name, codes in [*table["codes"].items(), *table["values"].items()]:
            assert len(codes) == len(rows), name
        for cells, code in zip(rows, table["codes"].get("status", []), strict=bool(table["codes"].get("status"))):
            assert data["facets"]["status"][code][1] == cells[0]
    buckets = data["tables"][1]
    for cells, region, encryption in zip(
        rows_of(page, "buckets"), buckets["codes"]["region"], buckets["codes"]["encryption"], strict=True
    ):
        assert data["facets"]["region"][region][0] == cells[3]
        assert cells[4].startswith(data["facets"]["encryption"][encryption][0].replace("unknown", ""))
    assert {value for value, _label in data["facets"]["rule"]} <= {rule.value for rule in Rule}


def test_the_page_is_readable_without_its_script() -> None:
    """No row is hidden, and no control is shown."""
    page = hostile_page()
    in_tables = [each for table in page.all("table") for each in table.everything()]
    assert [each.tag for each in in_tables if "hidden" in each.attributes] == []
    for control in (*page.all("button"), *page.all("select"), *page.all("input")):
        assert any("hidden" in each.attributes for each in (control, *_above(control)))


def _above(element: Element) -> list[Element]:
    return [] if element.parent is None else [element.parent, *_above(element.parent)]


def test_the_tables_have_names_and_heads() -> None:
    """Each has a caption, heads of columns, one head in each row, and as many cells as heads."""
    for table in hostile_page().all("table"):
        assert table.all("caption")[0].text
        heads = table.all("thead")[0].all("th")
        assert {head.attributes["scope"] for head in heads} == {"col"}
        for row in table.all("tbody")[0].children:
            assert len(row.children) == len(heads)
            assert [cell.attributes.get("scope") for cell in row.children if cell.tag == "th"] == ["row"]


def test_every_link_within_the_page_has_a_target() -> None:
    """Also that which skips the head; ids are unique, and labels refer to elements."""
    everything = hostile_page().everything()
    ids = [each.attributes["id"] for each in everything if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    for each in everything:
        target = each.attributes.get("href") or ""
        if target.startswith("#") and "=" not in target:
            assert target[1:] in ids
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set((each.attributes.get(name) or "").split()) <= set(ids)
    levels = [int(each.tag[1]) for each in everything if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_equal_reports_give_equal_pages() -> None:
    """Nothing depends on the clock or on an order by chance."""
    pages = set()
    for _turn in range(2):
        with report_world.report_of(5) as report:
            pages.add("".join(report_page.page(report)))
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((), ("N", "Nothing was inspected, so this report proves nothing.")),
        (((ResourceKind.BUCKET, Status.PASSED, 3),), ("P", "All 3 buckets pass.")),
        (((ResourceKind.BUCKET, Status.PASSED, 1),), ("P", "1 bucket passes.")),
        (
            ((ResourceKind.BUCKET, Status.PASSED, 3), (ResourceKind.KMS_KEY, Status.PASSED, 1)),
            ("P", "All 3 buckets and 1 key pass."),
        ),
        (
            ((ResourceKind.BUCKET, Status.FAILED, 12), (ResourceKind.BUCKET, Status.PASSED, 9_988)),
            ("F", "12 of 10,000 buckets have findings."),
        ),
        (((ResourceKind.BUCKET, Status.FAILED, 1),), ("F", "1 of 1 bucket has findings.")),
        (
            (
                (ResourceKind.ACCOUNT, Status.NOT_AVAILABLE, 2),
                (ResourceKind.BUCKET, Status.FAILED, 1),
                (ResourceKind.BUCKET, Status.PASSED, 1),
                (ResourceKind.KMS_KEY, Status.FAILED, 1),
            ),
            ("F", "1 of 2 buckets and 1 of 1 key have findings; 2 accounts could not be read."),
        ),
        (
            ((ResourceKind.BUCKET, Status.PASSED, 4), (ResourceKind.BUCKET, Status.NOT_AVAILABLE, 1)),
            ("U", "4 buckets pass; 1 bucket could not be read."),
        ),
        (((ResourceKind.REGION, Status.NOT_AVAILABLE, 1),), ("U", "1 region of an account could not be read.")),
        (
            ((ResourceKind.OBJECT, Status.NOT_COMPARED, 2),),
            ("N", "2 objects were read, but not compared with anything."),
        ),
        (
            ((ResourceKind.BUCKET, Status.PASSED, 2), (ResourceKind.BUCKET, Status.NOT_COMPARED, 1)),
            ("P", "2 buckets pass. 1 bucket was read, but not compared with anything."),
        ),
    ],
)
def test_the_verdict(resources: Any, expected: tuple[str, str]) -> None:
    """It never says that all pass unless everything was read and compared."""
    verdict = summary.verdict(Totals(0, 0, resources, 0, (), 0, 0))
    assert (verdict.mark, verdict.text) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (
            [bucket("a", "No TLS."), bucket("b"), bucket("c", "No TLS.")],
            [("New", "1", ""), ("No longer found", "1", "mended, or not inspected again"), ("Unchanged", "1", "")],
        ),
        (
            [bucket("a", "No TLS."), bucket("b", error="It is forbidden.")],
            [
                ("New", "0", ""),
                ("No longer found", "1", "1 of them could not be read this time"),
                ("Unchanged", "1", ""),
            ],
        ),
        (
            [bucket("a", "No TLS."), bucket("b", "No TLS.")],
            [("New", "0", ""), ("No longer found", "0", ""), ("Unchanged", "2", "")],
        ),
    ],
)
def test_the_difference(now: list[Observation], expected: list[tuple[str, str, str]]) -> None:
    """What is no longer found is not known to be mended where it could not be read."""
    with ReportStore("Last week") as earlier, ReportStore("Now") as report:
        for store, observed in ((earlier, [bucket("a", "No TLS."), bucket("b", "No TLS.")]), (report, now)):
            for each in observed:
                store.add(each)
        report.compare(EarlierReport(earlier.title, None, earlier.totals(), list(earlier.findings())))
        difference = summary.difference(report)
        page = parsed("".join(report_page.page(report)))
    assert difference is not None
    *cards, before_and_now = difference.cards
    assert [(card.name, card.number, card.note) for card in cards] == expected
    assert before_and_now.number == f"2 → {len([each for each in now if each.findings])}"
    for changes in difference.lists:
        assert changes.title in page.with_id("difference").text


def test_the_link_of_an_account_is_a_value_of_the_filter() -> None:
    """Also that of the results which name no account."""
    known = Resource(ResourceKind.BUCKET, "b", "arn:aws:s3:::b", "111122223333", "production", "eu-west-1")
    page = page_of(bucket("a"), Observation(known, Aspect.POLICY, is_compliant=True))
    links = [link.attributes["href"] for link in page.with_id("accounts").all("a")]
    values = [value for value, _label in json.loads(page.with_id("data").text)["facets"]["account"]]
    assert sorted(map(str, links)) == sorted(f"#account={value}" for value in values)
    assert "#account=unknown" in links


def test_a_row_of_a_bucket() -> None:
    """Its columns, its findings, and what could not be read of it. Without accounts, there is no column for them."""
    key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
    page = page_of(
        bucket("a", "The policy is weak.", require_tls=False),
        bucket("b", error="It is forbidden.", encryption="SSE-KMS", kms_key_arn=key, bucket_key_enabled=True),
        bucket("c", require_tls=True, minimum_tls_version="1.2", blocked_encryption_types="SSE-C", encryption="SSE-S3"),
        bucket("d", is_compliant=None, kms_key_arn=key.replace("west", "east"), blocked_encryption_types="none"),
    )
    assert rows_of(page, "buckets") == [
        ["Failed", "a", "eu-west-1", "", "", "Not required", "The policy is weak."],
        ["Not read", "b", "eu-west-1", "SSE-KMS S3 bucket key on", "1234abcd", "", "It is forbidden."],
        ["Passed", "c", "eu-west-1", "SSE-S3 SSE-C blocked", "", "1.2 or newer", ""],
        ["Not compared", "d", "eu-west-1", "", key.replace("west", "east"), "", ""],
    ]
    assert rows_of(page, "not-read") == [["b policy of a bucket", "eu-west-1", "It is forbidden."]]


def test_a_group_of_findings() -> None:
    """Its message with the number, the resources, the control with its requirements, and the task."""
    found = ReportedFinding(
        Rule.TLS, "Requests without TLS are not denied.", "Security Hub S3.5", '{"require_tls": true}'
    )
    page = page_of(
        *(
            Observation(Resource(ResourceKind.BUCKET, name), Aspect.POLICY, (), False, (found,))
            for name in ("one", "two", "<b>three</b>")
        )
    )
    section = page.with_id("what-to-do")
    assert "3 findings · 3 resources" in section.text
    assert "3 ×Requests without TLS are not denied." in section.text
    assert "Security Hub S3.5" in section.text
    assert "CIS AWS Foundations Benchmark" in section.text
    (task,) = section.all("pre")
    assert "require_tls: true" in task.text
    assert '- "<b>three</b>"' in task.text
    assert section.all("b") == []


def test_rows_are_left_out_beyond_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with findings come first, and the page says how many are not in it."""
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    page = page_of(
        *(bucket(name) for name in "abc"),
        bucket("z", "It is weak."),
        *(ObjectCount(name, "SSE-S3", "", 1, 1) for name in "abc"),
    )
    assert [row[1] for row in rows_of(page, "buckets")] == ["z", "a"]
    assert "2 more are left out here" in page.with_id("buckets").text
    assert "1 more is left out here" in page.with_id("counts").text
    assert len(json.loads(page.with_id("data").text)["tables"][0]["codes"]["status"]) == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5 * 10**21, "5,000 EB"),
    ],
)
def test_a_number_of_bytes(value: int, expected: str) -> None:
    """Three digits at most, except beyond the largest unit."""
    assert shown_text.size(value) == expected


def test_a_bar_has_its_whole_width() -> None:
    """Also where a part stands for very few, which is drawn wider than it is."""
    parts = summary.bar_parts({Status.FAILED: 1, Status.NOT_AVAILABLE: 0, Status.PASSED: 99_999})
    assert [part.text for part in parts] == ["1 failed", "99,999 passed"]
    assert sum(float(part.width) for part in parts) == pytest.approx(1000, abs=0.2)
    assert float(parts[0].width) > 5
    assert summary.bar_parts({Status.PASSED: 0}) == ()


# The contrast of text, as WCAG 2.2 computes it: https://www.w3.org/TR/WCAG22/#contrast-minimum


def _schemes() -> dict[str, dict[str, str]]:
    """The colours of page.css on a light screen, on a dark one, and on paper."""
    text = (SOURCES / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    assert len(blocks) == 3
    return {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for name, block in zip(("light", "dark", "paper"), blocks, strict=True)
    }


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_text_has_enough_contrast(scheme: str) -> None:
    """4.5 on each ground on which the page has it. The parts of a bar have words beside them."""
    colours = _schemes()[scheme]
    grounds = ("ground", "surface", "raised")
    words = ("text", "muted", "link", "failed", "unread", "passed", "neutral")
    pairs = [(word, ground) for word in words for ground in grounds]
    pairs += [(word, f"{mark}-ground") for mark in ("failed", "unread", "passed", "neutral") for word in ("text", mark)]
    assert [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []
