# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The policies for an organization in examples/: their grammar and size, and what they deny.

The lab has no policies of organizations. It evaluates an SCP as a policy of the user, and an RCP as the bucket policy:
each consists of denials, and a denial has the same effect in every type of policy.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sealed_lab.policy_language import (
    ALLOW_EVERYTHING,
    Policy,
    PolicyKind,
    Principal,
    Reason,
    Request,
    evaluate,
    parse_policy,
)

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import PutBucketPolicy, plan_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state

from .conftest import ACCOUNT, REGION

FOLDER = Path(__file__).parents[2] / "examples" / "organization_policies"
FILES = sorted(path.name for path in FOLDER.glob("*.json"))
RCPS = [name for name in FILES if name.startswith("rcp_")]
SCPS = [name for name in FILES if name.startswith("scp_")]
SIZE = 5120  # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html

# The values in the examples that everybody replaces.
EXAMPLE_KEYS = "arn:aws:kms:*:111122223333:key/*"
ADMINISTRATION = "EncryptionAdministration"

BUCKET = "guarded"
CUSTOMER_KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0123456789abcdef0123456789abcdef"}

# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
RCP_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
SCP_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def text_of(name: str) -> str:
    """The document as it is stored."""
    return (FOLDER / name).read_text(encoding="utf-8")


