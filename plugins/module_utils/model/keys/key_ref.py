# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""References to KMS keys in their four forms: key id, key ARN, alias and alias ARN."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from ..arn import STORE_KEY_PREFIX, Arn
from ..errors import Failure, FailureKind, OperationError, invalid_input

# The alias of the AWS managed key that S3 uses for SSE-KMS without a key.
AWS_MANAGED_S3_ALIAS = "alias/aws/s3"

# The prefix of the aliases of the keys that AWS manages.
RESERVED_ALIASES = "alias/aws/"

# The id of a key that kms_key_for_s3 would create, in the result of a check run. The id of a multi-Region key starts
# with `mrk-`, because its ARN is used in the regions of its replicas, too.
PLACEHOLDER_ID = "known-after-the-real-run"
MULTI_REGION_PLACEHOLDER_ID = f"mrk-{PLACEHOLDER_ID}"

_KMS_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:.+\Z")
ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}\Z")
# Key ids of AWS are UUIDs, or `mrk-` and 32 hex digits. Other stores have other ids.
_KEY_ID = re.compile(r"[a-zA-Z0-9_.-]{1,256}\Z")


def is_placeholder_id(key_id: str) -> bool:
    """Whether this id is the placeholder for a key that does not exist yet."""
    return key_id in (PLACEHOLDER_ID, MULTI_REGION_PLACEHOLDER_ID)


def placeholder_arn(partition: str, region: str, account: str, *, multi_region: bool = False) -> str:
    """The ARN of a key that does not exist yet: only its id is not known."""
    key_id = MULTI_REGION_PLACEHOLDER_ID if multi_region else PLACEHOLDER_ID
    return str(Arn(partition, "kms", region, account, f"key/{key_id}"))


def unresolved_placeholder(text: str) -> Failure:
    """The failure for a placeholder where a key is needed that exists."""
    return Failure(
        FailureKind.INVALID,
        f"{text} is a placeholder, not a key: it is out of the registered result of a check run.",
        "Create the key in a real run of kms_key_for_s3, and use the result of that run.",
        resource=text,
    )


class KeyRefForm(Enum):
    """The form of a reference."""

    KEY_ID = "key id"
    KEY_ARN = "key ARN"
    ALIAS_NAME = "alias name"
    ALIAS_ARN = "alias ARN"
    STORE_NAME = "name of a key in a store, with the prefix arn:aws:kms:"


@dataclass(frozen=True, slots=True)
class KeyRef:
    """A reference to a KMS key as the task names it. `resource` is the key id, or `alias/NAME`."""

    text: str
    form: KeyRefForm
    resource: str
    arn: Arn | None = None

    @classmethod
    def parse(cls, text: str, *, of_store: bool = False) -> KeyRef:
        """Parse a key id, key ARN, alias name or alias ARN; raises OperationError for any other text.

        With `of_store`, also the name of a key as MinIO reports it, which no key of AWS has: arn:aws:kms:NAME.
        Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
        """
        if _KMS_ARN.match(text):
            arn = Arn.parse(text)
            if arn.resource_type == "key" and _KEY_ID.match(arn.resource_id):
                return cls(text, KeyRefForm.KEY_ARN, arn.resource_id, arn)
            if ALIAS.match(arn.resource):
                return cls(text, KeyRefForm.ALIAS_ARN, arn.resource, arn)
        elif ALIAS.match(text):
            return cls(text, KeyRefForm.ALIAS_NAME, text)
        elif _KEY_ID.match(text) and text != "alias":
            return cls(text, KeyRefForm.KEY_ID, text)
        name = text.removeprefix(STORE_KEY_PREFIX)
        if of_store and name != text and _KEY_ID.match(name):
            return cls(text, KeyRefForm.STORE_NAME, name)
        raise invalid_input(f"{text!r} does not name a KMS key.", _advice(text))

    @property
    def region(self) -> str:
        """The region that an ARN names; empty for an id or alias, which stands for a key in any region."""
        return self.arn.region if self.arn else ""

    @property
    def is_aws_managed_s3(self) -> bool:
        """Whether this is the alias of the AWS managed key of S3."""
        return self.resource == AWS_MANAGED_S3_ALIAS

    @property
    def is_placeholder(self) -> bool:
        """Whether this is the placeholder for a key that does not exist yet, out of the result of a check run."""
        return self.form in (KeyRefForm.KEY_ID, KeyRefForm.KEY_ARN) and is_placeholder_id(self.resource)

    @property
    def is_alias(self) -> bool:
        """Whether this is an alias name or an alias ARN."""
        return self.form in (KeyRefForm.ALIAS_NAME, KeyRefForm.ALIAS_ARN)

    @property
    def can_be_created(self) -> bool:
        """Whether a task can create what this names: an alias, but not one that AWS reserves for its own keys.

        Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
        """
        return self.is_alias and not self.resource.startswith(RESERVED_ALIASES)

    @property
    def is_multi_region(self) -> bool:
        """Whether this is the id or ARN of a multi-Region key, which has the same id in each of its regions.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
        """
        return self.resource.startswith("mrk-")

    def require_region(self, region: str) -> None:
        """Raise OperationError for an ARN of another region than that of the task.

        KMS knows the keys of its own region only.
        """
        if not self.region or self.region == region:
            return
        replica = f" Its replica in {region}, if it has one, is known by {self.resource} alone."
        raise invalid_input(
            f"{self.text} is in {self.region}, but the region of the task is {region}.",
            f"Set region: {self.region}, or name a key of {region}.{replica if self.is_multi_region else ''}",
        )

    def in_region(self, region: str) -> KeyRef:
        """The reference for a bucket in `region`. The ARN of a multi-Region key becomes the ARN of its replica there.

        Raises OperationError for an ARN of another region, as S3 uses keys of the bucket's own region only,
        and client-side encryption follows the same rule.
        """
        if self.arn is None or self.region == region:
            return self
        if self.is_multi_region and self.form is KeyRefForm.KEY_ARN:
            arn = self.arn.with_region(region)
            return replace(self, text=str(arn), arn=arn)
        raise OperationError(
            Failure(
                FailureKind.KEY_UNUSABLE,
                f"The KMS key {self.text} is in {self.region}, but the bucket is in {region}: "
                "its objects need a key of the bucket's own region.",
                f"Name a key in {region}, or an alias that exists in every region of the task's buckets.",
                resource=self.text,
            )
        )


def _advice(text: str) -> str:
    """What to write instead of a text that names no key."""
    forms = "Give a key id, a key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID), an alias (alias/NAME) or an alias ARN."
    prefix, slash, rest = text.partition("/")
    if prefix == "key" and _KEY_ID.match(rest):
        return f"Write {rest}. {forms}"
    if slash and prefix not in ("", "alias") and ALIAS.match(f"alias/{text}"):
        return f"For an alias, write alias/{text}. {forms}"
    return forms
