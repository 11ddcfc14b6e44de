# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The page of a report in a browser: Debian's Chromium, without a window.

`make soak page` installs what drives it; Chromium and its driver are the packages chromium and chromium-driver.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(os.environ["BROWSER_PACKAGES"])

import pypdf
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.page import page
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.shown_text import shown
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import report_world

SIZES = (20, 10_000)
AT_ONCE = 250  # rows of a table that the script shows before somebody asks for more
FEW_SECONDS = 300  # for one step, on a machine that does much else
NARROW = 360
HOSTILE = len(report_world.HOSTILE_NAMES)
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}

each_size = pytest.mark.parametrize("size", SIZES)
each_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(autouse=True)
def environment() -> None:
    """No lab: the tests beside this file need one."""


class Browser:
    """Chromium, with what it logs and requests since a page was opened."""

    def __init__(self) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = os.environ["CHROMIUM"]
        for argument in ("--headless=new", "--disable-dev-shm-usage", "--window-size=1280,900"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium does not start for root otherwise
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver: Any = webdriver.Chrome(options=options, service=Service(os.environ["CHROMEDRIVER"]))
        self.driver.set_page_load_timeout(FEW_SECONDS)
        self.driver.set_script_timeout(FEW_SECONDS)

    def open(self, path: Path, *, scheme: str = "light", width: int = 1280, scripts: bool = True, at: str = "") -> None:
        """Open a page. Without scripts, its own script has not run, and can be looked at all the same."""
        self.driver.get("about:blank")
        self.driver.get_log("browser"), self.driver.get_log("performance")
        self.media("screen", scheme)
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        self.command("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.driver.get(path.as_uri() + at)
        # Without scripts, the driver may not wait for the end of a large page, whose script would run after all.
        end = time.monotonic() + FEW_SECONDS
        while self.command("Runtime.evaluate", expression="document.readyState")["result"]["value"] != "complete":
            assert time.monotonic() < end, f"{path} was not read in {FEW_SECONDS} s."
            time.sleep(0.05)
        self.command("Emulation.setScriptExecutionDisabled", value=False)

    def command(self, name: str, **parameters: object) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def media(self, media: str, scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def rows(self, section: str) -> list[str]:
        """The names in the rows that are shown."""
        script = """return Array.from(document.querySelectorAll(`#${arguments[0]} tbody tr`))
            .filter((row) => row.checkVisibility()).map((row) => row.querySelector("th bdi").textContent)"""
        found: list[str] = self.run(script, section)
        return found

    def filter(self, **values: str) -> float:
        """Set values of the filter, and return the milliseconds until the browser has drawn what is left."""
        script = """const [values, done] = arguments, form = document.getElementById("filter");
            for (const [name, value] of Object.entries(values)) {
              const control = form.elements[name];
              const option = Array.from(control.options ?? []).find((one) => one.text === value);
              control.value = option ? option.value : value;
            }
            const start = performance.now();
            form.requestSubmit();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));"""
        return float(self.driver.execute_async_script(script, values))

    def sort(self, section: str, head: str) -> str:
        """Press the head of a column, and return how it is sorted then."""
        script = """const button = Array.from(document.querySelectorAll(`#${arguments[0]} thead button`))
              .find((one) => one.textContent === arguments[1]);
            button.click();
            return button.closest("th").ariaSort;"""
        return str(self.run(script, section, head))

    def shown(self) -> str:
        return str(self.run("return document.getElementById('filter').elements.shown.value"))

    def texts_of_pdf(self) -> list[str]:
        """The pages as they are printed on A4."""
        pdf = base64.b64decode(self.command("Page.printToPDF", **PAPER)["data"])
        return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages]

    def check_silence(self) -> None:
        """The page logged nothing, violated no policy, ran no text of a stranger, and requested nothing but itself."""
        assert [entry for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")] == []
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requests = [event["params"]["request"] for event in events if event["method"] == "Network.requestWillBeSent"]
        assert len(requests) == 1, requests
        assert requests[0]["url"].startswith("file:///")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A page for each number of buckets, with hostile names in it."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for size in SIZES:
        start = time.process_time()
        with report_world.report_of(size) as report:
            found[size] = folder / f"{size}.html"
            found[size].write_text("".join(page(report)), encoding="utf-8")
        seconds, kib = time.process_time() - start, found[size].stat().st_size / 1024
        print(f"\nresult: {size:,} buckets: {kib:,.0f} KiB, written in {seconds:.1f} s of processor time")
    return found


@each_size
@each_scheme
def test_a_filter_leaves_the_rows_that_match(browser: Browser, pages: dict[int, Path], size: int, scheme: str) -> None:
    """By text, by status, and by both; the number is said, and the address keeps the state."""
    browser.open(pages[size], scheme=scheme)
    everything = size + HOSTILE
    assert len(browser.rows("buckets")) == min(everything, AT_ONCE)
    assert f" {everything:,} buckets" in browser.shown()
    milliseconds = browser.filter(q="BUCKET-000000")
    print(f"\nresult: {size:,} buckets, {scheme}: first filter {milliseconds:.0f} ms")
    assert sorted(browser.rows("buckets")) == [f"bucket-000000{number}" for number in range(10)]
    assert f" 10 of {everything:,} buckets" in browser.shown()
    browser.filter(q="bucket-000000", status="Failed")
    failed = browser.rows("buckets")
    assert failed
    assert set(failed) < {f"bucket-000000{number}" for number in range(10)}
    address = str(browser.run("return location.hash"))
    assert address == "#q=bucket-000000&status=FAILED"
    browser.check_silence()
    browser.open(pages[size], scheme=scheme, at=address)
    assert browser.rows("buckets") == failed
    browser.run("document.querySelector('#filter [type=reset]').click()")
    browser.driver.execute_async_script("setTimeout(arguments[0], 100)")
    assert len(browser.rows("buckets")) == min(everything, AT_ONCE)
    assert browser.run("return location.hash") == ""
    browser.filter(q="no such name")
    assert browser.rows("buckets") == []
    note = "return document.querySelector('#buckets .more:not([hidden])').textContent"
    assert "None of the buckets matches" in browser.run(note)
    browser.check_silence()


@each_size
def test_columns_are_sorted(browser: Browser, pages: dict[int, Path], size: int) -> None:
    """By text, in both directions, and by numbers; the first rows are shown, and more on demand."""
    browser.open(pages[size])
    browser.filter(q="bucket-0")
    assert browser.sort("buckets", "Bucket") == "ascending"
    expected = [f"bucket-{number:07d}" for number in range(size)]
    assert browser.rows("buckets") == expected[:AT_ONCE]
    assert browser.sort("buckets", "Bucket") == "descending"
    assert browser.rows("buckets") == expected[::-1][:AT_ONCE]
    browser.filter(q="bucket-00000")
    assert browser.rows("buckets") == [name for name in expected[::-1] if name < "bucket-0000100"]
    browser.filter(q="bucket-0")
    if size > AT_ONCE:
        browser.run("document.querySelector('#buckets .more button').click()")
        assert len(browser.rows("buckets")) == 2 * AT_ONCE
    assert browser.sort("accounts", "Findings") == "ascending"
    numbers = """return Array.from(document.querySelectorAll("#accounts tbody td:last-child"))
        .map((cell) => Number(cell.textContent.replace(/\\D/g, "")))"""
    found = browser.run(numbers)
    assert found == sorted(found)
    browser.check_silence()


@each_size
@each_scheme
def test_the_page_is_printed(browser: Browser, pages: dict[int, Path], size: int, scheme: str) -> None:
    """In dark text on white, with the tasks, without controls, and with heads of tables on each sheet."""
    browser.open(pages[size], scheme=scheme)
    browser.filter(q="bucket-000")
    browser.media("print", scheme)
    colours = "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
    assert browser.run(colours) == ["rgb(17, 17, 17)", "rgb(255, 255, 255)"]
    browser.media("", scheme)
    sheets = browser.texts_of_pdf()
    text = " ".join("\n".join(sheets).split())
    assert f"1 / {len(sheets)}" in sheets[0]
    assert "bucket-0000003" in text.replace(" ", "")
    assert "require_tls: true" in text
    assert "Clear the filter" not in text
    assert "Copy" not in text.split()
    of_buckets = [sheet for sheet in sheets if sheet.count("bucket-00") > 10 and "Findings" in sheet]
    assert of_buckets
    assert browser.run("return document.querySelectorAll('details[open]').length") <= 1
    browser.check_silence()


@each_size
@each_scheme
def test_the_page_is_readable_without_scripts(browser: Browser, pages: dict[int, Path], size: int, scheme: str) -> None:
    """All rows are there, and nothing that needs the script."""
    browser.open(pages[size], scheme=scheme, scripts=False)
    names = browser.rows("buckets")
    assert len(names) == size + HOSTILE
    assert set(names) >= {f"bucket-{number:07d}" for number in range(size)}
    controls = """return Array.from(document.querySelectorAll("button, input, select, output, .only-script"))
        .filter((one) => one.checkVisibility()).length"""
    assert browser.run(controls) == 0
    browser.check_silence()


@each_size
@pytest.mark.parametrize("scripts", [True, False])
def test_a_phone_needs_no_scrolling_to_the_side(
    browser: Browser, pages: dict[int, Path], size: int, scripts: bool
) -> None:
    """Also where names are long and have no place to break."""
    browser.open(pages[size], width=NARROW, scripts=scripts)
    parts = browser.run("return Array.from(document.querySelectorAll('main section'), (part) => part.id)")
    for part in parts:
        browser.run("document.getElementById(arguments[0]).scrollIntoView({behavior: 'instant'})", part)
        widths = "return [document.documentElement.scrollWidth, document.body.scrollWidth]"
        assert browser.run(widths) == [NARROW, NARROW], part
    browser.check_silence()


@pytest.mark.parametrize("width", [961, 1024, 1130, 1280, 1600])
def test_each_column_has_room_for_words(browser: Browser, pages: dict[int, Path], width: int) -> None:
    """At every width at which a table has columns. The words of its findings are the last column of a row."""
    browser.open(pages[20], width=width)
    script = """return Array.from(document.querySelectorAll("thead th"), (head) =>
        [head.closest("section").id, (head.querySelector("button") ?? head).textContent,
        head.getBoundingClientRect().width])"""
    is_table = browser.run("return getComputedStyle(document.querySelector('#buckets tbody')).display") != "block"
    least = 60 if is_table else 20
    assert [each for each in browser.run(script) if each[2] < least] == []
    if is_table:
        widths = {name: pixels for section, name, pixels in browser.run(script) if section == "buckets"}
        assert widths["Findings"] > 180


@pytest.mark.parametrize("width", [1280, NARROW])
def test_tables_are_tables_for_screen_readers(browser: Browser, pages: dict[int, Path], width: int) -> None:
    """Rows that a narrow screen shows as blocks keep their roles. Every control and every table has a name."""
    browser.open(pages[20], width=width)
    for part in browser.run("return Array.from(document.querySelectorAll('main section'), (part) => part.id)"):
        browser.run("document.getElementById(arguments[0]).scrollIntoView({behavior: 'instant'})", part)
    nodes = [node for node in browser.command("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]
    roles: dict[str, list[str]] = {}
    for node in nodes:
        roles.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert len(roles["table"]) == 6
    for role in ("table", "columnheader", "rowheader", "button", "combobox", "searchbox", "heading", "link"):
        assert all(roles[role]), role
    assert len(roles["rowheader"]) > 20 + HOSTILE
    assert len(roles["cell"]) > 100
    assert {"main", "banner", "contentinfo", "navigation", "search"} <= set(roles)


def test_the_keyboard_is_enough(browser: Browser, pages: dict[int, Path]) -> None:
    """The first stop leads to the report. A rule leads to its rows, and a task can be copied."""
    browser.open(pages[20])
    body = browser.driver.find_element("tag name", "body")
    body.send_keys(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.run("return document.activeElement.id") == "main"
    links = "return Array.from(document.querySelectorAll('.rule a[href^=\"#rule=\"]'), (link) => link.hash)"
    rule = next(each for each in browser.run(links) if each.startswith("#rule=bucket-policy"))
    browser.run('document.querySelector(`.rule a[href="${arguments[0]}"]`).focus()', rule)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.driver.execute_async_script("setTimeout(arguments[0], 200)")
    assert browser.run("return document.activeElement.id") == "resources-title"
    assert 0 < len(browser.rows("buckets")) < 20
    browser.run("document.querySelector('nav a[href=\"#keys\"]').click()")
    browser.driver.execute_async_script("setTimeout(arguments[0], 200)")
    assert browser.run("return location.hash") == rule
    said = """const button = document.querySelector("details[open] .copy");
        button.focus(); button.click(); setTimeout(() => arguments[0](button.textContent), 200)"""
    assert browser.driver.execute_async_script(said) in ("Copied", "Selected")
    browser.check_silence()


@each_scheme
def test_all_text_has_enough_contrast(browser: Browser, pages: dict[int, Path], scheme: str) -> None:
    """At least 4.5 with what is behind it, in the colours that the browser computed."""
    browser.open(pages[20], scheme=scheme)
    browser.run("for (const details of document.querySelectorAll('details')) details.open = true")
    script = """
        const channel = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        const luminance = (colour) => colour.match(/[\\d.]+/g).slice(0, 3)
          .reduce((sum, value, place) => sum + [0.2126, 0.7152, 0.0722][place] * channel(value / 255), 0);
        const ground = (element) => {
          const colour = getComputedStyle(element).backgroundColor;
          return colour === "rgba(0, 0, 0, 0)" && element.parentElement ? ground(element.parentElement) : colour;
        };
        const found = new Map();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const element = walker.currentNode.parentElement;
          if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
          const pair = [getComputedStyle(element).color, ground(element)];
          const [dark, bright] = pair.map(luminance).sort((a, b) => a - b);
          found.set(pair.join(" on "), (bright + 0.05) / (dark + 0.05));
        }
        return Object.fromEntries(found)"""
    contrasts = browser.run(script)
    assert len(contrasts) > 10
    assert {pair: contrast for pair, contrast in contrasts.items() if contrast < 4.5} == {}


@pytest.mark.parametrize("width", [320, NARROW, 768, 1280])
def test_the_button_that_copies_covers_no_text(browser: Browser, pages: dict[int, Path], width: int) -> None:
    """Neither the task nor its title; and a finger can hit it."""
    browser.open(pages[20], width=width)
    script = """
        for (const details of document.querySelectorAll("details")) details.open = true;
        const box = (node) => {
          const range = document.createRange();
          range.selectNodeContents(node);
          return range.getBoundingClientRect();
        };
        return Array.from(document.querySelectorAll(".copy"), (button) => {
          const own = button.getBoundingClientRect();
          const summary = box(button.closest("details").querySelector("summary"));
          const task = button.parentElement.querySelector("pre").getBoundingClientRect();
          return [own.height, Math.max(own.left - summary.right, own.top - summary.bottom), task.top - own.bottom];
        })"""
    buttons = browser.run(script)
    assert buttons
    assert [each for each in buttons if each[0] < 24 or each[1] < 0 or each[2] < 0] == []


def test_nothing_moves_where_somebody_wants_no_motion(browser: Browser, pages: dict[int, Path]) -> None:
    """The page scrolls smoothly elsewhere."""
    browser.open(pages[20])
    behaviour = "return getComputedStyle(document.documentElement).scrollBehavior"
    found = {}
    for wish in ("no-preference", "reduce"):
        features = [{"name": "prefers-reduced-motion", "value": wish}]
        browser.command("Emulation.setEmulatedMedia", media="screen", features=features)
        found[wish] = browser.run(behaviour)
    assert found == {"no-preference": "smooth", "reduce": "auto"}


def test_names_of_strangers_do_nothing(browser: Browser, pages: dict[int, Path]) -> None:
    """They are text in the rows, also after the script has moved them, and in the lists of the filter."""
    browser.open(pages[20])
    browser.sort("buckets", "Bucket")
    names = browser.rows("buckets")
    for name in report_world.HOSTILE_NAMES:
        assert shown(name.replace("\ud800", "\ufffd")) in names
    for name in report_world.HOSTILE_NAMES[:2]:
        browser.filter(q=name.split()[0])
        assert name in browser.rows("buckets")
    assert browser.run("return document.scripts.length") == 2
    assert browser.run("return document.querySelectorAll('img, iframe, [onerror], [onmouseover]').length") == 0
    browser.check_silence()
