# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects that somebody has altered who may write to the bucket, but has no key: what a task does with them.

A download refuses them and leaves the file. A task that writes refuses them or mends them, and `overwrite: always`
always mends them. Every bit flip is in the unit tests of the envelope.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result, Task
from .encryption_client import EncryptionClient, SealedObject, encode, seal, seal_by_kms, seal_v2
from .scale import IS_SOAK

KEY = "a"
OWN = "12345678901234567890123456789012"
PLAIN = b"the plaintext of a small object"
CSE_C: dict[str, Any] = {"encryption": "CSE-C", "customer_key": OWN}
ATTACKER = "999999999999"
SEALED, OTHER = seal(PLAIN, OWN.encode()), seal(b"another plaintext, longer than that", OWN.encode())
IN_FILE, OTHER_IN_FILE = (seal(text, OWN.encode(), in_file=True) for text in (PLAIN, b"another plaintext"))
V2, V2_IN_FILE = seal_v2(PLAIN, OWN.encode()), seal_v2(PLAIN, OWN.encode(), in_file=True)


def flipped(value: bytes) -> bytes:
    """The value with one other bit."""
    return bytes([value[0] ^ 1]) + value[1:]


def without(sealed: SealedObject, *names: str) -> SealedObject:
    """The object without these fields."""
    return replace(sealed, metadata={name: value for name, value in sealed.metadata.items() if name not in names})


def having(sealed: SealedObject, fields: dict[str, str]) -> SealedObject:
    """The object with these fields."""
    return replace(sealed, metadata={**sealed.metadata, **fields})


def altered(sealed: SealedObject, name: str) -> SealedObject:
    """The object with one flipped bit in the value of a field, which is base64."""
    return having(sealed, {name: encode(flipped(base64.b64decode(sealed.metadata[name])))})


def with_file(sealed: SealedObject, fields: dict[str, str] | bytes) -> SealedObject:
    """The object with another instruction file."""
    return replace(sealed, file=fields if isinstance(fields, bytes) else json.dumps(fields).encode())


def fields_of(sealed: SealedObject) -> dict[str, str]:
    """The fields of an instruction file."""
    found: dict[str, str] = json.loads(sealed.file or b"{}")
    return found


V2_OF_V3 = {
    **{name: value for name, value in V2.metadata.items() if name != "x-amz-key-v2"},
    "x-amz-key-v2": SEALED.metadata["x-amz-3"],
}

# What is stored, and words of the refusal of the download.
ROWS: dict[str, tuple[SealedObject, str]] = {
    **{
        f"without {name}": (without(SEALED, name), words)
        for name, words in {
            "x-amz-c": "has no x-amz-c",
            "x-amz-d": "has no x-amz-d",
            "x-amz-i": "has no x-amz-i",
            "x-amz-3": "the metadata of the object has x-amz-w, but no x-amz-3",
            "x-amz-w": "has no x-amz-w",
        }.items()
    },
    "without any field": (replace(SEALED, metadata={}), "is under SSE-S3, and the task accepts only encryption: CSE-C"),
    "another commitment": (altered(SEALED, "x-amz-d"), "commit"),
    "another message id": (altered(SEALED, "x-amz-i"), "commit"),
    "another encrypted data key": (altered(SEALED, "x-amz-3"), "customer key"),
    "the cipher of ranged reads": (having(SEALED, {"x-amz-c": "116"}), "x-amz-c is '116'"),
    "another key wrap": (having(SEALED, {"x-amz-w": "12"}), "x-amz-t"),
    "an unknown key wrap": (having(SEALED, {"x-amz-w": "99"}), "x-amz-w is '99'"),
    "a context beside an own key": (having(SEALED, {"x-amz-t": '{"a":"b"}'}), "x-amz-t is for KMS"),
    "fields of two versions": (having(SEALED, {"x-amz-key-v2": "AAAA"}), "fields of version 3"),
    "fields of version 1 and 2": (having(V2, {"x-amz-key": "AAAA"}), "version 1"),
    "a V2 object as V3": (having(V2, {"x-amz-c": "115", "x-amz-w": "02"}), "fields of version 3"),
    "a V3 object as V2": (replace(SEALED, metadata=V2_OF_V3), "customer key"),
    "the envelope of another object": (replace(SEALED, metadata=OTHER.metadata), "authentic"),
    "the body of another object": (replace(SEALED, body=OTHER.body), "authentic"),
    "another body": (replace(SEALED, body=flipped(SEALED.body)), "authentic"),
    "another tag": (replace(SEALED, body=SEALED.body[:-16] + flipped(SEALED.body[-16:])), "authentic"),
    "a shorter body": (replace(SEALED, body=SEALED.body[:-1]), "authentic"),
    "a body shorter than its tag": (replace(SEALED, body=SEALED.body[:10]), "10 bytes"),
    "an empty body": (replace(SEALED, body=b""), "0 bytes"),
    "a longer body": (replace(SEALED, body=SEALED.body + b"\0"), "authentic"),
    "the plaintext under its envelope": (replace(SEALED, body=PLAIN), "authentic"),
    "a V2 object with another body": (replace(V2, body=flipped(V2.body)), "authentic"),
    "a V2 object with another iv": (altered(V2, "x-amz-iv"), "authentic"),
    "the file of another object": (replace(IN_FILE, file=OTHER_IN_FILE.file), "commit"),
    "a file with the commitment": (
        with_file(IN_FILE, {**fields_of(IN_FILE), "x-amz-d": IN_FILE.metadata["x-amz-d"]}),
        "has x-amz-d, which belongs to the metadata",
    ),
    "a file with an envelope of its own": (
        with_file(IN_FILE, {**fields_of(OTHER_IN_FILE), **OTHER_IN_FILE.metadata}),
        "which belongs to the metadata",
    ),
    "a file of version 2": (replace(IN_FILE, file=V2_IN_FILE.file), "fields of version 1 or 2"),
    "a file that is no JSON": (with_file(IN_FILE, b"{"), "JSON"),
    "a file with a list": (with_file(IN_FILE, b"[]"), "JSON"),
    "a file that is too large": (with_file(IN_FILE, b" " * 70_000), "more than 65536 bytes"),
    "no file": (replace(IN_FILE, file=None), "the instruction file does not exist"),
    "a V3 file for an object without fields": (replace(IN_FILE, metadata={}), "is under SSE-S3"),
}


