# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Build the package of the lab, compare its files with those of the folder, and run it in an empty environment.

lab_distribution.py               installs the wheel
lab_distribution.py --with-pip    installs the folder, the source distribution and the wheel with pip, with every Python
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import environments
from environments import CACHE, LAB, ROOT, SetupError, call

SOURCE = CACHE / "lab-package" / "source"
LICENCE = "LICENSES/GPL-3.0-or-later.txt"


@dataclass(frozen=True)
class Distributions:
    """The source distribution and the wheel."""

    sdist: Path
    wheel: Path


def _copy_source() -> set[str]:
    """Copy the files of the lab that git tracks, because a build writes into its folder. Return their names."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    prefix = f"{LAB.relative_to(ROOT)}/"
    names = {name.removeprefix(prefix) for name in environments.tracked_files() if name.startswith(prefix)}
    for name in names:
        (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(LAB / name, SOURCE / name)
    return names


def _compare(title: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        unexpected, missing = sorted(found - expected), sorted(expected - found)
        raise SetupError(f"Unexpected files in {title}: {unexpected}. Missing files: {missing}.")


def _check_sdist(sdist: Path, names: set[str]) -> None:
    """All files of the folder are in the source distribution, and only metadata besides."""
    with tarfile.open(sdist) as archive:
        packed = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    metadata = {name for name in packed if name in ("PKG-INFO", "setup.cfg") or ".egg-info/" in name}
    _compare(sdist.name, packed - metadata, names)


def _check_wheel(wheel: Path, names: set[str]) -> None:
    """The wheel contains the package with its types, and the licence."""
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    metadata = {name.partition("/")[2] for name in packed if ".dist-info/" in name}
    package = {name for name in names if name.startswith("sealed_lab/")}
    _compare(wheel.name, {name for name in packed if ".dist-info/" not in name}, package)
    if not metadata >= {f"licenses/{LICENCE}", "entry_points.txt", "METADATA"} or "sealed_lab/py.typed" not in package:
        raise SetupError(f"{wheel.name} has no licence, entry points or types: {sorted(metadata)}")


def build() -> Distributions:
    """Build the source distribution, and the wheel from it, and check the files in both."""
    if (LAB / LICENCE).read_bytes() != (ROOT / LICENCE).read_bytes():
        raise SetupError(f"lab/{LICENCE} differs from {LICENCE}.")
    names = _copy_source()
    output = SOURCE.with_name("dist")
    shutil.rmtree(output, ignore_errors=True)
    environments.build_package(SOURCE, output)
    (sdist,), (wheel,) = output.glob("sealed_lab-*.tar.gz"), output.glob("sealed_lab-*.whl")
    _check_sdist(sdist, names)
    _check_wheel(wheel, names)
    return Distributions(sdist, wheel)


def run_first_lines(python: Path) -> str:
    """Run the first lines of the README with this Python, whose environment the lab has to come from."""
    printed = call(python, "-I", LAB / "tests" / "readme_lines.py", cwd=SOURCE.parent).strip()
    if str(python.parents[1]) not in printed:
        raise SetupError(f"The lab was not imported from {python.parents[1]}: {printed}")
    return printed


def verify() -> str:
    """Install the wheel into an empty environment, and run the first lines of the README there."""
    built = build()
    empty = environments.empty_venv("lab-package/environment", built.wheel)
    run_first_lines(empty / "bin" / "python")
    version = built.wheel.name.split("-")[1]
    if call(empty / "bin" / "sealed-lab", "--version").split() != ["sealed-lab", version]:
        raise SetupError(f"sealed-lab does not print the version {version} of {built.wheel.name}.")
    return f"{built.wheel.name}, {built.wheel.stat().st_size // 1024} KiB"


def verify_with_pip() -> str:
    """Install the folder, the source distribution and the wheel with pip, with every supported Python that is here."""
    built = build()
    found = {version: environments.find_python(version) for version in ("3.10", "3.11", "3.12", "3.13", "3.14")}
    pythons = {version: python for version, python in found.items() if python is not None}
    for version, python in pythons.items():
        for source in (SOURCE, built.sdist, built.wheel):
            venv = SOURCE.with_name(f"pip-{version}")
            call(python, "-m", "venv", "--clear", venv)
            pip = (venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check")
            call(*pip, "install", "--quiet", source, cwd=SOURCE.parent)
            call(*pip, "check")
            run_first_lines(venv / "bin" / "python")
    return f"installed with pip from its folder, its sdist and its wheel: Python {', '.join(pythons)}"


if __name__ == "__main__":
    try:
        print(f"result: {verify_with_pip() if sys.argv[1:] == ['--with-pip'] else verify()}")
    except SetupError as problem:
        sys.exit(str(problem))
