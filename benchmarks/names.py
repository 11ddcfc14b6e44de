# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What servers and tools call the account and its buckets. It imports nothing: a measured tool imports it."""

from __future__ import annotations

ACCOUNT = "123456789012"


def bucket_names(count: int) -> list[str]:
    """The names of the buckets."""
    return [f"bench-{number:06d}" for number in range(count)]


def object_name(number: int) -> str:
    """The key of an object: those of 100 objects share a prefix, and numbers are in the order of the keys."""
    return f"data/{number // 100:06d}/{number:08d}"
