# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The manifests that are written for jobs, and the reports that are read of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, cast
from urllib.parse import quote, unquote_plus

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs import manifest_spool
from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.completion_report import (
    read_failed_tasks,
    report_address,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.manifest_spool import (
    FinishedManifest,
    ManifestSpool,
    SpooledObject,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.completion_report import FailedTask
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_request import ManifestFormat
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_state import JobState, JobStatus
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import NOW

KEYS = ("a", "b c+d", 'quotes " and, commas', "ü/ß", "line\nbreak", "100%")


def spooled(key: str, version_id: str | None = None, part: str = "update", minute: int = 0) -> SpooledObject:
    return SpooledObject(part, key, version_id, NOW + timedelta(minutes=minute))


def content(manifest: FinishedManifest) -> bytes:
    manifest.file.seek(0)
    data = manifest.file.read()
    return gzip.decompress(data) if manifest.format is ManifestFormat.INVENTORY else data


def rows(manifest: FinishedManifest) -> list[list[str]]:
    found = list(csv.reader(io.StringIO(content(manifest).decode("ascii"))))
    return [[bucket, unquote_plus(key), *version] for bucket, key, *version in found]


@pytest.mark.parametrize("form", list(ManifestFormat))
@pytest.mark.parametrize("versions", [(), ("one", None)])
def test_rows(form: ManifestFormat, versions: tuple[str | None, ...]) -> None:
    """Any key is one row. All rows name a version or none does; one without its own is the null version."""
    with ExitStack() as stack:
        spool = ManifestSpool(stack, "data")
        for position, key in enumerate(KEYS):
            spool.add(position, spooled(key, versions[position % 2] if versions else None, minute=position))
        spool.finish()
        part = spool.parts["update"]
        manifest = part.finish(form)
        assert (manifest.number, manifest.names_versions) == (len(KEYS), bool(versions))
        assert part.newest == NOW + timedelta(minutes=len(KEYS) - 1)
        named = [("one", "null")[index % 2] for index in range(len(KEYS))]
        expected = [["data", key, *([named[index]] if versions else [])] for index, key in enumerate(KEYS)]
        assert rows(manifest) == expected


def test_the_order_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects come in any order, and the manifest is the same; and parts are apart."""
    orders = ([0, 1, 2, 3], [3, 1, 0, 2])
    digests = []
    with ExitStack() as stack:
        for order in orders:
            spool = ManifestSpool(stack, "data")
            for position in order:
                spool.add(position, None if position == 1 else spooled(str(position), part=f"part {position // 3}"))
            spool.finish()
            assert [part.number for part in spool.parts.values()] == [2, 1]
            digests.append([part.finish(ManifestFormat.CSV).digest for part in spool.parts.values()])
        assert digests[0] == digests[1]
        monkeypatch.setattr(manifest_spool, "_MOST_WAITING", 2)
        spool = ManifestSpool(stack, "data")
        for position in (5, 3, 4, 0, 1, 2):
            spool.add(position, spooled(str(position)))
        spool.finish()
        assert sorted(row[1] for row in rows(spool.parts["update"].finish(ManifestFormat.CSV))) == list("012345")


JOB = JobState("one", JobStatus.COMPLETE, report=("arn:aws:s3:::files", "r"))
MANIFEST = "r/job-one/manifest.json"


class Files:
    """Objects by their keys, in chunks of a few bytes."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = objects

    def get_object(self, target: ObjectId, *_options: Any) -> Iterator[bytes]:
        if target.key not in self.objects:
            raise OperationError(Failure(FailureKind.ABSENT, "There is no such object."))
        data = self.objects[target.key]
        return iter([data[at : at + 3] for at in range(0, len(data), 3)])


def read(objects: dict[str, bytes], job: JobState = JOB) -> list[FailedTask]:
    return list(read_failed_tasks(cast(Any, Files(**objects)), job))


def result(status: str, key: str) -> dict[str, str]:
    return {"TaskExecutionStatus": status, "Bucket": "files", "MD5Checksum": "x", "Key": key}


def test_failed_tasks() -> None:
    """Of all files with failed tasks, with any key and message. The status comes before or after the error code."""
    text = io.StringIO()
    writer = csv.writer(text)
    for key in KEYS:
        writer.writerow(["data", quote(key), "v1", "failed", 403, "AccessDenied", 'said "no", twice\nü'])
    document = {"Results": [result("succeeded", "none"), result("failed", "f1"), result("failed", "f2")]}
    row = b"data,last,,failed,NoSuchKey,404,gone\r\n\r\ndata,unnamed,,failed,500,,broken"
    tasks = read({MANIFEST: json.dumps(document).encode(), "f1": text.getvalue().encode(), "f2": row})
    message = 'said "no", twice\nü'
    assert tasks[:-2] == [FailedTask(key, "v1", "AccessDenied", "403", message, "data") for key in KEYS]
    assert tasks[-2:] == [
        FailedTask("last", None, "NoSuchKey", "404", "gone", "data"),
        FailedTask("unnamed", None, "", "500", "broken", "data"),
    ]


@pytest.mark.parametrize("key", ["r//job-one/manifest.json", "r/job-one/manifest.json"])
def test_a_prefix_that_ends_with_a_slash(key: str) -> None:
    """It is not documented whether S3 puts another one after it."""
    job = JobState("one", JobStatus.COMPLETE, report=("arn:aws:s3:::files", "r/"))
    document = json.dumps({"Results": [result("failed", "f1")]}).encode()
    (task,) = read({key: document, "f1": b"data,last,,failed,404,NoSuchKey,gone"}, job)
    assert task.key == "last"
    with pytest.raises(OperationError):
        read({}, job)


def test_no_report() -> None:
    """A job of another tool may have none."""
    assert read({}, JobState("one", JobStatus.COMPLETE)) == []
    assert report_address(JobState("one", JobStatus.COMPLETE)) == ""
    assert report_address(JOB) == f"s3://files/{MANIFEST}"
    plain = JobState("one", JobStatus.COMPLETE, report=("arn:aws:s3:::files", ""))
    assert report_address(plain) == "s3://files/job-one/manifest.json"


@pytest.mark.parametrize(
    "objects",
    [
        {MANIFEST: b"{"},
        {MANIFEST: b"[]"},
        {MANIFEST: b'{"Results": [{}]}'},
        {MANIFEST: json.dumps({"Results": [result("failed", "f")]}).encode(), "f": b"a,b,c"},
    ],
)
def test_what_is_no_report(objects: dict[str, bytes]) -> None:
    """It is told, and not taken for one."""
    with pytest.raises(OperationError, match="is not the report of a job"):
        read(objects)
