# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the checks stand on: interpreters, environments, amazon.aws, and trees that Ansible accepts as collections.

Everything lies in .venv and .cache of this checkout and is made when it is first needed, or again when what it was
made from has changed. Only the standard library is imported: this runs before anything is installed.
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

# The release of the `ansible` package whose wheel carries the amazon.aws that we want: no other package has it.
AMAZON_AWS = {
    "floor": "12.3.0",  # amazon.aws 10.1.2, what `pip install ansible` brings on Python 3.11
    "newest": "14.5.0",  # amazon.aws 11.4.0
}

# The AWS CLI that the contract tests read and write beside.
AWS_CLI = "1.46.3"

# ansible-test fetches get-pip.py from a host that not every network reaches, unless it finds this in its cache.
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2", "25_3", "26_0")
GET_PIP = '''"""Stand-in for get-pip.py: installs the pip that this Python carries."""
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
    """A release line of ansible-core, and the Pythons that its controller runs on, best first."""

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


class WorkshopError(Exception):
    """Something that is needed cannot be had; the text says what to do."""


def call(*argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run a command quietly and return what it printed; its whole output is in the error if it fails."""
    done = subprocess.run(
        [str(a) for a in argv],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise WorkshopError(f"{done.stdout}\n{' '.join(str(a) for a in argv)}: exit status {done.returncode}")
    return done.stdout


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep other threads, and other runs in the same checkout, out of one part of the cache."""
    path = CACHE / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _made_from(place: Path, proof: str, recipe: str, make: Callable[[], None], what: str) -> None:
    """Call `make` unless the place has its proof, a file, and a stamp that says that it was made with this recipe."""
    stamp = place / ".made-from"
    digest = hashlib.sha256(f"{place}\n{recipe}".encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest and (place / proof).exists():
        return
    print(f"preparing {what} …", file=sys.stderr, flush=True)
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(digest)


# Interpreters


def _version_of(python: Path | str) -> str | None:
    """Return the version that this interpreter has, or None if it does not run, as a shim may not."""
    try:
        probe = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
        done = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version, _, name = done.stdout.strip().partition(" ")
    return version if done.returncode == 0 and name == "cpython" else None


@functools.cache
def find_python(version: str) -> Path | None:
    """Return a working interpreter of this version: ours, one on PATH, or one that pyenv keeps."""
    if version == "{}.{}".format(*sys.version_info[:2]):
        return Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    folders = [Path(p) for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p and "shims" not in p]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    folders += [p / "bin" for p in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    for folder in folders:
        python = folder / f"python{version}"
        if python.exists() and _version_of(python) == version:
            return python.resolve()
    return None


def real_path(venv: Path) -> str:
    """Return a PATH of this environment, every Python that works, and the system; without shims."""
    pythons = [find_python(v) for v in ("3.13", "3.12", "3.11", "3.10")]
    system = [p for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p and "shims" not in p]
    return os.pathsep.join(dict.fromkeys([str(venv / "bin"), *(str(p.parent) for p in pythons if p), *system]))


# Environments


def _new_venv(venv: Path, core: Core) -> None:
    ours = "{}.{}".format(*sys.version_info[:2])
    order = sorted(core.pythons, key=lambda version: version != ours)
    found = next((p for p in map(find_python, order) if p), None)
    if found is None:
        raise WorkshopError(
            f"ansible-core {core.version} needs Python {' or '.join(core.pythons)}, and none of them is on PATH."
        )
    shutil.rmtree(venv, ignore_errors=True)
    call(found, "-m", "venv", venv)
    call(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")


def _install(venv: Path, *requirements: str | Path) -> None:
    """Install with uv; with pip where uv cannot, as behind an index that only pip's configuration knows."""
    python = venv / "bin" / "python"
    arguments = ["--quiet", *(str(r) for r in requirements)]
    try:
        # bytecode now: where Python may not write it later, every task would compile the SDK again, for half a second
        env = {"UV_CACHE_DIR": str(CACHE / "uv"), "UV_COMPILE_BYTECODE": "1"}
        call(venv / "bin" / "uv", "pip", "install", "--no-config", "--python", python, *arguments, env=env)
    except WorkshopError as by_uv:
        try:
            call(python, "-m", "pip", "install", "--disable-pip-version-check", *arguments)
        except WorkshopError as by_pip:
            raise WorkshopError(f"{by_uv}\n{by_pip}\nThe requirements cannot be installed.") from None


def tools() -> Path:
    """Return the environment with ansible-core, the linters, pytest and the lab."""
    with locked("tools"):
        lab = [LAB / "pyproject.toml"] if (LAB / "pyproject.toml").exists() else []
        recipe = "\n".join([str(LAB), *(p.read_text() for p in [REQUIREMENTS, *lab])])

        def make() -> None:
            if not (VENV / "bin" / "uv").exists() or not (VENV / "bin" / "python").exists():
                _new_venv(VENV, CORES[DEFAULT_CORE])
            editable = ("-e", str(LAB)) if lab else ()
            _install(VENV, "-r", REQUIREMENTS, *editable)

        _made_from(VENV, "bin/python", recipe, make, "the tools")
    return VENV


def core_venv(core: str) -> Path:
    """Return an environment whose ansible-test is of this release line."""
    if core == DEFAULT_CORE:
        return tools()
    if core not in CORES:
        raise WorkshopError(f"CORE is one of {', '.join(CORES)}; not {core!r}.")
    venv = CACHE / "cores" / core
    with locked(f"core-{core}"):

        def make() -> None:
            _new_venv(venv, CORES[core])
            _install(venv, f"ansible-core=={CORES[core].version}", "boto3", "cryptography")

        _made_from(venv, "bin/python", str(CORES[core]), make, f"ansible-core {core}")
    return venv


def own_venv(place: str, *requirements: str) -> Path:
    """Return an environment of its own, in this folder of the cache, for what pins what we do not."""
    venv = CACHE / place
    with locked(place.replace("/", "-")):

        def make() -> None:
            _new_venv(venv, CORES[DEFAULT_CORE])
            _install(venv, *requirements)

        _made_from(venv, "bin/python", "\n".join(requirements), make, venv.name)
    return venv


def aws_cli() -> Path:
    """Return the AWS CLI's program. Each release of it wants one release of botocore, so it is not among the tools."""
    return own_venv("aws-cli", f"awscli=={AWS_CLI}") / "bin" / "aws"


def python_of(core: str) -> str:
    """Return the version of Python in the environment of this release line, as ansible-test wants it."""
    venv = core_venv(core)
    return _version_of(venv / "bin" / "python") or "default"


# Collections


def amazon_aws(which: str) -> Path:
    """Return a folder of collections that holds amazon.aws, taken out of the wheel of the ansible package."""
    destination = CACHE / "amazon.aws" / which
    with locked(f"amazon.aws-{which}"):

        def make() -> None:
            shutil.rmtree(destination, ignore_errors=True)
            destination.mkdir(parents=True)
            # --python-version: the wheel is wanted for what it carries; it need not run on our Python
            call(
                *(tools() / "bin" / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--no-cache-dir", "--only-binary=:all:", "--python-version=3.12"),
                *("--dest", destination, f"ansible=={AMAZON_AWS[which]}"),
            )
            for wheel in destination.glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    names = [n for n in archive.namelist() if n.startswith("ansible_collections/amazon/aws/")]
                    archive.extractall(destination, names)
                wheel.unlink()

        proof = "ansible_collections/amazon/aws/MANIFEST.json"
        _made_from(destination, proof, AMAZON_AWS[which], make, f"amazon.aws ({which})")
    return destination


def import_tree() -> Path:
    """Return a folder of collections in which this checkout itself is sealed.s3: for pytest, mypy and playbooks."""
    aws = amazon_aws("newest")
    with locked("import"):
        wanted = {
            IMPORT_TREE / "ansible_collections" / "sealed" / "s3": ROOT,
            IMPORT_TREE / "ansible_collections" / "amazon": aws / "ansible_collections" / "amazon",
        }
        for link, target in wanted.items():
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink() or link.resolve() != target:
                link.unlink(missing_ok=True)
                link.symlink_to(target)
    return IMPORT_TREE


def tracked() -> list[str]:
    """Return the files of this checkout that git has, or would have after `git add`."""
    listed = call("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return sorted(n for n in listed.split("\0") if n and (ROOT / n).is_file())


def copy_tree(name: str, which: str, *, leave_out: tuple[str, ...] = ()) -> Path:
    """Return a copy of this checkout that lies where ansible-test wants a collection, beside amazon.aws.

    The environment that ansible-test made in it stays: with its packages there, a run takes half the time.
    """
    collections = CACHE / "trees" / name / "ansible_collections"
    made = collections / "sealed" / "s3" / "tests" / "output" / ".tmp" / "delegation"
    kept = CACHE / "trees" / name / "delegation"
    if made.exists():
        shutil.rmtree(kept, ignore_errors=True)
        made.rename(kept)
    shutil.rmtree(collections, ignore_errors=True)
    aws = Path("amazon") / "aws"
    shutil.copytree(amazon_aws(which) / "ansible_collections" / aws, collections / aws, copy_function=_hard_link)
    tree = collections / "sealed" / "s3"
    for path in tracked():
        if not path.startswith(leave_out):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tree / path)
    if kept.exists():
        made.parent.mkdir(parents=True)
        kept.rename(made)
    # ansible-test asks git which files there are; without this it would ask the checkout, which ignores .cache
    call("git", "init", "--quiet", cwd=tree)
    return tree


def _hard_link(source: str, destination: str) -> str:
    """Link a file that nothing writes to; a tree then costs no space and no time."""
    os.link(source, destination)
    return destination


def ansible_test_home(name: str) -> Path:
    """Return a home for ansible-test's caches, with the stand-in for get-pip and what the user's pip knows."""
    home = CACHE / "homes" / name
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        (cache / f"get_pip_{version}.py").write_text(GET_PIP)
    # ansible-test passes no PIP_ variable on, and the user's own configuration is not in this home
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
    """Make everything that the demo and the plain tests need."""
    tools()
    import_tree()


def lock() -> None:
    """Write requirements.txt: the newest of what requirements.in and the lab ask for."""
    sources = [REQUIREMENTS.with_suffix(".in"), LAB / "pyproject.toml"]
    header = "".join(sources[0].read_text().partition("\n\n")[:2])
    options = ("--quiet", "--universal", "--no-header", "--no-annotate", "--upgrade", "--python-version", "3.11")
    pins = call(tools() / "bin" / "uv", "pip", "compile", "--no-config", *options, *sources)
    REQUIREMENTS.write_text(f"{header}# Written by `make lock`.\n{pins}")


if __name__ == "__main__":
    if sys.argv[1:] != ["lock"]:
        sys.exit("usage: workshop.py lock")
    lock()
