# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a bucket policy says about TLS and encryption, in the words of the options."""

from __future__ import annotations

from dataclasses import dataclass

TLS_RULES = ("require_tls", "minimum_tls_version")
ENCRYPTION_RULES = ("allow_encryption", "allow_kms_keys", "deny_customer_keys", "require_encryption_header")
EXEMPTIONS = ("exempt_principals", "exempt_services")
# The options that a task can name and take away, in the order of the documentation.
RULES = (*TLS_RULES, *ENCRYPTION_RULES, *EXEMPTIONS)
TLS_VERSIONS = ("1.2", "1.3")


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """The rules that a policy has.

    `allow_encryption` are names of kinds, and words of AWS that are no kinds. `allow_kms_keys` are the texts in the
    policy: an upload has to name a key by one of them. The exemptions are those of this collection's statements.
    """

    require_tls: bool = False
    minimum_tls_version: str | None = None
    allow_encryption: tuple[str, ...] | None = None
    allow_kms_keys: tuple[str, ...] | None = None
    deny_customer_keys: bool = False
    require_encryption_header: bool = False
    exempt_principals: tuple[str, ...] = ()
    exempt_services: tuple[str, ...] = ()
