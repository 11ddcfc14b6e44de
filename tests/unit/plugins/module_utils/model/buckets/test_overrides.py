# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Exceptions of a task: which one applies to a bucket, and what remains of the task's own options."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.desired_defaults import DROPPED_WITH
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.overrides import (
    Override,
    Targets,
    merge_override,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.selection import Bucket

TASK: dict[str, Any] = {
    "encryption": "SSE-KMS",
    "kms_key": "alias/app",
    "bucket_key_enabled": True,
    "blocked_encryption_types": ["SSE-C"],
    "minimum": True,
    "state": "present",
}
WITHOUT_KEY = {**TASK, "kms_key": None, "bucket_key_enabled": None}


@pytest.mark.parametrize(
    ("entry", "merged"),
    [
        pytest.param({"kms_key": "alias/logs"}, {**TASK, "kms_key": "alias/logs"}, id="another key"),
        pytest.param({"kms_key": None}, {**TASK, "kms_key": None}, id="the bucket's own key"),
        pytest.param({"encryption": "SSE-S3"}, {**WITHOUT_KEY, "encryption": "SSE-S3"}, id="another encryption"),
        pytest.param({"encryption": None}, {**WITHOUT_KEY, "encryption": None}, id="the bucket's own encryption"),
        pytest.param(
            {"encryption": "DSSE-KMS", "kms_key": "alias/logs"},
            {**WITHOUT_KEY, "encryption": "DSSE-KMS", "kms_key": "alias/logs"},
            id="encryption and key",
        ),
        pytest.param(
            {"blocked_encryption_types": []}, {**TASK, "blocked_encryption_types": []}, id="another list of types"
        ),
        pytest.param(
            {"blocked_encryption_types": None}, {**TASK, "blocked_encryption_types": None}, id="the bucket's own list"
        ),
        pytest.param({"minimum": False}, {**TASK, "minimum": False}, id="no minimum"),
        pytest.param({"minimum": None, "state": None}, TASK, id="a bucket has no minimum and no state of its own"),
        pytest.param({"state": "absent"}, {**dict.fromkeys(TASK), "state": "absent"}, id="S3's own default"),
        pytest.param(
            {"state": "absent", "kms_key": "alias/logs"},
            {**dict.fromkeys(TASK), "state": "absent", "kms_key": "alias/logs"},
            id="a contradiction is kept, to be refused",
        ),
    ],
)
def test_an_entry_replaces_what_it_writes(entry: dict[str, Any], merged: dict[str, Any]) -> None:
    """All other options are those of the task, without the key if the entry is about another encryption."""
    assert merge_override(TASK, entry, DROPPED_WITH) == merged


def test_the_first_entry_that_matches_applies() -> None:
    """Names are shell patterns. A bucket without an entry gets what the task says."""
    targets = Targets("task", (Override(("logs-*", "audit"), "logs"), Override(("logs-old", "*-old"), "old")))
    found = {name: targets.find(Bucket(name)) for name in ("logs-old", "audit", "data-old", "data", "LOGS-1")}
    assert found == {"logs-old": "logs", "audit": "logs", "data-old": "old", "data": "task", "LOGS-1": "task"}
    assert [targets.position(Bucket(name)) for name in ("audit", "x-old", "data")] == [0, 1, None]


def test_an_entry_may_be_for_some_accounts() -> None:
    """By id or name. A bucket of no account matches none of them."""
    targets = Targets("task", (Override(("a*",), "both", ("prod*",)), Override(("*",), "account", ("2*",))))
    prod, test = Account("111111111111", "prod-1"), Account("222222222222")
    buckets = [Bucket("a", account=prod), Bucket("b", account=prod), Bucket("a", account=test), Bucket("a")]
    assert [targets.find(bucket) for bucket in buckets] == ["both", "task", "account", "task"]
    assert [entry.criteria for entry in targets.overrides] == ["accounts: prod*; names: a*", "accounts: 2*"]
