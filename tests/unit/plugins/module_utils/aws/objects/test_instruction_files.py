# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Instruction files: pages of versions, bodies, and conditions of a deletion."""

from __future__ import annotations

import io
from typing import Any

import pytest

pytest.importorskip("boto3")

from botocore.exceptions import ClientError

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.instruction_files import InstructionFiles
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.instruction_file import (
    can_have_instruction_file,
    instruction_file_of,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId

TARGET = ObjectId("bucket", "a", None, "111122223333")
FILE = {"Bucket": "bucket", "Key": "a.instruction", "ExpectedBucketOwner": "111122223333"}


class S3Clients:
    """Clients of a store that gives these answers, one after the other."""

    def __init__(self, *answers: dict[str, Any] | ClientError, at_aws: bool = True, known: str = "IfMatch") -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.at_aws = at_aws
        self.known = known
        self.meta = self.service_model = self.input_shape = self

    @property
    def members(self) -> tuple[str, ...]:
        """The parameters that the SDK knows."""
        return ("Bucket", "Key", self.known)

    def operation_model(self, _name: str) -> S3Clients:
        return self

    def get(self, _service: str) -> S3Clients:
        return self

    def custom_endpoint(self, _service: str) -> bool:
        return not self.at_aws

    def _answer(self, **parameters: Any) -> dict[str, Any]:
        self.requests.append(parameters)
        answer = self.answers.pop(0)
        if isinstance(answer, ClientError):
            raise answer
        return answer

    get_object = delete_object = list_object_versions = _answer


def files(clients: S3Clients, **options: Any) -> InstructionFiles:
    return InstructionFiles(clients, **options)  # type: ignore[arg-type]


def refused(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "any")  # type: ignore[typeddict-item]


def page(*keys: str, following: str | None = None, version: str | None = None) -> dict[str, Any]:
    """A page with versions of these keys, and the key at which the next page starts."""
    versions = [{"Key": key, "VersionId": "one"} for key in keys]
    more = {"IsTruncated": True, "NextKeyMarker": following, "NextVersionIdMarker": version} if following else {}
    return {"Versions": versions, "DeleteMarkers": [{"Key": "a", "VersionId": "marker"}], **more}


MARKERS = page(following="a", version="marker")


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        pytest.param([page()], False, id="delete markers"),
        pytest.param([page("a")], True, id="a version"),
        pytest.param([page("a.instruction", "ab")], False, id="longer keys"),
        pytest.param([MARKERS, MARKERS, page("a", "ab")], True, id="a version on a later page"),
        pytest.param([MARKERS, page("ab")], False, id="none on a later page"),
        pytest.param([page("ab", following="ab", version="one")], False, id="the next page is of longer keys"),
        pytest.param([MARKERS] * 10, None, id="too many pages"),
        pytest.param([{"Versions": [], "IsTruncated": True}], None, id="a page that names no next one"),
        pytest.param([refused("AccessDenied", 403)], None, id="not allowed"),
        pytest.param([MARKERS, refused("AccessDenied", 403)], None, id="no longer allowed"),
        pytest.param([refused("NotImplemented", 501)], None, id="a store without versions"),
    ],
)
def test_whether_another_version_needs_the_file(pages: list[Any], expected: bool | None) -> None:
    """Never a wrong no: the file would be deleted."""
    clients = S3Clients(*pages)
    assert files(clients).has_other_versions(TARGET) is expected
    assert clients.answers == []
    owner = {"Bucket": "bucket", "Prefix": "a", "ExpectedBucketOwner": "111122223333"}
    assert clients.requests[0] == owner
    for request in clients.requests[1:]:
        assert request == {**owner, "KeyMarker": "a", "VersionIdMarker": "marker"}


def test_an_error_of_the_list_is_raised() -> None:
    """Such as a bucket that does not exist."""
    with pytest.raises(OperationError) as error:
        files(S3Clients(refused("NoSuchBucket", 404))).has_other_versions(TARGET)
    assert error.value.failure.kind is FailureKind.ABSENT


@pytest.mark.parametrize(
    ("options", "conditional_writes", "etag", "sent"),
    [
        pytest.param({}, True, '"e"', {"IfMatch": '"e"'}, id="AWS"),
        pytest.param({}, True, None, {}, id="without an ETag"),
        pytest.param({}, False, '"e"', {}, id="conditional_writes: false"),
        pytest.param({"at_aws": False}, True, '"e"', {}, id="another store"),
        pytest.param({"known": "MFA"}, True, '"e"', {}, id="an old SDK"),
    ],
)
def test_the_condition_of_a_deletion(
    options: dict[str, Any], conditional_writes: bool, etag: str | None, sent: dict[str, str]
) -> None:
    """A file that is already deleted is not an error, for example when the first response was lost."""
    answers: list[dict[str, Any] | ClientError] = [{}, refused("NoSuchKey", 404)]
    for answer in answers:
        clients = S3Clients(answer, **options)
        files(clients, conditional_writes=conditional_writes).delete_instruction_file(TARGET, etag)
        assert clients.requests == [{**FILE, **sent}]
    with pytest.raises(OperationError) as error:
        files(S3Clients(refused("PreconditionFailed", 412), **options)).delete_instruction_file(TARGET, etag)
    assert error.value.failure.kind is FailureKind.CONFLICT


class SlowBody(io.BytesIO):
    """A body that arrives in small pieces."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1000, size or 0))


@pytest.mark.parametrize("size", [0, 1, 65536])
def test_a_body_is_read_to_its_end(size: int) -> None:
    """The SDK verifies the length and the checksum only there."""
    body = SlowBody(b"x" * size)
    found = files(S3Clients({"Body": body, "ETag": '"e"'})).get_instruction_file(TARGET)
    assert found
    assert (len(found.body), found.etag) == (size, '"e"')
    assert body.closed


@pytest.mark.parametrize("length", [{}, {"ContentLength": 1 << 40}], ids=["unknown", "known"])
def test_a_body_that_is_too_large_is_not_read(length: dict[str, int]) -> None:
    """At most 64 KiB are in memory, also from a store that reports no length."""
    body = io.BytesIO(b"x" * (1 << 20))
    with pytest.raises(OperationError, match="more than 65536 bytes"):
        files(S3Clients({"Body": body, "ETag": '"e"', **length})).get_instruction_file(TARGET)
    assert body.closed


def test_the_key_of_a_file() -> None:
    """The version of an object is not one of its file. S3 limits the bytes of a key."""
    assert instruction_file_of(TARGET._replace(version_id="v")) == TARGET._replace(key="a.instruction")
    assert [can_have_instruction_file("ü" * count) for count in (506, 507)] == [True, False]
    assert can_have_instruction_file("a" * 1012)
    assert not can_have_instruction_file("a" * 1013)
