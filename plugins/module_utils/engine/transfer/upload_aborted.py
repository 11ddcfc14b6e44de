# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What ends an upload while its body is read."""

from __future__ import annotations

from concurrent.futures import CancelledError

from ...model.errors import Failure, FailureKind


class UploadAborted(CancelledError):
    """Ends a request whose body cannot be read completely. The SDK passes CancelledError on, and does not retry."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence())
        self.failure = failure


def upload_stopped() -> UploadAborted:
    """The exception for an upload that is to end because the run does, or another part of it failed."""
    return UploadAborted(Failure(FailureKind.FAILED, "The upload was stopped.", code="Stopped"))
