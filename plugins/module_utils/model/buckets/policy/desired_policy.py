# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired rules of a bucket policy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DesiredPolicy:
    """The desired rules of a bucket policy. None: not named in the task, so the rule is left as it is.

    `allow_encryption` are names of kinds. `allow_kms_keys` are key ARNs in the bucket's own region, and
    `allows_aws_managed_key` says whether S3's AWS managed key is one of them. `exempt_principals` are ARNs of users and
    roles, and ids of accounts. `removed` are the names of the rules that are taken away. With `minimum`, the rest is
    the least that is required. `absent` takes every statement of this collection away.
    """

    require_tls: bool | None = None
    minimum_tls_version: str | None = None
    allow_encryption: tuple[str, ...] | None = None
    allow_kms_keys: tuple[str, ...] | None = None
    allows_aws_managed_key: bool = False
    deny_customer_keys: bool | None = None
    require_encryption_header: bool | None = None
    exempt_principals: tuple[str, ...] | None = None
    exempt_services: tuple[str, ...] | None = None
    removed: frozenset[str] = frozenset()
    minimum: bool = False
    absent: bool = False

    def removes(self, rule: str) -> bool:
        """Whether a rule is taken away."""
        return rule in self.removed or getattr(self, rule) is False
