# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Customer managed policies and their versions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import (
    check_name,
    delete_conflict,
    entity_already_exists,
    find_managed_policy,
    get_authorized_account,
    iam_arn,
    is_taken,
    named_policy,
    no_such_entity,
    paginate,
)
from .directory import AWS_MANAGED
from .records import Account, ManagedPolicy, unique_id


def _attachment_count(account: Account, arn: str) -> int:
    return sum(arn in user.attached for user in account.users.values()) + sum(
        arn in role.attached for role in account.roles.values()
    )


def _policy_fields(account: Account, policy: ManagedPolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default,
        "AttachmentCount": _attachment_count(account, policy.arn),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.created,
        "Description": policy.description or None,
    }


def create_policy(call: Call) -> Output:
    """Create a managed policy with one version."""
    name, path = call["PolicyName"], call.get("Path", "/")
    check_name(name, "policyName")
    arn = iam_arn(call, f"policy{path}{name}")
    account = get_authorized_account(call, arn)
    document = named_policy(call, "v1", call["PolicyDocument"])
    if is_taken(name, (policy.name for policy in account.policies.values())):
        raise entity_already_exists(f"A policy called {name} already exists. Duplicate names are not allowed.")
    policy = ManagedPolicy(
        name, path, arn, unique_id("ANPA"), call.now(), {"v1": document}, description=call.get("Description", "")
    )
    account.policies[arn] = policy
    return {"Policy": _policy_fields(account, policy)}


def get_policy(call: Call) -> Output:
    """Return the metadata of a policy."""
    return {"Policy": _policy_fields(*find_managed_policy(call))}


def list_policies(call: Call) -> Output:
    """List customer managed and AWS managed policies."""
    account = get_authorized_account(call)
    entries = [_policy_fields(account, account.policies[arn]) for arn in sorted(account.policies)]
    scope, prefix = call.get("Scope", "All"), call.get("PathPrefix", "/")
    if scope == "AWS":
        entries = []
    if scope != "Local":
        entries += [
            {"PolicyName": name, "Arn": f"arn:{account.partition}:iam::aws:policy/{name}", "Path": "/",
             "DefaultVersionId": "v1", "IsAttachable": True}
            for name in sorted(AWS_MANAGED)
        ]  # fmt: skip
    return paginate(call, [entry for entry in entries if entry["Path"].startswith(prefix)], "Policies")


def delete_policy(call: Call) -> Output:
    """Delete a policy. It must not be attached, and must have no version but the default one."""
    account, policy = find_managed_policy(call)
    if _attachment_count(account, policy.arn):
        raise delete_conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise delete_conflict("Before you delete a policy, you must delete its versions other than the default one.")
    del account.policies[policy.arn]
    return {}


def _version_fields(policy: ManagedPolicy, number: str) -> dict[str, Any]:
    return {"VersionId": number, "IsDefaultVersion": number == policy.default, "CreateDate": policy.created}


def create_policy_version(call: Call) -> Output:
    """Add a version, and make it the default one if requested."""
    _, policy = find_managed_policy(call)
    if len(policy.versions) >= 5:
        raise ServiceError("LimitExceeded", "A managed policy can have up to 5 versions.", 409)
    number = f"v{max(int(each[1:]) for each in policy.versions) + 1}"
    policy.versions[number] = named_policy(call, number, call["PolicyDocument"])
    if call.get("SetAsDefault"):
        policy.default = number
    return {"PolicyVersion": _version_fields(policy, number)}


def get_policy_version(call: Call) -> Output:
    """Return the document of a version."""
    _, policy = find_managed_policy(call)
    version = policy.versions.get(call["VersionId"])
    if version is None:
        raise no_such_entity(f"Policy {policy.arn} version {call['VersionId']} does not exist or is not attachable.")
    return {"PolicyVersion": {**_version_fields(policy, version.name), "Document": quote(version.text, safe="")}}


def list_policy_versions(call: Call) -> Output:
    """List the versions of a policy."""
    _, policy = find_managed_policy(call)
    return paginate(call, [_version_fields(policy, number) for number in policy.versions], "Versions")


def delete_policy_version(call: Call) -> Output:
    """Delete a version. The default version cannot be deleted."""
    _, policy = find_managed_policy(call)
    if call["VersionId"] == policy.default:
        raise delete_conflict("Cannot delete the default version of a policy.")
    if policy.versions.pop(call["VersionId"], None) is None:
        raise no_such_entity(f"Policy {policy.arn} version {call['VersionId']} does not exist.")
    return {}


def set_default_policy_version(call: Call) -> Output:
    """Select the version that is in effect."""
    _, policy = find_managed_policy(call)
    if call["VersionId"] not in policy.versions:
        raise no_such_entity(f"Policy {policy.arn} version {call['VersionId']} does not exist.")
    policy.default = call["VersionId"]
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreatePolicy": create_policy,
    "GetPolicy": get_policy,
    "ListPolicies": list_policies,
    "DeletePolicy": delete_policy,
    "CreatePolicyVersion": create_policy_version,
    "GetPolicyVersion": get_policy_version,
    "ListPolicyVersions": list_policy_versions,
    "DeletePolicyVersion": delete_policy_version,
    "SetDefaultPolicyVersion": set_default_policy_version,
}
