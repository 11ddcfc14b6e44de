# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The projects whose recorded answers are counted: where they are, which commit, and how their tests are run."""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sealed_lab

LAB = Path(sealed_lab.__file__).parent.parent

# What an SDK needs besides the variables with which it finds the lab in the place of AWS.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "2",
}


@dataclass(frozen=True)
class Source:
    """A project, one commit of it, and the tests in it that hold what AWS answered."""

    name: str
    address: str
    commit: str
    date: str
    paths: tuple[str, ...]  # of the modules in the project
    tests: tuple[str, ...]
    options: tuple[str, ...]  # of pytest
    variables: tuple[tuple[str, str], ...]
    caller: str  # "user": an IAM user of a lab that enforces policies; "root": of a lab that does not

    def fetch(self, folder: Path) -> Path:
        """Fetch the commit into ``folder``, unless it is there. Return the checkout."""
        checkout = folder / self.name
        if not (checkout / ".git").exists():
            checkout.mkdir(parents=True, exist_ok=True)
            _git(checkout, "init", "--quiet")
        if _git(checkout, "rev-parse", "--quiet", "--verify", "HEAD", check=False).strip() != self.commit:
            _git(checkout, "fetch", "--quiet", "--depth=1", self.address, self.commit)
            _git(checkout, "checkout", "--quiet", "--force", self.commit)
        return checkout

    def run(self, checkout: Path, test: str, environment: dict[str, str], out: Path) -> list[dict[str, Any]]:
        """Run one file or folder of tests against a lab in the place of AWS. Return what each test observed."""
        out.unlink(missing_ok=True)
        paths = [str(checkout / each) for each in self.paths] + [str(LAB)]
        variables = {
            **os.environ,
            **environment,
            **_CREDENTIALS,
            **dict(self.variables),
            "REQUESTS_CA_BUNDLE": environment["AWS_CA_BUNDLE"],
            "PYTHONPATH": os.pathsep.join(paths),
            "RECORDED_OUT": str(out),
        }
        command = [sys.executable, "-m", "pytest", *self.options, "-p", "no:cacheprovider", "-q", "--tb=no", test]
        done = subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True)
        if done.returncode not in (0, 1):  # 1: some tests failed
            raise RuntimeError(f"{self.name}: {test} did not run.\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []

    def has_test(self, checkout: Path, test: str) -> bool:
        """Return whether the test of a recording is still there to say what was sent."""
        file, *classes, name = test.split("::")
        function = name.partition("[")[0]
        body = _statements(checkout / file)
        for each in classes:
            body = [item for node in body if isinstance(node, ast.ClassDef) and node.name == each for item in node.body]
        return any(isinstance(node, ast.FunctionDef) and node.name == function for node in body)

    def recorded(self, checkout: Path, test: str) -> Iterator[tuple[str, str, str]]:
        """Return test, name and date of each answer that the project recorded for these tests."""
        if self.name != "localstack":
            return
        file = checkout / re.sub(r"\.py$", ".snapshot.json", test)
        for name, record in json.loads(file.read_text()).items():
            date = datetime.strptime(record["recorded-date"][:10], "%d-%m-%Y").date().isoformat()
            for answer in record["recorded-content"]:
                yield name, answer, date


@functools.cache
def _statements(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text()).body


def _git(folder: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip()}")
    return done.stdout


SOURCES = (
    Source(
        name="localstack",
        address="https://github.com/localstack/localstack",
        commit="8b9a79f05846835cf4dff63ab7eefdde9df83783",
        date="2026-03-23",
        paths=("localstack-core", "."),
        tests=(
            *(
                f"tests/aws/services/s3/test_s3{name}.py"
                for name in (
                    "",
                    "_api",
                    "_cors",
                    "_list_operations",
                    "_notifications_eventbridge",
                    "_notifications_lambda",
                    "_notifications_sns",
                    "_notifications_sqs",
                    "_preconditions",
                )
            ),
            "tests/aws/services/s3control/test_s3control.py",
            "tests/aws/services/kms/test_kms.py",
        ),
        options=(
            "--noconftest",
            *("-p", "recorded_answers.stand_in"),
            *("-p", "localstack_snapshot.pytest.snapshot"),
            *("-p", "localstack.testing.pytest.fixtures"),
            *("-p", "recorded_answers.localstack_tests"),
            *("-p", "no:logging"),
        ),
        variables=(
            ("TEST_TARGET", "AWS_CLOUD"),
            ("LOCALSTACK_INTERNAL_TEST_RUN", "1"),
            ("SECONDARY_TEST_AWS_SECRET_ACCESS_KEY", "test"),
        ),
        caller="user",
    ),
    Source(
        name="moto",
        address="https://github.com/getmoto/moto",
        commit="0af643a5dbfc98797f08ee64f5be3ef8002d56ff",
        date="2026-08-22",
        paths=(".",),
        tests=("tests/test_s3", "tests/test_s3control", "tests/test_kms"),
        options=("-m", "aws_verified", "-p", "recorded_answers.verified_tests", "-p", "no:logging"),
        variables=(("MOTO_TEST_ALLOW_AWS_REQUEST", "true"),),
        caller="root",
    ),
)
