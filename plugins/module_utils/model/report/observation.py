# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the results of tasks say about one account, bucket, key or object, in the form in which a report keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Union

from ..finding import Rule

# A value of a column, as JSON has it.
Value = Union[str, int, bool, None]


class ResourceKind(Enum):
    """What a finding can be about. The values are the words of reports."""

    ACCOUNT = "account"
    REGION = "region"
    BUCKET = "bucket"
    KMS_KEY = "kms_key"
    OBJECT = "object"


class Aspect(Enum):
    """What was inspected of a resource. A bucket has two aspects, each with a row of its own in the results."""

    ACCESS = "access"
    DEFAULT_ENCRYPTION = "default_encryption"
    POLICY = "policy"
    KEY = "key"
    ENCRYPTION = "encryption"


@dataclass(frozen=True, slots=True)
class Resource:
    """An account, a region of an account, a bucket, a KMS key, or an object.

    `account_id` and `account_name` are empty where the results do not name the account, and `region` where it is not
    known. `name` is that of the bucket, the alias or id of the key, BUCKET/KEY of an object, the id of the account.
    """

    kind: ResourceKind
    name: str
    arn: str = ""
    account_id: str = ""
    account_name: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding as a result has it. `options` is JSON: the options of the module that mends it, as an object."""

    rule: Rule
    message: str
    control: str | None = None
    options: str = "{}"


@dataclass(frozen=True, slots=True)
class Observation:
    """One row of a result.

    `columns` are the values that a report shows of it, such as the default encryption. `is_compliant` is None where
    nothing was expected of the resource. `error` is the sentence that says why the resource, or a part of it, could not
    be read, and empty if all of it was; such a resource is never compliant.
    """

    resource: Resource
    aspect: Aspect
    columns: tuple[tuple[str, Value], ...] = ()
    is_compliant: bool | None = None
    findings: tuple[ReportedFinding, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class ObjectCount:
    """The objects of a bucket that have one encryption. `kms_key_arn` is empty without a KMS key.

    `is_estimate`: the number comes from a sample.
    """

    bucket: str
    encryption: str
    kms_key_arn: str
    objects: int
    stored_bytes: int
    is_estimate: bool = False
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class InspectedAt:
    """When a task ended reading, with its time zone."""

    time: datetime
