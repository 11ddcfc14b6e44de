# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What an encryption kind is: data, from which options, documentation, requests and reports follow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One scheme of S3 encryption.

    `name` is the playbook's word, `wire` the value of the header x-amz-server-side-encryption (empty: no such header),
    `options` the encryption options that it takes. `strength` orders the kinds that a bucket may have as its default,
    for a floor that never weakens; None: it cannot be a bucket's default.
    """

    name: str
    wire: str
    options: frozenset[str]
    strength: int | None
    key_held_by: str
    encrypted_by: str
    summary: str
    source: str
    choosable: bool = True
