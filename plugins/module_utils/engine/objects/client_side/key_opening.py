# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The data key of an envelope: decrypted with the customer key of the task, or by KMS."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....envelope.content_cipher import ContentCipher
from ....envelope.cryptography_package import require_cryptography
from ....envelope.key_wrap import rsa_refusal, unwrap_data_key
from ....model.arn import Arn
from ....model.envelope import Envelope, KeyWrap, Texts
from ....model.errors import Failure, FailureKind, OperationError, Reason, assert_never
from ....model.kinds.kind import ObjectEncryption
from ....model.objects.object_state import ObjectState
from ....model.objects.sealing import OpenedKey
from ....model.secret import CustomerKey
from .envelope_reading import ClientSidePorts, require_accepted_format


@dataclass(frozen=True)
class KeysOfTask:
    """The keys and the context that a task names for client-side encryption.

    `only_these` is for a read: the KMS key and the context have to be those of the object. Otherwise the task may
    change the object to them.
    """

    region: str
    kms_key_arn: str | None = None
    customer_keys: tuple[CustomerKey, ...] = ()
    context: Texts = ()
    bucket_owner: str | None = None
    only_these: bool = False


def open_object(ports: ClientSidePorts, keys: KeysOfTask, state: ObjectState) -> OpenedKey:
    """The data key of an object. Raises OperationError, also for a format that the task does not accept."""
    if state.envelope is None:
        raise AssertionError("only an envelope has a data key")
    require_accepted_format(state, ports.formats)
    try:
        return open_envelope(ports, keys, state.envelope)
    except OperationError as error:
        failure = replace(error.failure, message=f"{state.name}: {error.failure.message}")
        raise OperationError(failure.with_resource(failure.resource or state.name)) from error


def open_envelope(ports: ClientSidePorts, keys: KeysOfTask, envelope: Envelope) -> OpenedKey:
    """The data key, which the envelope commits to in V3. Raises OperationError if no key of the task decrypts it."""
    opened = decrypt_data_key(ports, keys, envelope)
    ContentCipher.open(envelope, opened.data_key)
    return opened


def decrypt_data_key(ports: ClientSidePorts, keys: KeysOfTask, envelope: Envelope) -> OpenedKey:
    """The data key, without its commitment, which an instruction file does not have."""
    require_cryptography()
    match envelope.wrap:
        case KeyWrap.KMS_CONTEXT | KeyWrap.KMS:
            return _decrypted_by_kms(ports, keys, envelope)
        case KeyWrap.AES_GCM | KeyWrap.AES_KEY_WRAP | KeyWrap.AES_ECB:
            return _decrypted_with_own_key(keys.customer_keys, envelope)
        case KeyWrap.RSA:
            raise rsa_refusal()
        case _:
            assert_never(envelope.wrap)


def with_opened_key(state: ObjectState, opened: OpenedKey) -> ObjectState:
    """The object, with the key that opened its envelope."""
    return replace(state, encryption=_with_key(state.encryption, opened))


def _with_key(encryption: ObjectEncryption, opened: OpenedKey) -> ObjectEncryption:
    md5 = opened.customer_key.md5 if opened.customer_key else None
    return replace(encryption, kms_key_arn=opened.kms_key_arn, customer_key_md5=md5)


def _decrypted_with_own_key(keys: tuple[CustomerKey, ...], envelope: Envelope) -> OpenedKey:
    """The data key, decrypted with the first of the task's keys that fits."""
    if not keys:
        raise OperationError(
            Failure(
                FailureKind.WRONG_KEY,
                "The object is encrypted on the client side under a customer key, and the task has none.",
                "Set the key that the object was written with in customer_key or customer_key_file. A task of "
                "s3_encrypted_object that changes the encryption has it in previous_customer_key.",
            )
        )
    failed: OperationError | None = None
    for key in keys:
        try:
            return OpenedKey(unwrap_data_key(envelope, key), customer_key=key)
        except OperationError as error:
            failed = failed or error
    raise failed or AssertionError("unreachable")


def _decrypted_by_kms(ports: ClientSidePorts, keys: KeysOfTask, envelope: Envelope) -> OpenedKey:
    """Decrypt with the named key. Without one, only a key of an account that the task trusts counts.

    Anyone who can write to the bucket can put an object there under a key of their own account, which they allow
    everyone to use.
    """
    _require_context(keys, envelope)
    if keys.kms_key_arn:
        try:
            found = ports.data_keys.decrypt_data_key(
                envelope.encrypted_data_key, keys.kms_key_arn, envelope.context, _region_of(keys)
            )
            return OpenedKey(found.data_key, found.key_arn)
        except OperationError as error:
            if keys.only_these or error.failure.reason is not Reason.NOT_UNDER_THIS_KMS_KEY:
                raise
    found = ports.data_keys.decrypt_data_key(envelope.encrypted_data_key, None, envelope.context, keys.region)
    _require_trusted(ports, keys, found.key_arn)
    return OpenedKey(found.data_key, found.key_arn)


def _region_of(keys: KeysOfTask) -> str:
    """The region of the named key. Other clients may use a key of another region than the bucket's."""
    arn = Arn.try_parse(keys.kms_key_arn or "")
    return (arn.region if arn else "") or keys.region


def _require_context(keys: KeysOfTask, envelope: Envelope) -> None:
    """Compare a named context before any call: KMS would report another one as an altered data key."""
    if not keys.only_these or not keys.context or keys.context == envelope.named_context:
        return
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"encryption_context {dict(keys.context)} is not that of the object, which is "
            f"{dict(envelope.named_context)}.",
            "Name the context that the object was written with, or leave it out.",
        )
    )


_ADVICE_OF_READ = "If you trust this key, name it in kms_key."
# A change has no option for the key that the object has now: kms_key is the one that it is to have.
_ADVICE_OF_CHANGE = (
    "Set expected_bucket_owner, if the account of the key owns the bucket. If you trust this key, keep it: name it in "
    "kms_key. For another key or kind, download the object with this kms_key, and upload it again."
)


def _require_trusted(ports: ClientSidePorts, keys: KeysOfTask, arn: str) -> None:
    parsed = Arn.try_parse(arn)
    account = parsed.account if parsed else ""
    if account and account == keys.bucket_owner:
        return
    try:
        caller = ports.identity.get_caller_identity()
    except OperationError:  # a store without STS
        caller = None
    if caller and account == caller.account:
        return
    other = f"your account {caller.account}" if caller else "your account, which no STS reports here"
    raise OperationError(
        Failure(
            FailureKind.WRONG_KEY,
            f"The data key is encrypted under the KMS key {arn}, whose account is neither expected_bucket_owner nor "
            f"{other}. Anyone who can write to the bucket can put an object there under a key of their own.",
            _ADVICE_OF_READ if keys.only_these else _ADVICE_OF_CHANGE,
            "kms:Decrypt",
            arn,
        )
    )
