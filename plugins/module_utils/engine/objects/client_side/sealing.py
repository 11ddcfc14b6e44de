# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""New envelopes: a new data key, or the same one encrypted again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ....envelope.content_cipher import ContentCipher, new_message_id
from ....envelope.key_wrap import new_data_key, wrap_data_key
from ....envelope.serializing import bound_context
from ....model.envelope import Envelope, EnvelopePlace, Format, KeyWrap, Texts
from ....model.errors import assert_never

if TYPE_CHECKING:
    from ....aws.keys.ports import DataKeyPort
    from ....model.kinds.encryption import DesiredEncryption
    from ....model.objects.sealing import OpenedKey, Rewrap
    from ....model.secret import Secret


@dataclass(frozen=True)
class SealedEnvelope:
    """An envelope for new content, and the cipher that encrypts it."""

    envelope: Envelope
    cipher: ContentCipher


@dataclass(frozen=True)
class _WrappedKey:
    data_key: Secret
    wrapped: bytes
    context: Texts


@dataclass(frozen=True)
class Sealer:
    """Makes the envelopes of one object. `region` is that of its KMS key."""

    data_keys: DataKeyPort
    region: str

    def new_envelope(self, encryption: DesiredEncryption, place: EnvelopePlace) -> SealedEnvelope:
        """An envelope with a new data key."""
        return self._seal(self._wrap(encryption, None), encryption, place)

    def envelope_with(self, kept: OpenedKey, encryption: DesiredEncryption) -> SealedEnvelope:
        """An envelope for new content under the data key of an instruction file, which is not written again."""
        return self._seal(_WrappedKey(kept.data_key, b"", ()), encryption, EnvelopePlace.INSTRUCTION_FILE)

    def rewrapped(self, rewrap: Rewrap) -> Envelope:
        """The envelope of existing content, with its data key encrypted again if the key or the context changes."""
        found, encryption = replace(rewrap.envelope, place=rewrap.place), rewrap.encryption
        if encryption is None:
            return found
        if rewrap.opened is None:
            raise AssertionError("only an opened data key is encrypted again")
        key = self._wrap(encryption, rewrap.opened.data_key)
        return replace(
            found,
            wrap=encryption.kind.wraps[0],
            encrypted_data_key=key.wrapped,
            context=key.context,
            description=(),
        )

    def _seal(self, key: _WrappedKey, encryption: DesiredEncryption, place: EnvelopePlace) -> SealedEnvelope:
        message_id = new_message_id()
        cipher, commitment = ContentCipher.create(key.data_key, message_id)
        wrap = encryption.kind.wraps[0]
        envelope = Envelope(Format.V3, wrap, key.wrapped, message_id, commitment, key.context, place=place)
        return SealedEnvelope(envelope, cipher)

    def _wrap(self, encryption: DesiredEncryption, data_key: Secret | None) -> _WrappedKey:
        """The data key, or a new one, encrypted with the key of the task."""
        wrap = encryption.kind.wraps[0]
        match wrap:
            case KeyWrap.KMS_CONTEXT:
                return self._wrap_by_kms(encryption, data_key)
            case KeyWrap.AES_GCM:
                if encryption.customer_key is None:
                    raise AssertionError("a customer key is required when the options are parsed")
                data_key = data_key or new_data_key()
                return _WrappedKey(data_key, wrap_data_key(data_key, encryption.customer_key), ())
            case KeyWrap.KMS | KeyWrap.AES_KEY_WRAP | KeyWrap.AES_ECB | KeyWrap.RSA:
                raise AssertionError(f"{wrap.value} is not written")
            case _:
                assert_never(wrap)

    def _wrap_by_kms(self, encryption: DesiredEncryption, data_key: Secret | None) -> _WrappedKey:
        arn, context = encryption.kms_key_arn, bound_context(encryption.encryption_context)
        if arn is None:
            raise AssertionError("a KMS key is required when the plan is made")
        if data_key is None:
            made = self.data_keys.generate_data_key(arn, context, self.region)
        else:
            made = self.data_keys.encrypt_data_key(data_key, arn, context, self.region)
        return _WrappedKey(made.data_key, made.wrapped, context)