@dataclass(frozen=True)
class Place:
    """A bucket with an altered object, and a file that no refused download may change."""

    task: Task
    s3: Any
    bucket: str
    dest: Path

    def run(self, module: str = "s3_encrypted_object", *, check: bool = False, **options: Any) -> Result:
        """Run a task for the object."""
        return self.task(module, check=check, bucket=self.bucket, key=KEY, **options)

    def download(self, *, check: bool = False, **options: Any) -> Result:
        """Download, and require that a failure leaves the file."""
        done = self.run("s3_encrypted_object_download", check=check, dest=str(self.dest), **options)
        if done.get("failed"):
            assert done["changed"] is False
            assert [path.name for path in self.dest.parent.iterdir()] == [self.dest.name]
            assert self.dest.read_text() == "what was there"
        return done

    def clear(self) -> None:
        """Delete all objects."""
        for each in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            self.s3.delete_object(Bucket=self.bucket, Key=each["Key"])


@pytest.fixture
def place(task: Task, s3: Any, bucket: str, tmp_path: Path) -> Place:
    """Where an object is altered."""
    dest = tmp_path / "dest"
    dest.write_text("what was there")
    return Place(task, s3, bucket, dest)


def test_an_altered_object_is_refused_or_mended(place: Place, kms: Any) -> None:
    """Also in check mode. Each refusal has its own sentence, and a task with the same content never ends unchanged."""
    client = EncryptionClient(place.s3, kms, (OWN.encode(),))
    for number, (name, (sealed, words)) in enumerate(ROWS.items()):
        in_full = IS_SOAK or number % 6 == 0
        place.clear()
        sealed.put(place.s3, place.bucket, KEY)
        refused = place.download(**CSE_C)
        assert refused.get("failed"), name
        assert words in refused["msg"], (name, refused["msg"])
        assert refused["error"]["kind"] in ("not_authentic", "wrong_key", "non_compliant"), name
        assert refused["error"]["resource"], name
        if in_full:
            checked = place.download(check=True, **CSE_C)
            # Only reading the body finds out that its tag is another one, and a check run does not.
            assert not checked.get("failed") or checked["msg"] == refused["msg"], (name, checked)
            assert checked["changed"] is not checked.get("failed", False)
        content: dict[str, Any] = {"content": PLAIN.decode(), **CSE_C}
        if in_full or number % 3 == 0:
            written = place.run(check=not in_full, **content)
            assert written.get("failed") or written["changed"], (name, written)
        if in_full:
            mended = place.run(overwrite="always", **content)
            assert (mended.get("failed"), mended["changed"]) == (None, True), (name, mended)
            assert client.content(place.bucket, KEY) == PLAIN
            assert not place.run(**content)["changed"], name


@pytest.mark.usefixtures("at_aws")
def test_an_untouched_object_of_the_table_is_read(place: Place) -> None:
    """So that each refusal has the cause that its row names."""
    for sealed in (SEALED, IN_FILE, V2, V2_IN_FILE):
        place.clear()
        sealed.put(place.s3, place.bucket, KEY)
        place.dest.write_text("what was there")
        done = place.download(**CSE_C)
        assert not done.get("failed"), done["msg"]
        assert place.dest.read_bytes() == PLAIN
        assert not place.run(content=PLAIN.decode(), **CSE_C)["changed"]


