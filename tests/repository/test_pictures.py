# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The pictures of the documentation: who can read them, what is in them, and which documents show them."""

from __future__ import annotations

import functools
import importlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

links = importlib.import_module("links")
terminal = importlib.import_module("terminal")

ROOT = Path(__file__).parents[2]
IMAGES = sorted((ROOT / "docs" / "images").iterdir())
DRAWINGS = [path for path in IMAGES if path.suffix == ".svg"]
LARGEST = 250_000  # bytes
SVG = "{http://www.w3.org/2000/svg}"
IN_MARKDOWN = re.compile(r"!\[(?P<text>[^\]]*)\]\(\S*?images/(?P<file>[\w.-]+)\)")
IN_HTML = re.compile(r"<img\b[^>]*?\bsrc=\"\S*?images/(?P<file>[\w.-]+)\"[^>]*?\balt=\"(?P<text>[^\"]*)\"")
SOURCE = re.compile(r"<source\b[^>]*\bsrcset=\"\S*?images/([\w.-]+)\"")


def lines_of(svg: str) -> list[str]:
    """The lines of a drawn terminal, without its title."""
    _title, *lines = ET.fromstring(svg).iter(f"{SVG}text")
    return ["".join(line.itertext()) for line in lines]


def drawn(text: str) -> str:
    """A picture of this text."""
    svg: str = terminal.Picture("name", "A & B", "<what>", text).svg()
    return svg


@functools.cache
def documents() -> tuple[str, ...]:
    """The texts of the documents."""
    return tuple((ROOT / name).read_text("utf-8") for name in links.checkout().files if name.endswith(".md"))


def shown_in_documents() -> Iterator[tuple[str, str]]:
    """The file and the alternative text of each picture that a document shows."""
    for text in documents():
        for found in (*IN_MARKDOWN.finditer(text), *IN_HTML.finditer(text)):
            yield found["file"], found["text"]


def luminance(color: str) -> float:
    """The relative luminance of a color. Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_an_image_is_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST


def test_each_image_is_in_a_document() -> None:
    sources = {name for text in documents() for name in SOURCE.findall(text)}
    assert {path.name for path in IMAGES} == {name for name, _text in shown_in_documents()} | sources


def test_each_image_has_a_text_that_says_what_is_seen() -> None:
    assert [name for name, text in shown_in_documents() if len(text.split()) < 5] == []


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.name)
def test_a_drawing_is_text_without_anything_from_elsewhere(path: Path) -> None:
    svg = path.read_text("utf-8")
    root = ET.fromstring(svg)
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "g", "circle", "text", "tspan"}
    addresses = re.findall(r"https?://[^\s\"<]+|@import|url\(|@font-face|href|\bon\w+=", svg)
    assert [found for found in addresses if found not in ("http://www.w3.org/2000/svg",)] == []
    assert "(prefers-color-scheme: dark)" in svg
    assert all(root.findtext(f"{SVG}{name}") for name in ("title", "desc"))


@pytest.mark.parametrize("theme", ["LIGHT", "DARK"])
def test_the_colors_have_enough_contrast(theme: str) -> None:
    """4.5 is the level AA of WCAG for text."""
    colors = getattr(terminal, theme)
    background = luminance(colors.background)
    for color in (colors.text, colors.dim, *colors.named):
        lighter, darker = sorted((luminance(color), background), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, color


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\n\n  b", ["a", "  b"]),
        ("<b> & \"c\" ]]> 'd'", ["<b> & \"c\" ]]> 'd'"]),
        ("\x1b[0;32mok: \x1b[1mx\x1b[0m y", ["ok: x y"]),
        ("x" * 97, ["x" * 96, "x"]),
        ("x" * 90 + " words", ["x" * 90 + " words"]),
        ("x" * 90 + " words more", ["x" * 90 + " words", "more"]),
    ],
)
def test_the_text_can_be_selected_as_it_is(text: str, lines: list[str]) -> None:
    assert lines_of(drawn(text)) == lines


@pytest.mark.parametrize(
    ("codes", "classes"),
    [("0;32", "green"), ("1;35", "bold magenta"), ("90", "dim"), ("1", "bold"), ("91", "red"), ("37", "white")],
)
def test_a_color_is_a_class_of_both_themes(codes: str, classes: str) -> None:
    svg = drawn(f"\x1b[{codes}mx\x1b[0m")
    assert f'<tspan class="{classes}">x</tspan>' in svg
    assert all(svg.count(f".{name} {{") == (1 if name == "bold" else 2) for name in classes.split())


@pytest.mark.parametrize(
    ("name", "document", "module"),
    [
        ("fleet", "README.md", "bucket_default_encryption"),
        ("check", "docs/check_mode.md", "kms_key_for_s3"),
    ],
)
def test_a_picture_shows_the_tasks_of_its_document(name: str, document: str, module: str) -> None:
    """`make pictures` draws it again."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / document).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    tasks: list[dict[str, Any]] = yaml.safe_load(next(each for each in blocks if f"sealed.s3.{module}:" in each))
    shown = "\n".join(lines_of((ROOT / "docs" / "images" / f"{name}.svg").read_text("utf-8")))
    assert all(f"TASK [{task['name']}] ***" in shown for task in tasks)
