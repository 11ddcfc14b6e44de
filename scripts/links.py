# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Check the links inside this repository, without a network.

links.py                  check links and anchors of documents, URLs of this repository, and paths in backticks
links.py --other-hosts    print the links to other hosts, for a link checker with a network
"""

from __future__ import annotations

import functools
import posixpath
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "https://github.com/sealed-s3/sealed.s3"

RAW = "https://raw.githubusercontent.com/sealed-s3/sealed.s3"
OWN_FILE = re.compile(rf"(?:{re.escape(REPOSITORY)}/(?:blob|tree|raw)|{re.escape(RAW)})/main/([\w./#-]*[\w/])")
DOCUMENT = re.compile(r"(?<![\w/.-])docs/\w+\.md(?:#[\w-]+)?")
TESTS_OF_LINKS = "tests/repository/"
URL = re.compile(r"https?://[^\s()\[\]\"'<>`|\\^]*[^\s()\[\]\"'<>`|\\^.,:;]")
HTML_LINK = re.compile(r"""\b(?:href|src|srcset)=["']([^"']+)["']""")
HTML_ANCHOR = re.compile(r"""\b(?:id|name)=["']([^"']+)["']""")
SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)

PATH = re.compile(r"\.?[\w*-][\w.*-]*(?:/[\w.*-]+)+/?")
# A word in capitals stands for a name that the reader chooses, as in tests/integration/backends/BACKEND.yml.
PLACEHOLDER = re.compile(r"(?:^|[/-])[A-Z]{3,}(?=[./]|$)(?!\.md)")
# The text of a document names files of Python relative to this folder, too.
MODULE_UTILS = "plugins/module_utils/"
# What a checkout contains that git does not track.
GENERATED = (".cache/", ".venv/", "tests/output/")

# Hosts in examples and tests, the endpoints of AWS, and what GitHub shows after a login only.
NO_PAGE = re.compile(
    r"https?://(?:\[|[\d.]+\b|localhost|[\w.-]*\b(?:example|test|invalid|internal|local)\b|[\w.-]*\.amazonaws\.com(?!/doc)"
    r"|[^/]*[{}$%*…@]|[\w-]+(?:[:/]|$)|.*/security/advisories/new$)"
)


@dataclass(frozen=True)
class Document:
    """What a Markdown file refers to, with the line numbers, and the anchors that others can link to."""

    links: tuple[tuple[int, str], ...]
    code: tuple[tuple[int, str], ...]
    anchors: frozenset[str]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _text(token: Token) -> str:
    return "".join(child.content for child in token.children or [] if child.type in ("text", "code_inline"))


def parse(text: str) -> Document:
    """Parse a Markdown document."""
    links: list[tuple[int, str]] = []
    code: list[tuple[int, str]] = []
    anchors: list[str] = []
    headings: Counter[str] = Counter()
    previous = ""
    for block in MarkdownIt("commonmark").enable("table").parse(text):
        line = block.map[0] + 1 if block.map else 1
        for token in [block, *(block.children or [])]:
            target = token.attrGet("href") or token.attrGet("src")
            if target is not None:
                links.append((line, unquote(str(target))))
            elif token.type == "code_inline":
                code.append((line, token.content))
            elif token.type in ("html_block", "html_inline"):
                links += ((line, found) for found in HTML_LINK.findall(token.content))
                anchors += HTML_ANCHOR.findall(token.content)
            line += token.type in ("softbreak", "hardbreak")
        if previous == "heading_open":
            name = slug(_text(block))
            anchors.append(f"{name}-{headings[name]}" if headings[name] else name)
            headings[name] += 1
        previous = block.type
    return Document(tuple(links), tuple(code), frozenset(anchors))


@dataclass(frozen=True)
class Checkout:
    """The files of a repository."""

    root: Path
    files: frozenset[str]

    @functools.cached_property
    def folders(self) -> frozenset[str]:
        """Return the folders of the files."""
        return frozenset(str(parent) for name in self.files for parent in Path(name).parents)

    def text(self, name: str) -> str:
        """Return the content of a file, or nothing if it is not text."""
        content = (self.root / name).read_bytes()
        return "" if b"\0" in content else content.decode(errors="replace")

    @functools.cached_property
    def documents(self) -> dict[str, Document]:
        """Return the Markdown files."""
        return {name: parse(self.text(name)) for name in sorted(self.files) if name.endswith(".md")}

    def error(self, path: str, anchor: str) -> str | None:
        """Return what is wrong with a link to this path of the repository."""
        name = posixpath.normpath(path)
        if name not in self.files and name not in self.folders:
            return f"{name} does not exist"
        if anchor and name in self.documents and anchor not in self.documents[name].anchors:
            return f"{name} has no heading or anchor #{anchor}"
        return None

    def _paths(self, document: str) -> Iterator[tuple[int, str, bool]]:
        """Yield the paths of this repository in the text of a document, with the line, and whether each exists.

        A path begins with a folder that exists, and can contain `*`.
        """
        for line, code in self.documents[document].code:
            if not PATH.fullmatch(code) or PLACEHOLDER.search(code) or code.startswith(GENERATED):
                continue
            bases = {
                "",
                f"{posixpath.dirname(document)}/".lstrip("/"),
                *([MODULE_UTILS] if code.endswith(".py") else []),
            }
            first = code.partition("/")[0]
            if any(base + first in self.folders for base in bases):
                yield line, code, any(self._exists(base + code) for base in bases)

    def _exists(self, path: str) -> bool:
        name = posixpath.normpath(path)
        known = self.files | self.folders
        return name in known or ("*" in name and any(fnmatchcase(each, name) for each in known))

    def _errors_of_document(self, name: str) -> Iterator[str]:
        for line, target in self.documents[name].links:
            path, _, anchor = target.partition("#")
            if SCHEME.match(target):
                continue
            # GitHub resolves a link that begins with / in the root of the repository.
            base = "" if path.startswith("/") else posixpath.dirname(name)
            problem = self.error(posixpath.join(base, path.lstrip("/")) if path else name, anchor)
            if problem:
                yield f"{name}:{line}: {problem}"
        for line, path, exists in self._paths(name):
            if not exists:
                yield f"{name}:{line}: {path} does not exist"

    def _errors_of_lines(self, name: str) -> Iterator[str]:
        """Yield what is wrong in any file: URLs of this repository, and the names of documents in code and messages."""
        for number, line in enumerate(self.text(name).splitlines(), 1):
            named = () if name in self.documents or name.startswith(TESTS_OF_LINKS) else DOCUMENT.findall(line)
            for target in (*OWN_FILE.findall(line), *named):
                path, _, anchor = target.partition("#")
                problem = self.error(path, anchor)
                if problem:
                    yield f"{name}:{number}: {problem}"

    def errors(self) -> Iterator[str]:
        """Yield each broken link, with its file and line."""
        for name in self.documents:
            yield from self._errors_of_document(name)
        for name in sorted(self.files):
            yield from self._errors_of_lines(name)

    def size(self) -> str:
        """Return how much there is to check."""
        links = sum(len(document.links) for document in self.documents.values())
        paths = sum(1 for name in self.documents for _ in self._paths(name))
        return f"{len(self.documents)} documents, {links} links, {paths} paths"

    def other_hosts(self) -> list[str]:
        """Return the links to pages of other hosts, in documents, and in the documentation of the modules."""
        places = (name for name in self.files if name.endswith(".md") or name.startswith(("plugins/", ".github/")))
        found = {url for name in (*places, "galaxy.yml") for url in URL.findall(self.text(name))}
        return sorted(url for url in found if not OWN_FILE.match(url) and not NO_PAGE.match(url))


def checkout(root: Path = ROOT) -> Checkout:
    """Return the files of this checkout that git tracks, or would track after `git add`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return Checkout(root, frozenset(name for name in listed.split("\0") if name and (root / name).is_file()))


def main(arguments: list[str]) -> int:
    """Run the command line."""
    ours = checkout()
    if arguments == ["--other-hosts"]:
        print("\n".join(ours.other_hosts()))
        return 0
    errors = list(ours.errors())
    print("\n".join([*errors, f"{ours.size()}, {len(errors)} errors"]))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
