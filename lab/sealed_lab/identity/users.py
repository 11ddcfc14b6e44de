# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""IAM users and their access keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..policy_language import Principal, PrincipalKind
from ..tags import tag_list
from .access import (
    check_name,
    delete_conflict,
    entity_already_exists,
    find_user,
    get_authorized_account,
    iam_arn,
    is_taken,
    no_such_entity,
    paginate,
    tag_mapping,
)
from .records import Credential, User, new_secret, unique_id


def create_user(call: Call) -> Output:
    """Create a user without permissions."""
    name, path = call["UserName"], call.get("Path", "/")
    check_name(name, "userName")
    arn = iam_arn(call, f"user{path}{name}")
    account = get_authorized_account(call, arn)
    if is_taken(name, account.users):
        raise entity_already_exists(f"User with name {name} already exists.")
    user = User(name, path, arn, unique_id("AIDA"), call.now(), tags=tag_mapping(call.get("Tags")))
    account.users[name] = user
    return {"User": user_fields(user)}


def user_fields(user: User) -> dict[str, Any]:
    """Return a user as the API shows it."""
    entry: dict[str, Any] = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }
    if user.tags:
        entry["Tags"] = tag_list(user.tags)
    return entry


def get_user(call: Call) -> Output:
    """Return a user, or the caller if the request names none."""
    if call.get("UserName") is None and call.caller.principal.kind is PrincipalKind.ROOT:
        root = {"Path": "/", "UserName": "root", "UserId": call.account, "Arn": call.caller.arn, "CreateDate": 0.0}
        return {"User": root}
    return {"User": user_fields(find_user(call)[1])}


def list_users(call: Call) -> Output:
    """List the users by name."""
    account = get_authorized_account(call)
    prefix = call.get("PathPrefix", "/")
    users = [account.users[name] for name in sorted(account.users) if account.users[name].path.startswith(prefix)]
    return paginate(call, [user_fields(user) for user in users], "Users")


def delete_user(call: Call) -> Output:
    """Delete a user. It must have no policies and no access keys."""
    account, user = find_user(call)
    if user.keys:
        raise delete_conflict("Cannot delete entity, must delete access keys first.")
    if user.inline:
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    if user.attached:
        raise delete_conflict("Cannot delete entity, must detach all policies first.")
    del account.users[user.name]
    return {}


def create_access_key(call: Call) -> Output:
    """Create an access key. The secret is returned only here."""
    _, user = find_user(call)
    if len(user.keys) >= 2:
        raise ServiceError("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409)
    principal = Principal(user.arn, call.account, PrincipalKind.USER, "", user.user_id)
    credential = Credential(unique_id("AKIA")[:20], new_secret(), principal, created=call.now())
    call.lab.state.directory.credentials[credential.access_key] = credential
    user.keys.append(credential.access_key)
    return {
        "AccessKey": {
            "UserName": user.name,
            "AccessKeyId": credential.access_key,
            "Status": "Active",
            "SecretAccessKey": credential.secret,
            "CreateDate": credential.created,
        }
    }


def list_access_keys(call: Call) -> Output:
    """List the access keys without their secrets."""
    _, user = find_user(call)
    credentials = call.lab.state.directory.credentials
    entries = [
        {
            "UserName": user.name,
            "AccessKeyId": key,
            "Status": "Active" if credentials[key].active else "Inactive",
            "CreateDate": credentials[key].created,
        }
        for key in user.keys
    ]
    return paginate(call, entries, "AccessKeyMetadata")


def _find_access_key(call: Call, user: User) -> Credential:
    key = call["AccessKeyId"]
    if key not in user.keys:
        raise no_such_entity(f"The Access Key with id {key} cannot be found.")
    return call.lab.state.directory.credentials[key]


def update_access_key(call: Call) -> Output:
    """Activate or deactivate an access key."""
    _, user = find_user(call)
    credential = _find_access_key(call, user)
    changed = replace(credential, active=call["Status"] == "Active")
    call.lab.state.directory.credentials[credential.access_key] = changed
    return {}


def delete_access_key(call: Call) -> Output:
    """Delete an access key."""
    _, user = find_user(call)
    credential = _find_access_key(call, user)
    user.keys.remove(credential.access_key)
    del call.lab.state.directory.credentials[credential.access_key]
    return {}


def tag_user(call: Call) -> Output:
    """Add or replace tags."""
    find_user(call)[1].tags.update(tag_mapping(call["Tags"]))
    return {}


def untag_user(call: Call) -> Output:
    """Remove tags."""
    user = find_user(call)[1]
    for name in call["TagKeys"]:
        user.tags.pop(name, None)
    return {}


def list_user_tags(call: Call) -> Output:
    """List the tags."""
    return paginate(call, tag_list(find_user(call)[1].tags), "Tags")


OPERATIONS: dict[str, Handler] = {
    "CreateUser": create_user,
    "GetUser": get_user,
    "ListUsers": list_users,
    "DeleteUser": delete_user,
    "CreateAccessKey": create_access_key,
    "ListAccessKeys": list_access_keys,
    "UpdateAccessKey": update_access_key,
    "DeleteAccessKey": delete_access_key,
    "TagUser": tag_user,
    "UntagUser": untag_user,
    "ListUserTags": list_user_tags,
}
