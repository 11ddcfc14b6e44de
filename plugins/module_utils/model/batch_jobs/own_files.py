# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The names of the manifests and reports of jobs, so that a later run does not take them for objects to change."""

from __future__ import annotations

import re

_DIGEST = r"[0-9a-f]{32}"
_MANIFEST = rf"-{_DIGEST}(?:\.csv|/data\.csv\.gz|/manifest\.json)"
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
_REPORT = r"job-[0-9A-Za-z_-]{5,36}/(?:manifest\.json(?:\.md5)?|results/[0-9A-Za-z_-]+\.csv)"


def manifest_base(prefix: str, bucket: str, digest: str) -> str:
    """What the names of the files of a manifest begin with, for the objects of a bucket."""
    return f"{prefix}/{bucket}-{digest[:32]}"


def is_manifest(key: str, prefix: str, bucket: str) -> bool:
    """Whether a key below this prefix is that of a manifest for this bucket."""
    return re.fullmatch(f"{re.escape(f'{prefix}/{bucket}')}{_MANIFEST}", key) is not None


def is_report(key: str, prefix: str) -> bool:
    """Whether a key below this prefix is that of a file of a report."""
    return re.fullmatch(f"{re.escape(prefix)}/{_REPORT}", key) is not None
