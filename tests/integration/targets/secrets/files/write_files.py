# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""write_files.py FOLDER: write private files. Standard input is a JSON object of their names and contents."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(folder: Path, contents: dict[str, str]) -> None:
    """Write the files into the folder."""
    for name, content in contents.items():
        path = folder / name
        path.touch(0o600)
        path.write_text(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.load(sys.stdin))
