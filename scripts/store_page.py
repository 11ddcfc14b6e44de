# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Write the tables of docs/stores.md from those of tests/integration/stores/tables. The text above them is kept.

store_page.py            writes the page
store_page.py --check    fails if the page is not up to date
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from environments import ROOT
from store_servers import read_description
from stores import read_table

PAGE = ROOT / "docs" / "stores.md"

MARK = "<!-- Everything below is written by scripts/store_page.py from tests/integration/stores/tables. -->"


@dataclass(frozen=True)
class About:
    """What the page says about one store."""

    title: str
    packages: tuple[str, ...]  # files of tests/integration/backends
    text: str


STORES = {
    "seaweedfs": About(
        "SeaweedFS with a KMS",
        ("seaweedfs", "ministack"),
        "An object store in Go that encrypts on disk. The keys are in MiniStack: `kms_endpoint_url` leads there.",
    ),
    "seaweedfs_without_kms": About(
        "SeaweedFS without a KMS",
        ("seaweedfs",),
        "The same store, started without keys. It accepts a copy to SSE-KMS that nothing can read afterwards.",
    ),
    "minio": About(
        "MinIO's S3 layer",
        ("minio",),
        "The gateway of JuiceFS, which has the S3 layer of MinIO. It has no keys, and accepts SSE-C over https only.",
    ),
    "rclone": About(
        "rclone serve s3",
        ("rclone",),
        "A small server over any folder. It repeats the encryption headers of a request, and does not encrypt.",
    ),
    "moto": About("moto", ("moto",), "An emulator of AWS in Python, as a server, with its KMS at the same endpoint."),
    "ministack": About("MiniStack", ("ministack",), "An emulator of AWS in Python, with its KMS at the same endpoint."),
}


def _packages(about: About) -> str:
    pins = [read_description(name)["install"][0].partition("==") for name in about.packages]
    return ", ".join(f"`{name}` {version}" for name, _, version in pins)


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _section(name: str, about: About) -> str:
    table = read_table(name)
    rows: dict[str, dict[str, str]] = table["rows"]
    kinds = list(rows["upload"])
    of_objects = [[row, *(cells.get(kind, "–") for kind in kinds)] for row, cells in rows.items() if "all" not in cells]
    others = [[row, cells["all"]] for row, cells in rows.items() if "all" in cells]
    titles = ["the bucket's default" if kind == "default" else kind for kind in kinds]
    return "\n".join(
        [
            f"## {about.title}\n",
            f"{about.text}\n",
            f"{_packages(about)}, run on {table['date']}.\n",
            _markdown(["object", *titles], of_objects),
            _markdown(["bucket or key", "result"], others),
        ]
    )


def page() -> str:
    """The page: its text, and a section for each store."""
    text, _, _ = PAGE.read_text().partition(MARK)
    return "\n".join([f"{text}{MARK}\n", *(_section(name, about) for name, about in STORES.items())]).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Run the command line."""
    text = page()
    if "--check" in arguments:
        if PAGE.read_text() != text:
            print(f"{PAGE.relative_to(ROOT)} is not up to date: run scripts/store_page.py.")
            return 1
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
