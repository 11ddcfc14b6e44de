# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""search_output.py VARIABLES COMMAND…: run a command, and search all its output and log files for secrets.

VARIABLES is a JSON file; its `secrets` lists the names of its members that are secret. Ansible writes a log, its
callbacks write files, and the log of the SDK in modules is kept (see `sdk_log/sitecustomize.py`). ANSIBLE_DEBUG is not
set: with it ansible-core prints the arguments of every module, secret or not, and no module can prevent that. The
report names each secret that was found, its form and its place, but never the secret or the command's output.

Status 1: a secret was found. Status 2: the command did not end with the failure of its last task, or its output lacks
a text that proves that all logs were on.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
TASK_FAILED = 2  # exit status of ansible-playbook

# Quiet logs would pass the search. These texts prove that each kind of output was as verbose as possible.
EXPECTED = {
    "output": (
        "ESTABLISH LOCAL CONNECTION",
        "customer_key_md5",
        "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "--- before",
        "resource_actions",
        "End with a failure",
        "to retry, use: --limit",
    ),
    "ansible.log": ("ESTABLISH LOCAL CONNECTION", "customer_key_md5"),
    "sdk.log": ("DEBUG:urllib3.connectionpool", "DEBUG:botocore", "HEAD /"),
    "junit": ("End with a failure", "wrong_key"),
    "retry": ("localhost",),
}


def forms(secret: str) -> Iterator[tuple[str, str]]:
    """The forms in which the bytes of a secret can appear in output."""
    hexed = len(secret) == 64
    raw = bytes.fromhex(secret) if hexed else secret.encode()
    yield "raw", raw.decode("latin-1") if hexed else secret
    yield "repr", repr(raw)[2:-1]
    yield "hex", raw.hex()
    yield "HEX", raw.hex().upper()
    for offset in range(3):  # base64 of a longer text encodes the secret in one of three alignments
        encoded = base64.b64encode(bytes(offset) + raw).decode().rstrip("=")
        yield f"base64 at offset {offset}", encoded[4 if offset else 0 : -2]
    yield "list of numbers", ", ".join(str(byte) for byte in raw)


def run(command: tuple[str, ...], folder: Path) -> tuple[int, dict[str, str]]:
    """Run the command, and return its exit status and its texts by their place: its output, and each log."""
    verbose = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE / "sdk_log"), os.environ.get("PYTHONPATH")])),
        "SDK_LOG": str(folder / "sdk.log"),
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_INJECT_INVOCATION": "1",  # ansible-core 2.21 no longer shows the arguments of a module without it
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(folder / "retry"),
    }
    completed = subprocess.run(
        command, env={**os.environ, **verbose}, capture_output=True, text=True, errors="replace", check=False
    )
    texts = {"output": completed.stdout + completed.stderr}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place = path.relative_to(folder).parts[0]
            texts[place] = texts.get(place, "") + path.read_text(errors="replace")
    return completed.returncode, texts


def main(variables: str, *command: str) -> int:
    """Run the command, search its texts and print the report. Returns the exit status."""
    values = json.loads(Path(variables).read_text())
    with tempfile.TemporaryDirectory() as folder:
        status, texts = run(command, Path(folder))
    found = [
        f"{name} as {form} in {place}"
        for name in values["secrets"]
        for form, pattern in forms(values[name])
        for place, text in texts.items()
        if pattern in text
    ]
    missing = [
        f"{text!r} in {place}"
        for place, expected in EXPECTED.items()
        for text in expected
        if text not in texts.get(place, "")
    ]
    if found:
        print(f"Found: {'; '.join(found)}")
        return 1
    if status != TASK_FAILED or missing:
        print(texts["output"][-4000:])
        print(f"Exit status {status}; places: {', '.join(texts)}; missing texts: {', '.join(missing)}")
        return 2
    print(f"{sum(map(len, texts.values()))} characters in {len(texts)} places, no secret found")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
