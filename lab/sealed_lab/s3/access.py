# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find the bucket of a call, and check its region, its owner and the permission of the caller."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..call import Call
from ..errors import ServiceError
from ..identity.authorization import Resource
from ..partitions import domain_of, is_opt_in
from ..policy_language import Decision, PrincipalKind, Reason, Request, explain
from ..protocol.authorization import parse_authorization, signature_age
from .acl_permissions import acl_allows
from .object_conditions import write_conditions
from .public_access import blocks
from .requester_pays import agrees_to_pay, confirm_charge, pays
from .state import Bucket

_ACCOUNT = re.compile(r"[0-9]{12}")
_CONDITION_HEADERS = {
    "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm", "x-amz-acl", "x-amz-storage-class",
    "x-amz-metadata-directive", "x-amz-copy-source", "x-amz-content-sha256", "x-amz-website-redirect-location",
    "x-amz-object-ownership", "x-amz-bucket-namespace", "x-amz-grant-full-control", "x-amz-grant-read",
    "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp",
}  # fmt: skip


def no_such_bucket(name: str) -> ServiceError:
    """Return the error for a bucket that does not exist in any account."""
    return ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, fields={"BucketName": name})


def access_denied(message: str = "Access Denied") -> ServiceError:
    """Return S3's AccessDenied error."""
    return ServiceError("AccessDenied", message, 403)


def find_bucket(call: Call, name: str | None = None, *, any_region: bool = False) -> Bucket:
    """Return the bucket. Raise an error if it is in another region, or if its owner is not the expected one."""
    requested = call["Bucket"] if name is None else name
    bucket = call.lab.state.s3.bucket(call.partition, requested)
    if bucket is None:
        raise no_such_bucket(requested)
    if bucket.region != call.region and not any_region and not call.caller.anonymous:
        raise wrong_region(call, bucket)
    if name is None and not is_expected_owner(call, bucket):
        raise access_denied()
    return bucket


def is_expected_owner(call: Call, bucket: Bucket, parameter: str = "ExpectedBucketOwner") -> bool:
    """Return whether the bucket belongs to the account that the request expects, if it expects one.

    Raise an error for a value that is no account id.
    """
    owner = call.get(parameter)
    if owner is not None and not _ACCOUNT.fullmatch(owner):
        raise ServiceError(
            "InvalidBucketOwnerAWSAccountID",
            f"The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]",
            400,
        )
    return owner is None or bool(owner == bucket.account)


def illegal_location(location: str, headers: Mapping[str, str] | None = None) -> ServiceError:
    """Return the error for a location that requests to this region cannot reach."""
    return ServiceError(
        "IllegalLocationConstraintException",
        f"The {location} location constraint is incompatible for the region specific endpoint this request was sent "
        "to.",
        400,
        headers=headers or {},
    )


def wrong_region(call: Call, bucket: Bucket) -> ServiceError:
    """Return the error for a bucket of another region. botocore and other SDKs go there.

    A bucket in a host name without a region leads to the bucket's region, so the signature is wrong there. From and to
    regions that were launched after March 20, 2019 nothing is redirected.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/Redirects.html
    """
    headers = {"x-amz-bucket-region": bucket.region}
    request = call.request
    if request.service and request.signed_path and not request.region:
        return ServiceError(
            "AuthorizationHeaderMalformed",
            f"The authorization header is malformed; the region '{call.region}' is wrong; expecting '{bucket.region}'",
            400,
            fields={"Region": bucket.region},
            headers=headers,
        )
    if is_opt_in(bucket.region) or is_opt_in(call.region):
        return illegal_location(bucket.region, headers)
    return ServiceError(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint.",
        301,
        fields={"Endpoint": f"{bucket.name}.s3.{bucket.region}.{domain_of(bucket.region)}", "Bucket": bucket.name},
        headers=headers,
    )


def conditions(call: Call, extra: Mapping[str, Sequence[str]] | None = None) -> dict[str, Sequence[str]]:
    """Return the condition keys of an S3 request besides those that the requests to all services have.

    Source: Service Authorization Reference, "Amazon S3"
    """
    found: dict[str, Sequence[str]] = {
        **call.transport.s3_conditions(),
        **_signature_conditions(call),
    }
    headers = call.request.headers
    for name in _CONDITION_HEADERS:
        if name in headers:
            found[f"s3:{name}"] = [headers[name]]
    for parameter, key in (
        ("Prefix", "s3:prefix"), ("Delimiter", "s3:delimiter"), ("MaxKeys", "s3:max-keys"),
        ("VersionId", "s3:versionid"), ("IfNoneMatch", "s3:if-none-match"), ("IfMatch", "s3:if-match"),
    ):  # fmt: skip
        if parameter in call.params:
            found[key] = [str(call.params[parameter])]
    for parameter, header in (
        ("ServerSideEncryption", "x-amz-server-side-encryption"),
        ("SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"),
        ("SSECustomerAlgorithm", "x-amz-server-side-encryption-customer-algorithm"),
    ):
        if parameter in call.params:
            found[f"s3:{header}"] = [str(call.params[parameter])]
    found.update(write_conditions(call))
    found.update(extra or {})
    return found