def on_bucket(text: str, bucket: str = BUCKET) -> str:
    """An RCP as the policy of one bucket: that needs the ARNs of the bucket and of its objects."""
    document = json.loads(text)
    for statement in document["Statement"]:
        assert statement["Resource"] == "*"
        statement["Resource"] = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return json.dumps(document)


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement as a list."""
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def test_there_are_documents_of_both_types_and_the_readme_names_each() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert RCPS
    assert SCPS
    assert [*RCPS, *SCPS] == FILES
    assert [name for name in FILES if f"]({name})" not in readme] == []


@pytest.mark.parametrize("name", FILES)
def test_grammar_and_size(name: str) -> None:
    """What Organizations accepts: only denials; in an RCP of everyone, in an SCP without a principal."""
    text = text_of(name)
    document = json.loads(text)
    assert len(text) <= SIZE
    assert document["Version"] == "2012-10-17"
    assert set(document) == {"Version", "Statement"}
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    for statement in document["Statement"]:
        assert statement["Effect"] == "Deny"
        assert statement["Sid"].isalnum()
        services = {action.partition(":")[0] for action in actions_of(statement)}
        if name in RCPS:
            assert set(statement) <= RCP_ELEMENTS
            assert statement["Principal"] == "*"
            assert services == {"s3"}
        else:
            assert set(statement) <= SCP_ELEMENTS
            assert services <= {"s3", "kms", "iam"}


@pytest.mark.parametrize("name", FILES)
def test_each_action_has_the_condition_keys_that_its_statement_uses(name: str) -> None:
    """S3 refuses other combinations in a bucket policy, while Organizations accepts them, and they have no effect."""
    document = json.loads(text_of(name))
    of_s3 = [each for each in document["Statement"] if {action[:3] for action in actions_of(each)} == {"s3:"}]
    if of_s3:
        text = json.dumps({**document, "Statement": [{**each, "Principal": "*"} for each in of_s3]})
        parse_policy(on_bucket(text), PolicyKind.RESOURCE, bucket=BUCKET)
    if name in SCPS:
        parse_policy(text_of(name), PolicyKind.IDENTITY)


class Writers:
    """A user who may do everything, uploads of each form, and the keys of the lab."""

    def __init__(self, lab: Any, s3: Any, kms: Any) -> None:
        self._s3 = s3
        self._iam = lab.client("iam", region=REGION, account=ACCOUNT)
        self.allowed, self.other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        self._iam.create_user(UserName="writer")
        self.put_user_policy("own", json.dumps({"Version": "2012-10-17", "Statement": everything}))
        access = self._iam.create_access_key(UserName="writer")["AccessKey"]
        credentials = {name: access[name] for name in ("AccessKeyId", "SecretAccessKey")}
        self.client = lab.client("s3", region=REGION, credentials=credentials)
        s3.create_bucket(Bucket=BUCKET)
        rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.allowed}
        blocked = {"EncryptionType": ["NONE"]}
        s3.put_bucket_encryption(
            Bucket=BUCKET,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BlockedEncryptionTypes": blocked}]
            },
        )
        s3.put_object(Bucket=BUCKET, Key="present", Body=b"text")
        lab.enforcing = True

    def put_user_policy(self, name: str, text: str) -> None:
        """Attach a policy to the user."""
        self._iam.put_user_policy(UserName="writer", PolicyName=name, PolicyDocument=text)

    def attach(self, name: str) -> None:
        """Put an example in force, with the key of this lab."""
        text = text_of(name).replace(EXAMPLE_KEYS, self.allowed)
        if name in SCPS:
            self.put_user_policy("organization", text)
        else:
            self.put_bucket_policy(on_bucket(text))

    def put_bucket_policy(self, text: str) -> None:
        """Put a bucket policy in force."""
        self._s3.put_bucket_policy(Bucket=BUCKET, Policy=text)

    def delete_bucket_policy(self) -> None:
        """Delete the bucket policy."""
        self._s3.delete_bucket_policy(Bucket=BUCKET)

    def refused(self) -> set[str]:
        """The names of the requests that are denied."""
        return {name for name, send in self._requests().items() if is_denied(send)}

    def _requests(self) -> dict[str, Callable[[], object]]:
        kms, dsse = {"ServerSideEncryption": "aws:kms"}, {"ServerSideEncryption": "aws:kms:dsse"}
        headers: dict[str, dict[str, str]] = {
            "no header": {},
            "AES256": {"ServerSideEncryption": "AES256"},
            "aws:kms": kms,
            "aws:kms, allowed key": {**kms, "SSEKMSKeyId": self.allowed},
            "aws:kms, allowed key by its id": {**kms, "SSEKMSKeyId": self.allowed.rpartition("/")[2]},
            "aws:kms, other key": {**kms, "SSEKMSKeyId": self.other},
            "aws:kms:dsse": dsse,
            "aws:kms:dsse, allowed key": {**dsse, "SSEKMSKeyId": self.allowed},
            "customer key": CUSTOMER_KEY,
        }
        found: dict[str, Callable[[], object]] = {}
        for name, header in headers.items():
            found[name] = partial(self._put, header)
            found[f"{name}, in parts"] = partial(self._start_upload, header)
            found[f"{name}, as a copy"] = partial(self._copy, header)
        found["in place, allowed key"] = partial(self._update, self.allowed)
        found["in place, other key"] = partial(self._update, self.other)
        return found

    def _put(self, header: dict[str, str]) -> object:
        return self.client.put_object(Bucket=BUCKET, Key="new", Body=b"text", **header)

    def _start_upload(self, header: dict[str, str]) -> object:
        return self.client.create_multipart_upload(Bucket=BUCKET, Key="parts", **header)

    def _copy(self, header: dict[str, str]) -> object:
        return self.client.copy_object(Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/present", **header)

    def _update(self, key: str) -> object:
        target = {"SSEKMS": {"KMSKeyArn": key}}
        return self.client.update_object_encryption(Bucket=BUCKET, Key="present", ObjectEncryption=target)


def is_denied(send: Callable[[], object]) -> bool:
    """Whether a request is refused because a policy denies it. Every other error fails the test."""
    try:
        send()
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied" and "explicit deny" in str(error):
            return True
        raise
    return False


@pytest.fixture
def writers(lab: Any, s3: Any, kms: Any) -> Writers:
    """The user and the bucket, in a lab that enforces policies."""
    return Writers(lab, s3, kms)


def uploads(*names: str) -> set[str]:
    """The names of uploads as a whole, in parts and as a copy."""
    return {f"{name}{form}" for name in names for form in ("", ", in parts", ", as a copy")}


OTHER_KINDS = uploads("AES256", "customer key")
OTHER_KEYS = uploads("aws:kms", "aws:kms, allowed key by its id", "aws:kms, other key", "aws:kms:dsse")


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("rcp_deny_customer_keys.json", uploads("customer key")),
        ("rcp_allow_encryption.json", OTHER_KINDS),
        ("scp_allow_encryption.json", OTHER_KINDS),
        ("rcp_allow_kms_keys.json", OTHER_KEYS | {"in place, other key"}),
        ("scp_allow_kms_keys.json", OTHER_KEYS | {"in place, other key"}),
    ],
)
def test_uploads(writers: Writers, name: str, refused: set[str]) -> None:
    """Uploads that name what is not allowed are denied. Uploads that name nothing get the default, and pass."""
    assert writers.refused() == set()
    writers.attach(name)
    assert writers.refused() == refused


@pytest.mark.parametrize(
    ("names", "rules"),
    [
        (["rcp_deny_customer_keys.json"], {"deny_customer_keys": True}),
        (
            ["rcp_allow_encryption.json", "scp_allow_encryption.json"],
            {"allow_encryption": ("SSE-KMS", "DSSE-KMS")},
        ),
        (["rcp_allow_kms_keys.json", "scp_allow_kms_keys.json"], {"allow_kms_keys": ()}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_the_same_is_denied_by_the_policy_of_the_module(
    writers: Writers, names: list[str], rules: dict[str, Any]
) -> None:
    """Each file does what the option of bucket_encryption_policy does."""
    arn = f"arn:aws:s3:::{BUCKET}"
    if "allow_kms_keys" in rules:
        rules = {"allow_kms_keys": (writers.allowed,)}
    (step,) = plan_policy(DesiredPolicy(**rules), read_policy_state(None, arn), arn).steps
    assert isinstance(step, PutBucketPolicy)
    writers.put_bucket_policy(step.document)
    by_module = writers.refused()
    assert by_module
    writers.delete_bucket_policy()
    for name in names:
        writers.attach(name)
        assert writers.refused() == by_module
        writers.delete_bucket_policy()


def rcp(name: str) -> Policy:
    """An RCP, parsed as the policy of a bucket."""
    return parse_policy(on_bucket(text_of(name)), PolicyKind.RESOURCE, bucket=BUCKET)


def is_denied_by_rcp(name: str, principal: Principal, context: dict[str, list[str]], action: str) -> bool:
    """Whether the RCP denies a request. The policy of the bucket allows everything."""
    request = Request(principal, action, f"arn:aws:s3:::{BUCKET}/key", ACCOUNT, context)
    return evaluate(request, [ALLOW_EVERYTHING], rcp(name)).reason is Reason.EXPLICIT_DENY_RESOURCE


USER = Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:user/writer")
LOGGING = Principal.service("logging.s3.amazonaws.com")


@pytest.mark.parametrize(
    ("principal", "secure", "version", "refused"),
    [
        (USER, "true", "1.3", False),
        (USER, "true", "1.2", False),
        (USER, "true", "1.1", True),
        (USER, "false", None, True),
        (Principal.anonymous(), "false", None, True),
        (LOGGING, None, None, False),  # S3 removes both keys from requests of services
        (LOGGING, "false", None, False),
    ],
)
def test_tls(principal: Principal, secure: str | None, version: str | None, refused: bool) -> None:
    """HTTP and old versions of TLS are denied, to anonymous users as well, but not to AWS services."""
    found = {"aws:securetransport": secure, "s3:tlsversion": version}
    context = {key: [value] for key, value in found.items() if value is not None}
    assert is_denied_by_rcp("rcp_require_tls.json", principal, context, "s3:GetObject") is refused


HEADER = "s3:x-amz-server-side-encryption"


@pytest.mark.parametrize("name", ["rcp_allow_encryption.json", "rcp_allow_kms_keys.json"])
def test_services_write_what_they_name(name: str) -> None:
    """A service that delivers logs may name SSE-S3, or SSE-KMS without a key. The same from a user is denied."""
    context = {HEADER: ["AES256" if "encryption" in name else "aws:kms"]}
    assert is_denied_by_rcp(name, USER, context, "s3:PutObject")
    assert not is_denied_by_rcp(name, LOGGING, context, "s3:PutObject")


@pytest.mark.parametrize("name", ["rcp_allow_kms_keys.json", "scp_allow_kms_keys.json"])
def test_the_example_allows_the_keys_of_one_account(name: str) -> None:
    """The wildcards cover each region and each key of the account, and no alias, which may lead to another key."""
    document = json.loads(text_of(name))
    statements = [{**each, "Principal": "*"} for each in document["Statement"]]
    policy = parse_policy(on_bucket(json.dumps({**document, "Statement": statements})), PolicyKind.RESOURCE)
    own, other = "arn:aws:kms:eu-west-1:111122223333", "arn:aws:kms:eu-west-1:444455556666"
    for key, allowed in ((f"{own}:key/1", True), (f"{own}:alias/data", False), (f"{other}:key/1", False)):
        context = {HEADER: ["aws:kms"], f"{HEADER}-aws-kms-key-id": [key]}
        for action in ("s3:PutObject", "s3:UpdateObjectEncryption"):
            request = Request(USER, action, f"arn:aws:s3:::{BUCKET}/key", ACCOUNT, context)
            assert evaluate(request, [ALLOW_EVERYTHING], policy).allowed is allowed


def allows_scp(name: str, request: Request) -> bool:
    """Whether the SCP lets a request pass."""
    return evaluate(request, [ALLOW_EVERYTHING, parse_policy(text_of(name), PolicyKind.IDENTITY)], None).allowed


@pytest.mark.parametrize(
    ("organization", "via", "allowed"),
    [
        ("o-exampleorgid", "s3.eu-west-1.amazonaws.com", True),
        ("o-another", "s3.eu-west-1.amazonaws.com", False),
        (None, "s3.eu-west-1.amazonaws.com", False),  # an account of no organization
        (None, "secretsmanager.eu-west-1.amazonaws.com", True),
    ],
)
def test_keys_of_the_organization(organization: str | None, via: str, allowed: bool) -> None:
    """Through S3, only keys of the organization encrypt: whether the request names them or the bucket's default."""
    context = {"kms:viaservice": [via]}
    if organization is not None:
        context["aws:resourceorgid"] = [organization]
    for action in ("kms:GenerateDataKey", "kms:Encrypt", "kms:ReEncryptTo"):
        key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
        request = Request(USER, action, key, ACCOUNT, context)
        assert allows_scp("scp_allow_keys_of_organization.json", request) is allowed


