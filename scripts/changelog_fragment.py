# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Require a changelog fragment for a change of plugins/.

pre-commit runs this file. It checks the staged files, or with --from-ref and --to-ref of pre-commit the commits between
them. A fragment in an earlier commit of the same branch is enough.
"""

from __future__ import annotations

import os
import subprocess
import sys

MAIN_BRANCHES = ("origin/main", "main")
PLUGINS = "plugins/"
FRAGMENTS = "changelogs/fragments/"
MESSAGE = f"""This change of {PLUGINS} has no changelog fragment. Add a file to {FRAGMENTS}, and git add it.
If users do not notice the change, use the section `trivial`, which is not printed in the changelog."""


def _git(*arguments: str) -> list[str]:
    """Return the lines that this git command prints, or no line if it fails."""
    completed = subprocess.run(["git", *arguments], capture_output=True, text=True)
    return completed.stdout.splitlines() if completed.returncode == 0 else []


def _changed(*revisions: str) -> list[str]:
    """Return the files that differ between these revisions, without those that were deleted."""
    return _git("diff", "--name-only", "--no-renames", "--diff-filter=d", *revisions)


def _since_main() -> list[str]:
    """Return the files that the commits of this branch have changed."""
    for branch in MAIN_BRANCHES:
        if _git("rev-parse", "--verify", "--quiet", branch):
            return _changed(f"{branch}...HEAD")
    return []


def main() -> int:
    """Print what is missing, and return the exit status."""
    first, last = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    changed = _changed(f"{first}...{last}") if first and last else _changed("--cached")
    if not any(name.startswith(PLUGINS) for name in changed):
        return 0
    if any(name.startswith(FRAGMENTS) for name in (*changed, *_since_main())):
        return 0
    print(MESSAGE)
    return 1


if __name__ == "__main__":
    sys.exit(main())
