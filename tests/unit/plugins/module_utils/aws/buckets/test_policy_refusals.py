# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a refused bucket policy reports: what refused it, the public statements in it, and what to do."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast
from xml.sax.saxutils import escape

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.policy_refusals import explain_refused_policy
from ansible_collections.sealed.s3.plugins.module_utils.aws.errors import translate_errors
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason

Kind = FailureKind

BUCKET = "amzn-s3-demo-bucket"
ARN = f"arn:aws:s3:::{BUCKET}"
WHO = f'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:PutBucketPolicy on resource: "{ARN}" '
BLOCKED = f"{WHO}because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."

TLS: dict[str, Any] = {
    "Sid": "SealedS3RequireTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ARN,
}
READ = {"Sid": "Read all", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}
NAMELESS = {name: value for name, value in READ.items() if name != "Sid"}
ONE_ROLE = {**READ, "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}}


class _Body(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        """The same method as in urllib3."""
        yield self.read()


@functools.cache
def session() -> boto3.session.Session:
    """One session for all tests, because each one reads the models of the services again."""
    return boto3.session.Session()


def refusal(status: int, elements: Mapping[str, str], *found: dict[str, Any]) -> Failure:
    """The failure of a PutBucketPolicy of these statements that gets this response. The SDK itself parses it."""
    body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
    response = f'<?xml version="1.0" encoding="UTF-8"?><Error>{body}</Error>'.encode()
    headers = {"x-amz-request-id": "4442587FB7D0A2F9"}
    client = session().client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register(
        "before-send",
        lambda request, **_event: AWSResponse(request.url, status, cast(Any, headers), cast(Any, _Body(response))),
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(found)})
    with pytest.raises(OperationError) as error, translate_errors("s3", "PutBucketPolicy", BUCKET):
        client.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    return explain_refused_policy(error.value.failure, policy)


def denied(message: str, *found: dict[str, Any]) -> Failure:
    return refusal(403, {"Code": "AccessDenied", "Message": message}, *found)


def malformed(message: str, **more: str) -> Failure:
    return refusal(400, {"Code": "MalformedPolicy", "Message": message, **more}, TLS)


def test_block_public_access_is_named_with_the_statements_that_are_public() -> None:
    """And with the three levels at which it can be set, of which S3 does not name one."""
    failure = denied(BLOCKED, READ, ONE_ROLE, TLS, NAMELESS)
    assert (failure.kind, failure.layer) == (Kind.FORBIDDEN, "S3 Block Public Access")
    assert failure.reason is Reason.DENIED_BY_SETTING
    assert failure.action == "s3:PutBucketPolicy"
    assert "the setting BlockPublicPolicy of the bucket" in failure.advice
    assert "public because of the statements Read all, number 4, as before" in failure.advice
    assert "an S3 policy of the organization" in failure.advice


def test_a_setting_without_a_statement_that_is_known_to_be_public() -> None:
    """S3 may call a policy public that is not known to be."""
    failure = denied(BLOCKED, ONE_ROLE, TLS)
    assert failure.layer == "S3 Block Public Access"
    assert "as before" not in failure.advice
    assert "an S3 policy of the organization" in failure.advice


def test_a_denial_without_a_reason_may_be_block_public_access() -> None:
    """Only if the policy is public. S3 names the reason to callers of the same account or organization only."""
    failure = denied("Access Denied", READ, TLS)
    assert (failure.kind, failure.layer) == (Kind.FORBIDDEN, "")
    assert failure.advice.startswith("Ask for that permission, or use other credentials. Or S3 Block Public Access")
    assert "the statement Read all, as before" in failure.advice
    assert denied("Access Denied", ONE_ROLE, TLS).advice == "Ask for that permission, or use other credentials."


@pytest.mark.parametrize(
    ("reason", "layer"),
    [
        ("with an explicit deny in a service control policy", "service control"),
        ("with an explicit deny in a resource-based policy", "resource-based"),
        ("because no identity-based policy allows the s3:PutBucketPolicy action", "identity-based"),
    ],
)
def test_another_denial_is_not_taken_for_block_public_access(reason: str, layer: str) -> None:
    """Although the policy is public."""
    failure = denied(WHO + reason, READ, TLS)
    assert failure.layer == layer
    assert "Block Public Access" not in failure.advice


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Invalid principal in policy", "S3 knows no user, role or account of that name"),
        ("Policy has invalid resource", "Resource is not this bucket"),
        ("Policy has invalid action", "s3:UpdateObjectEncryption, which allow_kms_keys needs"),
        ("Action does not apply to any resource(s) in statement", "whose actions are not for its resources"),
        ("Policy has an invalid condition key", "s3:TlsVersion, which minimum_tls_version needs"),
        ("Conditions do not apply to combination of actions and resources in statement", "with that condition"),
        ("Normalized policy document exceeds the maximum allowed size of 20480 bytes", "Shorten the statements"),
        ("Unknown field Foo", "Correct the statement that S3 refuses"),
    ],
)
def test_a_malformed_policy_has_advice_for_what_s3_names(message: str, advice: str) -> None:
    """S3 has one code for all of them."""
    failure = malformed(message)
    assert failure.kind is Kind.INVALID
    assert failure.code == "MalformedPolicy"
    assert message in failure.message
    assert advice in failure.advice


def test_the_principal_that_s3_refuses_is_named() -> None:
    """S3 names it beside its message."""
    failure = malformed("Invalid principal in policy", Detail='"AWS" : "arn:aws:iam::111122223333:role/gone"')
    assert 'Invalid principal in policy ("AWS" : "arn:aws:iam::111122223333:role/gone")' in failure.message


def test_credentials_of_another_account_are_named() -> None:
    """Although the code says that the method is not allowed."""
    elements = {"Code": "MethodNotAllowed", "Message": "The specified method is not allowed against this resource."}
    failure = refusal(405, elements, TLS)
    assert failure.kind is Kind.FORBIDDEN
    assert "use those of the bucket's account" in failure.advice


def test_any_other_failure_stays_as_it_is() -> None:
    """Such as a conflict."""
    elements = {"Code": "OperationAborted", "Message": "A conflicting conditional operation is in progress."}
    failure = refusal(409, elements, READ)
    assert failure.kind is Kind.CONFLICT
    assert failure.advice == "Another change of the bucket is in progress: run the task again."
