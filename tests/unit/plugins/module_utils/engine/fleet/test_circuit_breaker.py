# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A region that does not respond is skipped after a few calls, and only that region."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.circuit_breaker import (
    FAILURE_THRESHOLD,
    RegionCircuitBreaker,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind

TIMEOUT = Failure(FailureKind.UNREACHABLE, "No response.", "Check the route.", code="ReadTimeoutError")
REFUSAL = Failure(FailureKind.FORBIDDEN, "No.")


def test_a_region_is_skipped_after_consecutive_failures() -> None:
    """The failure names the region and the first cause, and keeps its kind and advice."""
    regions = RegionCircuitBreaker()
    for _number in range(FAILURE_THRESHOLD):
        assert regions.open_failure("eu-west-1") is None
        regions.record("eu-west-1", TIMEOUT)
    failure = regions.open_failure("eu-west-1")
    assert failure
    assert (failure.kind, failure.code, failure.advice) == (TIMEOUT.kind, "NotTried", TIMEOUT.advice)
    assert failure.message == "Not tried: 3 consecutive calls to eu-west-1 got no response. The first: No response."
    assert regions.open_failure("us-east-1") is None


def test_any_response_resets_the_count() -> None:
    """A refusal is a response, too."""
    for response in (None, REFUSAL):
        regions = RegionCircuitBreaker()
        for _number in range(FAILURE_THRESHOLD - 1):
            regions.record("eu-west-1", TIMEOUT)
        regions.record("eu-west-1", response)
        regions.record("eu-west-1", TIMEOUT)
        assert regions.open_failure("eu-west-1") is None
