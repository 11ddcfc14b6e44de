# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that equals an object, or stays what it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.ports import ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.engine.download import DownloadResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.encrypted_object import Checksum, ObjectState, Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.backend import Store, refused
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import content_of

DATA = b"what the object holds" * 100000
KEY = CustomerKey(b"k" * 32)
SHA256 = content_of(DATA).checksum
KINDS = [
    pytest.param(ObjectEncryption("SSE-S3"), None, id="SSE-S3"),
    pytest.param(ObjectEncryption("SSE-KMS", "arn"), None, id="SSE-KMS"),
    pytest.param(ObjectEncryption("SSE-C", customer_key_md5=KEY.md5), KEY, id="SSE-C"),
    pytest.param(ObjectEncryption("SSE-S3"), KEY, id="SSE-S3, and a key that is not wanted"),
]


class Faulty(Store):
    """S3 whose answers to GET are garbled on the way."""

    garble: bytes | None = None
    breaks: bool = False

    def get_object(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, chunk_size: int
    ) -> Iterator[bytes]:
        """The object's bytes, or others, or half of them."""
        for chunk in super().get_object(target, customer_key, if_match, chunk_size):
            yield chunk if self.garble is None else self.garble
            if self.breaks:
                raise refused(FailureKind.UNREACHABLE, "The connection is cut.")
            if self.garble is not None:
                return


def store_with(
    encryption: ObjectEncryption | None = None, checksums: tuple[Checksum, ...] = (SHA256,), data: bytes = DATA
) -> Faulty:
    store = Faulty()
    store.add_bucket("bucket")
    kind = encryption or ObjectEncryption("SSE-KMS")
    etag = hashlib.md5(data if kind.type == "SSE-S3" else b"?").hexdigest()
    store.add_object(ObjectState("bucket", "key", 0, kind, etag=f'"{etag}"', checksums=checksums), data)
    return store


def resource(
    store: Store, path: Path, key: CustomerKey | None = None, overwrite: Overwrite = Overwrite.DIFFERENT
) -> DownloadResource:
    return DownloadResource(ObjectId("bucket", "key"), path, overwrite, key, store)


@pytest.mark.parametrize(("encryption", "key"), KINDS)
def test_a_download_and_nothing_to_do_after_it(
    tmp_path: Path, encryption: ObjectEncryption, key: CustomerKey | None
) -> None:
    """It finds the encryption out by itself; the check run tells what the real one does."""
    store, path = store_with(encryption), tmp_path / "file"
    check = reconcile(resource(store, path, key), check_mode=True)
    assert not path.exists()
    real = reconcile(resource(store, path, key), check_mode=False)
    assert (check.failure, check.changed, check.actions, check.planned) == (None, True, ("GetObject",), real.planned)
    assert (real.failure, real.changed, real.actions) == (None, True, ("GetObject",))
    assert path.read_bytes() == DATA
    reads = len(store.reads)
    again = reconcile(resource(store, path, key), check_mode=False)
    assert (again.failure, again.changed) == (None, False)
    assert set(store.reads[reads:]) == {"HeadObject"}
    assert store.writes == []


def test_a_file_that_equals_by_its_bytes_is_left_alone(tmp_path: Path) -> None:
    """Where S3 stores no checksum that can be computed here, the object is streamed, and the file not touched."""
    store, path = store_with(checksums=()), tmp_path / "file"
    path.write_bytes(DATA)
    before = path.stat()
    outcome = reconcile(resource(store, path), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, False)
    assert path.stat().st_ino == before.st_ino
    path.write_bytes(DATA.upper())
    assert reconcile(resource(store, path), check_mode=False).changed
    assert path.read_bytes() == DATA


@pytest.mark.parametrize("checksums", [(SHA256,), ()], ids=["checksum", "no checksum"])
@pytest.mark.parametrize("old", [b"another size", DATA.upper()], ids=["another size", "the same size"])
def test_a_file_that_differs_is_replaced(tmp_path: Path, checksums: tuple[Checksum, ...], old: bytes) -> None:
    """And keeps its mode."""
    path = tmp_path / "file"
    path.write_bytes(old)
    path.chmod(0o640)
    outcome = reconcile(resource(store_with(checksums=checksums), path), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert path.read_bytes() == DATA
    assert oct(path.stat().st_mode)[-3:] == "640"


@pytest.mark.parametrize(
    ("overwrite", "old", "changed"),
    [
        (Overwrite.NEVER, b"old", False),
        (Overwrite.NEVER, None, True),
        (Overwrite.ALWAYS, DATA, True),
        (Overwrite.ALWAYS, None, True),
    ],
)
def test_overwrite(tmp_path: Path, overwrite: Overwrite, old: bytes | None, changed: bool) -> None:
    """`never` keeps any file, `always` asks for none."""
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)
    outcome = reconcile(resource(store_with(), path, overwrite=overwrite), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, changed)
    assert path.read_bytes() == (DATA if changed else old)


FAULTS = [
    pytest.param(b"short", (SHA256,), False, FailureKind.CONFLICT, id="another size"),
    pytest.param(b"short", (), False, FailureKind.CONFLICT, id="another size, no checksum"),
    pytest.param(DATA.upper(), (SHA256,), False, FailureKind.CONFLICT, id="another checksum"),
    pytest.param(None, (SHA256,), True, FailureKind.UNREACHABLE, id="cut off"),
]


@pytest.mark.parametrize("old", [None, b"old"], ids=["no file before", "a file before"])
@pytest.mark.parametrize(("garble", "checksums", "breaks", "kind"), FAULTS)
def test_what_is_not_verified_leaves_the_file_as_it_was(
    tmp_path: Path,
    old: bytes | None,
    garble: bytes | None,
    checksums: tuple[Checksum, ...],
    breaks: bool,
    kind: FailureKind,
) -> None:
    """A failure, no change, and nothing beside the file."""
    store, path = store_with(checksums=checksums), tmp_path / "file"
    store.garble, store.breaks = garble, breaks
    if old is not None:
        path.write_bytes(old)
    outcome = reconcile(resource(store, path), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed, outcome.actions) == (kind, False, ())
    assert [found.name for found in tmp_path.iterdir()] == ([] if old is None else ["file"])
    assert (path.read_bytes() if path.exists() else None) == old


def test_an_object_that_changes_meanwhile_is_not_mixed(tmp_path: Path) -> None:
    """GET asks for the very object that HEAD told of."""
    store, path = store_with(), tmp_path / "file"
    download = resource(store, path)
    (step,) = download.plan().steps
    store.objects["bucket", "key"] = replace(store.objects["bucket", "key"], etag='"another"')
    with pytest.raises(Exception, match="changed meanwhile"):
        download.apply(step)
    assert not path.exists()


def test_no_object_is_a_failure(tmp_path: Path) -> None:
    """A download of nothing is a mistake in the playbook."""
    store = Faulty()
    store.add_bucket("bucket")
    outcome = reconcile(resource(store, tmp_path / "file"), check_mode=True)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.resource) == (FailureKind.ABSENT, "bucket/key")


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """As a sentence of the module, not as a traceback."""
    outcome = reconcile(resource(store_with(), tmp_path / "missing" / "file"), check_mode=False)
    assert outcome.failure is not None
    assert "cannot be written: No such file or directory" in outcome.failure.message
    assert outcome.changed is False


def test_a_private_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Until somebody gives it another mode."""
    download = resource(store_with(), tmp_path / "file")
    download.private = True
    reconcile(download, check_mode=False)
    assert oct((tmp_path / "file").stat().st_mode)[-3:] == "600"
