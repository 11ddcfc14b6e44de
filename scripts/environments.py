# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Build what the checks need: interpreters, environments, amazon.aws, and collection trees.

Everything is in .venv and .cache of this checkout. It is built on first use, and again when its inputs have changed.
This file imports the standard library only, because it runs before anything is installed.

environments.py lock    writes requirements.txt with the newest versions of the tools
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
LAB = ROOT / "lab"
REQUIREMENTS = ROOT / "scripts" / "requirements.txt"
IMPORT_TREE = CACHE / "import"

# The release of the `ansible` package whose wheel contains this amazon.aws. No other package on PyPI contains it.
AMAZON_AWS = {
    "floor": "12.3.0",  # amazon.aws 10.1.2, which `pip install ansible` installs on Python 3.11
    "newest": "14.5.0",  # amazon.aws 11.4.0
}

# The AWS CLI whose uploads and downloads the contract tests compare with ours.
AWS_CLI = "1.46.3"

# What Galaxy runs on a collection that is uploaded.
GALAXY_IMPORTER = "0.4.44"

# ansible-test downloads get-pip.py from a host that some networks block, unless its cache already has the file.
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


@dataclass(frozen=True)
class Core:
    """A release line of ansible-core, and the Pythons that its controller supports, in order of preference."""

    version: str
    pythons: tuple[str, ...]


CORES = {
    "2.17": Core("2.17.14", ("3.11", "3.12", "3.10")),
    "2.18": Core("2.18.19", ("3.11", "3.12", "3.13")),
    "2.19": Core("2.19.14", ("3.11", "3.12", "3.13")),
    "2.20": Core("2.20.10", ("3.12", "3.13", "3.14")),
    "2.21": Core("2.21.5", ("3.13", "3.12", "3.14")),
}
DEFAULT_CORE = "2.19"


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


