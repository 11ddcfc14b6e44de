# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the objects of a bucket are to have, with the values of the bucket for what the task does not name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....aws.objects.s3_objects import S3Objects
from ....engine.buckets.bucket_settings import BucketSettings
from ....engine.keys.key_resolver import KeyResolver
from ....engine.objects.kms_keys import KmsKeys
from ....model.buckets.bucket_default import BucketDefault
from ....model.errors import Failure, FailureKind, OperationError
from ....model.keys.key_ref import AWS_MANAGED_S3_ALIAS, KeyRef
from ....model.kinds.encryption import DesiredEncryption
from ....model.kinds.kind import Kind
from ....model.kinds.registry import BUCKET_DEFAULT_KINDS, S3_DEFAULT, find_kind
from ....model.objects.reencryption.decision import ReencryptionRules
from ....model.plan import NotThereYet
from .options import ReencryptionOptions


@dataclass(frozen=True)
class ResolvedRules:
    """The rules, the KMS key of the changed objects, and what does not exist yet in a check run."""

    rules: ReencryptionRules
    kms_keys: KmsKeys = KmsKeys()
    not_there_yet: tuple[NotThereYet, ...] = ()


@dataclass(frozen=True)
class RulesReader:
    """Completes the options of a task. The region of the bucket has to be known, so that a list was read before."""

    options: ReencryptionOptions
    s3: S3Objects
    buckets: BucketSettings
    keys: KeyResolver

    def read(self) -> ResolvedRules:
        """The rules. Raises OperationError for a default that objects cannot have, and for a key that is not usable."""
        kind, key = self._named()
        desired = DesiredEncryption(kind, bucket_key_enabled=self.options.bucket_key_enabled)
        if not kind.accepts("bucket_key_enabled"):
            desired = replace(desired, bucket_key_enabled=None)
        missing: tuple[NotThereYet, ...] = ()
        if key:
            resolved = self.keys.resolve(key, self._region)
            desired, missing = replace(desired, kms_key_arn=resolved.arn), resolved.not_there_yet
        options = self.options
        rules = ReencryptionRules(
            desired=desired,
            written=self._written(desired),
            selection=options.select.resolve(self.keys, self._region),
            method=options.method,
            minimum=options.minimum,
            on_locked=options.on_locked,
            key_is_aws_managed=key is not None and key.is_aws_managed_s3,
            in_place=self.s3.in_place,
            bucket_owner=options.expected_bucket_owner,
        )
        return ResolvedRules(rules, KmsKeys(of_s3=key), missing)

    @property
    def _region(self) -> str:
        return self.s3.bucket_region(self.options.bucket)

    def _named(self) -> tuple[Kind, KeyRef | None]:
        """The kind and the key that the task names, or those of the bucket's default."""
        if self.options.kind:
            return self.options.kind, self.options.kms_key
        rule = self._default("name encryption")
        if rule.encryption is None:
            return find_kind(S3_DEFAULT.name), None
        if rule.encryption not in BUCKET_DEFAULT_KINDS:
            raise OperationError(
                Failure(
                    FailureKind.UNSUPPORTED,
                    f"The default encryption of the bucket {self.options.bucket} is {rule.encryption}, which no task "
                    "can give to an object.",
                    f"Set encryption to {' or '.join(BUCKET_DEFAULT_KINDS)}.",
                    resource=self.options.bucket,
                )
            )
        kind = find_kind(rule.encryption)
        if not kind.accepts("kms_key"):
            return kind, None
        return kind, KeyRef.parse(rule.kms_key or AWS_MANAGED_S3_ALIAS, of_store=True)

    def _written(self, desired: DesiredEncryption) -> DesiredEncryption:
        """What a changed object gets, with its bucket key: that of the bucket's default under the same kind, else on.

        A request without it turns bucket keys off, so that each object costs a call of KMS.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
        """
        if desired.bucket_key_enabled is not None or not desired.kind.accepts("bucket_key_enabled"):
            return desired
        rule = self._default("name bucket_key_enabled")
        is_enabled = rule.bucket_key_enabled if rule.encryption == desired.kind.name else True
        return replace(desired, bucket_key_enabled=is_enabled)

    def _default(self, alternative: str) -> BucketDefault:
        try:
            return self.buckets.default_encryption(self.options.bucket)
        except OperationError as error:
            failure = error.failure
            if failure.kind is FailureKind.FORBIDDEN:
                failure = failure.with_alternative("Allow s3:GetEncryptionConfiguration", alternative)
            raise OperationError(failure) from error
