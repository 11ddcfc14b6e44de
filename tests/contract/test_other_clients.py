# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules read what other S3 Encryption Clients wrote. Unit tests read the same objects with the codec alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.tests.contract.conftest import Result, Task
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.other_clients import Fixture, written_by

OBJECTS = [*written_by("ruby"), *written_by("python")]
READABLE = [one for one in OBJECTS if one.key_name in ("kms", "aes", "described_aes")]
KINDS = {"kms": "CSE-KMS", "aes": "CSE-C", "described_aes": "CSE-C", "short_aes": "CSE-C", "rsa": "CSE-RSA"}
LEGACY = ["v2", "v1_cbc"]
# One object for each client, format, kind of key and place of the envelope.
ONE_OF_EACH = list({(one.name.split()[0], one.format, one.key_name, one.place): one for one in READABLE}.values())


def kms_context(written: Fixture) -> dict[str, str]:
    """The context of the KMS call, which is in the envelope. The older client names its key there."""
    envelope = json.loads(written.instruction_file) if written.instruction_file else written.metadata
    if written.format == "v1_cbc":
        context: dict[str, str] = json.loads(envelope["x-amz-matdesc"])
        return context
    return {**written.context, "aws:x-amz-cek-alg": "115" if written.format == "v3" else envelope["x-amz-cek-alg"]}


def data_key_field(written: Fixture) -> str:
    """The field with the encrypted data key."""
    return "x-amz-3" if written.format == "v3" else "x-amz-key-v2"


def wrapped_anew(written: Fixture, kms: Any, key_arn: str) -> str:
    """The data key, encrypted by the KMS of this test. The KMS key that encrypted it does not exist any more."""
    named = {"KeyId": key_arn, "EncryptionContext": kms_context(written)}
    return base64.b64encode(kms.encrypt(Plaintext=written.key, **named)["CiphertextBlob"]).decode()


def store(written: Fixture, s3: Any, bucket: str, kms: Any, key_arn: str) -> None:
    """Put the object and its instruction file as their writer did, by plain PutObject."""
    changes = {data_key_field(written): wrapped_anew(written, kms, key_arn)} if written.key_name == "kms" else {}
    metadata = written.metadata | ({} if written.instruction_file else changes)
    s3.put_object(Bucket=bucket, Key=written.name, Body=written.body, Metadata=metadata)
    if written.instruction_file:
        file = json.dumps(json.loads(written.instruction_file) | changes, ensure_ascii=False).encode()
        s3.put_object(Bucket=bucket, Key=f"{written.name}.instruction", Body=file)


@pytest.fixture
def stored(s3: Any, bucket: str, kms: Any, key_arn: str) -> str:
    """The bucket with all objects."""
    for written in OBJECTS:
        store(written, s3, bucket, kms, key_arn)
    return bucket


def key_options(written: Fixture) -> dict[str, Any]:
    """The options with the key: none under a KMS key, which the object names."""
    return {} if written.key_name == "kms" else {"customer_key": base64.b64encode(written.key[:32]).decode()}


def download(task: Task, bucket: str, written: Fixture, dest: Path, **options: Any) -> Result:
    """Download one object."""
    where = {"bucket": bucket, "key": written.name, "dest": str(dest)}
    return task("s3_encrypted_object_download", **where, **key_options(written), **options)


def test_objects_of_other_clients_are_downloaded(task: Task, stored: str, tmp_path: Path) -> None:
    """Each becomes its plaintext, whatever its format, key and place of the envelope; empty ones too."""
    for number, written in enumerate([*ONE_OF_EACH, *(one for one in READABLE if not one.plaintext)]):
        dest = tmp_path / str(number)
        got = download(task, stored, written, dest, legacy_formats=LEGACY)
        assert (got.get("msg"), got["changed"]) == (None, True), written.name
        assert dest.read_bytes() == written.plaintext, written.name


def test_a_second_download_changes_nothing(task: Task, stored: str, tmp_path: Path) -> None:
    """The local file is compared with the object."""
    for number, written in enumerate(ONE_OF_EACH):
        (tmp_path / str(number)).write_bytes(written.plaintext)
        got = download(task, stored, written, tmp_path / str(number), legacy_formats=LEGACY)
        assert (got.get("msg"), got["changed"]) == (None, False), written.name


def test_objects_of_other_clients_are_reported_without_a_key(task: Task, stored: str) -> None:
    """Kind, format, place, context and size of the plaintext; the metadata is the user's alone."""
    found = task("s3_encrypted_object_info", bucket=stored, prefix="")
    shown = {one["key"]: one for one in found["objects"]}
    for written in OBJECTS:
        reported = shown[written.name]
        encryption = {name: reported["encryption"][name] for name in ("type", "format", "envelope", "plaintext_size")}
        size = None if written.format == "v1_cbc" else len(written.plaintext)
        assert list(encryption.values()) == [KINDS[written.key_name], written.format, written.place, size], written.name
        context = written.context if written.key_name == "kms" else None
        assert reported["encryption"]["encryption_context"] == context, written.name
        assert (reported["metadata"], reported["size"]) == (written.user_metadata, len(written.body)), written.name


def test_a_format_without_authentication_is_read_on_request_only(task: Task, stored: str, tmp_path: Path) -> None:
    """The error names the format and the option."""
    for written in (one for one in ONE_OF_EACH if one.format == "v1_cbc"):
        got = download(task, stored, written, tmp_path / "refused")
        assert got["failed"], written.name
        assert "legacy_formats" in got["msg"], written.name
        assert "v1_cbc" in got["msg"], written.name
        assert not (tmp_path / "refused").exists()


def test_an_rsa_key_is_refused(task: Task, stored: str, tmp_path: Path) -> None:
    """With a sentence, in both formats and in both places of the envelope."""
    for written in (one for one in OBJECTS if one.key_name == "rsa"):
        got = download(task, stored, written, tmp_path / "refused", legacy_formats=LEGACY)
        assert got["failed"], written.name
        assert "sealed.s3 does not read RSA" in got["msg"], written.name
        assert not (tmp_path / "refused").exists()


def test_an_instruction_file_without_a_sign_in_the_metadata_is_found_if_the_task_names_the_kind_or_a_key(
    task: Task, s3: Any, stored: str, tmp_path: Path
) -> None:
    """Ruby's clients leave one, but others do not in these formats. A task that names neither gets what is stored."""
    for written in (one for one in ONE_OF_EACH if one.place == "instruction_file"):
        s3.put_object(Bucket=stored, Key=written.name, Body=written.body)
        without_kind = written.plaintext if KINDS[written.key_name] == "CSE-C" else written.body
        for options, content in (({"encryption": KINDS[written.key_name]}, written.plaintext), ({}, without_kind)):
            got = download(task, stored, written, tmp_path / "content", legacy_formats=LEGACY, **options)
            assert (got.get("msg"), (tmp_path / "content").read_bytes()) == (None, content), written.name


def test_the_same_content_is_no_change(task: Task, stored: str, tmp_path: Path) -> None:
    """The stored checksum is compared, whatever client wrote the object. Other content of this size is a change."""
    for written in (one for one in ONE_OF_EACH if one.format != "v1_cbc"):
        encryption = {"encryption": KINDS[written.key_name], **key_options(written)}
        where = {"bucket": stored, "key": written.name, "src": str(tmp_path / "content")}
        for content, changed in ((written.plaintext, False), (written.plaintext[:-1] + b"\xff", True)):
            (tmp_path / "content").write_bytes(content)
            result = task("s3_encrypted_object", check=True, **where, **encryption)
            assert (result.get("msg"), result["changed"]) == (None, changed), written.name
