# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption, recognised by the user metadata of an object."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope.headers import envelope_format

CASES = [
    pytest.param({}, "", id="no metadata"),
    pytest.param({"color": "red", "x-amz-meta": "1"}, "", id="other metadata"),
    pytest.param({"x-amz-c": "115", "x-amz-3": "wrapped", "x-amz-w": "12"}, "S3 Encryption Client V3", id="V3"),
    pytest.param({"x-amz-c": "115"}, "S3 Encryption Client V3", id="V3 with an instruction file"),
    pytest.param({"X-Amz-3": "wrapped"}, "S3 Encryption Client V3", id="any case"),
    pytest.param({"x-amz-key-v2": "wrapped", "x-amz-cek-alg": "AES/GCM/NoPadding"}, "S3 Encryption Client V2", id="V2"),
    pytest.param({"x-amz-key": "wrapped", "x-amz-iv": "iv"}, "S3 Encryption Client V1", id="V1"),
    pytest.param({"x-amz-3": "w", "x-amz-key-v2": "w", "x-amz-key": "w"}, "S3 Encryption Client V3", id="the newest"),
]


@pytest.mark.parametrize(("metadata", "expected"), CASES)
def test_envelope_format(metadata: dict[str, str], expected: str) -> None:
    """The format is recognised by its header names. Similar names are not."""
    assert envelope_format(metadata) == expected
