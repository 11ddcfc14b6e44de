# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Strategies of hypothesis for client-side encryption: objects, instruction files, and what a playbook can name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.envelope.serializing import bound_context, serialize_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    EnvelopePlace,
    Format,
    KeyWrap,
    Texts,
    ciphertext_size,
    plaintext_size,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ClientSide
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    CSE_C,
    CSE_KMS,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    DesiredObject,
    ObjectReading,
    Overwrite,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    InstructionFile,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sealing import FoundFile, OpenedKey
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey, Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import strategies as draw

CONTEXT: Texts = (("project", "x"),)
# The data key of the object, and that of an instruction file that belongs to another content.
DATA_KEY, OTHER_DATA_KEY = (Secret(hashlib.sha256(name).digest()) for name in (b"its data key", b"other data key"))
PROBLEM = "its data key does not open"


@dataclass(frozen=True)
class KeyOfData:
    """What a data key is encrypted with: a KMS key with a context, or a customer key."""

    kms_key_arn: str | None = None
    context: Texts = ()
    customer_key: CustomerKey | None = None

    def opened(self, data_key: Secret) -> OpenedKey:
        """The data key, as it is opened."""
        return OpenedKey(data_key, self.kms_key_arn, self.customer_key)

    def envelope(self, data_key: Secret, place: EnvelopePlace, file_format: Format = Format.V3) -> Envelope:
        """An envelope of this data key. The ciphertext of a data key is no secret, so any bytes do."""
        wrapped = b"under a KMS key" if self.kms_key_arn else b"under an own key".ljust(60)
        wrap = KeyWrap.KMS_CONTEXT if self.kms_key_arn else KeyWrap.AES_GCM
        if self.kms_key_arn and file_format in (Format.V1, Format.V1_CBC):
            wrap = KeyWrap.KMS
        message_id, commitment = bytes(28), hashlib.sha256(data_key.reveal()).digest()[:28]
        context = bound_context(self.context) if self.kms_key_arn else ()
        is_v3 = file_format is Format.V3
        return Envelope(file_format, wrap, wrapped, message_id, commitment if is_v3 else None, context, place=place)

    def encryption(
        self, file_format: Format, place: EnvelopePlace, size: int, server_side: ObjectEncryption
    ) -> ObjectEncryption:
        """The encryption of an object whose data key this key has opened."""
        shown = plaintext_size(file_format, ciphertext_size(file_format, size))
        context = self.context if self.kms_key_arn else None
        return ObjectEncryption(
            "CSE-KMS" if self.kms_key_arn else "CSE-C",
            self.kms_key_arn,
            customer_key_md5=self.customer_key.md5 if self.customer_key else None,
            client_side=ClientSide(file_format, place, server_side, shown, context),
        )


BY_S3 = ObjectEncryption("SSE-S3")
KEYS_OF_DATA = st.one_of(
    st.builds(KeyOfData, st.sampled_from([draw.ONE, draw.TWO]), st.sampled_from([(), CONTEXT])),
    st.builds(KeyOfData, customer_key=st.sampled_from(draw.KEYS)),
)
PLACES = st.sampled_from(EnvelopePlace)
SERVER_SIDE = st.sampled_from([BY_S3, ObjectEncryption("SSE-KMS", draw.ONE, False)])
DESIRED_SERVER_SIDE = st.sampled_from(
    [None, DesiredEncryption(), DesiredEncryption(SSE_S3), DesiredEncryption(SSE_KMS, draw.ONE)]
)
DESIRED_PLACES = st.sampled_from([None, *EnvelopePlace, EnvelopePlace.INSTRUCTION_FILE])
CLIENT_SIDE_ENCRYPTIONS = st.one_of(
    st.builds(
        DesiredEncryption,
        st.just(CSE_KMS),
        st.sampled_from([None, draw.ONE, draw.TWO]),
        encryption_context=st.sampled_from([(), CONTEXT]),
        envelope=DESIRED_PLACES,
        server_side=DESIRED_SERVER_SIDE,
    ),
    st.builds(
        DesiredEncryption,
        st.just(CSE_C),
        customer_key=st.sampled_from(draw.KEYS),
        envelope=DESIRED_PLACES,
        server_side=DESIRED_SERVER_SIDE,
    ),
)


@dataclass(frozen=True)
class SealedObject:
    """An object under client-side encryption, with the data key of its content."""

    state: ObjectState
    opened: OpenedKey


