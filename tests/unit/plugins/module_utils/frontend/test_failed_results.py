# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a failed task returns: its sentence once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import error_of_row, failure_result
from ansible_collections.sealed.s3.plugins.module_utils.frontend.unconvertible import (
    entry_that_is_no_dict,
    unconvertible_option,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind

DENIED = Failure(FailureKind.FORBIDDEN, "s3:GetObject on a/b is forbidden.", "Ask.", "s3:GetObject", "a/b", "session")
SPEC: dict[str, dict[str, Any]] = {
    "days": {"type": "int"},
    "select": {"type": "dict", "options": {"names": {"type": "list"}}, "aliases": ["selection"]},
}


def test_a_result_has_the_sentence_once() -> None:
    """ansible-core 2.19 and newer print `msg` in a banner and in the result. A third time would only hide the rest."""
    result = failure_result(DENIED)
    assert result["msg"] == "s3:GetObject on a/b is forbidden. Ask."
    assert str(result).count(DENIED.message) == 1
    assert result["error"] == {
        "kind": "forbidden",
        "code": "",
        "action": "s3:GetObject",
        "resource": "a/b",
        "layer": "session",
    }


def test_one_of_many_resources_has_its_own_sentence() -> None:
    """`msg` is about all of them then."""
    assert error_of_row(DENIED) == {**failure_result(DENIED)["error"], "message": DENIED.sentence()}


@pytest.mark.parametrize("written", ["select", "selection"])
def test_a_value_that_ansible_cannot_convert(written: str) -> None:
    """The failure has the name that the task uses, and not the value, which may be secret."""
    failure = unconvertible_option(SPEC, {"days": 1, written: 5})
    assert failure is not None
    assert failure.kind is FailureKind.INVALID
    assert failure.message == f"{written} has a value that Ansible cannot convert to the type of the option, dict."


def test_other_values_are_left_to_ansible() -> None:
    """It has its own messages for them."""
    assert unconvertible_option(SPEC, {"days": "many", "select": "x", "unknown": 1}) is None


def test_an_entry_that_is_no_dict_is_named() -> None:
    spec = {**SPEC, "many": {"type": "list", "elements": "dict", "options": {"id": {}}}}
    for written, place in (
        ({"many": [{"id": 1}, "secret"]}, "many[1]"),
        ({"many": [None]}, "many[0]"),
        ({"selection": "secret"}, "selection"),
        ({"select": ["secret"]}, "select"),
    ):
        failure = entry_that_is_no_dict(spec, written)
        assert failure is not None
        assert failure.message == f"{place} is not a dict."
        assert "secret" not in failure.sentence()
    accepted: list[dict[str, Any]] = [
        {"many": [{}, "id=1"]},
        {"many": []},
        {"select": None},
        {"select": '{"names": []}'},
        {"days": "x"},
    ]
    for written in accepted:
        assert entry_that_is_no_dict(spec, written) is None
