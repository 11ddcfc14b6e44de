# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The version of the collection, its changelog, and the steps of a release (docs/releasing.md).

release.py check               check the fragments, the versions, and that CHANGELOG.md and CHANGELOG.rst are rendered
release.py check --tag 1.2.3   check also that this commit is release 1.2.3, and has no fragments
release.py notes 1.2.3         print the entry of the newest release, as Markdown
release.py make 1.2.3          turn the fragments into the entry of this release, and set the version
release.py next 1.3.0          set the version that main has until the next release
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CHANGELOGS = ROOT / "changelogs"
FRAGMENTS = CHANGELOGS / "fragments"
RENDERED = {"md": ROOT / "CHANGELOG.md", "rst": ROOT / "CHANGELOG.rst"}
# Each file with the version of the collection, and the pattern whose group is that version.
VERSIONS = {
    "galaxy.yml": re.compile(r"^version: (.*)$", re.MULTILINE),
    "plugins/module_utils/aws/session.py": re.compile(r'^COLLECTION = "sealed\.s3/(.*)"$', re.MULTILINE),
    "plugins/module_utils/frontend/report/collection.py": re.compile(r'^VERSION = "(.*)"$', re.MULTILINE),
}
# Nothing looks up plugins in these calls, except `release`, for which the collection has to be on this path.
ENVIRONMENT = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "import")}


class ReleaseError(Exception):
    """The versions or the changelog are not as they have to be; the message says what to do."""


def _changelog(*arguments: str) -> str:
    """Run antsibull-changelog, and return its output."""
    folder = Path(sys.executable).parent
    environment = {**ENVIRONMENT, **os.environ, "PATH": os.pathsep.join((str(folder), os.environ.get("PATH", "")))}
    command = [str(folder / "antsibull-changelog"), *arguments]
    completed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise ReleaseError(f"antsibull-changelog {' '.join(arguments)}:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


def _render(form: str, *arguments: str) -> str:
    """Return the changelog as antsibull-changelog renders it now."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "changelog"
        _changelog("generate", "--output-format", form, "--output", str(output), *arguments)
        return output.read_text()


def _numbers(version: str) -> tuple[int, int, int]:
    match = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", version)
    if match is None:
        raise ReleaseError(f"{version!r} is not a version of three numbers, such as 1.2.0.")
    major, minor, patch = (int(number) for number in match.groups())
    return major, minor, patch


def _follows(version: str, released: str) -> bool:
    """Whether semantic versioning has this version directly after that one."""
    major, minor, patch = _numbers(released)
    return _numbers(version) in ((major + 1, 0, 0), (major, minor + 1, 0), (major, minor, patch + 1))


def current_version() -> str:
    """Return the version that all files name."""
    found: dict[str, list[str]] = {
        name: pattern.findall((ROOT / name).read_text()) for name, pattern in VERSIONS.items()
    }
    versions = {version for matches in found.values() for version in matches}
    if len(versions) != 1 or not all(found.values()):
        raise ReleaseError(f"The files name different versions: {found}.")
    return versions.pop()


def _write_version(version: str) -> None:
    for name, pattern in VERSIONS.items():
        text = (ROOT / name).read_text()
        (ROOT / name).write_text(pattern.sub(lambda match: match[0].replace(match[1], version), text))


def latest_release() -> str:
    """Return the newest version that the changelog has an entry of."""
    releases = yaml.safe_load((CHANGELOGS / "changelog.yaml").read_text())["releases"]
    versions = [str(version) for version in releases]
    return max(versions, key=_numbers)


def pending_fragments() -> list[str]:
    """Return the names of the fragments that are not part of a release."""
    return sorted(path.name for path in FRAGMENTS.glob("*.y*ml"))


def check_versions(tag: str | None) -> str:
    """Compare the version with the releases and the fragments, and return it."""
    version, released = current_version(), latest_release()
    if tag is not None and not tag == version == released:
        raise ReleaseError(
            f"The tag is {tag}, the version {version}, and the newest entry of the changelog {released}."
        )
    if version == released and pending_fragments():
        raise ReleaseError(
            f"{version} is released, so {pending_fragments()} belong to the next version: release.py next."
        )
    if version != released and not _follows(version, released):
        raise ReleaseError(f"The version is {version}, which does not follow {released}.")
    return version


def check_changelog() -> None:
    """Check the fragments, the data of the changelog, and what is rendered from it."""
    for form, path in RENDERED.items():
        if not path.exists() or _render(form) != path.read_text():
            raise ReleaseError(f"{path.name} is not up to date: run antsibull-changelog generate.")
    _changelog("lint")
    _changelog("lint-changelog-yaml", "--strict", str(CHANGELOGS / "changelog.yaml"))


def _require_next(version: str) -> None:
    if not _follows(version, latest_release()):
        raise ReleaseError(f"{version} does not follow {latest_release()}.")


def check(tag: str | None) -> None:
    """Check everything, and print the state."""
    version, released = check_versions(tag), latest_release()
    check_changelog()
    print(f"{version}: released" if version == released else f"{version}: {len(pending_fragments())} fragments")


def notes(version: str) -> None:
    """Print the entry of the newest release."""
    if version != latest_release():
        raise ReleaseError(f"The newest entry of the changelog is {latest_release()}, not {version}.")
    print(_render("md", "--only-latest"), end="")


def make(version: str) -> None:
    """Turn the fragments into the entry of this release."""
    _require_next(version)
    _write_version(version)
    _changelog("release", "--reload-plugins", "--version", version)


def set_next(version: str) -> None:
    """Set the version that main has until the next release."""
    _require_next(version)
    _write_version(version)


def main(arguments: list[str]) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("--tag")
    for name in ("notes", "make", "next"):
        commands.add_parser(name).add_argument("version")
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        check(chosen.tag)
    else:
        {"notes": notes, "make": make, "next": set_next}[chosen.command](chosen.version)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ReleaseError as problem:
        sys.exit(str(problem))
