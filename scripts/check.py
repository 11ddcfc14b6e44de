# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The checks of this collection, and the command line that runs them.

check.py [NAME…]    run these checks or groups (default: all of `make test`) in parallel, and print a table of results
check.py --list     list the checks

Environment: V=1 prints all output at once and runs one check at a time. JOBS=n runs n at a time (default: one for each
core). ARGS is passed on to pytest or ansible-test. CORE=2.21 selects another ansible-core for ansible-test, and
AWS=floor or AWS=newest another amazon.aws.

To add a check, write a function with the @check decorator below. `make help`, `make NAME` and `make test` then know it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
import tarfile
import time
from pathlib import Path

import environments
import lab_distribution
from environments import CACHE, IMPORT_TREE, LAB, ROOT, SetupError
from runner import (
    ARGS,
    CHECKS,
    COVERAGE_DATA,
    Check,
    CheckFailed,
    CheckRun,
    CheckSkipped,
    check,
    print_summary,
    run_checks,
    select_checks,
)

import lab

CORE = os.environ.get("CORE") or environments.DEFAULT_CORE

# The least percentage of lines and branches of plugins/ that the unit and contract tests together have to run.
COVERAGE_FLOOR = 97.0

# Files that are in the repository only, and not in the tarball: folders, and files at the top.
NOT_SHIPPED = (
    *("lab/", "scripts/", "benchmarks/", "demo/", ".ci/", ".github/", ".gitignore", ".pre-commit-config.yaml"),
    *("antsibull-nox.toml", "noxfile.py", "Makefile", "galaxy.yml"),
)


def _ansible_test(run: CheckRun, default_aws: str, command: str, *arguments: str, config: str | None = None) -> None:
    """Run ansible-test in a tree of its own, with the amazon.aws that AWS=… names, or else the default one."""
    venv = environments.core_venv(CORE)
    tree_name = f"{run.name}-{CORE}"
    with environments.locked(f"tree-{tree_name}"):
        tree = environments.collection_tree(
            tree_name,
            os.environ.get("AWS") or default_aws,
            leave_out=("lab/", "scripts/", ".ci/", "benchmarks/"),
        )
        if config is not None:
            (tree / "tests" / "integration" / "integration_config.yml").write_text(config)
        env = {
            "HOME": str(environments.ansible_test_home(tree_name)),
            "PATH": environments.search_path(venv),
            "ANSIBLE_COLLECTIONS_PATH": "",
        }
        run(venv / "bin" / "ansible-test", command, "--venv", "--color", "no", *arguments, *ARGS, cwd=tree, env=env)


# The checks. The slow ones are first, so that all cores are busy until the end.


@check("quick", requires="tests/contract", measures_coverage=True)
def contract(run: CheckRun) -> None:
    """the modules and the engine against a lab, in pytest, without Ansible around them"""
    run.pytest("tests/contract", env={"AWS_CLI": str(environments.aws_cli())})


@check("ansible-test")
def sanity(run: CheckRun) -> None:
    """ansible-test sanity, on every Python of this machine (CORE=2.21, AWS=floor for others)"""
    _ansible_test(run, "newest", "sanity")
    names = set(re.findall(r'Running sanity test "([a-z0-9-]+)"', "\n".join(run.output)))
    if not names:
        raise CheckFailed("ansible-test ran no test.")
    run.result = f"{len(names)} sanity tests, ansible-core {CORE}"


@check("demo", requires="demo/run")
def walk(run: CheckRun) -> None:
    """the demo, against a lab of its own"""
    run(ROOT / "scripts" / "with-lab", ROOT / "demo" / "run")


@check("ansible-test", requires="tests/integration/targets")
def integration(run: CheckRun) -> None:
    """ansible-test integration: playbooks against the lab, with the oldest amazon.aws that is supported"""
    with lab.running() as env:
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
        lines = json.dumps(config)  # JSON is YAML
        _ansible_test(run, "floor", "integration", "--python", environments.python_version_of(CORE), config=lines)
    log = "\n".join(run.output)
    targets = set(re.findall(r"^Running (\S+) integration test role", log, re.MULTILINE))
    if not targets:
        raise CheckFailed("ansible-test ran no target.")
    tasks = sum(int(n) for n in re.findall(r"^testhost\s+: ok=(\d+)", log, re.MULTILINE))
    run.result = f"{len(targets)} targets, {tasks} tasks"


