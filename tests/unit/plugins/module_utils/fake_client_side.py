# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""In-memory data keys and instruction files, as implementations of the engine's ports for client-side encryption."""

from __future__ import annotations

import hashlib

from ansible_collections.sealed.s3.plugins.module_utils.aws.keys.ports import DataKeyPort
from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import InstructionFilePort
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.client_side.envelope_reading import (
    ClientSidePorts,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.data_key import EncryptionContext, WrappedDataKey
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.instruction_file import instruction_file_of
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import InstructionFile, ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    CallRecorder,
    FakeKms,
    operation_error,
)


class FakeDataKeys(CallRecorder):
    """KMS that remembers each data key with its key and context. Its data keys are the same in each test."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[bytes, tuple[WrappedDataKey, EncryptionContext]] = {}

    def generate_data_key(self, key_arn: str, context: EncryptionContext, region: str) -> WrappedDataKey:
        """A new data key."""
        self.read("GenerateDataKey")
        return self._wrap(Secret(hashlib.sha256(b"data key %d" % len(self._made)).digest()), key_arn, context)

    def encrypt_data_key(
        self, data_key: Secret, key_arn: str, context: EncryptionContext, region: str
    ) -> WrappedDataKey:
        """The same data key under this key."""
        self.read("Encrypt")
        return self._wrap(data_key, key_arn, context)

    def decrypt_data_key(
        self, wrapped: bytes, key_arn: str | None, context: EncryptionContext, region: str
    ) -> WrappedDataKey:
        """The data key, as KMS: the key is compared before the context."""
        self.read("Decrypt")
        made, bound = self._made.get(wrapped, (None, ()))
        if made and key_arn not in (None, made.key_arn):
            raise operation_error(FailureKind.WRONG_KEY, "other key", reason=Reason.NOT_UNDER_THIS_KMS_KEY)
        if made is None or dict(bound) != dict(context):
            raise operation_error(FailureKind.NOT_AUTHENTIC, "other context, or altered")
        return made

    @property
    def made(self) -> list[Secret]:
        """All data keys."""
        return [made.data_key for made, _context in self._made.values()]

    def _wrap(self, data_key: Secret, key_arn: str, context: EncryptionContext) -> WrappedDataKey:
        made = WrappedDataKey(data_key, b"data key %d under %s" % (len(self._made), key_arn.encode()), key_arn)
        self._made[made.wrapped] = (made, context)
        return made


class FakeInstructionFiles(CallRecorder):
    """Instruction files by bucket and key, and the versions of objects (None: they may not be listed)."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[tuple[str, str], InstructionFile] = {}
        self.encryption: dict[tuple[str, str], DesiredEncryption] = {}
        self.versions: dict[tuple[str, str], tuple[str, ...]] | None = {}

    def get_instruction_file(self, target: ObjectId) -> InstructionFile | None:
        """The file."""
        self.read("GetObject")
        return self.files.get(_place(target))

    def put_instruction_file(
        self, target: ObjectId, body: bytes, *, if_match: str | None, encryption: DesiredEncryption
    ) -> str:
        """Write the file as S3 does with If-None-Match or If-Match."""
        self.write("PutObject")
        found = self.files.get(_place(target))
        if (found.etag if found else None) != if_match:
            raise operation_error(FailureKind.CONFLICT, "the file is another one")
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        self.files[_place(target)] = InstructionFile(body, etag)
        self.encryption[_place(target)] = encryption
        return etag

    def delete_instruction_file(self, target: ObjectId, if_match: str | None = None) -> None:
        """Delete the file as S3 does with If-Match."""
        self.write("DeleteObject")
        found = self.files.get(_place(target))
        if found and if_match not in (None, found.etag):
            raise operation_error(FailureKind.CONFLICT, "the file is another one")
        self.files.pop(_place(target), None)

    def has_other_versions(self, target: ObjectId) -> bool | None:
        """Whether a version remains."""
        self.read("ListObjectVersions")
        if self.versions is None:
            return None
        return bool(set(self.versions.get((target.bucket, target.key), ())) - {target.version_id})


def client_side_ports() -> ClientSidePorts:
    """The ports of a task: no instruction file, no data key, and a caller of the account."""
    return ClientSidePorts(FakeInstructionFiles(), FakeDataKeys(), FakeKms())


def _place(target: ObjectId) -> tuple[str, str]:
    file = instruction_file_of(target)
    return file.bucket, file.key


# The type checker compares them with the ports here.
DATA_KEYS: type[DataKeyPort] = FakeDataKeys
INSTRUCTION_FILES: type[InstructionFilePort] = FakeInstructionFiles
