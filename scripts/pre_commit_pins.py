# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Give the tools in .pre-commit-config.yaml the versions that they have in requirements.txt. `make lock` runs this."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / ".pre-commit-config.yaml"
REQUIREMENTS = ROOT / "scripts" / "requirements.txt"
PIN = re.compile(r"(?<=[\[ ])([a-z][a-z0-9-]*)==([0-9][^\s,\]]*)")


def locked_versions() -> dict[str, str]:
    """Return the version of each tool in requirements.txt."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE))


def with_locked_versions(config: str) -> str:
    """Return this configuration of pre-commit with the versions of requirements.txt."""
    locked = locked_versions()
    return PIN.sub(lambda pin: f"{pin[1]}=={locked[pin[1]]}", config)


if __name__ == "__main__":
    CONFIG.write_text(with_locked_versions(CONFIG.read_text()))
