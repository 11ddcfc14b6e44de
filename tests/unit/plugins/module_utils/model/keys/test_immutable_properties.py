# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Properties of a key that cannot be changed."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.immutable_properties import (
    Immutable,
    require_immutable_unchanged,
)


def test_equal_and_omitted_properties_are_accepted() -> None:
    """Nothing is raised."""
    require_immutable_unchanged(
        "arn", [Immutable("multi_region", None, True), Immutable("origin", "AWS_KMS", "AWS_KMS")]
    )


def test_all_differences_are_reported() -> None:
    """With the current and the desired value, and `none` for no value."""
    with pytest.raises(OperationError) as error:
        require_immutable_unchanged(
            "arn",
            [
                Immutable("multi_region", True, False),
                Immutable("custom_key_store_id", "cks-1", None),
                Immutable("origin", "AWS_KMS", "AWS_KMS"),
            ],
        )
    message = error.value.failure.message
    assert "created with multi_region: false and custom_key_store_id: none" in message
    assert "to multi_region: true and custom_key_store_id: cks-1" in message
