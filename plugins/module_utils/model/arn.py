# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Amazon Resource Names.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .errors import invalid_input

_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN in its five parts. `region` and `account` are empty where a service does not name them.

    Neither part is checked: AWS adds partitions, services and regions over time.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def try_parse(cls, text: str) -> Arn | None:
        """The ARN of a text; None if the text is not an ARN."""
        parts = text.split(":", _FIELDS - 1)
        if len(parts) < _FIELDS or parts[0] != "arn":
            return None
        return cls(*parts[1:])

    @classmethod
    def parse(cls, text: str) -> Arn:
        """The ARN of a text; raises OperationError if the text is not an ARN."""
        arn = cls.try_parse(text)
        if arn is None:
            raise invalid_input(
                f"{text!r} is not an ARN.", "An ARN has the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE."
            )
        return arn

    def __str__(self) -> str:
        return ":".join(("arn", self.partition, self.service, self.region, self.account, self.resource))

    def with_region(self, region: str) -> Arn:
        """The same ARN in another region, such as that of the replica of a multi-Region key."""
        return replace(self, region=region)

    @property
    def resource_type(self) -> str:
        """The type in a resource of the form TYPE/ID, such as `key` or `role`; empty for a resource without a type."""
        kind, slash, _id = self.resource.partition("/")
        return kind if slash else ""

    @property
    def resource_id(self) -> str:
        """The ID in a resource of the form TYPE/ID; else the whole resource."""
        kind, slash, resource_id = self.resource.partition("/")
        return resource_id if slash else kind


# Stores without a key service name keys freely. MinIO reports a name with this prefix, which is no ARN.
STORE_KEY_PREFIX = "arn:aws:kms:"


def same_kms_key(named: str, reported: str | None) -> bool:
    """Whether a key that a task names is the one that a store reports: at AWS, both are full ARNs.

    At a store without a key service, a task names a key as the store does. The store may report it with a prefix, or as
    a full ARN with the name as its id.
    """
    if reported is None or named == reported:
        return named == reported
    names = [text.removeprefix(STORE_KEY_PREFIX) for text in (named, reported)]
    return names[0] == names[1] or (":" not in names[0] and reported.endswith(f":key/{names[0]}"))
