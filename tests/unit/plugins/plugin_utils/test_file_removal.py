# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file that does not outlive its task: at the end of the block, after an exception, and at a signal."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.plugin_utils.file_removal import removed_at_the_end


class _Ended(Exception):
    """What the handler of the process raises, in the place of its end."""


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal, with a handler of the process."""

    def end(_number: int, _frame: object) -> None:
        raise _Ended

    before = signal.signal(request.param, end)
    yield request.param
    signal.signal(request.param, before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.write_text("secret")
    return path


def test_a_signal_removes_the_file_before_it_ends_the_process(file: Path, number: int) -> None:
    """The handler of the process runs after that, and is restored."""
    handler = signal.getsignal(number)
    with removed_at_the_end(str(file)):
        assert file.exists()
        with pytest.raises(_Ended):
            os.kill(os.getpid(), number)
        assert not file.exists()
    assert signal.getsignal(number) is handler


@pytest.mark.parametrize("error", [None, _Ended], ids=["in the end", "after an exception"])
def test_the_file_is_removed(file: Path, error: type[Exception] | None) -> None:
    """Also if the module has removed it before."""
    handler = signal.getsignal(signal.SIGTERM)
    for _time in range(2):
        try:
            with removed_at_the_end(str(file)):
                if error:
                    raise error
        except _Ended:
            pass
        assert not file.exists()
        assert signal.getsignal(signal.SIGTERM) is handler


def test_a_thread_removes_its_file(file: Path) -> None:
    """Without a handler, which Python sets only in the main thread."""

    def run() -> None:
        with removed_at_the_end(str(file)):
            pass

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not file.exists()
