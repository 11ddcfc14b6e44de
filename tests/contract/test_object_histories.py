# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Random histories of objects compared with a simple model: our writes and those of other clients, under every kind.

The same few histories every time; `make soak histories` and HYPOTHESIS_PROFILE=search try many new and longer ones.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from . import scale
from .conftest import ACCOUNT, REGION, Result, Task
from .encryption_client import EncryptionClient, Opened, Unreadable

SEARCH = scale.IS_SOAK or os.environ.get("HYPOTHESIS_PROFILE") == "search"
HISTORIES = settings(
    derandomize=not SEARCH,
    max_examples=scale.number(400 if SEARCH else 20, 1000),
    stateful_step_count=30 if SEARCH else 14,
    deadline=None,
    database=None,
    print_blob=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

BUCKET = "example-histories"
MIB = 1024 * 1024
PART = bytes(range(256)) * (5 * MIB // 256)  # the minimum size of a part that is not the last
CUSTOMER_KEYS = [bytes(range(start, start + 32)) for start in (33, 65, 200)]

# Contents that differ in one byte, in length, or only in how they are uploaded.
SMALL = {"empty": b"", "a": b"a", "b": b"b", "text": "tëxt".encode(), "over 64 KiB": b"x" * 65537}
LARGE = {"a part": PART, "a part and a bit": PART + b"tail", "two parts and a bit": PART + PART + b"tail"}
CONTENTS = {**SMALL, **LARGE}

ODD_KEYS = [
    "a", "a b", "a+b", "100%", "per%20cent", "/leading", "//two", "a//b", "trailing/", "q?z#f&g=h", "é/ü", "e\u0301",
    "🗝", "a\nb", "\t", "\x01", "~", "'\"<>&", "a\\b", "...", "漢字" * 30,
]  # fmt: skip
PLACES = (None, "metadata", "instruction_file")

KEYS = st.sampled_from(ODD_KEYS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
).filter(lambda text: not {".", ".."} & set(text.split("/")))

PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "content_type": st.sampled_from(["text/plain", "application/json"]),
        "cache_control": st.sampled_from(["no-cache", "max-age=5"]),
        "metadata": st.sampled_from([{}, {"origin": "test"}, {"origin": "test", "more": "a, b"}]),
    },
)
TAGS = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.sampled_from([{}, {"team": "blue"}, {"team": "red", "a b": "c+d=e"}, {"größe": "5/6 @ 7:8"}]),
        "purge_tags": st.booleans(),
    },
)


@dataclass(frozen=True)
class Encryption:
    """A kind and its key, as S3 reports them. S3 chooses a KMS key or bucket key of None.

    `place` is that of the envelope. The task does not name one of None, nor an empty context.
    """

    kind: str
    kms_key: str | None = None
    bucket_key: bool | None = None
    customer_key: bytes | None = None
    place: str | None = None
    context: tuple[tuple[str, str], ...] = ()

    @property
    def client_side(self) -> bool:
        """Whether the content is encrypted before the upload."""
        return self.kind in ("CSE-KMS", "CSE-C")

    @property
    def key_for_s3(self) -> bytes | None:
        """The customer key, if S3 needs it."""
        return None if self.client_side else self.customer_key

    def ours(self, form: int) -> dict[str, Any]:
        """The same as options of our modules. `form` selects the format of a customer key."""
        options: dict[str, Any] = {"encryption": self.kind}
        if self.kms_key:
            options["kms_key"] = self.kms_key
        if self.bucket_key is not None:
            options["bucket_key_enabled"] = self.bucket_key
        if self.customer_key:
            options["customer_key"] = written(self.customer_key, form)
        if self.place:
            options["envelope"] = self.place
        if self.context:
            options["encryption_context"] = dict(self.context)
        return options

    def theirs(self) -> dict[str, Any]:
        """The same as arguments of the SDK."""
        names = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}
        arguments: dict[str, Any] = decrypted_with(self.key_for_s3)
        if self.kind in names:
            arguments["ServerSideEncryption"] = names[self.kind]
        if self.kms_key:
            arguments["SSEKMSKeyId"] = self.kms_key
        if self.bucket_key is not None:
            arguments["BucketKeyEnabled"] = self.bucket_key
        return arguments


@dataclass(frozen=True)
class Version:
    """One version of an object. The module chooses a content type of None."""

    content: bytes = field(repr=False)
    encryption: Encryption
    version_id: str | None
    content_type: str | None = None
    cache_control: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Marker:
    """A delete marker."""

    version_id: str