def _build_unless_current(folder: Path, marker: str, inputs: str, build: Callable[[], None], title: str) -> None:
    """Call `build` unless the folder was built from these inputs, and still contains the file `marker`."""
    stamp = folder / ".built-from"
    digest = hashlib.sha256(f"{folder}\n{inputs}".encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest and (folder / marker).exists():
        return
    print(f"preparing {title} …", file=sys.stderr, flush=True)
    stamp.unlink(missing_ok=True)
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
        return Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    folders = [Path(p) for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p and "shims" not in p]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    folders += [p / "bin" for p in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    for folder in folders:
        python = folder / f"python{version}"
        if python.exists() and _probe_version(python) == version:
            return python.resolve()
    return None


def search_path(venv: Path) -> str:
    """Return a PATH with this environment, every working Python, and the system's folders, but without pyenv shims."""
    pythons = [find_python(v) for v in ("3.13", "3.12", "3.11", "3.10")]
    system = [p for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p and "shims" not in p]
    return os.pathsep.join(dict.fromkeys([str(venv / "bin"), *(str(p.parent) for p in pythons if p), *system]))


# Environments


def _new_venv(venv: Path, core: Core) -> None:
    running = "{}.{}".format(*sys.version_info[:2])
    order = sorted(core.pythons, key=lambda version: version != running)
    found = next((p for p in map(find_python, order) if p), None)
    if found is None:
        raise SetupError(
            f"ansible-core {core.version} needs Python {' or '.join(core.pythons)}, and none of them is on PATH."
        )
    shutil.rmtree(venv, ignore_errors=True)
    call(found, "-m", "venv", venv)
    call(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")


def _call_first(*commands: list[str | Path], env: Mapping[str, str]) -> None:
    """Run the first of these commands that succeeds.

    uv fails, for example, where only pip's configuration names the package index.
    """
    failures = []
    for command in commands:
        try:
            call(*command, env={"UV_CACHE_DIR": str(CACHE / "uv"), **env})
            return
        except SetupError as failed:
            failures.append(str(failed))
    raise SetupError("\n".join([*failures, "The requirements cannot be installed."]))


def _install(venv: Path, *requirements: str | Path) -> None:
    """Install with the uv or the pip of the environment."""
    python = venv / "bin" / "python"
    arguments = ["--quiet", *(str(r) for r in requirements)]
    _call_first(
        [venv / "bin" / "uv", "pip", "install", "--no-config", "--python", python, *arguments],
        [python, "-m", "pip", "install", "--disable-pip-version-check", *arguments],
        # Compile now: where Python cannot write bytecode later, each task would spend half a second to compile the SDK.
        env={"UV_COMPILE_BYTECODE": "1"},
    )


def tools() -> Path:
    """Return the environment with ansible-core, the linters, pytest and the lab; build it if necessary."""
    with locked("tools"):
        lab = [LAB / "pyproject.toml"] if (LAB / "pyproject.toml").exists() else []
        inputs = "\n".join([str(LAB), *(p.read_text() for p in [REQUIREMENTS, *lab])])

        def build() -> None:
            if not (VENV / "bin" / "uv").exists() or not (VENV / "bin" / "python").exists():
                _new_venv(VENV, CORES[DEFAULT_CORE])
            editable = ("-e", str(LAB)) if lab else ()
            _install(VENV, "-r", REQUIREMENTS, *editable)

        _build_unless_current(VENV, "bin/python", inputs, build, "the tools")
    return VENV


def core_venv(core: str) -> Path:
    """Return an environment whose ansible-test is of this release line."""
    if core == DEFAULT_CORE:
        return tools()
    if core not in CORES:
        raise SetupError(f"CORE is one of {', '.join(CORES)}; not {core!r}.")
    venv = CACHE / "cores" / core
    with locked(f"core-{core}"):

        def build() -> None:
            _new_venv(venv, CORES[core])
            _install(venv, f"ansible-core=={CORES[core].version}", "boto3", "cryptography")

        _build_unless_current(venv, "bin/python", str(CORES[core]), build, f"ansible-core {core}")
    return venv


def isolated_venv(folder: str, *requirements: str, core: str = DEFAULT_CORE) -> Path:
    """Return a separate environment in this folder of the cache, for packages whose pins conflict with the tools'.

    Its Python is the one that is preferred for this release line of ansible-core.
    """
    venv = CACHE / folder
    with locked(folder.replace("/", "-")):

        def build() -> None:
            _new_venv(venv, CORES[core])
            _install(venv, *requirements)

        _build_unless_current(venv, "bin/python", "\n".join(requirements), build, venv.name)
    return venv


def empty_venv(folder: str, package: Path) -> Path:
    """Return a new environment in this folder of the cache with one package and what it needs, and not even pip.

    After the first time, neither this function nor the next needs a network.
    """
    venv = CACHE / folder
    call(VENV / "bin" / "python", "-m", "venv", "--clear", "--without-pip", venv)
    python = venv / "bin" / "python"
    uv: list[str | Path] = [
        VENV / "bin" / "uv",
        "pip",
        "install",
        "--no-config",
        "--quiet",
        "--python",
        python,
        package,
    ]
    pip: list[str | Path] = [VENV / "bin" / "python", "-m", "pip", "--python", python, "install", "--quiet", package]
    _call_first([*uv, "--offline"], uv, pip, env={})
    return venv


def build_package(source: Path, output: Path) -> None:
    """Build the source distribution of a Python project, and the wheel from it."""
    uv: list[str | Path] = [VENV / "bin" / "uv", "build", "--no-config", "--quiet", "--out-dir", output, source]
    _call_first([*uv, "--offline"], uv, [VENV / "bin" / "python", "-m", "build", "--outdir", output, source], env={})


def aws_cli() -> Path:
    """Return the AWS CLI. It has its own environment, because each release requires one release of botocore."""
    return isolated_venv("aws-cli", f"awscli=={AWS_CLI}") / "bin" / "aws"


def galaxy_importer() -> Path:
    """Return the Python of an environment with galaxy-importer.

    It replaces ANSIBLE_COLLECTIONS_PATH, so amazon.aws, whose documentation ours extends, is in the environment itself.
    """
    core = f"ansible-core=={CORES[DEFAULT_CORE].version}"
    venv = isolated_venv("galaxy-importer", f"galaxy-importer=={GALAXY_IMPORTER}", core)
    (packages,) = (venv / "lib").glob("python*/site-packages")
    link = packages / "ansible_collections"
    if not link.exists():
        link.symlink_to(amazon_aws("floor") / "ansible_collections")
    return venv / "bin" / "python"


def python_version_of(core: str) -> str:
    """Return the Python version of this release line's environment, for ansible-test --python."""
    venv = core_venv(core)
    return _probe_version(venv / "bin" / "python") or "default"


# Collections


def amazon_aws(version: str) -> Path:
    """Return a collections folder with amazon.aws, extracted from the wheel of the ansible package."""
    destination = CACHE / "amazon.aws" / version
    with locked(f"amazon.aws-{version}"):

        def build() -> None:
            shutil.rmtree(destination, ignore_errors=True)
            destination.mkdir(parents=True)
            # --python-version: only files of the wheel are used, so it does not have to support this Python
            call(
                *(tools() / "bin" / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--no-cache-dir", "--only-binary=:all:", "--python-version=3.12"),
                *("--dest", destination, f"ansible=={AMAZON_AWS[version]}"),
            )
            for wheel in destination.glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    names = [n for n in archive.namelist() if n.startswith("ansible_collections/amazon/aws/")]
                    archive.extractall(destination, names)
                wheel.unlink()

        marker = "ansible_collections/amazon/aws/MANIFEST.json"
        _build_unless_current(destination, marker, AMAZON_AWS[version], build, f"amazon.aws ({version})")
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


def collection_tree(name: str, aws_version: str, *, leave_out: tuple[str, ...] = ()) -> Path:
    """Return a copy of this checkout in the path that ansible-test requires, beside amazon.aws.

    The environment that ansible-test created in an earlier copy is kept, which halves the time of a run.
    """
    collections = CACHE / "trees" / name / "ansible_collections"
    delegation = collections / "sealed" / "s3" / "tests" / "output" / ".tmp" / "delegation"
    kept = CACHE / "trees" / name / "delegation"
    if delegation.exists():
        shutil.rmtree(kept, ignore_errors=True)
        delegation.rename(kept)
    shutil.rmtree(collections, ignore_errors=True)
    aws = Path("amazon") / "aws"
    shutil.copytree(amazon_aws(aws_version) / "ansible_collections" / aws, collections / aws, copy_function=_hard_link)
    tree = collections / "sealed" / "s3"
    for path in tracked_files():
        if not path.startswith(leave_out):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tree / path)
    if kept.exists():
        delegation.parent.mkdir(parents=True)
        kept.rename(delegation)
    # ansible-test lists the files with git. Without this it would use the checkout's repository, which ignores .cache.
    call("git", "init", "--quiet", cwd=tree)
    return tree


def _hard_link(source: str, destination: str) -> str:
    """Link a file that is never written to, so that a tree needs no disk space."""
    os.link(source, destination)
    return destination


def ansible_test_home(name: str) -> Path:
    """Return a home folder for ansible-test, with the replacement for get-pip and the user's pip configuration."""
    home = CACHE / "homes" / name
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        (cache / f"get_pip_{version}.py").write_text(GET_PIP)
    # ansible-test removes PIP_ variables from the environment, and does not see the configuration in the user's home.
    options: dict[str, str] = {}
    for line in call(tools() / "bin" / "python", "-m", "pip", "config", "list").splitlines():
        name_, _, value = line.partition("=")
        section, _, option = name_.rpartition(".")
        if section in ("global", ":env:", "install") and option != "disable-pip-version-check":
            options[option] = ast.literal_eval(value).replace("\n", "\n    ")
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("\n".join(["[global]", *(f"{k} = {v}" for k, v in options.items()), ""]))
    return home


def prepare() -> None:
    """Build everything that the demo and the plain tests need."""
    tools()
    import_tree()


def lock() -> None:
    """Write requirements.txt with the newest versions for requirements.in and for the lab's dependencies."""
    sources = [REQUIREMENTS.with_suffix(".in"), LAB / "pyproject.toml"]
    header = "".join(sources[0].read_text().partition("\n\n")[:2])
    options = ("--quiet", "--universal", "--no-header", "--no-annotate", "--upgrade", "--python-version", "3.11")
    pins = call(tools() / "bin" / "uv", "pip", "compile", "--no-config", *options, *sources)
    REQUIREMENTS.write_text(f"{header}# Written by `make lock`.\n{pins}")


if __name__ == "__main__":
    if sys.argv[1:] != ["lock"]:
        sys.exit("usage: environments.py lock")
    lock()
