# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""run_and_look.py VARIABLES COMMAND…: run a command and look for secrets in all that it prints and writes to logs.

VARIABLES is a JSON file; its `secrets` are names of its other members. Ansible writes a log and its callbacks files,
and all that the SDK logs in modules is kept (see `sdk_log/sitecustomize.py`). ANSIBLE_DEBUG is not set: with it
ansible-core prints the arguments of every module, secret or not, and no module can prevent that. What is printed here
says which secret was found in which form and where, and never the secret or the command's output. Status 1: one was
found. Status 2: the command did not end as it should, with the failure of its last task, or did not tell all that shows
it was talkative.
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
A_TASK_FAILED = 2  # of ansible-playbook

# A run that told little would hide nothing: these are told, each in its place, if it was as talkative as can be.
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
    "sdk.log": ("DEBUG:urllib3.connectionpool", "DEBUG:botocore", "PUT /"),
    "junit": ("End with a failure", "wrong_key"),
    "retry": ("localhost",),
}


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


def told(command: tuple[str, ...], folder: Path) -> tuple[int, dict[str, str]]:
    """The command's status, and by its place all that it told."""
    talkative = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE / "sdk_log"), os.environ.get("PYTHONPATH")])),
        "SDK_LOG": str(folder / "sdk.log"),
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(folder / "retry"),
    }
    done = subprocess.run(
        command, env={**os.environ, **talkative}, capture_output=True, text=True, errors="replace", check=False
    )
    texts = {"output": done.stdout + done.stderr}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place = path.relative_to(folder).parts[0]
            texts[place] = texts.get(place, "") + path.read_text(errors="replace")
    return done.returncode, texts


def main(variables: str, *command: str) -> int:
    """Run, look, and tell."""
    values = json.loads(Path(variables).read_text())
    with tempfile.TemporaryDirectory() as folder:
        status, texts = told(command, Path(folder))
    found = [
        f"{name} as {form} in {place}"
        for name in values["secrets"]
        for form, wanted in forms(values[name])
        for place, text in texts.items()
        if wanted in text
    ]
    missing = [
        f"{wanted!r} in {place}"
        for place, all_wanted in EXPECTED.items()
        for wanted in all_wanted
        if wanted not in texts.get(place, "")
    ]
    if found:
        print(f"Found: {'; '.join(found)}")
        return 1
    if status != A_TASK_FAILED or missing:
        print(texts["output"][-4000:])
        print(f"The command ended with {status}; it told of {', '.join(texts)}; missing: {', '.join(missing)}")
        return 2
    print(f"{sum(map(len, texts.values()))} characters in {len(texts)} places, and no secret in them")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
