# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""docs/bucket_policies.md shows the statements that are written. test_policy_matrix.py has its tables of refusals."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.statements import (
    DENIALS,
    Guard,
    build_statement,
)

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "bucket_policies.md").read_text(encoding="utf-8")


def test_the_statements_of_the_table() -> None:
    """Each Sid has a row, with the actions and the operators and keys of the conditions that are written."""
    words = {
        "aws:SecureTransport": "aws:SecureTransport",
        "s3:TlsVersion": "s3:TlsVersion",
        "s3:x-amz-server-side-encryption": "encryption header",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "key header",
        "s3:x-amz-server-side-encryption-customer-algorithm": "customer algorithm",
    }
    rows = dict(re.findall(r"^\|[^|]*\| `(SealedS3\w+)`[^|]*\|(.*)\|$", GUIDE, re.MULTILINE))
    assert set(rows) == set(DENIALS)
    for sid, denial in DENIALS.items():
        statement = build_statement(Guard(denial, ("value",)), sid, "arn:aws:s3:::bucket")
        row = rows[sid].replace("the ARNs", "the key header, the ARNs")
        assert f"`{statement['Action']}`" in row
        for operator, keys in statement["Condition"].items():
            assert f"`{operator}`" in row
            assert all(words[key] in row for key in keys)
            assert all(f'`"{value}"`' in row for value in keys.values() if value in ("true", "false"))
