# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The laws of a push, as property tests over a bucket in memory.

A second run changes nothing, a check run says what the real run does and writes nothing, and what the task does not
name, or does not select, stays as it is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hypothesis import event, given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.kms_keys import KmsKeys
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.object_context import ObjectContext
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.local_files import LocalFile, LocalList
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.push import Push, PushRules
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.push_items import PushItems
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.pushed_object import ObjectOutcome
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import Resource, reconcile
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    DSSE_KMS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject, ListedUpload
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import ObjectStep
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.comparison import Compare
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.pairing import name_order
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.selection import PathSelection
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeKms, FakeS3
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import client_side_ports
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

PREFIX = "p/"
KEY = CustomerKey(b"k" * 32)
CONTENTS = (b"", b"one", b"two", b"three")
PATHS = ("a", "a-b", "a/b", "b.txt", "c.html", "d/e/f", "\u00e9")
ENCRYPTIONS = (
    DesiredEncryption(BUCKET_DEFAULT),
    DesiredEncryption(SSE_S3),
    DesiredEncryption(SSE_KMS, bucket_key_enabled=True),
    DesiredEncryption(DSSE_KMS),
    DesiredEncryption(SSE_C, customer_key=KEY),
)


@dataclass(frozen=True)
class FakeList:
    """The list of a bucket in memory."""

    s3: FakeS3

    def list_objects(
        self, bucket: str, prefix: str, owner: str | None, page_size: int = 1000, start_after: str = ""
    ) -> Iterator[ListedObject]:
        """All objects below the prefix, in the order of S3."""
        self.s3.read("ListObjectsV2")
        keys = sorted(
            (key for name, key in self.s3.objects if name == bucket and key.startswith(prefix)), key=name_order
        )
        for key in sorted(keys, key=name_order):
            state = self.s3.objects[bucket, key]
            yield ListedObject(key, state.size or 0, state.etag or "", state.last_modified or "")

    def list_versions(
        self, bucket: str, prefix: str, owner: str | None, start_after: str = ""
    ) -> Iterator[ListedObject]:
        """A push lists no versions."""
        raise AssertionError("not called")

    def list_uploads(self, bucket: str, prefix: str, owner: str | None) -> Iterator[ListedUpload]:
        """None."""
        self.s3.read("ListMultipartUploads")
        return iter(())


@dataclass(frozen=True)
class Task:
    """A push of some files."""

    files: dict[str, bytes]
    desired: DesiredObject
    selection: PathSelection = PathSelection()
    delete: bool = False

    def run(self, s3: FakeS3, *, check_mode: bool) -> dict[str, ObjectOutcome]:
        """The outcome of each object."""

        def reconciled(resource: Resource[ObjectState, ObjectStep, ObjectContext]) -> ObjectOutcome:
            return reconcile(resource, check_mode=check_mode)

        template = EncryptedObjectResource(
            desired=self.desired,
            kms_keys=KmsKeys(),
            previous_key=KEY,
            source=None,
            s3=s3,
            multipart=s3,
            buckets=BucketSettings(s3),
            keys=KeyResolver(FakeKms()),
            client_side=client_side_ports(),
            clock=FakeClock(),
        )
        items = PushItems(PREFIX, self.selection, self.delete, writes_instruction_files=False)
        rules = PushRules(items, delete_all=True, compare=Compare.CHECKSUM, default_content_type="binary/octet-stream")
        push = Push(
            template, FakeList(s3), rules, run=reconciled, before_write=lambda: None, plans_new_bucket=check_mode
        )
        return {item.key: push.work(item) for item in push.items(self._local())}

    def _local(self) -> LocalList:
        files = [
            LocalFile(path, len(content), 0, Source(data=content))
            for path, content in sorted(self.files.items(), key=lambda file: name_order(file[0]))
            if self.selection.matches(path)
        ]
        return LocalList(tuple(files), ())


