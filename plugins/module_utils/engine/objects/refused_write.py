# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Possible causes of a refused write that the answer of the store does not name."""

from __future__ import annotations

from ...model.errors import Failure, FailureKind, Reason
from ...model.kinds.encryption import DesiredEncryption
from ...model.objects.client_side_steps import as_file_write
from ...model.objects.object_steps import ObjectStep, ObjectWrite, as_copy, as_update, as_write, source_of
from .object_access import ObjectAccess


def explain_condition(failure: Failure, access: ObjectAccess, step: ObjectStep) -> Failure:
    """Add the condition of a write to a failure of a store that does not support one of the options of the request."""
    write = as_write(step)
    condition = _condition(access, write) if write else ""
    if failure.kind is not FailureKind.UNSUPPORTED or not condition:
        return failure
    return failure.with_more_advice(
        f"The write has the condition {condition}. If the store has no conditional writes, set "
        "conditional_writes: false."
    )


def explain_source(failure: Failure, step: ObjectStep) -> Failure:
    """Add to a forbidden copy what it needs on its source, as the answer may be about either of both objects."""
    source = source_of(step)
    if failure.kind is not FailureKind.FORBIDDEN or source is None:
        return failure
    version = "Version" if source.id.version_id else ""
    return failure.with_more_advice(
        f"The copy also needs s3:GetObject{version} on {source.id.name}, and kms:Decrypt on the KMS key of that object."
    )


def _condition(access: ObjectAccess, write: ObjectWrite) -> str:
    """The condition on the object that is replaced; empty without one. At other stores, CopyObject has none."""
    is_plain_copy = as_copy(write) is not None and write.in_parts is None
    if not access.s3.conditional_writes or (is_plain_copy and access.s3.custom_endpoint):
        return ""
    return f"If-Match: {write.if_match}" if write.if_match else "If-None-Match: *"


def explain_required_encryption(failure: Failure, step: ObjectStep) -> Failure:
    """Add to a forbidden upload without an encryption header that a policy may demand one.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
    """
    write = as_write(step) or as_file_write(step)
    encryption = write.encryption if write else None
    if failure.kind is not FailureKind.FORBIDDEN or encryption is None:
        return failure
    if not encryption.of_server_side.kind.defers_to_bucket:
        return failure
    options = "server_side" if encryption.kind.is_client_side else "encryption and kms_key"
    if failure.reason is Reason.DENIED_BY_BUCKET_POLICY:
        return failure.with_advice(
            f"The bucket's policy denies it: if it demands an encryption header, name {options}."
        )
    if failure.reason in (Reason.NOT_ALLOWED, Reason.DENIED_BY_SETTING, Reason.KEY_DENIED):
        return failure
    return failure.with_more_advice(
        f"If a policy of the bucket or of the organization demands an encryption header, name {options}."
    )


def explain_named_encryption(failure: Failure, step: ObjectStep) -> Failure:
    """Add to a write that the bucket's policy denies what its headers name, as a policy can allow other values only.

    S3 does not name the statement, and a policy compares the headers as they were sent.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
    """
    write = as_write(step) or as_file_write(step) or as_update(step)
    if failure.reason is not Reason.DENIED_BY_BUCKET_POLICY or write is None:
        return failure
    named = write.encryption.of_server_side
    if named.kind.defers_to_bucket:
        return failure
    return failure.with_more_advice(
        f"The request names {_as_sent(named)}. If the policy allows only other values, which "
        f"bucket_encryption_policy_info reports, {_allowed_change(write.encryption, step)}."
    )


def _as_sent(encryption: DesiredEncryption) -> str:
    if encryption.request_key is not None:
        return "a customer key"
    algorithm = f"the encryption {encryption.kind.wire}"
    if encryption.kms_key_arn:
        return f"{algorithm} with the KMS key {encryption.kms_key_arn}"
    return f"{algorithm} and no KMS key, so S3 uses its AWS managed key" if _accepts_key(encryption) else algorithm


def _allowed_change(encryption: DesiredEncryption, step: ObjectStep) -> str:
    """What to change in the task. Without a header, S3 encrypts with the bucket's default, which passes."""
    is_client_side = encryption.kind.is_client_side
    if as_update(step) is not None:
        where = " in server_side" if is_client_side else ""
        return f"name an allowed kms_key{where}, or use credentials that the policy exempts"
    options = "encryption and kms_key" if _accepts_key(encryption) else "encryption"
    omitted = "server_side" if is_client_side else options
    return f"name an allowed one, or omit {omitted} so that the bucket's default applies"


def _accepts_key(encryption: DesiredEncryption) -> bool:
    return encryption.kind.accepts("kms_key")
