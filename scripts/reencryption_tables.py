# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The tables of docs/reencryption.md, from the decisions of the code. generate_doc_fragments.py writes them.

The model imports only the standard library, so it can be imported from its folder, without Ansible.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "module_utils"))
_decision = importlib.import_module("model.objects.reencryption.decision")
_encryption = importlib.import_module("model.kinds.encryption")
_registry = importlib.import_module("model.kinds.registry")
_estimate = importlib.import_module("model.objects.reencryption.estimate")
_listed = importlib.import_module("model.objects.listed_object")
_method = importlib.import_module("model.objects.change_method")
_state = importlib.import_module("model.objects.object_state")
_archive = importlib.import_module("model.objects.archive")
_job_parts = importlib.import_module("model.batch_jobs.job_parts")
_errors = importlib.import_module("model.errors")

_OWNER = "111122223333"
_KEY = f"arn:aws:kms:us-east-1:{_OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_FORMER_KEY = f"arn:aws:kms:us-east-1:{_OWNER}:key/0987dcba-09fe-87dc-65ba-ab0987654321"
_FOREIGN_KEY = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# What an object has: the text of its row, and its encryption.
SOURCES = {
    "none (`NONE`)": _encryption.ObjectEncryption("NONE"),
    "SSE-S3": _encryption.ObjectEncryption("SSE-S3"),
    "SSE-KMS, other key or bucket key": _encryption.ObjectEncryption("SSE-KMS", _FORMER_KEY, bucket_key_enabled=False),
    "DSSE-KMS, other key": _encryption.ObjectEncryption("DSSE-KMS", _FORMER_KEY),
    "SSE-C, with its key": _encryption.ObjectEncryption("SSE-C"),
}


def _wanted(kind: str, key: str | None = None, bucket_key: bool | None = None) -> Any:
    return _encryption.DesiredEncryption(_registry.find_kind(kind), key, bucket_key)


# What it is to have: the text of its column, and the encryption that is written.
TARGETS = {
    "SSE-S3": _wanted("SSE-S3"),
    "SSE-KMS": _wanted("SSE-KMS", _KEY, bucket_key=True),
    "SSE-KMS, key of another account": _wanted("SSE-KMS", _FOREIGN_KEY, bucket_key=True),
    "DSSE-KMS": _wanted("DSSE-KMS", _KEY),
}

_ROUTES = {
    _decision.Route.AS_ASKED: "is as asked",
    _decision.Route.UPDATE: "in place",
    _decision.Route.COPY: "copy",
    _decision.Route.PARTS: "copy in parts",
}


def _object(encryption: Any, **changes: Any) -> Any:
    return _state.ObjectState(**{"bucket": "b", "key": "k", "encryption": encryption, "size": 1, **changes})


_CURRENT = _listed.ListedObject("k", 1, '"e"', "2026-01-01T00:00:00+00:00")


def _decision_about(
    encryption: Any, written: Any, listed: Any = _CURRENT, method: str = "auto", **state: Any
) -> tuple[Any, Any]:
    """The decision about an object, and the object."""
    rules = _decision.ReencryptionRules(
        desired=written, written=written, method=_method.ChangeMethod(method), bucket_owner=_OWNER
    )
    found = _object(encryption, **state)
    return _decision.decide(rules, listed, found), found


def _in_words(decision: Any) -> str:
    return f"skipped: `{decision.skipped.value}`" if decision.skipped else _ROUTES[decision.route]


def decide(encryption: Any, written: Any, **case: Any) -> str:
    """What becomes of an object with `engine: here`, in the words of the tables."""
    decision, _found = _decision_about(encryption, written, **case)
    return _in_words(decision)


