# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Compare the summary of the demo, in an output of demo/run, with the one in README.md.

demo_summary.py OUTPUT            fails with a diff if they differ
demo_summary.py OUTPUT --write    writes the summary of the output into README.md
"""

from __future__ import annotations

import difflib
import re
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
PICTURE = README.parent / "docs" / "images" / "demo.svg"
TASK = "TASK [Show what was done]"
ACCOUNT_OF_README = "123456789012"

_BLOCK = re.compile(r"(<!-- demo:begin -->\n\n```text\n)(.*?)(\n```\n\n<!-- demo:end -->)", re.DOTALL)
_DRAWN = "{http://www.w3.org/2000/svg}text"
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
# The block of a multi-line string in Ansible's output in YAML, which is indented.
_MESSAGE = re.compile(r"^ +msg: \|-\n((?: {8}.*\n|\n)+)", re.MULTILINE)


def summary_of(output: str) -> str:
    """Return the summary in the output of Ansible, for the account of README.md."""
    _, found, ending = _COLOR.sub("", output).partition(TASK)
    message = _MESSAGE.search(ending)
    if not found or not message:
        raise SystemExit(f"The output has no message of {TASK}.")
    return re.sub(r"\b\d{12}\b", ACCOUNT_OF_README, textwrap.dedent(message[1]).strip("\n"))


def _is_in_picture(shown: str) -> bool:
    """Whether the picture of README.md has each line of the summary."""
    drawn = ["".join(line.itertext()).strip() for line in ET.parse(PICTURE).iter(_DRAWN)]
    return {line.strip() for line in shown.splitlines()} <= {*drawn, ""}


def main(output: str, *options: str) -> None:
    """Compare or write."""
    shown = summary_of(Path(output).read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    block = _BLOCK.search(text)
    if not block:
        raise SystemExit("README.md has no block between the marks demo:begin and demo:end.")
    if options == ("--write",):
        README.write_text(text[: block.start(2)] + shown + text[block.end(2) :], encoding="utf-8")
    elif shown != block[2]:
        lines = difflib.unified_diff(block[2].splitlines(), shown.splitlines(), "README.md", "this run", lineterm="")
        raise SystemExit("\n".join(["The summary is not the one in README.md (demo/run --write writes it):", *lines]))
    elif not _is_in_picture(shown):
        raise SystemExit(f"{PICTURE.name} does not show this summary. `make pictures` draws it.")


if __name__ == "__main__":
    main(*sys.argv[1:])
