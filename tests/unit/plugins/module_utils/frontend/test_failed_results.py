# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a failed task returns: its sentence once, and no secret, whatever the values of its options are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import error_of_row, failure_result
from ansible_collections.sealed.s3.plugins.module_utils.frontend.run import run_module
from ansible_collections.sealed.s3.plugins.module_utils.frontend.unconvertible import unconvertible_option
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind

DENIED = Failure(FailureKind.FORBIDDEN, "s3:GetObject on a/b is forbidden.", "Ask.", "s3:GetObject", "a/b", "session")
SECRET = "Zm9yLXRoaXMtdGVzdC1vbmx5LTMyLWJ5dGVzLWxvbmc="
SPEC: dict[str, dict[str, Any]] = {
    "days": {"type": "int", "aliases": ["window"]},
    "select": {"type": "dict", "options": {"names": {"type": "list"}}},
    "customer_key": {"no_log": True},
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


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"days": float("inf")}, "days has a value that Ansible cannot convert to the type of the option, int."),
        ({"window": float("-inf")}, "window has a value that Ansible cannot convert to the type of the option, int."),
        ({"select": 5}, "select has a value that Ansible cannot convert to the type of the option, dict."),
    ],
)
def test_a_value_that_ansible_cannot_convert(
    capsys: pytest.CaptureFixture[str], written: dict[str, Any], message: str
) -> None:
    """The failure names the option. Which options are secret is not known then, so none is returned."""
    with patch_module_args({**written, "customer_key": SECRET}), pytest.raises(SystemExit):
        run_module(SPEC, lambda _task: {})
    printed = capsys.readouterr().out
    result = json.loads(printed)
    assert result["msg"] == f"{message} Check the value and its parts."
    assert result["error"]["kind"] == "invalid"
    assert SECRET not in printed


def test_other_values_are_left_to_ansible() -> None:
    """It has its own messages for them."""
    assert unconvertible_option(SPEC, {"days": "many", "select": "x", "customer_key": SECRET, "unknown": 1}) is None
