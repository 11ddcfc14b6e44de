# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Where state, threads and time are: values and resources are frozen, and machinery is in few places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.architecture.source import (
    ROOM_FILES,
    SOURCES,
    for_each,
    imported_names,
    relative_path,
    room_of,
    tree,
    violations,
)


def is_frozen(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and any(
        keyword.arg == "frozen" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in decorator.keywords
    )


# The classes that change: caches and locks of a run, pools, and the work inside one call. Secrets have no setter, and
# are no dataclasses, whose repr would show them.
MUTABLE = {
    "engine/accounts/account_fleet.py": {"_Accounts", "_Run"},
    "engine/accounts/refused_credentials.py": {"RefusedCredentials"},
    "engine/batch_jobs/manifest_spool.py": {"ManifestRows", "ManifestSpool"},
    "engine/buckets/bucket_settings.py": {"BucketSettings"},
    "engine/buckets/log_targets.py": {"LogTargets"},
    "engine/clock.py": {"SystemClock"},
    "engine/fleet/circuit_breaker.py": {"RegionCircuitBreaker"},
    "engine/fleet/fleet.py": {"_Listing", "Tally"},
    "engine/fleet/worker_pool.py": {"FairQueue", "_Workers"},
    "engine/keys/kms_key.py": {"CallerIdentity"},
    "engine/keys/cloudtrail_usage.py": {"KeyUsageReader"},
    "engine/keys/key_resolver.py": {"KeyResolver"},
    "engine/once_per_key.py": {"_Slot", "OncePerKey"},
    "engine/objects/comparison.py": {"StoredContent"},
    "engine/objects/object_inspector.py": {"ObjectInspector"},
    "engine/objects/reencryption/bounded_list.py": {"BoundedList"},
    "engine/objects/reencryption/reencryption.py": {"NewVersions", "Reencryption"},
    "engine/objects/reencryption/pace.py": {"Pace"},
    "engine/objects/sync/local_files.py": {"_Walk"},
    "engine/objects/sync/push.py": {"Push"},
    "engine/objects/sync/source_archive.py": {"ArchiveWriter"},
    "engine/objects/sync/object_source.py": {"LastKey"},
    "engine/reconcile.py": {"_Progress"},
    "engine/report/report_store.py": {"ReportStore"},
    "engine/transfer/atomic_file.py": {"NewFile", "_Reader"},
    "engine/transfer/checksum_calculator.py": {"ChecksumCalculator"},
    "engine/transfer/digests.py": {"CrcDigest", "XxhDigest"},
    "engine/transfer/directory.py": {"TargetDirectory"},
    "engine/transfer/encrypted_body.py": {"_FirstPass", "_VerifiedCiphertext"},
    "engine/transfer/encrypted_stream.py": {"ChunkReader"},
    "engine/transfer/listed_file.py": {"ListedFileReader"},
    "engine/transfer/upload_body.py": {"SourceReader", "FileSlice"},
    "envelope/content_cipher.py": {"_End"},
    "envelope/cryptography_package.py": {"GcmDecryptor"},
    "model/objects/sync/pairing.py": {"_Ahead", "_Names"},
    "model/secret.py": {"Secret", "CustomerKey"},
}


@for_each([path for path in ROOM_FILES if room_of(path) in ("model", "envelope", "engine")])
def test_values_and_resources_are_frozen(path: Path) -> None:
    """A value does not change after it was compared. What a run finds is in its context, and not in the resource."""
    values = re.compile(r"(Protocol|NamedTuple|TypedDict|KeyParameters|Enum|str|\w*Error|Exception)\b")
    found = {
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        if not any(map(is_frozen, node.decorator_list)) and not any(values.match(ast.unparse(b)) for b in node.bases)
    }
    assert found == MUTABLE.get(relative_path(path).removeprefix("module_utils/"), set())
    setters = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "__setattr__"]
    assert (
        not setters or relative_path(path) == "module_utils/model/objects/crc.py"
    )  # a table that __post_init__ computes


def test_frontends_read_nothing_out_of_a_resource() -> None:
    """The outcome has everything that a result needs."""

    def reads(path: Path) -> Iterator[str]:
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        resources = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "reconcile"}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in resources:
                yield ast.unparse(node)

    assert violations(reads, [path for path in ROOM_FILES if room_of(path) == "frontend"]) == []


STARTS_THREADS = {"Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor"}
# The pool whose results come as they finish, the pool whose results come in order, and the display of progress.
POOLS = {"module_utils/engine/fleet/worker_pool.py", "module_utils/engine/transfer/ordered_map.py"}
DISPLAYS = {"plugin_utils/progress.py"}


@for_each(SOURCES)
def test_there_are_two_pools(path: Path) -> None:
    """Other code starts no thread and no process."""
    names = [name.rpartition(".")[2] for name in imported_names(path)]
    names += [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    assert bool(STARTS_THREADS.intersection(names)) == (relative_path(path) in POOLS | DISPLAYS)
    processes = ("_thread", "asyncio", "multiprocessing", "subprocess")
    assert [name for name in imported_names(path) if name.split(".")[0] in processes] == []


# The clock itself; the bound for threads that end, which is real time in tests, too; the display of progress.
TIME = {"module_utils/engine/clock.py", "module_utils/engine/transfer/ordered_map.py", "plugin_utils/progress.py"}


@for_each(SOURCES)
def test_time_comes_from_a_clock(path: Path) -> None:
    """So that a test decides what the time is, and does not wait."""
    found = [name for name in imported_names(path) if name.split(".")[0] == "time"]
    found += [
        ast.unparse(node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        if re.fullmatch(r"(datetime\.)?(datetime|date)\.(now|utcnow|today)", ast.unparse(node))
    ]
    assert not found or relative_path(path) in TIME, found


def test_only_the_type_for_arns_splits_them() -> None:
    """The fields of an ARN have names; a resource may contain colons, too."""

    def splits(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(("split", "partition")):
                continue
            separators = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(part, ast.Constant) and part.value == ":" for part in separators):
                yield ast.unparse(node)

    assert violations(splits, [path for path in ROOM_FILES if relative_path(path) != "module_utils/model/arn.py"]) == []