@check("backends", requires="tests/integration/stores")
def stores(run: CheckRun) -> None:
    """the modules against MiniStack and SeaweedFS, each result judged by the SDK (`make soak stores`: more stores)"""
    printed = run("python", ROOT / "scripts" / "stores.py", "ministack", "seaweedfs")
    run.result = "; ".join(re.findall(r"^(?:ministack|seaweedfs): .+$", printed, re.MULTILINE))


def _backend(run: CheckRun, name: str) -> None:
    """Run the integration targets against a backend other than the lab. ARGS names targets."""
    printed = run("python", ROOT / "scripts" / "backends.py", name, *ARGS)
    run.result = printed.splitlines()[-1]


@check("backends", default=False)
def ministack(run: CheckRun) -> None:
    """the same playbooks against MiniStack, an emulator of AWS"""
    _backend(run, "ministack")


@check("backends", default=False)
def seaweedfs(run: CheckRun) -> None:
    """the same playbooks against SeaweedFS, an object store that encrypts on disk, with its keys in MiniStack"""
    _backend(run, "seaweedfs")


@check("aws", default=False)
def integration_aws(run: CheckRun) -> None:
    """the same playbooks against AWS itself: with credentials, AWS_REGION and PREFIX=…; makes keys, which cost money"""
    _backend(run, "aws")


@check("ansible-test", default=False)
def units(run: CheckRun) -> None:
    """ansible-test units: tests/unit once more, in ansible-test's own environment (`make soak units`)"""
    try:
        _ansible_test(run, "newest", "units", "--python", environments.python_version_of(CORE))
    finally:
        run.count_tests()
    if not run.tests:
        raise CheckFailed("ansible-test ran no test.")


@check("lab", requires="lab/tests")
def conformance(run: CheckRun) -> None:
    """the lab's own tests: how far it behaves as AWS does"""
    # Load the plugin by its module name, so that it is loaded once whether or not the lab is installed.
    run.pytest("-p", "no:sealed_lab", "-p", "sealed_lab.pytest_plugin", "tests", cwd=LAB)
    figures = re.findall(r"^conformance, (.+)$", "\n".join(run.output), re.MULTILINE)
    run.result = "; ".join([run.result, *figures])


@check("lab", requires="lab/pyproject.toml")
def lab_package(run: CheckRun) -> None:
    """the lab's package: its files, and the first lines of its README in an environment without anything else"""
    run.result = lab_distribution.verify(run)


