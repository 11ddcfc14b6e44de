# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Check, without containers, that ansible-builder can build an execution environment with this collection.

It has to find exactly the requirements of requirements.txt in the collection, and to accept the definitions in
docs/execution_environment.md and antsibull-nox.toml. Needs ansible-builder in the environment of this Python.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tomllib  # type: ignore[import-not-found]  # mypy checks for Python 3.10, and scripts need 3.11
import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "execution_environment.md"
COLLECTION = {"name": "sealed.s3"}


class CheckError(Exception):
    """ansible-builder does not do what the documentation says."""


def _builder(*arguments: str) -> str:
    """Run ansible-builder, and return its output."""
    command = [str(Path(sys.executable).parent / "ansible-builder"), *arguments]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise CheckError(f"ansible-builder {' '.join(arguments)}:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


def _requirements(text: str) -> list[str]:
    """Return the requirements in a requirements file, without comments."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return sorted(line for line in lines if line)


def check_requirements(folder: Path) -> list[str]:
    """Compare what ansible-builder finds in the collection with requirements.txt, and return it."""
    collection = folder / "ansible_collections" / "sealed" / "s3"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)
    found: dict[str, list[str]] = yaml.safe_load(_builder("introspect", "--sanitize", str(folder)))
    python = _requirements("\n".join(found["python"]))
    expected = _requirements((ROOT / "requirements.txt").read_text())
    if python != expected or found["system"]:
        raise CheckError(f"ansible-builder finds {found}, and requirements.txt has {expected}.")
    return python


def documented() -> list[dict[str, Any]]:
    """Return the definition in the documentation, and the same with each part that the page suggests to add."""
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)]
    definition, *parts = blocks
    return [definition, *(_with_dependencies(definition, part["dependencies"]) for part in parts)]


def tested() -> list[dict[str, Any]]:
    """Return the definitions of the sessions ee-check, which build images on GitHub."""
    sessions = tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]
    galaxy = {"galaxy": {"collections": [COLLECTION]}}  # antsibull-nox adds the tarball there
    configs = [each["config"] for each in sessions["ee_check"]["execution_environments"]]
    return [_with_dependencies({"version": 3, **config}, galaxy) for config in configs]


def _with_dependencies(definition: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {**definition, "dependencies": {**definition["dependencies"], **more}}


def check_definition(definition: dict[str, Any], folder: Path) -> None:
    """Let ansible-builder write the build context of a definition, and check that it installs the collection."""
    folder.mkdir()
    (folder / "execution-environment.yml").write_text(yaml.safe_dump(definition))
    files = ("-f", str(folder / "execution-environment.yml"), "-c", str(folder / "context"))
    _builder("create", *files, "--output-filename", "Containerfile")
    if not (folder / "context" / "Containerfile").is_file():
        raise CheckError("ansible-builder wrote no Containerfile.")
    requirements = yaml.safe_load((folder / "context" / "_build" / "requirements.yml").read_text())
    if COLLECTION not in requirements["collections"]:
        raise CheckError(f"The image would have the collections {requirements}.")


def main() -> None:
    """Run both checks."""
    with tempfile.TemporaryDirectory() as folder:
        found = check_requirements(Path(folder, "collections"))
        definitions = [*documented(), *tested()]
        for number, definition in enumerate(definitions):
            check_definition(definition, Path(folder, str(number)))
    print(f"result: {', '.join(found)}; {len(definitions)} definitions")


if __name__ == "__main__":
    try:
        main()
    except CheckError as problem:
        sys.exit(str(problem))
