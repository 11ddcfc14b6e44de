# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An organization that enforces policies: its hub and its member accounts have the documents of examples/accounts/.

The management account, the hub, which may list the accounts, and the members `production` and `staging` in the unit
`Workloads`. In the hub, the role EncryptionHub has hub_policy.json. In the members, the role EncryptionAdministration
has member_policy.json and trusts the hub as in trust_policy.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parents[2] / "examples" / "accounts"
MANAGEMENT = "123456789012"
HUB = "111122223333"  # of the documents
REGION = "us-east-1"
HUB_ROLE = "EncryptionHub"
MEMBER_ROLE = "EncryptionAdministration"
AUDIT_ROLE = "EncryptionAudit"
UNIT = "Workloads"
MEMBERS = ("production", "staging")
_USER = "operator"
_SERVICE = "access-analyzer.amazonaws.com"  # its delegated administrator may list the accounts

Document = dict[str, Any]


def allowing(document: Document) -> list[str]:
    """The actions that the statements of a document name."""
    lists = (statement["Action"] for statement in document["Statement"])
    return [action for each in lists for action in ([each] if isinstance(each, str) else each)]


def without(document: Document, *left_out: str) -> Document:
    """The document without these actions. A statement without an action would be malformed, so it goes as well."""
    statements = []
    for statement in document["Statement"]:
        actions = [each for each in allowing({"Statement": [statement]}) if each not in left_out]
        if actions:
            statements.append({**statement, "Action": actions})
    return {**document, "Statement": statements}


@dataclass(frozen=True)
class AccountWorld:
    """The accounts by their names, and what the tests change in them."""

    lab: Any
    organization_id: str
    unit_id: str
    ids: Mapping[str, str]

    def document(self, name: str) -> Document:
        """A document of examples/accounts/ with the id of the organization."""
        text = (DOCUMENTS / f"{name}.json").read_text(encoding="utf-8")
        found: Document = json.loads(text.replace("o-exampleorgid", self.organization_id))
        return found

    def client(self, service: str, account: str = "", region: str = REGION) -> Any:
        """A client of the SDK for the root user of an account, by its name."""
        return self.lab.client(service, region=region, account=self.ids[account])

    def role_arn(self, account: str, role: str = MEMBER_ROLE) -> str:
        """The ARN of a role of an account."""
        return f"arn:aws:iam::{self.ids[account]}:role/{role}"

    def make_role(self, account: str, role: str, trust: Document, policy: Document, **options: Any) -> None:
        """Create a role."""
        iam = self.client("iam", account)
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust), **options)
        self.permit(account, role, policy)

    def permit(self, account: str, role: str, policy: Document) -> None:
        """Replace the permissions of a role."""
        document = json.dumps(policy)
        self.client("iam", account).put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document)

    def trust(self, account: str, document: Document, role: str = MEMBER_ROLE) -> None:
        """Replace the trust policy of a role."""
        text = json.dumps(document)
        self.client("iam", account).update_assume_role_policy(RoleName=role, PolicyDocument=text)

    def make_bucket(self, account: str, name: str, region: str = REGION) -> None:
        """Create a bucket."""
        place = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.client("s3", account, region).create_bucket(Bucket=name, **place)

    def session_of_hub(self, user: Mapping[str, str]) -> Mapping[str, str]:
        """The credentials of a session of the hub's role, which a user of the hub assumes."""
        sts = self.lab.client("sts", region=REGION, credentials=user)
        found = sts.assume_role(RoleArn=self.role_arn("hub", HUB_ROLE), RoleSessionName="pipeline")
        credentials: Mapping[str, str] = found["Credentials"]
        return credentials

    def user_of_hub(self, *statements: Document) -> Mapping[str, str]:
        """The access key of a new user of the hub with these statements."""
        iam = self.client("iam", "hub")
        iam.create_user(UserName=_USER)
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=_USER, PolicyName="own", PolicyDocument=document)
        found: Mapping[str, str] = iam.create_access_key(UserName=_USER)["AccessKey"]
        return found


def environment_of(credentials: Mapping[str, str]) -> dict[str, str]:
    """The variables with which the SDK uses these credentials."""
    return {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials.get("SessionToken", ""),
    }


def make_account_world(lab: Any) -> tuple[AccountWorld, dict[str, str]]:
    """Create the accounts and their roles; returns them, and the environment of a task that runs as the hub's role.

    Enforcement is on.
    """
    organizations = lab.client("organizations", region=REGION, account=MANAGEMENT)
    organization_id = organizations.create_organization()["Organization"]["Id"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name=UNIT)["OrganizationalUnit"]["Id"]
    ids = {"management": MANAGEMENT, "hub": HUB}
    for name in MEMBERS:
        request = organizations.create_account(Email=f"{name}@corp.example", AccountName=name)["CreateAccountStatus"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])
        ids[name] = status["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=ids[name], SourceParentId=root, DestinationParentId=unit)
    invitation = organizations.invite_account_to_organization(Target={"Id": HUB, "Type": "ACCOUNT"})["Handshake"]
    lab.client("organizations", region=REGION, account=HUB).accept_handshake(HandshakeId=invitation["Id"])
    organizations.enable_aws_service_access(ServicePrincipal=_SERVICE)
    organizations.register_delegated_administrator(AccountId=HUB, ServicePrincipal=_SERVICE)
    world = AccountWorld(lab, organization_id, unit, ids)

    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    user = world.user_of_hub({**allowed, "Resource": "*"})
    statement = {**allowed, "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/{_USER}"}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    world.make_role("hub", HUB_ROLE, trust, world.document("hub_policy"))
    for name in MEMBERS:
        world.make_role(name, MEMBER_ROLE, world.document("trust_policy"), world.document("member_policy"))
    lab.enforcing = True
    return world, environment_of(world.session_of_hub(user))
