# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of the matrix about guard rails in bucket policies.

No row requires TLS: the stores of the matrix have none, and one that enforces the policy would refuse every request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .kinds import REFUSED
from .outcome import Outcome, Result, Run, judged, written
from .store import Store

GUARDED = "sealed-stores-guarded"
OWN_SIDS = {"SealedS3AllowEncryption", "SealedS3AllowEncryptionCustomerKeys", "SealedS3DenyCustomerKeys"}
# A statement of others, which has to keep its meaning.
FOREIGN = {
    "Sid": "NoDeletion",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:DeleteObject",
    "Resource": f"arn:aws:s3:::{GUARDED}/kept/*",
}
STRICT: dict[str, Any] = {"allow_encryption": ["SSE-S3"], "deny_customer_keys": True}

Row = Callable[[Store], Outcome]


def _task(store: Store, **options: Any) -> Run:
    def run(*, check: bool = False) -> Result:
        return store.task("bucket_encryption_policy", bucket=GUARDED, check=check, **options)

    return run


def _sids(store: Store) -> set[str]:
    """The Sids of the policy. A store without policies answers with an error, or with something else."""
    try:
        statements = json.loads(store.s3.get_bucket_policy(Bucket=GUARDED)["Policy"])["Statement"]
    except (*REFUSED, ValueError):
        return set()
    return {str(each.get("Sid")) for each in statements}


def _start_from(store: Store, *, with_rules: bool) -> None:
    """Bring the bucket to the statement of others alone, with the SDK, or to that and our rules."""
    policy = {"Version": "2012-10-17", "Statement": [FOREIGN]}
    try:
        store.s3.put_bucket_policy(Bucket=GUARDED, Policy=json.dumps(policy))
    except REFUSED:
        return
    if with_rules:
        _task(store, **STRICT)()


def _has(store: Store, sids: set[str]) -> str | None:
    found = _sids(store)
    return None if found == sids else f"The policy has {sorted(found) or 'no statement'}."


def set_rules(store: Store) -> Outcome:
    """Add rules to a policy with a statement of others."""
    _start_from(store, with_rules=False)
    wanted = {str(FOREIGN["Sid"]), *OWN_SIDS}
    before = _sids(store)
    return written(_task(store, **STRICT), lambda _result: _has(store, wanted), lambda: _sids(store) == before)


def remove_rules(store: Store) -> Outcome:
    """Take the rules away, and nothing else."""
    _start_from(store, with_rules=True)
    before = _sids(store)
    wanted = {str(FOREIGN["Sid"])}
    if not before > wanted:
        return set_rules(store)  # the error of the store, which has no policy to change
    run = _task(store, state="absent")
    return written(run, lambda _result: _has(store, wanted), lambda: _sids(store) == before)


def read_rules(store: Store) -> Outcome:
    """Read the rules."""
    _start_from(store, with_rules=True)
    denies = "SealedS3DenyCustomerKeys" in _sids(store)

    def judge(result: Result) -> str | None:
        found = result["buckets"][0]["deny_customer_keys"]
        return None if found == denies else f"The result says {found}, and the policy has {sorted(_sids(store))}."

    return judged(store.task("bucket_encryption_policy_info", bucket=GUARDED), judge)


def run_rows(store: Store) -> dict[str, Outcome]:
    """The outcome of each row."""
    store.s3.create_bucket(Bucket=GUARDED)
    rows: dict[str, Row] = {
        "policy: set rules": set_rules,
        "policy: remove rules": remove_rules,
        "policy: read rules": read_rules,
    }
    return {title: row(store) for title, row in rows.items()}
