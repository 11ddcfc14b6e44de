# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption that objects are expected to have, and how an object differs from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..finding import Finding, Options, OptionValue, Rule
from ..kinds.encryption import DesiredEncryption
from ..kinds.kind import KeyHolder, Kind, ObjectEncryption
from ..kinds.registry import BUCKET_DEFAULT_KINDS, UNENCRYPTED, bucket_kinds_with_option, find_kind


@dataclass(frozen=True, slots=True)
class ExpectedEncryption:
    """What a task expects of objects. None: not named, so not compared.

    `key_name` is the key as the task names it, such as its alias, and `kms_key_arn` the ARN of that key. With
    `minimum`, an object that is equally strong or stronger complies.
    """

    kind: Kind | None = None
    key_name: str = ""
    kms_key_arn: str | None = None
    kms_key_is_aws_managed: bool = False
    bucket_key_enabled: bool | None = None
    minimum: bool = False


def findings(expected: ExpectedEncryption, actual: ObjectEncryption) -> tuple[Finding, ...]:
    """One finding for each value that `expected` names and the object does not have.

    No control of AWS is about the encryption of objects: Security Hub S3.17 and the Config rules check the defaults and
    the policies of buckets.
    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
    """
    if expected.minimum and _exceeds(expected, actual):
        return ()
    return tuple(
        Finding(message, rule, options=_options(expected, actual, rule))
        for rule, message in _differences(expected, actual)
    )


def _exceeds(expected: ExpectedEncryption, actual: ObjectEncryption) -> bool:
    """Whether the object is at least as strong as the minimum. At the same strength, a key that is named counts, too.

    A customer managed key is not weaker than the AWS managed one.
    """
    found = find_kind(actual.type)
    if expected.kind is None or expected.kind.weakens(found):
        return True
    if not DesiredEncryption(expected.kind).is_satisfied_by(actual):
        return False
    return expected.kms_key_arn is None or expected.kms_key_is_aws_managed or _has_key(expected, actual)


def _differences(expected: ExpectedEncryption, actual: ObjectEncryption) -> Iterator[tuple[Rule, str]]:
    found = find_kind(actual.type)
    has_kms_key = found.key_holder is KeyHolder.KMS and not found.is_client_side
    if expected.kind and not DesiredEncryption(expected.kind).is_satisfied_by(actual):
        key = f" with the key {expected.key_name}" if expected.kms_key_arn and not has_kms_key else ""
        yield Rule.OBJECT_ENCRYPTION, _is_not(actual, f"{expected.kind.name}{key}")
    elif expected.kms_key_arn and not has_kms_key:
        why = ", for which S3 reports no KMS key"
        yield Rule.OBJECT_KEY, _is_not(actual, f"the key {expected.key_name}", why=why)
    if expected.kms_key_arn and has_kms_key and not _has_key(expected, actual):
        key = actual.kms_key_arn or "not reported"
        yield Rule.OBJECT_KEY, f"Its KMS key is {key}, not {expected.key_name}."
    # The other kinds have no bucket key, so there is nothing to compare.
    if expected.bucket_key_enabled is not None and found.accepts("bucket_key_enabled"):
        desired = DesiredEncryption(found, bucket_key_enabled=expected.bucket_key_enabled)
        if not desired.is_satisfied_by(actual):
            yield Rule.OBJECT_BUCKET_KEY, f"It uses {'an' if actual.bucket_key_enabled else 'no'} S3 bucket key."


def _options(expected: ExpectedEncryption, actual: ObjectEncryption, rule: Rule) -> Options:
    """The options of bucket_reencryption. It encrypts no content, and it does not keep the key of each object."""
    found = find_kind(actual.type)
    kind = expected.kind or found
    if rule is Rule.OBJECT_KEY and not kind.accepts("kms_key"):
        kind = find_kind(bucket_kinds_with_option("kms_key")[0])
    keeps_key = rule is Rule.OBJECT_BUCKET_KEY and not expected.kms_key_arn
    if kind.name not in BUCKET_DEFAULT_KINDS or found.is_client_side or keeps_key:
        return ()
    options: list[tuple[str, OptionValue]] = [("encryption", kind.name)]
    if expected.kms_key_arn and kind.accepts("kms_key"):
        options.append(("kms_key", expected.key_name))
    if expected.bucket_key_enabled is not None and kind.accepts("bucket_key_enabled"):
        options.append(("bucket_key_enabled", expected.bucket_key_enabled))
    if expected.minimum:
        options.append(("minimum", True))
    return tuple(options)


def _is_not(actual: ObjectEncryption, expected: str, why: str = "") -> str:
    if actual.type == UNENCRYPTED.name:
        return f"The object is not encrypted, but should be encrypted with {expected}."
    return f"The object is encrypted with {actual.type}{why}, not with {expected}."


def _has_key(expected: ExpectedEncryption, actual: ObjectEncryption) -> bool:
    return DesiredEncryption(find_kind(actual.type), kms_key_arn=expected.kms_key_arn).is_satisfied_by(actual)
