# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Only the room `aws` interprets codes and messages of AWS."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from ansible_collections.sealed.s3.plugins.module_utils.aws import error_codes
from ansible_collections.sealed.s3.plugins.module_utils.model.operations import Operation
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.architecture.source import (
    MODULE_UTILS,
    OUTSIDE_AWS,
    nodes_with_parents,
    tree,
    violations,
)

# Code that uses a code neither as output nor as an argument, and yet decides nothing by it: equal causes are reported
# together.
NO_DECISIONS = {
    "(failure.kind.value, failure.code, failure.action, failure.layer, failure.advice, other_resource, words)",
}


# In these folders, a message is that of a finding or of a row that another task has returned: sorted, and shown.
OF_REPORTS = {"report", "report_page"}

TEXTS_FOR_USERS = (".sentence()", ".action", ".layer")


def test_only_aws_decides_by_codes_and_messages() -> None:
    """The other rooms decide by the kind and the reason of a failure, and only report its code and message."""

    def decides(path: Path) -> Iterator[str]:
        names = ("code",) if OF_REPORTS.intersection(path.parts) else ("code", "message")
        raised = ("str(error)",) if "OperationError" in path.read_text(encoding="utf-8") else ()
        for node, parent in nodes_with_parents(path):
            if isinstance(node, ast.Attribute) and node.attr in names:
                is_output = isinstance(parent, (ast.FormattedValue, ast.keyword, ast.Dict))
                if not is_output and place(node, parent) not in NO_DECISIONS:
                    yield place(node, parent)
            elif isinstance(node, ast.Call) and re.match(r"getattr\(.*, '(code|message)'", ast.unparse(node)):
                yield ast.unparse(node)
            elif isinstance(parent, (ast.Compare, ast.Attribute)) and ast.unparse(node).endswith(
                (*TEXTS_FOR_USERS, *raised)
            ):
                yield place(node, parent)

    def place(node: ast.AST, parent: ast.AST) -> str:
        return ast.unparse(parent if isinstance(parent, ast.expr) else node)

    assert violations(decides, OUTSIDE_AWS) == []


def codes_of_aws() -> set[str]:
    """The codes and statuses in the tables of `aws/`, and those that its code compares."""
    compared = {
        part.value
        for name in ("service_errors.py", "objects/update_encryption_errors.py", "objects/s3_objects.py")
        for node in ast.walk(tree(MODULE_UTILS / "aws" / name))
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    operations = {part for union in get_args(Operation) for part in get_args(union) or (union,)}
    compared_codes = filter(re.compile(r"[A-Z]\w+").fullmatch, compared)
    return {*error_codes.ERROR_CODES, *error_codes.STATUSES, *error_codes.REASONS, *compared_codes} - operations


def test_only_aws_knows_codes_of_aws() -> None:
    """Except for a predicted failure, which has the code that S3 would return."""
    codes = codes_of_aws()
    assert {"404", "NoSuchKey", "InvalidRequest", "MalformedPolicyDocumentException", "InvalidRange"} <= codes

    def mentions_a_code(path: Path) -> Iterator[str]:
        for node, parent in nodes_with_parents(path):
            is_predicted = isinstance(parent, ast.keyword) and parent.arg == "code"
            if isinstance(node, ast.Constant) and node.value in codes and not is_predicted:
                yield str(node.value)

    assert violations(mentions_a_code, OUTSIDE_AWS) == []