def written(key: bytes, form: int) -> str:
    """A customer key as base64, as hexadecimal, or as plain text if it is text."""
    if form == 0 and key.isascii():
        return key.decode("ascii")
    return key.hex() if form == 1 else base64.b64encode(key).decode("ascii")


def decrypted_with(key: bytes | None) -> dict[str, Any]:
    """The arguments of the SDK that decrypt an object."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key} if key else {}


def frozen(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """A dict as a hashable value."""
    return tuple(sorted(values.items()))


class Histories(RuleBasedStateMachine):
    """One bucket with one object key, or up to two in a search for new histories."""

    def __init__(self, task: Task, lab: Any, folder: Path) -> None:
        super().__init__()
        self.task, self.lab = task, lab
        self.keys: list[str] = []
        self.versions: dict[str, list[Version | Marker]] = {}
        self.dest = folder / "downloaded"

    @initialize(
        keys=st.lists(KEYS, min_size=1, max_size=2 if SEARCH else 1, unique=True),
        versioned=st.booleans(),
        default=st.sampled_from(["SSE-S3", "SSE-KMS"]),
        bucket_key=st.booleans(),
    )
    def begin(self, keys: list[str], versioned: bool, default: str, bucket_key: bool) -> None:
        """Reset the lab, and create a bucket that allows SSE-C, and two KMS keys."""
        self.lab.reset()
        self.s3 = self.lab.client("s3", region=REGION, account=ACCOUNT)
        self.client = EncryptionClient(self.s3, self.lab.client("kms", region=REGION, account=ACCOUNT))
        kms = self.lab.client("kms", region=REGION, account=ACCOUNT)
        arns = [kms.create_key()["KeyMetadata"]["Arn"] for _key in range(2)]
        self.s3.create_bucket(Bucket=BUCKET)
        by_default: dict[str, Any] = {"SSEAlgorithm": "AES256"}
        self.default = Encryption("SSE-S3")
        if default == "SSE-KMS":
            by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arns[1]}
            self.default = Encryption("SSE-KMS", arns[1], bucket_key)
        rule = {
            "ApplyServerSideEncryptionByDefault": by_default,
            "BucketKeyEnabled": bucket_key,
            "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
        }
        self.s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
        self.versioned = versioned
        if versioned:
            self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.keys = keys
        self.versions = {key: [] for key in keys}
        self.encryptions = [
            Encryption("SSE-S3"),
            Encryption("SSE-KMS"),
            *(Encryption("SSE-KMS", arn, bucket_key) for arn in arns for bucket_key in (None, False, True)),
            Encryption("DSSE-KMS"),
            *(Encryption("DSSE-KMS", arn) for arn in arns),
            *(Encryption("SSE-C", customer_key=key) for key in CUSTOMER_KEYS),
            *(
                Encryption("CSE-KMS", arn, place=place, context=context)
                for arn in arns
                for place in PLACES
                for context in ((), (("app", "billing"),))
            ),
            *(Encryption("CSE-C", customer_key=key, place=place) for key in CUSTOMER_KEYS for place in PLACES),
        ]

    # The current state

    def current(self, key: str) -> Version | None:
        """The version that S3 returns, or None if there is no version or a delete marker."""
        newest = self.versions[key][-1:]
        return newest[0] if newest and isinstance(newest[0], Version) else None

    def push(self, key: str, version: Version | Marker) -> None:
        """Record a write: it adds a version in a versioned bucket, and replaces the version otherwise."""
        self.versions[key] = [*(self.versions[key] if self.versioned else []), version]

    def opened(self, key: str, encryption: Encryption, version_id: str | None = None) -> Opened:
        """What another client reads of an object under client-side encryption, with this key."""
        where = {"VersionId": version_id} if version_id else {}
        found = self.client.read(BUCKET, key, customer_key=encryption.customer_key, **where)
        assert found.kms_key_arn == (encryption.kms_key or "")
        return found

    def is_readable(self, key: str, version: Version) -> bool:
        """Whether a former version can be read. A later task may have encrypted its data key under another key."""
        own_keys = [None, *CUSTOMER_KEYS] if version.encryption.place == "instruction_file" else []
        for customer_key in (version.encryption.customer_key, *own_keys):
            try:
                found = self.client.read(BUCKET, key, customer_key=customer_key, VersionId=version.version_id)
            except Unreadable:
                continue
            return found.content == version.content
        return False

    def head(self, key: str, customer_key: bytes | None) -> dict[str, Any]:
        """HeadObject of the SDK, without our code."""
        found: dict[str, Any] = self.s3.head_object(Bucket=BUCKET, Key=key, **decrypted_with(customer_key))
        return found

    @invariant()
    def each_object_equals_the_model(self) -> None:
        """Compare content, encryption, properties, tags and version, as the SDK reads them."""
        for key in self.keys:
            version = self.current(key)
            listed = self.s3.list_object_versions(Bucket=BUCKET, Prefix=key)
            here = [item for item in listed.get("Versions", []) if item["Key"] == key]
            markers = [item for item in listed.get("DeleteMarkers", []) if item["Key"] == key]
            assert len(here) + len(markers) == len(self.versions[key])
            if version is None:
                assert not any(item["IsLatest"] for item in here)
                continue
            encryption = version.encryption
            got = self.s3.get_object(Bucket=BUCKET, Key=key, **decrypted_with(encryption.key_for_s3))
            if encryption.client_side:
                found = self.opened(key, encryption)
                assert (found.content, frozen(found.context)) == (version.content, encryption.context)
                assert found.in_file is (encryption.place == "instruction_file")
                got["Metadata"] = found.metadata
            else:
                assert got["Body"].read() == version.content
                kinds = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS", None: "SSE-C"}
                assert kinds[got.get("ServerSideEncryption")] == encryption.kind
                assert got.get("SSEKMSKeyId") == encryption.kms_key
                assert bool(got.get("BucketKeyEnabled")) is bool(encryption.bucket_key)
            assert got.get("VersionId") == version.version_id
            assert got["ContentType"] == version.content_type
            assert got.get("CacheControl") == version.cache_control
            assert frozen(got["Metadata"]) == version.metadata
            tags = self.s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
            assert frozen({tag["Key"]: tag["Value"] for tag in tags}) == version.tags

    @invariant()
    def each_former_version_is_readable(self) -> None:
        """Under client-side encryption, no task makes a version less readable than before."""
        for key in self.keys:
            for version in self.versions[key][:-1]:
                if isinstance(version, Version) and version.encryption.client_side:
                    assert self.is_readable(key, version), version

    # Our modules

    def run_task(self, key: str, **options: Any) -> Result:
        """A check run predicts the result and writes nothing; then the run; a second run changes nothing."""
        options = {"bucket": BUCKET, "key": key, **options}
        self.lab.calls.clear()
        predicted = self.task("s3_encrypted_object", check=True, **options)
        assert self.lab.writes() == []
        done = self.task("s3_encrypted_object", **options)
        for name in ("changed", "diff", "actions", "failed", "error"):
            assert predicted.get(name) == done.get(name), (name, predicted, done)
        assert done["changed"] is bool(self.lab.writes()), done
        self.lab.calls.clear()
        again = self.task("s3_encrypted_object", **options)
        assert (again["changed"], self.lab.writes()) == (False, []), again
        assert again.get("error") == done.get("error")
        return done

    def previous(self, key: str, desired: Encryption | None, form: int) -> dict[str, str]:
        """The option for the current customer key, unless kind and key stay: a key is used for its own kind only."""
        version = self.current(key)
        current = version.encryption if version else None
        opens = current.customer_key if current else None
        if opens is None or (desired and current and (desired.kind, desired.customer_key) == (current.kind, opens)):
            return {}
        return {"previous_customer_key": written(opens, form)}

    def with_chosen_keys(self, encryption: Encryption, key: str) -> Encryption:
        """Complete the encryption with the keys that S3 chose."""
        found = self.head(key, encryption.key_for_s3)
        if encryption.client_side:
            in_metadata = "x-amz-3" in found["Metadata"]
            return replace(encryption, place="metadata" if in_metadata else "instruction_file")
        if encryption.kind in ("SSE-KMS", "DSSE-KMS") and encryption.kms_key is None:
            encryption = replace(encryption, kms_key=found["SSEKMSKeyId"])
        if encryption.kind == "SSE-KMS" and encryption.bucket_key is None:
            encryption = replace(encryption, bucket_key=bool(found.get("BucketKeyEnabled")))
        return encryption

    @rule(data=st.data(), properties=PROPERTIES, tagging=TAGS, form=st.integers(0, 2))
    def ensure_an_object(self, data: st.DataObject, properties: Any, tagging: Any, form: int) -> None:
        """The task names any of content, encryption, properties and tags. All else is kept."""
        key = data.draw(st.sampled_from(self.keys), "key")
        name = data.draw(st.none() | st.sampled_from(list(SMALL)) | st.sampled_from(list(CONTENTS)), "content")
        desired = data.draw(st.none() | st.sampled_from(self.encryptions), "encryption")
        content = None if name is None else CONTENTS[name]
        before = self.current(key)
        options = {
            **properties,
            **tagging,
            **self.previous(key, desired, form),
            **(desired.ours(form) if desired else {}),
        }
        if content is not None:
            options["content_base64"] = base64.b64encode(content).decode("ascii")
        done = self.run_task(key, **options)
        if before is None and content is None:
            assert done["error"]["kind"] == "absent", done
            return
        assert not done.get("failed"), done["msg"]
        self.versions[key] = self.expected(key, before, content, desired, properties, tagging, done)

    def expected(
        self,
        key: str,
        before: Version | None,
        content: bytes | None,
        desired: Encryption | None,
        properties: dict[str, Any],
        tagging: dict[str, Any],
        done: Result,
    ) -> list[Version | Marker]:
        """Return the versions after the task, and check that the task did only the necessary actions."""
        uploads = before is None or (content is not None and content != before.content)
        encryption = self.encryption_after(before, desired, uploads)
        after = Version(
            content=before.content if content is None and before else content or b"",
            encryption=encryption,
            version_id=before.version_id if before else None,
            content_type=properties.get("content_type", before.content_type if before else None),
            cache_control=properties.get("cache_control", before.cache_control if before else None),
            metadata=frozen(properties["metadata"]) if "metadata" in properties else before.metadata if before else (),
            tags=self.tags_after(before, tagging),
        )
        rewrites = before is not None and replace(after, tags=before.tags) != before
        if encryption.client_side or (before and before.encryption.client_side):
            return self.expected_of_envelope(key, before, after, desired, done)
        if not uploads and not rewrites:
            assert done["actions"] == ([] if before == after else ["PutObjectTagging"])
            return [*self.versions[key][:-1], after]
        assert done["actions"][:1] == (["PutObject"] if uploads else ["CopyObject"]), done["actions"]
        found = self.head(key, encryption.key_for_s3)
        after = replace(
            after,
            encryption=self.with_chosen_keys(encryption, key),
            version_id=found.get("VersionId"),
            content_type=after.content_type or found["ContentType"],
        )
        if self.versioned:
            assert before is None or after.version_id != before.version_id
        self.push(key, after)
        return self.versions[key]

    def expected_of_envelope(
        self, key: str, before: Version | None, after: Version, desired: Encryption | None, done: Result
    ) -> list[Version | Marker]:
        """Return the versions, where the task reads or writes an envelope. Its place is reported by a warning."""
        found = self.head(key, after.encryption.key_for_s3)
        encryption = self.with_chosen_keys(after.encryption, key)
        if desired and desired.place and desired.place != encryption.place:
            assert any("instruction file" in warning for warning in done["warnings"]), done
        is_new = any(action in ("PutObject", "CopyObject") for action in done["actions"])
        assert is_new or before is not None
        after = replace(
            after,
            encryption=encryption,
            version_id=found.get("VersionId"),
            content_type=after.content_type or found["ContentType"],
        )
        if is_new:
            self.push(key, after)
            return self.versions[key]
        assert before is None or after.version_id == before.version_id
        return [*self.versions[key][:-1], after]

    def encryption_after(self, before: Version | None, desired: Encryption | None, uploads: bool) -> Encryption:
        """By default the current one, or the bucket's for new content. The same kind keeps its keys."""
        if desired is None:
            return before.encryption if before and not uploads else self.default
        if before and before.encryption.kind == desired.kind:
            return Encryption(
                desired.kind,
                desired.kms_key or before.encryption.kms_key,
                before.encryption.bucket_key if desired.bucket_key is None else desired.bucket_key,
                desired.customer_key,
                desired.place or (None if uploads else before.encryption.place),
                desired.context or before.encryption.context,
            )
        return desired

    @staticmethod
    def tags_after(before: Version | None, tagging: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        """The named tags replace the current ones, or are merged into them."""
        current = dict(before.tags) if before else {}
        if "tags" not in tagging:
            return frozen(current)
        return frozen({**({} if tagging.get("purge_tags", True) else current), **tagging["tags"]})

    @precondition(lambda self: any(self.current(key) for key in self.keys))
    @rule(data=st.data(), form=st.integers(0, 2))
    def report_and_download(self, data: st.DataObject, form: int) -> None:
        """Both return the current state, and neither writes."""
        key = data.draw(st.sampled_from([key for key in self.keys if self.current(key)]), "key")
        version = self.current(key)
        assert version
        where: dict[str, Any] = {"bucket": BUCKET, "key": key}
        if version.encryption.customer_key:
            where["customer_key"] = written(version.encryption.customer_key, form)
        self.lab.calls.clear()
        (reported,) = self.task("s3_encrypted_object_info", **where)["objects"]
        tag = 16 if version.encryption.client_side else 0
        assert (reported["key"], reported["size"], reported["version_id"]) == (
            key,
            len(version.content) + tag,
            version.version_id,
        )
        assert reported["encryption"]["type"] == version.encryption.kind
        if version.encryption.client_side:
            assert reported["encryption"]["envelope"] == version.encryption.place
            assert reported["encryption"]["plaintext_size"] == len(version.content)
        else:
            assert reported["encryption"]["kms_key_arn"] == version.encryption.kms_key
        assert bool(reported["encryption"]["bucket_key_enabled"]) is bool(version.encryption.bucket_key)
        assert (reported["metadata"], reported["tags"]) == (dict(version.metadata), dict(version.tags))
        dest = self.dest
        dest.unlink(missing_ok=True)
        for changed in (True, False):
            predicted = self.task("s3_encrypted_object_download", check=True, dest=str(dest), **where)
            got = self.task("s3_encrypted_object_download", dest=str(dest), **where)
            for name in ("changed", "diff", "actions"):
                assert predicted[name] == got[name], (name, predicted, got)
            assert (got["changed"], dest.read_bytes()) == (changed, version.content)
        assert self.lab.writes() == []

    @precondition(lambda self: any(self.under_customer_key()))
    @rule(data=st.data(), form=st.integers(0, 2))
    def use_no_key_or_a_wrong_key(self, data: st.DataObject, form: int) -> None:
        """Neither decrypts the object, and the object does not change."""
        key = data.draw(st.sampled_from(self.under_customer_key()), "key")
        version = self.current(key)
        assert version
        others = [other for other in CUSTOMER_KEYS if other != version.encryption.customer_key]
        wrong = data.draw(st.none() | st.sampled_from(others), "wrong key")
        kind = version.encryption.kind
        named = {"encryption": kind, "customer_key": written(wrong, form)} if wrong else {"encryption": "SSE-S3"}
        done = self.run_task(key, content="other", **named)
        assert done["error"]["kind"] == "wrong_key", done

    def under_customer_key(self) -> list[str]:
        """The names of the objects under SSE-C and CSE-C."""
        return [key for key in self.keys if (it := self.current(key)) and it.encryption.customer_key]

    @precondition(lambda self: any(self.can_be_updated()))
    @rule(data=st.data(), bucket_key=st.booleans())
    def change_in_place(self, data: st.DataObject, bucket_key: bool) -> None:
        """The version stays, under another KMS key."""
        key = data.draw(st.sampled_from(self.can_be_updated()), "key")
        before = self.current(key)
        assert before
        arns = sorted({one.kms_key for one in self.encryptions if one.kms_key})
        desired = Encryption("SSE-KMS", data.draw(st.sampled_from(arns), "KMS key"), bucket_key)
        done = self.run_task(key, change_method="update", **desired.ours(0))
        assert done["actions"] == ([] if before.encryption == desired else ["UpdateObjectEncryption"]), done
        self.versions[key][-1] = replace(before, encryption=desired)

    def can_be_updated(self) -> list[str]:
        """The names of the objects whose encryption S3 can update in place."""
        kinds = ("SSE-S3", "SSE-KMS")
        return [key for key in self.keys if (it := self.current(key)) and it.encryption.kind in kinds]

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """A deletion needs no customer key. In a versioned bucket it adds a delete marker."""
        key = data.draw(st.sampled_from(self.keys), "key")
        exists = self.current(key) is not None
        done = self.run_task(key, state="absent")
        assert done["actions"][:1] == (["DeleteObject"] if exists else [])
        if exists and self.versioned:
            listed = self.s3.list_object_versions(Bucket=BUCKET, Prefix=key)["DeleteMarkers"]
            (marker,) = [item for item in listed if item["Key"] == key and item["IsLatest"]]
            self.push(key, Marker(marker["VersionId"]))
        elif exists:
            self.versions[key] = []

    @precondition(lambda self: self.versioned and any(self.versions.values()))
    @rule(data=st.data())
    def delete_one_version(self, data: st.DataObject) -> None:
        """Delete a version or a delete marker. The others stay, and S3 returns the newest of them."""
        key = data.draw(st.sampled_from([key for key in self.keys if self.versions[key]]), "key")
        version = data.draw(st.sampled_from(self.versions[key]), "version")
        assert self.run_task(key, state="absent", version_id=version.version_id)["actions"][:1] == ["DeleteObject"]
        self.versions[key] = [other for other in self.versions[key] if other != version]

    # Other clients

    @rule(data=st.data(), algorithm=st.sampled_from(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]))
    def other_client_uploads(self, data: st.DataObject, algorithm: str) -> None:
        """In one request, with any checksum algorithm."""
        key = data.draw(st.sampled_from(self.keys), "key")
        content = SMALL[data.draw(st.sampled_from(list(SMALL)), "content")]
        encryption = data.draw(st.none() | st.sampled_from(self.encryptions), "encryption")
        if encryption and encryption.client_side:
            # In the metadata: with a file of its own, it would take that of former versions away.
            own_key, kms_key = encryption.customer_key or b"", encryption.kms_key or ""
            context = dict(encryption.context)
            self.client.write(BUCKET, key, content, kms_key=kms_key, customer_key=own_key, context=context)
            self.record_write_of_other_client(key, content, encryption)
            return
        self.s3.put_object(
            Bucket=BUCKET,
            Key=key,
            Body=content,
            ChecksumAlgorithm=algorithm,
            **(encryption.theirs() if encryption else {}),
        )
        self.record_write_of_other_client(key, content, encryption)

    @precondition(lambda self: any(self.keys_in_xml()))
    @rule(
        data=st.data(), checksum=st.sampled_from(["", "CRC32 COMPOSITE", "SHA256 COMPOSITE", "CRC64NVME FULL_OBJECT"])
    )
    def other_client_uploads_parts(self, data: st.DataObject, checksum: str) -> None:
        """In parts of the minimum size, or in one small part."""
        key = data.draw(st.sampled_from(self.keys_in_xml()), "key")
        content = CONTENTS[data.draw(st.sampled_from(["a", *LARGE]), "content")]
        of_s3 = [encryption for encryption in self.encryptions if not encryption.client_side]
        encryption = data.draw(st.none() | st.sampled_from(of_s3), "encryption")
        algorithm, _space, kind = checksum.partition(" ")
        where = {"Bucket": BUCKET, "Key": key}
        named = {"ChecksumAlgorithm": algorithm} if algorithm else {}
        begun = self.s3.create_multipart_upload(
            **where,
            **named,
            **({"ChecksumType": kind} if kind else {}),
            **(encryption.theirs() if encryption else {}),
        )
        open_source = decrypted_with(encryption.customer_key if encryption else None)
        upload = {**where, "UploadId": begun["UploadId"], **open_source}
        parts = []
        for number, start in enumerate(range(0, len(content), len(PART)), 1):
            body = content[start : start + len(PART)]
            sent = self.s3.upload_part(**upload, PartNumber=number, Body=body, **named)
            checksums = {name: value for name, value in sent.items() if name == f"Checksum{algorithm}"}
            parts.append({"PartNumber": number, "ETag": sent["ETag"], **checksums})
        self.s3.complete_multipart_upload(
            **upload, MultipartUpload={"Parts": parts}, **({"ChecksumType": kind} if kind else {})
        )
        self.record_write_of_other_client(key, content, encryption)

    def keys_in_xml(self) -> list[str]:
        """The keys that the XML of a response can represent. S3 accepts others, too."""
        return [key for key in self.keys if not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", key)]

    def record_write_of_other_client(self, key: str, content: bytes, encryption: Encryption | None) -> None:
        """Record the write, which resets everything that it does not name."""
        stored = self.with_chosen_keys(encryption or self.default, key)
        found = self.head(key, stored.key_for_s3)
        self.push(key, Version(content, stored, found.get("VersionId"), found["ContentType"]))


def test_random_histories(task: Task, lab: Any, tmp_path: Path) -> None:
    """After any history, each task reaches the state that it reports, and a second run changes nothing."""

    class OfThisTest(Histories):
        """The state machine with the fixtures of this test."""

        def __init__(self) -> None:
            super().__init__(task, lab, tmp_path)

    run_state_machine_as_test(OfThisTest, settings=HISTORIES)