def decide_for_job(encryption: Any, written: Any, **case: Any) -> str:
    """What becomes of an object with `engine: batch_operations`. A target that no job can write is refused."""
    try:
        _job_parts.require_job_can_write(written.kind)
    except _errors.OperationError:
        return "refused"
    decision, found = _decision_about(encryption, written, **case)
    return _in_words(_job_parts.decide_for_job(decision, found))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = tuple(head)
    lines = [titles, ("---",) * len(titles), *map(tuple, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _matrix(cell: Callable[[Any, Any], str]) -> str:
    rows = ((name, *(cell(source, target) for target in TARGETS.values())) for name, source in SOURCES.items())
    return _table(("now", *TARGETS), rows)


def routes() -> str:
    """Return how each encryption becomes each other one, by this process and by a job."""
    return f"With `engine: here`:\n\n{_matrix(decide)}\n\nWith `engine: batch_operations`:\n\n{_matrix(decide_for_job)}"


def exceptions() -> str:
    """Return what becomes of objects that are not like others."""
    in_place = (SOURCES["SSE-S3"], TARGETS["SSE-KMS"])
    by_copy = (SOURCES["SSE-KMS, other key or bucket key"], TARGETS["SSE-S3"])
    noncurrent = _CURRENT._replace(version_id="v", is_noncurrent=True)
    lock = _state.ObjectLock("GOVERNANCE", "2030-01-01T00:00:00+00:00")
    cases: dict[str, dict[str, Any]] = {
        "noncurrent version": {"listed": noncurrent, "version_id": "v"},
        "archived (`GLACIER`, `DEEP_ARCHIVE`, or an archive tier of `INTELLIGENT_TIERING`)": {
            "archive": _archive.Archive("GLACIER")
        },
        "larger than 5 GB": {"size": 6 * 1024**3},
        "with a redirect to another page": {"properties": _state.Properties(website_redirect_location="/")},
        "of `REDUCED_REDUNDANCY`": {"properties": _state.Properties(storage_class="REDUCED_REDUNDANCY")},
        "under Object Lock": {"lock": lock},
        "any, with `method: update`": {"method": "update"},
        "any, with `method: copy`": {"method": "copy"},
        "noncurrent version, with `method: copy`": {"method": "copy", "listed": noncurrent, "version_id": "v"},
    }
    rows = (
        (name, decide(*in_place, **case), decide(*by_copy, **case), decide_for_job(*by_copy, **case))
        for name, case in cases.items()
    )
    return _table(("object", "S3 can change it in place", "S3 can only copy it", "the same by a job"), rows)


def prices() -> str:
    """Return what the estimate counts with."""
    counted = {
        "list of up to 1,000 objects": replace(_NOTHING, lists=1_000_000),
        "HeadObject, of STANDARD": replace(_NOTHING, gets={"STANDARD": 1_000_000}),
        "HeadObject, of STANDARD_IA": replace(_NOTHING, gets={"STANDARD_IA": 1_000_000}),
        "HeadObject, of GLACIER_IR": replace(_NOTHING, gets={"GLACIER_IR": 1_000_000}),
        "UpdateObjectEncryption, of every storage class": replace(_NOTHING, updates=1_000_000),
        "CopyObject, to STANDARD": replace(_NOTHING, copies={"STANDARD": 1_000_000}),
        "CopyObject, to STANDARD_IA": replace(_NOTHING, copies={"STANDARD_IA": 1_000_000}),
        "CopyObject, to GLACIER_IR": replace(_NOTHING, copies={"GLACIER_IR": 1_000_000}),
        "request to KMS": replace(_NOTHING, kms=1_000_000),
        "object of a job, beside its request": replace(_NOTHING, job_objects=1_000_000),
        "object of a bucket for which S3 generates a manifest": replace(_NOTHING, manifest_objects=1_000_000),
    }
    rows = ((name, f"${_estimate.estimate(counts).price_usd:.3f}") for name, counts in counted.items())
    job = _estimate.estimate(replace(_NOTHING, jobs=1)).price_usd
    return (
        f"List prices of `{_estimate.REGION_OF_PRICES}`, read on {_estimate.PRICES_OF}:\n\n"
        f"{_table(('Request', 'For a million'), rows)}\n\nA job costs ${job:.2f} in addition."
    )


_NOTHING = _estimate.RequestCounts()
