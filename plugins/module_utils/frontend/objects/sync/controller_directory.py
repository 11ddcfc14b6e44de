# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A directory of the controller, for the action plugin: which files Ansible Vault has encrypted, and the archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ....engine.objects.sync.local_files import (
    FailedEntry,
    LocalFile,
    LocalList,
    exclusion_advice,
    list_directory,
)
from ....engine.objects.sync.source_archive import ArchiveWriter
from ....engine.transfer.content import Source
from ....model.errors import Failure, FailureKind, OperationError
from ....model.objects.sync.selection import PathSelection

# Returns the plaintext of a file that Ansible Vault has encrypted; raises ValueError with a sentence.
Decrypt = Callable[[bytes], bytes]

_VAULT_HEADER = b"$ANSIBLE_VAULT"


@dataclass(frozen=True)
class ControllerDirectory:
    """The selected files of a directory, and the paths of those that Ansible Vault has encrypted."""

    found: LocalList
    encrypted: frozenset[str]

    def write_archive(self, stream: BinaryIO, decrypt: Decrypt, only_decrypted: bool) -> None:
        """Write all files, or only those that have to be decrypted, which is done in memory.

        Raises OSError if the archive cannot be written.
        """
        writer = ArchiveWriter(stream)
        for entry in () if only_decrypted else self.found.failed:
            writer.fail(entry)
        for file in self.found.files:
            if file.path in self.encrypted:
                _add_decrypted(writer, file, decrypt)
            elif not only_decrypted:
                writer.add(file)
        writer.finish(only_decrypted or self.found.is_complete)


def read_controller_directory(path: Path, selection: PathSelection, name: str) -> ControllerDirectory:
    """List the directory, which messages call `name`. Raises OperationError if it cannot be read."""
    found = list_directory(path, selection, name)
    return ControllerDirectory(found, frozenset(file.path for file in found.files if _is_encrypted(file)))


def _is_encrypted(file: LocalFile) -> bool:
    if file.size < len(_VAULT_HEADER):
        return False
    try:
        with file.source.open() as stream:
            return stream.read(len(_VAULT_HEADER)) == _VAULT_HEADER
    except OperationError:
        return False  # who sends the file finds the reason


def _add_decrypted(writer: ArchiveWriter, file: LocalFile, decrypt: Decrypt) -> None:
    try:
        with file.source.open() as stream:
            data = decrypt(stream.read())
    except OperationError as error:
        writer.fail(FailedEntry(file.path, error.failure))
    except ValueError as error:
        message = f"{file.source.name} cannot be decrypted on the controller: {error}"
        advice = f"Give the password of its vault. {exclusion_advice(file.path)}"
        writer.fail(FailedEntry(file.path, Failure(FailureKind.INVALID, message, advice, resource=file.source.name)))
    else:
        writer.add(replace(file, size=len(data), source=Source(data=data)))
