# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_encryption_policy: options that contradict each other are refused before any call, each with its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ACCOUNT, Task

MODULE = "bucket_encryption_policy"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "The task has no rule for the policies of the buckets."),
    ({"minimum": True}, "The task has no rule for the policies of the buckets."),
    ({"state": "absent", "require_tls": True}, "so require_tls has no effect"),
    ({"state": "absent", "require_tls": False}, "so require_tls has no effect"),
    ({"state": "absent", "remove_rules": ["require_tls"], "minimum": True}, "so remove_rules, minimum have no effect"),
    ({"allow_encryption": []}, "To take the rule away, write remove_rules: [allow_encryption], or leave it out."),
    ({"allow_kms_keys": []}, "allow_kms_keys is an empty list."),
    ({"exempt_principals": []}, "exempt_principals is an empty list."),
    ({"exempt_services": []}, "write remove_rules: [exempt_services]"),
    ({"remove_rules": []}, "remove_rules is an empty list. Name a rule, or leave it out."),
    ({"allow_kms_keys": ["alias/app", ""]}, "allow_kms_keys[1] is empty."),
    ({"allow_encryption": [None]}, "allow_encryption[0] is null"),
    ({"require_tls": True, "remove_rules": ["require_tls"]}, "require_tls is set, and it is in remove_rules"),
    ({"require_tls": False, "minimum_tls_version": "1.2"}, "minimum_tls_version: 1.2 needs TLS"),
    ({"remove_rules": ["require_tls"], "minimum_tls_version": "1.3"}, "minimum_tls_version: 1.3 needs TLS"),
    ({"minimum_tls_version": "1.1"}, "value of minimum_tls_version must be one of: 1.2, 1.3"),
    ({"remove_rules": ["tls"]}, "value of remove_rules must be one or more of: require_tls,"),
    ({"allow_encryption": ["CSE-KMS"]}, "allow_encryption: S3 cannot see CSE-KMS"),
    ({"allow_encryption": ["SSE-S3", "CSE-C"]}, "allow_encryption: S3 cannot see CSE-C"),
    ({"allow_encryption": ["NONE"]}, "'NONE' is no value of allow_encryption. Give SSE-S3 or SSE-KMS or DSSE-KMS or"),
    ({"allow_encryption": ["SSE-X"]}, "'SSE-X' is no value of allow_encryption."),
    ({"allow_encryption": ["SSE-C"], "deny_customer_keys": True}, "allow_encryption has SSE-C, and deny_customer_keys"),
    ({"allow_encryption": ["SSE-S3"], "deny_customer_keys": False}, "allow_encryption does not have SSE-C, and"),
    ({"allow_kms_keys": ["aws/s3"]}, "'aws/s3' does not name a KMS key. For an alias, write alias/aws/s3."),
    ({"minimum": True, "require_tls": False}, "minimum only makes policies stricter, so require_tls: false cannot"),
    ({"minimum": True, "remove_rules": ["require_tls"]}, "minimum only makes policies stricter, so remove_rules"),
    ({"exempt_principals": ["*"]}, "'*' exempts everybody"),
    ({"exempt_principals": ["backup"]}, "'backup' is neither the ARN of an IAM user or role nor an account."),
    ({"exempt_principals": [1234]}, "'1234' has 4 digits. It may have lost zeros."),
    ({"exempt_principals": [f"arn:aws:iam::{ACCOUNT}:group/a"]}, "is a group, and no request comes from a group"),
    (
        {"exempt_principals": [f"arn:aws:sts::{ACCOUNT}:assumed-role/backup/session"]},
        f"is a session of a role. The condition compares the ARN of the role. Write {ROLE},",
    ),
    ({"exempt_principals": ["AROA1234567890ABCDEF1"]}, "is the unique id of a principal."),
    ({"exempt_services": ["logging"]}, "'logging' is not the name of a service. Write it in full"),
    ({"exempt_services": ["*.amazonaws.com"]}, "has a wildcard"),
    ({"exempt_services": ["Backup.amazonaws.com "]}, "Write backup.amazonaws.com: no spaces or capital letters."),
    ({"buckets": ["my bucket"], "require_tls": True}, "'my bucket' is not the name of a bucket"),
    ({"require_tls": True, "concurrency": 0}, "concurrency: 0 is out of bounds."),
]
# The options of the task, an entry of overrides for all buckets, and the sentence about the entry.
REFUSED_ENTRIES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"require_tls": True}, {}, "overrides[0] has no option for its buckets. Name at least one of require_tls,"),
    ({"require_tls": True}, {"names": [], "require_tls": None}, "overrides[0]: names is empty"),
    ({"require_tls": True}, {"minimum_tls_version": "1.1"}, "'1.1' is no value of minimum_tls_version. Give 1.2 or 1"),
    ({"require_tls": True}, {"remove_rules": ["tls"]}, "'tls' is no value of remove_rules."),
    ({"require_tls": True}, {"state": "gone"}, "'gone' is no value of state. Give present or absent."),
    ({"require_tls": True}, {"state": "absent", "deny_customer_keys": True}, "so deny_customer_keys has no effect"),
    ({"require_tls": True}, {"allow_encryption": []}, "allow_encryption is an empty list."),
    ({"deny_customer_keys": True}, {"allow_encryption": ["SSE-C"]}, "allow_encryption has SSE-C, and deny_customer"),
    ({"require_tls": False}, {"minimum_tls_version": "1.2"}, "minimum_tls_version: 1.2 needs TLS"),
    ({"require_tls": True}, {"minimum": True, "require_tls": False}, "so require_tls: false cannot apply"),
    ({"remove_rules": ["require_tls"]}, {"minimum": True}, "so remove_rules cannot apply"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_wrong_options(task: Task, lab: Any, options: dict[str, Any], sentence: str) -> None:
    """The check run refuses the same."""
    for check in (False, True):
        result = task(MODULE, check=check, **{"buckets": ["example-bucket"], **options})
        assert result["failed"]
        assert sentence in result["msg"]
    assert list(lab.calls.operations()) == []


@pytest.mark.parametrize(("options", "entry", "sentence"), REFUSED_ENTRIES)
def test_wrong_entries_of_overrides(
    task: Task, lab: Any, options: dict[str, Any], entry: dict[str, Any], sentence: str
) -> None:
    """They are checked together with the options of the task, also where no bucket matches."""
    result = task(MODULE, buckets=["example-bucket"], **options, overrides=[{"names": ["other"], **entry}])
    assert (result["failed"], result["error"]["kind"]) == (True, "invalid")
    assert result["msg"].startswith("overrides[0]")
    assert sentence in result["msg"]
    assert list(lab.calls.operations()) == []


@pytest.mark.parametrize("options", [{"buckets": ["a"], "select": {"names": ["*"]}}, {}])
def test_either_names_or_a_selection(task: Task, options: dict[str, Any]) -> None:
    """As in bucket_default_encryption."""
    assert task(MODULE, require_tls=True, **options)["failed"]
