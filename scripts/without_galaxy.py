# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the tests need on a network that reaches a package registry, but not Ansible Galaxy.

Where Galaxy answers, nothing here is used: amazon.aws is installed from Galaxy, and ansible-test downloads get-pip.py.
This file imports the standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import ast
import functools
import os
import subprocess
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

GALAXY = "https://galaxy.ansible.com/api/"

# The release of the `ansible` package whose wheel contains a release of amazon.aws. No other package contains it.
ANSIBLE_PACKAGE = {"10.1.2": "12.3.0", "11.4.0": "14.5.0"}

# ansible-test downloads get-pip.py from another host, unless its cache already has the file.
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2", "25_3", "26_0")
GET_PIP = '''"""Replacement for get-pip.py: installs the pip that is bundled with this Python."""
import ensurepip
import pathlib
import runpy
import sys

wheels = sorted((pathlib.Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
wheels = wheels or sorted(pathlib.Path("/usr/share/python-wheels").glob("pip-*.whl"))
sys.path.insert(0, str(wheels[-1]))
sys.argv = ["pip", "install", "--quiet"] + [a for a in sys.argv[1:] if a not in ("--no-setuptools", "--no-wheel")]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


@functools.cache
def is_needed() -> bool:
    """Return whether Galaxy does not answer."""
    try:
        with urllib.request.urlopen(GALAXY, timeout=10):
            return False
    except (urllib.error.URLError, OSError):
        return True


def extract_collection(python: Path, collection: str, ansible: str, destination: Path) -> None:
    """Extract a collection, such as `amazon/aws`, from this release of the `ansible` package. `python` has pip."""
    destination.mkdir(parents=True)
    # --python-version: only files of the wheel are used, so it does not have to support this Python
    pip = [
        str(python),
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-cache-dir",
    ]
    options = ["--only-binary=:all:", "--python-version=3.12", f"--dest={destination}"]
    subprocess.run([*pip, *options, f"ansible=={ansible}"], check=True)
    (wheel,) = destination.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(f"ansible_collections/{collection}/")]
        archive.extractall(destination, names)
    wheel.unlink()


def prepare_ansible_test(python: Path, home: Path) -> None:
    """Prepare a home folder for ansible-test, with the replacement for get-pip and the configuration of pip."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        (cache / f"get_pip_{version}.py").write_text(GET_PIP)
    # ansible-test removes PIP_ variables from the environment, and does not see the configuration in the user's home.
    command = [str(python), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    options: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in ("global", ":env:", "install") and option != "disable-pip-version-check":
            options[option] = ast.literal_eval(value).replace("\n", "\n    ")
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("\n".join(["[global]", *(f"{k} = {v}" for k, v in options.items()), ""]))
    os.environ["HOME"] = str(home)
