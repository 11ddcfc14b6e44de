# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Stand-in."""

from __future__ import annotations

import hashlib

from ..finding import Rule
from .observation import Resource
from .rules import RULES


def fingerprint(rule: Rule, resource: Resource, message: str) -> str:
    """Stand-in."""
    named = [resource.arn] if resource.arn else [resource.account_id, resource.kind.value, resource.name]
    parts = [rule.value, *named, *([message] if RULES[rule].repeats else [])]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
