# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The body of a response that is read while it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .connection import BrokenConnection

try:
    from botocore.exceptions import ReadTimeoutError, ResponseStreamingError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass


class BodyStream:
    """A body as the SDK reads it from its transport. For one thread at a time.

    At the end of the body its connection is released; before that, `close` closes the connection.
    """

    def __init__(
        self, url: str, pieces: Iterator[bytes], release: Callable[[], None], abandon: Callable[[], None]
    ) -> None:
        self._url = url
        self._pieces = pieces
        self._release = release
        self._abandon = abandon
        self._ahead = b""
        self._is_open = True

    def readable(self) -> bool:
        """Always true."""
        return True

    def read(self, amount: int | None = None) -> bytes:
        """The next bytes, fewer than `amount` only at the end. Raises the SDK's errors for a broken response."""
        parts, size = [self._ahead], len(self._ahead)
        while self._is_open and (amount is None or size < amount):
            piece = self._next()
            parts.append(piece)
            size += len(piece)
        data = b"".join(parts)
        if amount is None:
            self._ahead = b""
            return data
        self._ahead = data[amount:]
        return data[:amount]

    def close(self) -> None:
        """Give up the remaining bytes."""
        if self._is_open:
            self._is_open = False
            self._abandon()

    def _next(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            self._is_open = False
            self._release()
            return b""
        except TimeoutError as error:
            self.close()
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except (BrokenConnection, OSError, ValueError) as error:
            self.close()
            raise ResponseStreamingError(error=error) from error
