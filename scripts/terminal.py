# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run a command in a terminal of its own, and draw what a terminal shows as an SVG.

The SVG is text: it can be selected, searched and read aloud. It follows the light or dark theme of its reader, and it
has no script, no font and no address of another host in it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rich.style import Style
from rich.text import Text

ROWS = 40
# The characters of a line. In a column of README.md on GitHub, they are then about as large as the text beside them.
COLUMNS = 96

# Pixels. `textLength` gives each line its width, because the fonts of readers differ in theirs.
CHARACTER, LINE = 8.4, 19
MARGIN, HEAD = 16, 42
FONT_SIZE = 14

# The colors of a terminal, as GitHub has them in its two themes: each has a contrast of 4.5 or more to its background.
ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
DIM, BOLD = "dim", "bold"  # ANSI's bright black, and bold


@dataclass(frozen=True)
class Theme:
    """The colors of a terminal: of its background and frame, of plain text, and of those that the output names."""

    background: str
    frame: str
    text: str
    dim: str
    named: tuple[str, ...]  # in the order of ANSI

    def css(self) -> str:
        """The rules for the classes of the picture."""
        rules = {"text": self.text, f".{DIM}": self.dim}
        rules |= {f".{name}": color for name, color in zip(ANSI, self.named, strict=True)}
        fills = " ".join(f"{selector} {{ fill: {color} }}" for selector, color in rules.items())
        return f".window {{ fill: {self.background}; stroke: {self.frame} }} .button {{ fill: {self.frame} }}\n{fills}"


LIGHT = Theme(
    "#f6f8fa", "#d1d9e0", "#1f2328", "#59636e",
    ("#1f2328", "#cf222e", "#116329", "#7d4e00", "#0550ae", "#6639ba", "#1b5f70", "#59636e"),
)  # fmt: skip
DARK = Theme(
    "#151b23", "#3d444d", "#e6edf3", "#9198a1",
    ("#9198a1", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#c9d1d9"),
)  # fmt: skip

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
role="group" aria-labelledby="{name}-title {name}-description" xml:lang="en">
<!-- Written by scripts/pictures.py. -->
<title id="{name}-title">{title}</title>
<desc id="{name}-description">{description}</desc>
<style>
text {{ font: {size}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }}
.title {{ font: 600 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Arial, sans-serif }}
.{bold} {{ font-weight: bold }}
{light}
@media (prefers-color-scheme: dark) {{
{dark}
}}
</style>
<rect class="window" x="0.5" y="0.5" width="{inner_width}" height="{inner_height}" rx="8"/>
<g aria-hidden="true">
<circle class="button" cx="21" cy="19" r="5.5"/>
<circle class="button" cx="39" cy="19" r="5.5"/>
<circle class="button" cx="57" cy="19" r="5.5"/>
</g>
<text class="title dim" text-anchor="middle" x="{middle}" y="23">{title}</text>
{lines}
</svg>
"""


@dataclass(frozen=True)
class Picture:
    """What a terminal shows: its text with ANSI colors, its title, and a sentence for those who do not see it.

    `name` is the file without `.svg`.
    """

    name: str
    title: str
    description: str
    text: str

    def svg(self) -> str:
        """Draw it. Longer lines are broken between words."""
        lines = [part for line in Text.from_ansi(self.text).split("\n", allow_blank=True) for part in _broken(line)]
        width, height = round(COLUMNS * CHARACTER + 2 * MARGIN), HEAD + len(lines) * LINE + MARGIN
        return SVG.format(
            name=self.name,
            title=escape(self.title),
            description=escape(self.description),
            width=width,
            height=height,
            inner_width=width - 1,
            inner_height=height - 1,
            middle=width / 2,
            size=FONT_SIZE,
            bold=BOLD,
            light=LIGHT.css(),
            dark=DARK.css(),
            lines="\n".join(_drawn(lines)),
        )


def _broken(line: Text) -> Iterator[Text]:
    while len(line) > COLUMNS:
        space = line.plain.rfind(" ", 1, COLUMNS + 1)
        first, line = line.divide([space + 1 if space > 0 else COLUMNS])
        yield first
    yield line


def _drawn(lines: Sequence[Text]) -> Iterator[str]:
    """One element for each line, so that a reader can select and copy lines."""
    for number, line in enumerate(lines):
        line.rstrip()
        if line.plain:
            y = HEAD + LINE * number + FONT_SIZE
            width = f"{len(line) * CHARACTER:.1f}".removesuffix(".0")
            runs = "".join(f'<tspan class="{kind}">{text}</tspan>' if kind else text for text, kind in _runs(line))
            yield f'<text xml:space="preserve" x="{MARGIN}" y="{y}" textLength="{width}">{runs}</text>'


def _runs(line: Text) -> Iterator[tuple[str, str]]:
    """The parts of a line that have one style, with its classes."""
    ends = sorted({0, len(line), *(end for span in line.spans for end in (span.start, span.end))})
    for start, end in zip(ends, ends[1:], strict=False):
        named = (str(span.style) for span in line.spans if span.start <= start and end <= span.end)
        style = Style.combine([Style(), *(Style.parse(each) for each in named)])
        yield escape(line.plain[start:end], quote=False), _classes(style)


def _classes(style: Style) -> str:
    number = style.color.number if style.color else None
    found = [BOLD] if style.bold else []
    if number is not None:
        found.append(DIM if number == len(ANSI) else ANSI[number % len(ANSI)])
    return " ".join(found)


def output_in_terminal(command: Sequence[str]) -> str:
    """Run the command in a new terminal, and return all that it writes. It has to succeed."""
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvpe(command[0], list(command), {**os.environ, "TERM": "xterm-256color"})
    written = bytearray()
    try:
        while chunk := os.read(terminal, 65536):
            written += chunk
    except OSError:  # Linux reports the end of a terminal as an error
        pass
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    text = written.decode("utf-8").replace("\r\n", "\n")
    if status:
        raise SystemExit(f"{text}\n{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return text
