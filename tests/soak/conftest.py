# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The fixtures of the contract tests."""

from __future__ import annotations

from ansible_collections.sealed.s3.tests.contract.conftest import (
    bucket,
    client_of_service,
    clock,
    environment,
    key_arn,
    kms,
    open_bucket,
    s3,
    sdk_computes_once,
    task,
)

__all__ = [
    "bucket",
    "client_of_service",
    "clock",
    "environment",
    "key_arn",
    "kms",
    "open_bucket",
    "s3",
    "sdk_computes_once",
    "task",
]
