# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An object that is only read: found, compared with the encryption that the task names, and opened with its keys."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...aws.objects.ports import ObjectPort
from ...envelope.content_cipher import ContentCipher
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_ref import KeyRef, KeyRefForm
from ...model.kinds.encryption import DesiredEncryption
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.objects.required_encryption import require_kind, require_kms_key
from ...model.secret import CustomerKey
from ..keys.key_resolver import KeyResolver
from ..transfer.encrypted_stream import Cipher
from .client_side.envelope_reading import ClientSidePorts, with_envelope
from .client_side.key_opening import KeysOfTask, open_object, with_opened_key
from .head_object import find_object
from .store_proof import require_customer_key_needed


@dataclass(frozen=True)
class OpenedObject:
    """The object that was found, and the customer key that S3 decrypts it with.

    `cipher` decrypts an object that was encrypted on the client side.
    """

    state: ObjectState
    decrypted_with: CustomerKey | None = None
    cipher: Cipher | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ObjectOpening:
    """Opens one object for reading. Its encryption is detected.

    `named` is the encryption that the object has to have, with the keys of the task, and `kms_key` the KMS key.
    """

    target: ObjectId
    named: DesiredEncryption
    kms_key: KeyRef | None
    s3: ObjectPort
    keys: KeyResolver
    client_side: ClientSidePorts

    def find(self) -> OpenedObject:
        """Call HeadObject. Raises OperationError for an object that does not exist, and for one without protection."""
        found = find_object(self.s3, self.target, self.named.request_key, self._key_for_s3)
        found.require_protected()
        if found.object is None:
            raise OperationError(
                Failure(
                    FailureKind.ABSENT,
                    f"There is no object {self.target.key!r} in the bucket {self.target.bucket}.",
                    "Check bucket, key and version_id.",
                    resource=self.target.name,
                )
            )
        if found.decrypted_with and self.s3.custom_endpoint:
            require_customer_key_needed(self.s3, self.target, found.object)
        # S3 refuses a customer key that the object does not need, so only the one that decrypts it is sent again.
        return OpenedObject(found.object, found.decrypted_with)

    def with_envelope(self, found: OpenedObject) -> OpenedObject:
        """The object with its envelope, if it has one. Raises OperationError if the envelope cannot be read."""
        # A customer key that S3 did not need is one for an envelope.
        unused_key = self.named.customer_key is not None and found.decrypted_with is None
        kind = self.named.kind
        reads_file = not kind.defers_to_bucket or unused_key
        try:
            state = with_envelope(self.client_side.files, self.target, found.state, reads_file=reads_file)
        except OperationError as error:
            # Who reads under server-side encryption needs no permission for instruction files.
            if kind.is_client_side or found.state.envelope_fields or error.failure.kind is not FailureKind.FORBIDDEN:
                raise
            return found
        return replace(found, state=state)

    def require_kind(self, found: OpenedObject) -> None:
        """Raise OperationError unless the object, with its envelope, is of the named kind. Makes no call."""
        require_kind(self.named, found.state)

    def open(self, found: OpenedObject) -> OpenedObject:
        """The object, with the cipher that decrypts it if it is under client-side encryption.

        Raises OperationError if the object is not under the named encryption, or no key of the task opens its envelope.
        """
        self.require_kind(found)
        named, state = self.named, found.state
        if self.kms_key:
            named = replace(named, kms_key_arn=self._arn_of(self.kms_key))
        if state.envelope is None:
            require_kms_key(named, state)
            return found
        opened = open_object(self.client_side, self._keys(named), state)
        cipher = ContentCipher.open(state.envelope, opened.data_key)
        state = with_opened_key(state, opened)
        require_kms_key(named, state)
        return replace(found, state=state, cipher=cipher)

    @property
    def _key_for_s3(self) -> CustomerKey | None:
        """The customer key, unless the task names client-side encryption: its key is never sent."""
        return None if self.named.kind.is_client_side else self.named.customer_key

    def _arn_of(self, key: KeyRef) -> str:
        """The ARN of the named key. Other clients may use a key of another region than the bucket's."""
        if key.form is KeyRefForm.KEY_ARN:
            return key.text
        return self.keys.arn(key, self.s3.bucket_region(self.target.bucket))

    def _keys(self, named: DesiredEncryption) -> KeysOfTask:
        return KeysOfTask(
            self.s3.bucket_region(self.target.bucket),
            named.kms_key_arn,
            (named.customer_key,) if named.customer_key else (),
            named.encryption_context,
            self.target.expected_bucket_owner,
            only_these=True,
        )