@dataclass(frozen=True)
class ClientSideCase:
    """A task, and the world that it finds: an object, and an instruction file, which may be of another object."""

    desired: DesiredObject
    content: bytes | None
    object: SealedObject | ObjectState | None
    file: FoundFile | None

    @property
    def state(self) -> ObjectState | None:
        """The object, without its data key."""
        return self.object.state if isinstance(self.object, SealedObject) else self.object

    def reading(self, *, same_content: bool = False) -> ObjectReading:
        """What a run reads. The data key is opened only for tasks that need it.

        A run reads the file only for tasks that name it. It is in each reading, to show that no other task uses it.
        """
        desired = self.desired
        replaces = desired.overwrite is Overwrite.ALWAYS and desired.content is not None
        never = self.object is not None and desired.overwrite is Overwrite.NEVER
        compares = desired.content is not None or not desired.encryption.kind.defers_to_bucket
        opens = isinstance(self.object, SealedObject) and compares and not replaces and not never
        return ObjectReading(
            self.state,
            same_content,
            opened=self.object.opened if opens and isinstance(self.object, SealedObject) else None,
            found_file=self.file,
        )


def sealed_object(
    key: KeyOfData,
    place: EnvelopePlace = EnvelopePlace.METADATA,
    file_format: Format = Format.V3,
    server_side: ObjectEncryption = BY_S3,
    content: bytes = b"old",
) -> SealedObject:
    """An object under client-side encryption."""
    envelope = key.envelope(DATA_KEY, place, file_format)
    in_file = place is EnvelopePlace.INSTRUCTION_FILE
    fields = serialize_envelope(envelope)[0] if file_format is Format.V3 else () if in_file else OLD_FIELDS
    state = ObjectState(
        "bucket",
        "key",
        ciphertext_size(file_format, len(content)),
        key.encryption(file_format, place, len(content), server_side),
        etag='"etag"',
        tags=(),
        envelope_fields=fields,
        envelope=envelope,
        instruction_file=FILE if in_file else None,
    )
    return SealedObject(state, key.opened(DATA_KEY))


OLD_FIELDS = (("x-amz-iv", "AAAA"), ("x-amz-key-v2", "AAAA"))
FILE = InstructionFile(b"{}", '"file"')
UNUSABLE_FILE = FoundFile(FILE, problem=PROBLEM)


def found_file(key: KeyOfData, data_key: Secret = DATA_KEY) -> FoundFile:
    """An instruction file whose data key can be kept."""
    return FoundFile(FILE, key.envelope(data_key, EnvelopePlace.INSTRUCTION_FILE), key.opened(data_key))


# Few other options, so that most examples differ in their encryption.
DESIRED_OBJECTS = st.builds(
    DesiredObject,
    st.just("bucket"),
    st.just("key"),
    absent=st.sampled_from([*[False] * 9, True]),
    encryption=CLIENT_SIDE_ENCRYPTIONS | CLIENT_SIDE_ENCRYPTIONS | CLIENT_SIDE_ENCRYPTIONS | draw.DESIRED_ENCRYPTIONS,
    properties=st.sampled_from([Properties(), Properties(), Properties("image/png"), Properties(metadata=())]),
    tags=st.sampled_from([None, None, (("a", "1"),)]),
    overwrite=st.sampled_from([*[Overwrite.DIFFERENT] * 6, Overwrite.ALWAYS, Overwrite.NEVER]),
    change_method=st.sampled_from([*[ChangeMethod.AUTO] * 4, *ChangeMethod]),
)
STATES = st.builds(
    ObjectState,
    st.just("bucket"),
    st.just("key"),
    st.just(3),
    SERVER_SIDE,
    st.just(Properties("text/plain", metadata=(("a", "1"),), storage_class="STANDARD")),
    etag=st.just('"etag"'),
    tags=st.sampled_from([(), (("b", "2"),)]),
    lock=draw.LOCKS,
)
FILES = st.one_of(
    st.none(),
    st.just(UNUSABLE_FILE),
    st.builds(found_file, KEYS_OF_DATA),
    st.builds(found_file, KEYS_OF_DATA, st.just(OTHER_DATA_KEY)),
)
FORMATS = st.sampled_from([*[Format.V3] * 4, *Format])


@st.composite
def client_side_cases(draw_from: st.DrawFn) -> ClientSideCase:
    """Any task over any object. Either of them is usually one of client-side encryption."""
    desired, content = draw_from(DESIRED_OBJECTS), draw_from(st.sampled_from([None, None, b"new"]))
    if content is not None:
        desired = replace(desired, content=draw.content_of(content))
    number = draw_from(st.integers(0, 7))
    if number == 0:
        return ClientSideCase(desired, content, None, draw_from(FILES))
    state = draw_from(STATES)
    if number == 1:
        return ClientSideCase(desired, content, state, draw_from(FILES))
    key, place, file_format = draw_from(KEYS_OF_DATA), draw_from(PLACES), draw_from(FORMATS)
    made = sealed_object(key, place, file_format, state.encryption)
    file = draw_from(FILES)
    if place is EnvelopePlace.INSTRUCTION_FILE:
        file = found_file(key) if file_format is Format.V3 else UNUSABLE_FILE
    state = replace(made.state, properties=state.properties, tags=state.tags, lock=state.lock)
    return ClientSideCase(desired, content, SealedObject(state, made.opened), file)
