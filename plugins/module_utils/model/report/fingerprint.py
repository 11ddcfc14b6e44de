# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What makes a finding the same finding in two reports."""

from __future__ import annotations

import hashlib
import json

from ..finding import Rule
from .observation import Resource, ResourceKind
from .rules import RULES


def fingerprint(rule: Rule, resource: Resource, message: str) -> str:
    """The fingerprint of a finding: the same in every report, whatever else is in it.

    A resource has one finding of most rules, so that the message, which shows the current value, is part of it only for
    the others.
    """
    return fingerprint_of(rule.value, resource, *([message] if RULES[rule].repeats else []))


def fingerprint_of(rule: str, resource: Resource, *details: str) -> str:
    """The SHA-256, in hexadecimal, of what a rule says about a resource.

    A resource without an ARN is known by its account, kind and name, and a key by its region, too.
    """
    region = resource.region if resource.kind is ResourceKind.KMS_KEY else ""
    name = [resource.arn] if resource.arn else [resource.account_id, resource.kind.value, region, resource.name]
    # A list in JSON, so that no two different findings have the same text. Half a surrogate pair is escaped in it.
    return hashlib.sha256(json.dumps([rule, *name, *details]).encode("ascii")).hexdigest()
