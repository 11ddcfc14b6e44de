# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bucket policies: validation, Block Public Access, and the form in which S3 returns them."""

from __future__ import annotations

import json
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.directory import Directory
from ..identity.policy_principals import StoredPrincipals, unknown_principals
from ..policy_language import (
    Policy,
    PolicyError,
    PolicyKind,
    bucket_policy_form,
    check_partition,
    is_public,
    parse_document,
    parse_policy,
)
from .access import access_denied, get_authorized_bucket
from .public_access import blocks
from .state import Bucket, StoredPolicy


def put_bucket_policy(call: Call) -> Output:
    """Store a policy for this bucket.

    Raise MalformedPolicy if it is not valid, and AccessDenied if it is public and the bucket or its account blocks
    public policies. The whole document is judged, also the statements that the bucket has already.
    """
    bucket = _bucket_of_caller(call, "PutBucketPolicy")
    policy = _parse(call, call["Policy"], bucket)
    if is_public(policy) and blocks(call.lab.state, bucket, "BlockPublicPolicy"):
        raise access_denied(
            f"User: {call.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"{bucket.arn}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public '
            "Access."
        )
    store_policy(bucket, policy, json.loads(call["Policy"]), call.lab.state.directory)
    call.status = 204
    return {}


def store_policy(bucket: Bucket, policy: Policy, document: dict[str, Any], directory: Directory) -> None:
    """Give a bucket a policy: ``policy`` is the parsed document."""
    principals = StoredPrincipals.of(policy, directory)
    document = bucket_policy_form(document, bucket.arn.split(":")[1])
    evaluated = principals.for_evaluation(document)
    bucket.policy = parse_document(evaluated, PolicyKind.RESOURCE, bucket=bucket.name)
    bucket.stored_policy = StoredPolicy(document, principals, is_public(policy))


def _parse(call: Call, text: str, bucket: Bucket) -> Policy:
    """Parse a new policy. With enforcement on, its users and roles must exist."""
    try:
        policy = parse_policy(text, PolicyKind.RESOURCE, bucket=bucket.name)
        check_partition(policy, call.partition)
    except PolicyError as exc:
        raise ServiceError("MalformedPolicy", exc.message, 400) from exc
    if call.lab.enforcing:
        for name in unknown_principals(policy, call.lab.state.directory):
            raise ServiceError(
                "MalformedPolicy", "Invalid principal in policy", 400, fields={"Detail": f'"AWS" : "{name}"'}
            )
    return policy


def get_bucket_policy(call: Call) -> Output:
    """Return the policy in the form of S3, with the unique ids of users and roles that were deleted since."""
    bucket = _bucket_of_caller(call, "GetBucketPolicy")
    stored = _stored_policy(bucket)
    document: dict[str, Any] = stored.principals.for_reading(stored.document, call.lab.state.directory)
    call.extra_headers["Content-Type"] = "application/json"
    return {"Policy": json.dumps(document, separators=(",", ":"), ensure_ascii=False)}


def delete_bucket_policy(call: Call) -> Output:
    """Delete the policy."""
    bucket = _bucket_of_caller(call, "DeleteBucketPolicy")
    bucket.policy = bucket.stored_policy = None
    return {}


def get_bucket_policy_status(call: Call) -> Output:
    """Return whether the policy is public. Raise NoSuchBucketPolicy if there is none."""
    bucket = get_authorized_bucket(call, "GetBucketPolicyStatus")
    return {"PolicyStatus": {"IsPublic": _stored_policy(bucket).public}}


def _bucket_of_caller(call: Call, action: str) -> Bucket:
    """Return the bucket of the request. With enforcement on, the caller has to belong to its account, too.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    bucket = get_authorized_bucket(call, action)
    if call.lab.enforcing and call.caller.account != bucket.account:
        raise ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    return bucket


def _stored_policy(bucket: Bucket) -> StoredPolicy:
    if bucket.stored_policy is None:
        raise ServiceError(
            "NoSuchBucketPolicy", "The bucket policy does not exist", 404, fields={"BucketName": bucket.name}
        )
    return bucket.stored_policy


OPERATIONS: dict[str, Handler] = {
    "PutBucketPolicy": put_bucket_policy,
    "GetBucketPolicy": get_bucket_policy,
    "DeleteBucketPolicy": delete_bucket_policy,
    "GetBucketPolicyStatus": get_bucket_policy_status,
}
