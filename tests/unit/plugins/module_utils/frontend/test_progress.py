# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a module writes about its progress, and when: nothing for small work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.progress import (
    FILE_VARIABLE,
    RECORD_LENGTH,
    Progress,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any] | None]:
    """A function that returns the last record; None if nothing was written."""
    path = tmp_path / "progress"
    monkeypatch.setenv(FILE_VARIABLE, str(path))

    def last() -> dict[str, Any] | None:
        text = path.read_text()
        assert len(text) in (0, RECORD_LENGTH)
        return json.loads(text) if text else None

    return last


def test_the_first_seconds_are_silent(read: Callable[[], dict[str, Any] | None]) -> None:
    """A short task writes nothing, however many items it has."""
    clock = FakeClock()
    progress = Progress(clock, "buckets")
    progress.update(5, 10)
    clock.sleep(1.9)
    progress.update(6, 10)
    assert read() is None
    clock.sleep(0.2)
    progress.update(7, 10, counts="2 changed")
    record = read()
    assert record
    assert (record["done"], record["total"], record["unit"], record["counts"]) == (7, 10, "buckets", "2 changed")


@pytest.mark.parametrize(("done", "total"), [(0, 1), (1, 1), (10, 10)])
def test_a_single_item_and_the_end_are_silent(read: Callable[[], dict[str, Any] | None], done: int, total: int) -> None:
    """The result of the task follows at once."""
    clock = FakeClock()
    progress = Progress(clock, "buckets")
    clock.sleep(60)
    progress.update(done, total)
    assert read() is None


def test_the_rate_counts_from_the_first_result(read: Callable[[], dict[str, Any] | None]) -> None:
    """Not from the start of the task, which first connects and lists."""
    clock = FakeClock()
    progress = Progress(clock, "keys")
    clock.sleep(10)
    progress.count(1, 100)
    clock.sleep(2)
    progress.count(21, 100)
    record = read()
    assert record
    assert (record["done"], record["rate"], record["complete"]) == (21, 10.0, True)


def test_results_are_counted_while_their_number_is_not_known(read: Callable[[], dict[str, Any] | None]) -> None:
    """The results are handed on as they arrive."""
    clock = FakeClock()
    seen = []
    for result in Progress(clock, "buckets").track("abc"):
        seen.append(result)
        clock.sleep(3)
    record = read()
    assert record
    assert (seen, record["done"], record["complete"]) == (["a", "b", "c"], 3, False)


def test_without_a_file_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as for the module alone, without its action plugin."""
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    clock = FakeClock()
    progress = Progress(clock, "buckets")
    clock.sleep(60)
    progress.update(1, 10)
