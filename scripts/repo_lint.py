# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Check the rules of this repository that no other tool checks. Runs in the tools' environment."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import environments
import yaml
from environments import ROOT

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def action_group() -> Iterator[str]:
    """The action group lists all modules, and nothing else."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    for name, members in runtime["action_groups"].items():
        listed = [m for m in members if isinstance(m, str)]
        modules = sorted(p.stem for p in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
        if listed != modules:
            yield f"meta/runtime.yml: the group {name} lists {listed}; plugins/modules/ has {modules}"


def links(names: list[str]) -> Iterator[str]:
    """The target of each link between documents exists."""
    for name in names:
        if name.endswith(".md"):
            for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
                for target in LINK.findall(line):
                    path = target.partition("#")[0]
                    if path and "://" not in path and not (ROOT / name).parent.joinpath(path).exists():
                        yield f"{name}:{number}: {path} does not exist"


def whitespace(names: list[str]) -> Iterator[str]:
    """No trailing blanks, no tabs except in the Makefile, and exactly one newline at the end of a file."""
    for name in names:
        path = ROOT / name
        if path.name in ("COPYING", "GPL-3.0-or-later.txt") or path.suffix in (".bin", ".png", ".gz"):
            continue
        text = path.read_text()
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield f"{name}: does not end with exactly one newline"
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip() or ("\t" in line and path.name != "Makefile"):
                yield f"{name}:{number}: trailing blanks, or a tab"


def executables(names: list[str]) -> Iterator[str]:
    """A file is executable if and only if it begins with #!. Modules are exempt: nothing runs them directly."""
    for name in names:
        if name.startswith("plugins/modules/"):
            continue
        path = Path(ROOT / name)
        with path.open("rb") as handle:
            if (handle.read(2) == b"#!") != bool(path.stat().st_mode & 0o100):
                yield f"{name}: has only one of #! and the executable bit"


def main() -> int:
    """Print each violation in a line."""
    names = environments.tracked_files()
    violations = [*action_group(), *links(names), *whitespace(names), *executables(names)]
    print("\n".join(violations))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
