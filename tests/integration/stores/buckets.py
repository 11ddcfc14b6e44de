# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of the matrix about the default encryption of buckets, and about what does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .judge import rule
from .kinds import ALIAS, BUCKET, REFUSED
from .outcome import WORKS, Outcome, Result, Run, expect_refusal, judged, written
from .store import Store

DEFAULTS = "sealed-stores-defaults"
MISSING = "sealed-stores-missing"
# What AWS writes for the kinds of a rule.
ALGORITHMS = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}

Row = Callable[[Store], Outcome]


def _task(store: Store, **options: Any) -> Run:
    def run(*, check: bool = False) -> Result:
        return store.task("bucket_default_encryption", bucket=DEFAULTS, check=check, **options)

    return run


def _start_from(store: Store, *, algorithm: str = "") -> None:
    """Bring the bucket to a rule, or to none, with the SDK.

    A store that does not know rules may take the deletion of one for that of the bucket, so it is not sent there.
    """
    try:
        if rule(store, DEFAULTS) == {}:
            return
        store.s3.delete_bucket_encryption(Bucket=DEFAULTS)
        if algorithm:
            wanted = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}
            store.s3.put_bucket_encryption(Bucket=DEFAULTS, ServerSideEncryptionConfiguration=wanted)
    except REFUSED:
        pass


def _is_intact(store: Store) -> bool:
    """Whether the bucket exists with the object that is in it."""
    try:
        return bool(store.s3.get_object(Bucket=DEFAULTS, Key="kept")["Body"].read() == b"kept")
    except REFUSED:
        return False


def _found(store: Store) -> dict[str, Any] | str:
    try:
        return rule(store, DEFAULTS) or {}
    except REFUSED as error:
        return f"The rule cannot be read: {error}."


def set_default(encryption: str, key_arn: str) -> Row:
    """Set the default encryption."""

    def row(store: Store) -> Outcome:
        _start_from(store, algorithm="" if encryption == "SSE-KMS" else "aws:kms")
        by_key = {"kms_key": ALIAS} if key_arn and encryption != "SSE-S3" else {}

        def judge(_result: Result) -> str | None:
            found = _found(store)
            default = {} if isinstance(found, str) else found.get("ApplyServerSideEncryptionByDefault", {})
            key = default.get("KMSMasterKeyID", "")
            good = default.get("SSEAlgorithm") == ALGORITHMS[encryption] and (not by_key or key == key_arn)
            return None if good else f"The rule is {found}."

        return written(_task(store, encryption=encryption, **by_key), judge, lambda: _is_intact(store))

    return row


def reset_default(store: Store) -> Outcome:
    """Give the bucket back the default of the store."""
    _start_from(store, algorithm="aws:kms")

    def judge(_result: Result) -> str | None:
        found = _found(store)
        default = {} if isinstance(found, str) else found.get("ApplyServerSideEncryptionByDefault", {})
        good = not isinstance(found, str) and default.get("SSEAlgorithm", "AES256") == "AES256"
        return None if good else f"The rule is {found}."

    return written(_task(store, state="absent"), judge, lambda: _is_intact(store))


def block(types: list[str]) -> Row:
    """Block or allow SSE-C in the bucket."""

    def row(store: Store) -> Outcome:
        _start_from(store, algorithm="AES256")
        if not types:
            block(["SSE-C"])(store)

        def judge(_result: Result) -> str | None:
            found = _found(store)
            named = [] if isinstance(found, str) else found.get("BlockedEncryptionTypes", {}).get("EncryptionType", [])
            return None if [name for name in named if name != "NONE"] == types else f"The rule is {found}."

        run = _task(store, blocked_encryption_types=types)
        return written(run, judge, lambda: _is_intact(store)) if types else judged(run(), judge)

    return row


def read_default(store: Store) -> Outcome:
    """Read the default encryption."""
    _start_from(store, algorithm="AES256")

    def judge(result: Result) -> str | None:
        found = _found(store)
        default = {} if isinstance(found, str) else found.get("ApplyServerSideEncryptionByDefault", {})
        reported = result["buckets"][0]["encryption"]
        good = not isinstance(found, str) and ALGORITHMS.get(reported) == default.get("SSEAlgorithm")
        return None if good else f"The result says {reported}, and the rule is {found}."

    return judged(store.task("bucket_default_encryption_info", bucket=DEFAULTS), judge)


def missing_bucket(store: Store) -> Outcome:
    """A bucket that does not exist is an error, in every module."""
    tasks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("bucket_default_encryption", {"bucket": MISSING, "encryption": "SSE-S3"}),
        ("bucket_default_encryption_info", {"bucket": MISSING}),
        ("s3_encrypted_object", {"bucket": MISSING, "key": "a", "content": "a"}),
        ("s3_encrypted_object_download", {"bucket": MISSING, "key": "a", "dest": str(store.folder / "missing")}),
    )
    for module, options in tasks:
        outcome = expect_refusal(store.task(module, **options), "absent")
        if outcome.name != WORKS:
            return Outcome(outcome.name, f"{module}: {outcome.sentence}")
    return Outcome(WORKS)


def missing_object(store: Store) -> Outcome:
    """An object that does not exist is an empty list, an error of a download, and no work for a deletion."""
    named: dict[str, Any] = {"bucket": BUCKET, "key": "does/not/exist"}
    found = judged(
        store.task("s3_encrypted_object_info", **named),
        lambda result: f"The result has {result['objects']}." if result["objects"] else None,
    )
    deleted = judged(
        store.task("s3_encrypted_object", state="absent", **named),
        lambda result: "The deletion says changed." if result["changed"] else None,
    )
    refused = expect_refusal(
        store.task("s3_encrypted_object_download", dest=str(store.folder / "absent"), **named), "absent"
    )
    return next((outcome for outcome in (found, deleted, refused) if outcome.name != WORKS), refused)


def run_rows(store: Store, key_arn: str) -> dict[str, Outcome]:
    """The outcome of each row."""
    store.s3.create_bucket(Bucket=DEFAULTS)
    store.s3.put_object(Bucket=DEFAULTS, Key="kept", Body=b"kept")
    rows: dict[str, Row] = {
        "default SSE-S3": set_default("SSE-S3", key_arn),
        "default SSE-KMS": set_default("SSE-KMS", key_arn),
        "default DSSE-KMS": set_default("DSSE-KMS", key_arn),
        "default absent": reset_default,
        "block SSE-C": block(["SSE-C"]),
        "allow SSE-C": block([]),
        "read the default": read_default,
        "missing bucket": missing_bucket,
        "missing object": missing_object,
    }
    return {title: row(store) for title, row in rows.items()}