def bucket_with(objects: dict[str, tuple[bytes, DesiredEncryption, tuple[tuple[str, str], ...]]]) -> FakeS3:
    """A bucket with these objects below the prefix, and one beside it."""
    s3 = FakeS3()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    for key, (content, encryption, tags) in [
        *((PREFIX + path, about) for path, about in objects.items()),
        ("pa", (b"beside", ENCRYPTIONS[1], ())),
    ]:
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        arn = "arn:aws:kms:us-east-1:111122223333:key/one" if encryption.kind in (SSE_KMS, DSSE_KMS) else None
        held = ObjectEncryption(
            "SSE-S3" if encryption.kind is BUCKET_DEFAULT else encryption.kind.name,
            arn,
            encryption.bucket_key_enabled,
            KEY.md5 if encryption.kind is SSE_C else None,
        )
        state = ObjectState(
            "bucket",
            key,
            len(content),
            held,
            Properties("text/x-own", "max-age=1", metadata=(("own", "1"),), storage_class="STANDARD"),
            etag=f'"{hashlib.md5(content + key.encode()).hexdigest()}"',
            last_modified="2026-11-01T00:00:00+00:00",
            checksums=(Checksum("SHA256", digest, full_object=True),),
            tags=tags,
            tag_count=len(tags),
        )
        s3.add_object(state, content)
    return s3


OBJECTS = st.dictionaries(
    st.sampled_from(PATHS),
    st.tuples(st.sampled_from(CONTENTS), st.sampled_from(ENCRYPTIONS), st.sampled_from([(), (("t", "1"),)])),
    max_size=5,
)
FILES = st.dictionaries(st.sampled_from(PATHS), st.sampled_from(CONTENTS), max_size=5)
DESIRED = st.builds(
    DesiredObject,
    st.just("bucket"),
    st.just(""),
    encryption=st.sampled_from(ENCRYPTIONS),
    properties=st.sampled_from([Properties(), Properties(cache_control="no-store", metadata=(("new", "2"),))]),
    tags=st.sampled_from([None, (), (("t", "2"),)]),
    purge_tags=st.booleans(),
)
SELECTIONS = st.sampled_from([PathSelection(), PathSelection(("a*",)), PathSelection(("*",), ("*/*",))])


@given(OBJECTS, st.builds(Task, FILES, DESIRED, SELECTIONS, st.booleans()))
def test_a_push_keeps_the_laws(
    objects: dict[str, tuple[bytes, DesiredEncryption, tuple[tuple[str, str], ...]]], task: Task
) -> None:
    """Over any bucket, files and options."""
    s3 = bucket_with(objects)
    before, contents = dict(s3.objects), dict(s3.bytes)
    check = task.run(s3, check_mode=True)
    assert (s3.writes, s3.objects) == ([], before)
    real = task.run(s3, check_mode=False)

    assert all(outcome.failure is None for outcome in real.values()), real
    assert list(check) == list(real)
    for key, outcome in real.items():
        assert (outcome.changed, outcome.actions) == (check[key].changed, check[key].actions), key
        assert (outcome.before, outcome.planned, outcome.warnings) == (
            check[key].before,
            check[key].planned,
            check[key].warnings,
        ), key
    event(f"{sum(outcome.changed for outcome in real.values())} changed")

    selected = {PREFIX + path for path in (*objects, *task.files) if task.selection.matches(path)}
    for place, state in before.items():
        if place[1] not in selected:
            assert (s3.objects[place], s3.bytes[place]) == (state, contents[place])
    for path, content in task.files.items():
        if PREFIX + path in selected:
            assert_pushed(task, s3, before, PREFIX + path, content)
    without_file = selected - {PREFIX + path for path in task.files}
    assert {key for key in without_file if ("bucket", key) in s3.objects} == (set() if task.delete else without_file)

    writes = list(s3.writes)
    again = task.run(s3, check_mode=False)
    assert not any(outcome.changed or outcome.failure for outcome in again.values()), again
    assert s3.writes == writes


def assert_pushed(task: Task, s3: FakeS3, before: dict[tuple[str, str], ObjectState], key: str, content: bytes) -> None:
    """The object has the content of its file, what the task names, and otherwise what it had."""
    now, old, desired = s3.objects["bucket", key], before.get(("bucket", key)), task.desired
    assert s3.bytes["bucket", key] == content
    if desired.encryption.kind is not BUCKET_DEFAULT:
        assert now.encryption.type == desired.encryption.kind.name
    if old is None:
        return
    named, kept = desired.properties, old.properties
    assert now.properties == replace(
        kept,
        cache_control=named.cache_control or kept.cache_control,
        metadata=kept.metadata if named.metadata is None else named.metadata,
    )
    if desired.tags is None:
        assert now.tags == old.tags
    else:
        assert set(now.tags or ()) >= set(desired.tags)
        assert not desired.purge_tags or now.tags == desired.tags