def _signature_conditions(call: Call) -> dict[str, list[str]]:
    """Return the condition keys of a signed request. An anonymous one, and one that S3 sends itself, has none.

    https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
    """
    by_form = call.upload is not None
    authorization = call.upload.authorization if call.upload is not None else parse_authorization(call.request)
    if authorization is None:
        return {}
    by_request = "REST-QUERY-STRING" if authorization.presigned else "REST-HEADER"
    age = signature_age(authorization)
    return {
        "s3:authtype": ["POST" if by_form else by_request],
        "s3:signatureversion": ["AWS" if authorization.version == 2 else "AWS4-HMAC-SHA256"],
        **({"s3:signatureage": [str(int(age * 1000))]} if age is not None else {}),
    }


def encryption_conditions(call: Call) -> dict[str, Sequence[str]]:
    """Return the condition keys for the encryption of a new upload. They apply to its parts too."""
    return {
        name: value for name, value in conditions(call).items() if name.startswith("s3:x-amz-server-side-encryption")
    }


def authorize(
    call: Call, bucket: Bucket, action: str, key: str | None = None,
    extra: Mapping[str, Sequence[str]] | None = None,
) -> None:  # fmt: skip
    """Raise AccessDenied unless the caller may do ``s3:action`` on the bucket or the object."""
    message = denial_message(call, bucket, action, key, extra)
    if message is not None:
        raise access_denied(message)


def denial_message(
    call: Call, bucket: Bucket, action: str, key: str | None = None,
    extra: Mapping[str, Sequence[str]] | None = None,
) -> str | None:  # fmt: skip
    """Return why the caller may not do ``s3:action``, or None."""
    authorizer = call.lab.authorizer
    if (
        not authorizer.enforcing
        and bucket.policy is None
        and call.caller.account == bucket.account
        and not authorizer.faults.rules
    ):
        return None
    arn = bucket.arn if key is None else bucket.object_arn(key)
    resource = Resource(arn, bucket.account, bucket.policy)
    message = authorizer.denial_message(call.caller, f"s3:{action}", resource, conditions(call, extra))
    if message is not None and acl_allows(call, bucket, action, key) and "explicit deny" not in message:
        # The identity-based policies of a user or role of another account must allow the action, too.
        message = None if call.caller.anonymous else _own_denial(call, action, arn)
    if message is None and _is_restricted(call, bucket):
        denied = Decision(Reason.EXPLICIT_DENY_RESOURCE)
        message = explain(denied, Request(call.caller.principal, f"s3:{action}", arn, bucket.account))
    if message is None and pays(call, bucket):
        if not agrees_to_pay(call):
            return "Access Denied"
        confirm_charge(call)
    return message if message is None or _learns_cause(call, bucket) else "Access Denied"


def _own_denial(call: Call, action: str, arn: str) -> str | None:
    """Return why the policies of the caller itself do not allow the action, or None."""
    resource = Resource(arn, call.account)
    return call.lab.authorizer.denial_message(call.caller, f"s3:{action}", resource, conditions(call))


def _learns_cause(call: Call, bucket: Bucket) -> bool:
    """Return whether the caller is of the account of the bucket or of its organization. Others do not learn the cause.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    if call.account == bucket.account:
        return True
    organizations = call.lab.state.directory.organizations
    own = organizations.of_account(bucket.account)
    return own is not None and own is organizations.of_account(call.account)


def _is_restricted(call: Call, bucket: Bucket) -> bool:
    """Return whether RestrictPublicBuckets keeps the caller out.

    If the policy of a bucket is public, only the account of the bucket and AWS services have access to it.
    """
    return (
        bucket.stored_policy is not None
        and bucket.stored_policy.public
        and call.caller.account != bucket.account
        and call.caller.principal.kind is not PrincipalKind.SERVICE
        and blocks(call.lab.state, bucket, "RestrictPublicBuckets")
    )


def authorize_in_account(call: Call, action: str, name: str, extra: Mapping[str, Sequence[str]] | None = None) -> None:
    """Raise AccessDenied unless the caller may do an action that no bucket policy decides, in its own account."""
    resource = Resource(f"arn:{call.partition}:s3:::{name}", call.account)
    message = call.lab.authorizer.denial_message(call.caller, f"s3:{action}", resource, conditions(call, extra))
    if message is not None:
        raise access_denied(message)


def get_authorized_bucket(call: Call, action: str, *, any_region: bool = False) -> Bucket:
    """Return the bucket of the request. Raise AccessDenied unless the caller may do the action on it."""
    bucket = find_bucket(call, any_region=any_region)
    authorize(call, bucket, action)
    return bucket
