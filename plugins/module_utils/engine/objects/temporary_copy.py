# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plaintext of an object in a temporary file, for an encryption that S3 cannot apply by a copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ...model.errors import Failure, FailureKind, OperationError
from ..transfer.atomic_file import NewFile, unnamed
from ..transfer.content import Source
from .comparison import StoredContent
from .object_fetch import ObjectFetch


@contextmanager
def temporary_copy(fetch: ObjectFetch, stored: StoredContent, folder: Path) -> Iterator[Source]:
    """The verified plaintext of an object, until the end of the block.

    The file has no name, and only this process can open it, so that a killed process leaves no plaintext behind. Raises
    OperationError if the object cannot be read or verified, or the file cannot be written.
    """
    with ExitStack() as stack:
        yield Source(temporary=_downloaded(stack, fetch, stored, folder))


def _downloaded(stack: ExitStack, fetch: ObjectFetch, stored: StoredContent, folder: Path) -> NewFile:
    """A temporary file, deleted with the stack, that has the plaintext."""
    try:
        file = stack.enter_context(unnamed(folder))
        fetch.into(file, stored)
    except OperationError as error:
        # Reading an object changes nothing.
        raise OperationError(replace(error.failure, may_have_been_applied=False)) from error
    except OSError as error:
        raise OperationError(
            Failure(
                FailureKind.FAILED,
                f"A temporary file in {folder} cannot be written: {error.strerror or error}. "
                f"It is needed to encrypt the content of {fetch.state.name} again.",
                "Check its permissions and the free space, or set TMPDIR in the environment of the task.",
                resource=str(folder),
            )
        ) from error
    return file
