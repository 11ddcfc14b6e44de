# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How hypothesis runs: the same examples every time, unless HYPOTHESIS_PROFILE=search looks for new ones. No pauses."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

_CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much)

settings.register_profile(
    "same", derandomize=True, max_examples=60, deadline=None, database=None, suppress_health_check=_CALM
)
settings.register_profile("search", max_examples=2000, deadline=None, database=None, suppress_health_check=_CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True, scope="session")
def index_is_asked_without_pauses() -> Iterator[None]:
    """Before a key is made the tagging API is asked several times, as its index is late at AWS."""
    with pytest.MonkeyPatch.context() as patch:
        engine = "ansible_collections.sealed.s3.plugins.module_utils.engine"
        patch.setattr(f"{engine}.keys.waiters.INDEX_LOOKS", (0, 0))
        yield
