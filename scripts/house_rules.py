# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Rules of this repository that no other tool holds. Runs in the environment of tools."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import workshop
import yaml
from workshop import ROOT

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def action_group() -> Iterator[str]:
    """Every module is in the action group, and nothing else is."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    for name, members in runtime["action_groups"].items():
        listed = [m for m in members if isinstance(m, str)]
        modules = sorted(p.stem for p in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
        if listed != modules:
            yield f"meta/runtime.yml: the group {name} lists {listed}; plugins/modules/ has {modules}"


def links(names: list[str]) -> Iterator[str]:
    """A link from one document to another leads to a file."""
    for name in names:
        if name.endswith(".md"):
            for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
                for target in LINK.findall(line):
                    path = target.partition("#")[0]
                    if path and "://" not in path and not (ROOT / name).parent.joinpath(path).exists():
                        yield f"{name}:{number}: there is no {path}"


def whitespace(names: list[str]) -> Iterator[str]:
    """No trailing blanks, no tabs but where they are syntax, and one newline at the end."""
    for name in names:
        path = ROOT / name
        if name in ("COPYING", "LICENSES/GPL-3.0-or-later.txt") or path.suffix in (".bin", ".png", ".gz"):
            continue
        text = path.read_text()
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield f"{name}: ends without a newline, or with more than one"
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip() or ("\t" in line and path.name != "Makefile"):
                yield f"{name}:{number}: blanks at the end, or a tab"


def executables(names: list[str]) -> Iterator[str]:
    """A file that begins with #! can be run, and no other; but Ansible's modules are not run by their name."""
    for name in names:
        if name.startswith("plugins/modules/"):
            continue
        path = Path(ROOT / name)
        with path.open("rb") as handle:
            if (handle.read(2) == b"#!") != bool(path.stat().st_mode & 0o100):
                yield f"{name}: #! and the executable bit belong together"


def main() -> int:
    """Print what is wrong, a line for each."""
    names = workshop.tracked()
    wrong = [*action_group(), *links(names), *whitespace(names), *executables(names)]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
