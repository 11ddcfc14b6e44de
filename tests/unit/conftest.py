# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Settings of hypothesis: the same examples every time, unless HYPOTHESIS_PROFILE=search tries new ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

_CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much)

settings.register_profile(
    "same", derandomize=True, max_examples=60, deadline=None, database=None, suppress_health_check=_CALM
)
settings.register_profile("search", max_examples=2000, deadline=None, database=None, suppress_health_check=_CALM)
settings.register_profile("brief", parent=settings.get_profile("same"), max_examples=5)

# ansible-test starts a process for each test. `make test` runs the same tests in plain pytest too, with all examples
# and the rules of the source, so under ansible-test it is enough that each of the others runs.
_IN_ANSIBLE_TEST = "ansible_forked" in os.environ.get("PYTEST_PLUGINS", "")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief" if _IN_ANSIBLE_TEST else "same"))

# The folders of the tests that read the source of the collection, or run the programs of scripts/.
_READ_SOURCE = {"architecture", "scripts", "doc_fragments"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the coverage of the tests with chosen examples only: a line that random ones happen to run is not tested.

    A tracer doubles the processor time of what hypothesis does, and of the tests that read the source.
    """
    tracer = sys.gettrace()
    is_measured = item.get_closest_marker("hypothesis") is None and not _READ_SOURCE & set(item.path.parts)
    if tracer is None or is_measured:
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the rules of the source to plain pytest."""
    if _IN_ANSIBLE_TEST:
        items[:] = [item for item in items if "architecture" not in item.path.parts]