def test_guard_rails_are_protected(writers: Writers) -> None:
    """Everybody reads the policy and the default; only the role of the administration changes them."""
    client = writers.client
    policy = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    text = json.dumps({"Version": "2012-10-17", "Statement": policy})
    changes: dict[str, Callable[[], object]] = {
        "s3:PutBucketPolicy": lambda: client.put_bucket_policy(Bucket=BUCKET, Policy=text),
        "s3:DeleteBucketPolicy": lambda: client.delete_bucket_policy(Bucket=BUCKET),
        "s3:PutEncryptionConfiguration": lambda: client.put_bucket_encryption(
            Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
        ),
        "the same, to delete it": lambda: client.delete_bucket_encryption(Bucket=BUCKET),
    }
    assert {name for name, send in changes.items() if is_denied(send)} == set()
    changes["s3:PutBucketPolicy"]()
    writers.attach("scp_protect_guard_rails.json")
    assert {name for name, send in changes.items() if is_denied(send)} == set(changes)
    assert client.get_bucket_policy(Bucket=BUCKET)
    assert client.get_bucket_encryption(Bucket=BUCKET)


def session(role: str) -> Principal:
    """A session of a role."""
    return Principal.from_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/someone")


@pytest.mark.parametrize(
    ("principal", "of_buckets", "of_role"),
    [
        (session(ADMINISTRATION), True, False),
        (session("OrganizationAccountAccessRole"), False, True),
        (session("Admin"), False, False),
        (Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:root"), False, False),
    ],
)
def test_who_may_change_guard_rails_and_the_role(principal: Principal, of_buckets: bool, of_role: bool) -> None:
    """Without the second statement, an administrator of the account would create the role, or enter it."""
    name = "scp_protect_guard_rails.json"
    on_the_bucket = Request(principal, "s3:PutBucketPolicy", f"arn:aws:s3:::{BUCKET}", ACCOUNT)
    assert allows_scp(name, on_the_bucket) is of_buckets
    for action in ("iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRole"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/{ADMINISTRATION}"
        assert allows_scp(name, Request(principal, action, arn, ACCOUNT)) is of_role
        assert allows_scp(name, Request(principal, action, f"{arn}2", ACCOUNT))
