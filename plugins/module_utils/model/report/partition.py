# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The partition of a region."""

from __future__ import annotations

# The beginnings of the names of regions outside the partition `aws`.
#
# Source: the partitions of botocore's endpoints.json, whose patterns for regions a test compares with these.
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


def partition_of(region: str) -> str:
    """The partition that a region of AWS is in."""
    return next((partition for start, partition in _PARTITIONS.items() if region.startswith(start)), "aws")