@pytest.mark.usefixtures("at_aws")
def test_a_key_of_a_stranger_is_refused(place: Place, lab: Any, kms: Any, key_arn: str) -> None:
    """Whoever can write to the bucket can put an object there under a key of their own, which everyone may use."""
    theirs = lab.client("kms", account=ATTACKER)
    allowed = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    foreign_arn = theirs.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    seal_by_kms(PLAIN, theirs, foreign_arn).put(place.s3, place.bucket, KEY)
    choices: tuple[dict[str, Any], ...] = ({}, {"encryption": "CSE-KMS"})
    for named in choices:
        refused = place.download(**named)
        assert refused["error"]["kind"] == "wrong_key", refused["msg"]
        assert f"encrypted under the KMS key {foreign_arn}" in refused["msg"]
        assert "can put an object there under a key of their own" in refused["msg"]
    refused = place.download(encryption="CSE-KMS", kms_key=key_arn)
    assert refused["error"]["kind"] == "wrong_key", refused["msg"]
    content: dict[str, Any] = {"content": PLAIN.decode(), "encryption": "CSE-KMS", "kms_key": key_arn}
    for check in (True, False):
        done = place.run(check=check, **content)
        assert done.get("failed") or done["changed"], done
    mended = place.run(overwrite="always", **content)
    assert not mended.get("failed"), mended["msg"]
    assert EncryptionClient(place.s3, kms).content(place.bucket, KEY) == PLAIN
    assert place.download(encryption="CSE-KMS", kms_key=key_arn)["changed"]


@pytest.mark.usefixtures("at_aws")
def test_the_context_binds_an_object_to_its_use(place: Place, key_arn: str) -> None:
    """A whole object of another use is authentic. A download that names the context refuses it without KMS."""
    common: dict[str, Any] = {"encryption": "CSE-KMS", "kms_key": key_arn}
    place.task(
        "s3_encrypted_object",
        bucket=place.bucket,
        key="b",
        content="for b",
        encryption_context={"use": "b"},
        **common,
    )
    place.s3.copy_object(Bucket=place.bucket, Key=KEY, CopySource={"Bucket": place.bucket, "Key": "b"})
    refused = place.download(encryption_context={"use": "a"}, **common)
    assert (refused["error"]["kind"], "encryption_context" in refused["msg"]) == ("invalid", True)
    place.run(content="for a", encryption_context={"use": "a"}, **common)
    assert place.download(encryption_context={"use": "a"}, **common)["changed"]
    assert place.dest.read_text() == "for a"


def with_same_crc64nvme(body: bytes) -> bytes:
    """Another body with the same CRC64NVME: the generator polynomial of a CRC can be added to any message.

    Source: https://reveng.sourceforge.io/crc-catalogue/17plus.htm (CRC-64/NVME; here in the order of its bits)
    """
    polynomial = (1 | 0x9A6C9329AC4BC9B5 << 1).to_bytes(9, "little")
    return bytes(one ^ other for one, other in zip(body[:9], polynomial, strict=True)) + body[9:]


@pytest.mark.usefixtures("at_aws")
def test_a_forged_checksum_is_found_by_the_readers_only(place: Place, kms: Any) -> None:
    """A run that compares by the checksum of S3 sees no change. A download refuses, and `overwrite: always` mends."""
    forged = with_same_crc64nvme(SEALED.body)
    assert forged != SEALED.body
    sums = []
    for body in (SEALED.body, forged):
        answer = place.s3.put_object(
            Bucket=place.bucket, Key=KEY, Body=body, Metadata=SEALED.metadata, ChecksumAlgorithm="CRC64NVME"
        )
        sums.append(answer["ChecksumCRC64NVME"])
    assert sums[0] == sums[1]
    content: dict[str, Any] = {"content": PLAIN.decode(), **CSE_C}
    for check in (True, False):
        done = place.run(check=check, **content)
        assert (done.get("failed"), done["changed"]) == (None, False), done
    refused = place.download(**CSE_C)
    assert refused["error"]["kind"] == "not_authentic", refused["msg"]
    assert place.run(overwrite="always", **content)["changed"]
    assert EncryptionClient(place.s3, kms, (OWN.encode(),)).content(place.bucket, KEY) == PLAIN


@pytest.mark.usefixtures("at_aws")
def test_reordered_parts_are_refused(place: Place) -> None:
    """All parts are there, and their checksums are right."""
    size = 5 * 1024 * 1024
    content: dict[str, Any] = {"content": "a" * size + "b" * size, "part_size": "5MiB", **CSE_C}
    place.run(**content)
    stored = place.s3.get_object(Bucket=place.bucket, Key=KEY)
    body, metadata = stored["Body"].read(), stored["Metadata"]
    where = {"Bucket": place.bucket, "Key": KEY}
    upload = place.s3.create_multipart_upload(**where, Metadata=metadata)["UploadId"]
    parts = []
    for number, part in enumerate((body[size : 2 * size], body[:size], body[2 * size :]), start=1):
        answer = place.s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=part)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    place.s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    refused = place.download(**CSE_C)
    assert refused["error"]["kind"] == "not_authentic", refused["msg"]
    for check in (True, False):
        assert place.run(check=check, **content)["changed"]
    assert place.download(**CSE_C)["changed"]
