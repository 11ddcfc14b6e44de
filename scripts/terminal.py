# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run a command in a terminal of its own, and draw what a terminal shows as an SVG."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
from collections.abc import Sequence

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROWS = 40

# The colors of GitHub's dark theme: readable on a light page, and set apart from a dark one by the border.
THEME = TerminalTheme(
    (22, 27, 34),
    (201, 209, 217),
    [(72, 79, 88), (255, 123, 114), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221)]
    + [(177, 186, 196)],
    [(110, 118, 129), (255, 161, 152), (126, 231, 135), (242, 204, 96), (165, 214, 255), (226, 197, 255)]
    + [(179, 240, 255), (240, 246, 252)],
)

# The format of rich without its web font, so that the picture needs no other host.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!-- Written by scripts/pictures.py with rich. -->
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font: bold 18px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Arial, sans-serif; }}
{styles}
</style>
<defs>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def output_in_terminal(command: Sequence[str], columns: int) -> str:
    """Run the command in a new terminal of this width, and return all that it writes. It has to succeed."""
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
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


def svg_of(text: str, title: str, name: str, columns: int) -> str:
    """Draw text with ANSI colors. Longer lines are broken as a terminal does. `name` distinguishes SVGs in one page."""
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in Text.from_ansi(text).split("\n", allow_blank=True):
        cuts = range(columns, len(line), columns)
        for part in line.divide(cuts):
            console.print(part, soft_wrap=True, highlight=False)
    svg = console.export_svg(title=title, theme=THEME, code_format=SVG, unique_id=name)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())
