# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The ``lab`` fixture: one server for the session, an empty state for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .running import RunningLab


@pytest.fixture(scope="session")
def lab_server() -> Iterator[RunningLab]:
    """The server that all tests of the session share."""
    with RunningLab() as running:
        yield running


@pytest.fixture
def lab(lab_server: RunningLab) -> RunningLab:
    """A lab without buckets, keys, faults or calls, in real time, with enforcement off."""
    lab_server.reset()
    return lab_server
