# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The code in README.md."""

from __future__ import annotations

import subprocess
import sys

import readme_lines

import sealed_lab


def test_the_first_three_lines_show_that_a_wrong_key_is_refused() -> None:
    """In a process of its own, as a reader runs them."""
    ran = subprocess.run([sys.executable, readme_lines.__file__], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"sealed-lab {sealed_lab.__version__} in ")
    assert "(AccessDenied) when calling the GetObject operation" in ran.stdout


def test_public_names_are_documented() -> None:
    text = readme_lines.README.read_text()
    section = text[text.index("## Public API") :].partition("\n## ")[0]
    missing = [name for name in [*sealed_lab.__all__, "__version__"] if f"`{name}" not in section]
    assert not missing
    changelog = (readme_lines.README.parent / "CHANGELOG.md").read_text()
    assert f"\n## {sealed_lab.__version__}" in changelog
