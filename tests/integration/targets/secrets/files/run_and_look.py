# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""run_and_look.py VARIABLES COMMAND…: run a command and look for secrets in all that it prints.

VARIABLES is a JSON file; its `secrets` are names of its other members. What is printed here says which secret was
found in which form, and never the secret or the command's output. Status 1: one was found. Status 2: the command
failed, or did not print what shows that it ran as it should.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# A run that printed little would hide nothing: these are in it if it was as talkative as can be.
EXPECTED = ("ESTABLISH LOCAL CONNECTION", "customer_key_md5", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "--- before")


def forms(secret: str) -> Iterator[tuple[str, str]]:
    """How the bytes of a secret could show."""
    hexed = len(secret) == 64
    raw = bytes.fromhex(secret) if hexed else secret.encode()
    yield "raw", raw.decode("latin-1") if hexed else secret
    yield "repr", repr(raw)[2:-1]
    yield "hex", raw.hex()
    yield "HEX", raw.hex().upper()
    for lost in range(3):  # in the midst of other bytes, base64 begins at any of three places
        whole = base64.b64encode(bytes(lost) + raw).decode().rstrip("=")
        yield f"base64, {lost} bytes on", whole[4 if lost else 0 : -2]
    yield "list of numbers", ", ".join(str(byte) for byte in raw)


def main(variables: str, *command: str) -> int:
    """Run, look, and tell."""
    values = json.loads(Path(variables).read_text())
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    printed = done.stdout + done.stderr
    found = [f"{name} as {form}" for name in values["secrets"] for form, text in forms(values[name]) if text in printed]
    missing = [text for text in EXPECTED if text not in printed]
    if found:
        print(f"Found in {len(printed)} characters: {'; '.join(found)}")
        return 1
    if done.returncode or missing:
        if done.returncode:
            print(printed[-4000:])
        print(f"The command ended with {done.returncode}; not in what it printed: {missing}")
        return 2
    print(f"{len(printed)} characters, and no secret in them")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