@check("docs")
def collection_docs(run: CheckRun) -> None:
    """antsibull-docs: the documentation of every module, and every reference in it"""
    with environments.locked("tree-docs"):
        tree = environments.collection_tree("docs", "newest", leave_out=("lab/",))
        run(
            *("antsibull-docs", "lint-collection-docs", "--plugin-docs"),
            *("--validate-collection-refs", "all", "--skip-rstcheck", tree),
            env={"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2])},
        )


@check("quick", requires="tests/unit", measures_coverage=True)
def pytest(run: CheckRun) -> None:
    """tests/unit in plain pytest, which is quicker than units"""
    run.pytest("tests/unit")


@check("types", requires="lab/sealed_lab")
def lab_types(run: CheckRun) -> None:
    """mypy --strict on the lab and its tests"""
    run.result = run(
        "mypy", "--cache-dir", CACHE / "mypy-lab", "sealed_lab", "recorded_answers", "tests", cwd=LAB
    ).splitlines()[-1]


@check("types")
def types(run: CheckRun) -> None:
    """mypy --strict on the collection, its tests, the scripts and the benchmarks"""
    collection = IMPORT_TREE / "ansible_collections" / "sealed" / "s3"
    tests = collection / "tests"
    folders = (tests / "unit", tests / "contract", tests / "integration" / "stores", tests / "soak")
    sources = (collection / "plugins", *folders)
    config = ("--config-file", ROOT / ".mypy.ini", "--cache-dir", CACHE / "mypy")
    path = os.pathsep.join([str(IMPORT_TREE), str(LAB)])
    found = run("mypy", *config, "--explicit-package-bases", *sources, env={"MYPYPATH": path})
    tools = (ROOT / "scripts", ROOT / "benchmarks")
    scripts = [path for folder in tools for path in sorted(folder.glob("*.py"))]
    run("mypy", *config, *scripts, env={"MYPYPATH": os.pathsep.join(map(str, (*tools, LAB)))})
    run.result = found.splitlines()[-1]


@check("lint")
def ruff(run: CheckRun) -> None:
    """ruff: format and rules (`make format` repairs what it can)"""
    run("ruff", "format", "--check", "--diff", "--cache-dir", CACHE / "ruff", ".")
    run("ruff", "check", "--cache-dir", CACHE / "ruff", ".")


@check("lint")
def yamllint(run: CheckRun) -> None:
    """yamllint on every YAML file"""
    files = [name for name in environments.tracked_files() if name.endswith((".yml", ".yaml", ".yamllint"))]
    run("yamllint", "--strict", *files)


@check("lint")
def ansible_lint(run: CheckRun) -> None:
    """ansible-lint on the examples, the playbooks, the roles and the demo"""
    folders = [f for f in ("examples", "playbooks", "roles", "demo") if (ROOT / f).is_dir()]
    if not folders:
        raise CheckSkipped("examples/, playbooks/ and roles/ do not exist yet")
    run("ansible-lint", "--offline", "--strict", *folders)


@check("lint")
def repo_lint(run: CheckRun) -> None:
    """rules of this repository: action group, links between documents, whitespace, executable files"""
    run("python", ROOT / "scripts" / "repo_lint.py")


@check("docs")
def licences(run: CheckRun) -> None:
    """reuse: every file names its licence"""
    run("reuse", "lint", "--lines")


@check("docs")
def changelog(run: CheckRun) -> None:
    """antsibull-changelog: the fragments are well formed"""
    run("antsibull-changelog", "lint")


@check("docs", requires="scripts/generate_doc_fragments.py")
def generated(run: CheckRun) -> None:
    """the documentation that is generated from the encryption kinds, and from runs at other stores, is up to date"""
    run("python", ROOT / "scripts" / "generate_doc_fragments.py", "--check")
    run("python", ROOT / "scripts" / "store_page.py", "--check")


@check("docs")
def build(run: CheckRun) -> None:
    """ansible-galaxy: build the tarball, compare its files, install it, and import it as Galaxy does"""
    with environments.locked("tree-build"):
        tree = environments.collection_tree("build", "floor")
        output = CACHE / "dist"
        for old in output.glob("*.tar.gz"):
            old.unlink()
        run("ansible-galaxy", "collection", "build", "--force", "--output-path", output, cwd=tree)
        (tarball,) = output.glob("sealed-s3-*.tar.gz")
        with tarfile.open(tarball) as archive:
            packed = {member.name.removeprefix("./") for member in archive.getmembers() if member.isfile()}
        shipped = {name for name in environments.tracked_files() if not name.startswith(NOT_SHIPPED)}
        expected = {*shipped, "MANIFEST.json", "FILES.json"}
        if packed != expected:
            unexpected, missing = sorted(packed - expected), sorted(expected - packed)
            raise CheckFailed(f"Unexpected files in the tarball: {unexpected}. Missing files: {missing}.")
        installed = CACHE / "trees" / "installed"
        aws = environments.amazon_aws("floor") / "ansible_collections" / "amazon" / "aws"
        offline = ("--offline", "--force", "-p", installed)
        run("ansible-galaxy", "collection", "install", aws, tarball, *offline)
        listed = run("ansible-doc", "-l", "sealed.s3", env={"ANSIBLE_COLLECTIONS_PATH": str(installed)})
        modules = {f"sealed.s3.{p.stem}" for p in (ROOT / "plugins" / "modules").glob("[!_]*.py")}
        absent = sorted(m for m in modules if m not in listed)
        if absent:
            raise CheckFailed(f"ansible-doc does not find {absent} in the installed collection.")
        _import_as_galaxy_does(run, tarball)
    run.result = f"{tarball.relative_to(ROOT)}, {tarball.stat().st_size // 1024} KiB, {len(modules)} modules"


def _import_as_galaxy_does(run: CheckRun, tarball: Path) -> None:
    """Run galaxy-importer, which refuses a tarball as Galaxy would. Its linters are checks of their own here."""
    folder = CACHE / "galaxy-importer-run"
    folder.mkdir(exist_ok=True)
    settings = "".join(f"{name} = False\n" for name in ("RUN_ANSIBLE_TEST", "RUN_ANSIBLE_LINT", "RUN_FLAKE8"))
    (folder / "importer.cfg").write_text(f"[galaxy-importer]\n{settings}")
    python = environments.galaxy_importer()
    env = {
        "PATH": environments.search_path(python.parents[1]),
        "HOME": str(folder),
        "GALAXY_IMPORTER_CONFIG": str(folder / "importer.cfg"),
    }
    printed = run(python, "-m", "galaxy_importer.main", tarball, cwd=folder, env=env)
    errors = [line for line in printed.splitlines() if line.startswith("ERROR")]
    if errors or "Importer processing completed successfully" not in printed:
        raise CheckFailed("\n".join(errors) or "galaxy-importer did not complete.")


@check("coverage")
def coverage(run: CheckRun) -> None:
    """coverage of plugins/ by pytest and contract together; .cache/coverage/report.txt lists the missing lines"""
    parts = [COVERAGE_DATA / f"{each.name}.data" for each in CHECKS.values() if each.measures_coverage]
    absent = [part.name for part in parts if not part.exists()]
    if absent:
        raise CheckSkipped(f"{', '.join(absent)} was not written")
    data = f"--data-file={COVERAGE_DATA / 'all.data'}"
    run("coverage", "combine", "--quiet", data, *parts, *COVERAGE_DATA.glob("processes.data.*"))
    report = run("coverage", "report", "--show-missing", "--skip-covered", "--precision=1", data)
    (COVERAGE_DATA / "report.txt").write_text(report + "\n")
    total = re.search(r"^TOTAL .* ([\d.]+)%", report, re.MULTILINE)
    if total is None:
        raise CheckFailed("coverage reported no total.")
    run.result = f"{total[1]} % of lines and branches (floor {COVERAGE_FLOOR:g})"
    run.in_summary = True
    if float(total[1]) < COVERAGE_FLOOR and not ARGS:
        raise CheckFailed(f"The tests run {run.result}.")


@check("format", default=False)
def format(run: CheckRun) -> None:
    """format the Python files, and repair what ruff can"""
    run("ruff", "check", "--fix-only", "--cache-dir", CACHE / "ruff", ".")
    run("ruff", "format", "--cache-dir", CACHE / "ruff", ".")


def _run(selected: list[Check]) -> int:
    """Run the checks. If coverage is one of them, the suites that it measures run before it."""
    last = CHECKS["coverage"]
    measure = last in selected
    if measure:
        suites = [each for each in CHECKS.values() if each.measures_coverage]
        selected = [each for each in CHECKS.values() if each in (*selected, *suites) and each is not last]
    start = time.monotonic()
    environments.prepare()
    print(f"tools ready  {time.monotonic() - start:>9.1f} s", flush=True)
    runs = run_checks(selected, measure_coverage=measure)
    if measure:
        runs += run_checks([last])
    return print_summary(runs, time.monotonic() - start)


def main(arguments: list[str]) -> int:
    """Run the command line."""
    if arguments == ["--names"]:
        print(" ".join(CHECKS))
        return 0
    if arguments == ["--list"]:
        for each in CHECKS.values():
            print(f"  {each.name:<17}{each.summary}")
        return 0
    return _run(select_checks(arguments))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as problem:
        sys.exit(str(problem))
