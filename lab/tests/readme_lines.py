# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Run the three lines with which README.md begins, and fail unless only the last call of the third is refused.

The script needs only the package and its dependencies, so that it also verifies a fresh installation.
"""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

README = Path(__file__).parents[1] / "README.md"


def first_lines(text: str) -> list[str]:
    """Return the lines of the code block that follows the title."""
    block = re.search(r"^# sealed-lab\n\n((?: {4}.+\n)+)\n", text, re.MULTILINE)
    return textwrap.dedent(block[1]).splitlines() if block else []


def main() -> None:
    """Run the lines. Without the other key, the same call must succeed."""
    lines = first_lines(README.read_text())
    if len(lines) != 3:
        raise SystemExit(f"README.md begins with {len(lines)} lines of code instead of 3.")
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1"  # README.md says so for networks with a proxy
    names: dict[str, Any] = {}
    exec("\n".join(lines[:2]), names)
    try:
        exec(lines[2], names)
    except ClientError as error:
        refused = error
    else:
        raise SystemExit("A wrong key was accepted.")
    code, status = refused.response["Error"]["Code"], refused.response["ResponseMetadata"]["HTTPStatusCode"]
    if (refused.operation_name, code, status) != ("GetObject", "AccessDenied", 403):
        raise SystemExit(f"The lines failed otherwise: {refused}")
    body = names["s3"].get_object(**names["one"], SSECustomerKey="1" * 32)["Body"].read()
    if body != b"x":
        raise SystemExit(f"The right key returned {body!r}.")
    package = names["sealed_lab"]
    print(f"sealed-lab {package.__version__} in {Path(package.__file__).parent}: {refused}")
    names["lab"].stop()


if __name__ == "__main__":
    main()
