# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Options that KMS does not accept together in CreateKey."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_origin import DesiredOrigin

STORE = "cks-0123456789abcdef0"
CLOUDHSM = DesiredOrigin("AWS_CLOUDHSM", STORE)
EXTERNAL_STORE = DesiredOrigin("EXTERNAL_KEY_STORE", STORE, "hsm-key_1.a")

POSSIBLE = [
    pytest.param(DesiredOrigin(), id="nothing named"),
    pytest.param(DesiredOrigin("AWS_KMS", multi_region=True), id="multi-Region"),
    pytest.param(DesiredOrigin("EXTERNAL"), id="imported"),
    pytest.param(DesiredOrigin("EXTERNAL", multi_region=True), id="imported, multi-Region"),
    pytest.param(CLOUDHSM, id="CloudHSM"),
    pytest.param(DesiredOrigin("AWS_CLOUDHSM", STORE, multi_region=False), id="CloudHSM, one region"),
    pytest.param(EXTERNAL_STORE, id="external key store"),
]


@pytest.mark.parametrize("desired", POSSIBLE)
def test_accepted_combinations(desired: DesiredOrigin) -> None:
    """Without rotation, and with rotation only for key material that KMS generates."""
    desired.require_possible(names_rotation=False)
    if desired.origin in (None, "AWS_KMS"):
        desired.require_possible(names_rotation=True)
        return
    with pytest.raises(OperationError, match="does not rotate"):
        desired.require_possible(names_rotation=True)


IMPOSSIBLE = [
    pytest.param(DesiredOrigin(None, STORE), "custom_key_store_id has no effect with origin: AWS_KMS", id="no origin"),
    pytest.param(DesiredOrigin("EXTERNAL", STORE), "custom_key_store_id has no effect", id="imported, in a store"),
    pytest.param(DesiredOrigin("AWS_CLOUDHSM"), "needs a key store", id="no store"),
    pytest.param(DesiredOrigin("EXTERNAL_KEY_STORE", None, "a"), "needs a key store", id="no external store"),
    pytest.param(DesiredOrigin("EXTERNAL_KEY_STORE", STORE), "needs an external key", id="no external key"),
    pytest.param(DesiredOrigin("AWS_CLOUDHSM", STORE, "a"), "xks_key_id has no effect", id="external key, CloudHSM"),
    pytest.param(DesiredOrigin(None, None, "a"), "xks_key_id has no effect", id="external key, no origin"),
    pytest.param(DesiredOrigin("EXTERNAL_KEY_STORE", STORE, "a/b"), "is not a valid id", id="no id"),
    pytest.param(DesiredOrigin("EXTERNAL_KEY_STORE", STORE, "a" * 129), "is not a valid id", id="a long id"),
    pytest.param(
        DesiredOrigin("AWS_CLOUDHSM", STORE, None, True),
        "does not support multi-Region keys",
        id="multi-Region, CloudHSM",
    ),
    pytest.param(
        DesiredOrigin("EXTERNAL_KEY_STORE", STORE, "a", True),
        "does not support multi-Region keys",
        id="multi-Region, external",
    ),
]


@pytest.mark.parametrize(("desired", "message"), IMPOSSIBLE)
def test_refused_combinations(desired: DesiredOrigin, message: str) -> None:
    """The error has advice."""
    with pytest.raises(OperationError, match=message) as error:
        desired.require_possible(names_rotation=False)
    assert error.value.failure.kind is FailureKind.INVALID
    assert error.value.failure.advice


def test_options_that_are_not_named_or_do_not_differ() -> None:
    """Nothing is raised."""
    DesiredOrigin("AWS_KMS").require_unchanged("arn", DesiredOrigin("AWS_KMS", multi_region=True))


def test_all_differences_are_reported() -> None:
    """With the current and the desired value, and `none` for no value."""
    desired = DesiredOrigin("AWS_KMS", "cks-1", multi_region=True)
    with pytest.raises(OperationError) as error:
        desired.require_unchanged("arn", DesiredOrigin("AWS_KMS", multi_region=False))
    message = error.value.failure.message
    assert "created with multi_region: false and custom_key_store_id: none" in message
    assert "to multi_region: true and custom_key_store_id: cks-1" in message
