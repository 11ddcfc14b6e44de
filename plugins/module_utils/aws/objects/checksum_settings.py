# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The two settings of the SDK for checksums, of aws_config, the environment or a profile.

With when_required, no request has a checksum that S3 does not require, and no checksum is requested in a response.
Some stores refuse these headers.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
"""

from __future__ import annotations

from ..session import Clients

_WHEN_REQUIRED = "when_required"


def sends_checksums(clients: Clients) -> bool:
    """Whether uploads have checksums (request_checksum_calculation)."""
    return str(clients.get("s3").meta.config.request_checksum_calculation) != _WHEN_REQUIRED


def reads_checksums(clients: Clients) -> bool:
    """Whether the checksums of objects are requested (response_checksum_validation)."""
    return str(clients.get("s3").meta.config.response_checksum_validation) != _WHEN_REQUIRED
