# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A difference between a resource and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Union

# The value of an option of a module. A list is a tuple, so that findings can be compared and counted.
OptionValue = Union[str, bool, tuple[str, ...]]
Options = tuple[tuple[str, OptionValue], ...]


class Rule(Enum):
    """What a finding is about. The values are the ids of the rules in results and reports, and never change.

    Each of them has a title, a severity and an explanation in `model/report/rules.py`.
    """

    DEFAULT_ENCRYPTION = "bucket-default-encryption"
    DEFAULT_KEY = "bucket-default-kms-key"
    BUCKET_KEY = "bucket-s3-bucket-key"
    BLOCKED_ENCRYPTION_TYPES = "bucket-blocked-encryption-types"
    TLS = "bucket-policy-tls"
    TLS_VERSION = "bucket-policy-tls-version"
    ALLOWED_ENCRYPTION = "bucket-policy-allowed-encryption"
    ALLOWED_KMS_KEYS = "bucket-policy-allowed-kms-keys"
    CUSTOMER_KEYS = "bucket-policy-customer-keys"
    ENCRYPTION_HEADER = "bucket-policy-encryption-header"
    EXEMPTIONS = "bucket-policy-exemptions"
    POLICY_STATEMENT = "bucket-policy-statement"
    POLICY_CONFLICT = "bucket-policy-conflict"
    DENIED_DEFAULT = "bucket-policy-denies-default"
    KEY_DELETION = "kms-key-deletion"
    KEY_ROTATION = "kms-key-rotation"
    KEY_UNFINISHED = "kms-key-unfinished"
    KEY_UNUSABLE = "kms-key-unusable"
    KEY_PUBLIC = "kms-key-public"
    KEY_STATEMENT = "kms-key-statement-without-effect"
    KEY_PRINCIPALS = "kms-key-deleted-principals"
    KEY_POLICY = "kms-key-policy-not-read"
    OBJECT_ENCRYPTION = "object-encryption"
    OBJECT_KEY = "object-kms-key"
    OBJECT_BUCKET_KEY = "object-s3-bucket-key"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a resource, and the AWS control that it violates (None: no control covers it).

    `options` are the options of the module that brings the resource in line with what the task expects, by their names.
    `model/report/rules.py` says which module that is. They are empty where no option mends it.
    """

    message: str
    rule: Rule
    control: str | None = None
    options: Options = ()
