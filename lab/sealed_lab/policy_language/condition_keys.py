# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The condition keys of S3, and the actions that have them.

PutBucketPolicy refuses a condition on a key that an action of the statement does not have, and keys that do not exist.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Iterable

from .bucket_actions import action_applies, actions_on
from .conditions import Condition
from .kinds import PolicyKind, policy_error

_GRANTS = "bypassgovernanceretention createbucket putbucketacl putobject putobjectacl putobjectversionacl"
_UPLOADS = "bypassgovernanceretention putobject"
_ENCRYPTION = f"{_UPLOADS} replicateobject updateobjectencryption"
_LISTS = "listbucket listbucketversions"
_LOCKS = "putobject putobjectretention"
_TAGGING = f"{_UPLOADS} putobjecttagging putobjectversiontagging"
_VERSIONS = """
    deleteobjectversion deleteobjectversiontagging getobjectversion getobjectversionacl getobjectversionattributes
    getobjectversiontagging getobjectversiontorrent putobjectversionacl putobjectversiontagging
"""
_EXISTING_TAGS = """
    deleteobjecttagging deleteobjectversiontagging getobject getobjectacl getobjectattributes getobjecttagging
    getobjectversion getobjectversionacl getobjectversionattributes getobjectversiontagging putobjectacl
    putobjecttagging putobjectversionacl putobjectversiontagging updateobjectencryption
"""
_ACTIONS_OF_KEY = {
    "s3:x-amz-acl": _GRANTS,
    "s3:x-amz-grant-full-control": _GRANTS,
    "s3:x-amz-grant-read": _GRANTS,
    "s3:x-amz-grant-read-acp": _GRANTS,
    "s3:x-amz-grant-write": _GRANTS,
    "s3:x-amz-grant-write-acp": _GRANTS,
    "s3:x-amz-copy-source": _UPLOADS,
    "s3:x-amz-metadata-directive": _UPLOADS,
    "s3:x-amz-website-redirect-location": _UPLOADS,
    "s3:x-amz-storage-class": f"{_UPLOADS} putobjectacl putobjectversionacl",
    "s3:x-amz-server-side-encryption": _ENCRYPTION,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _ENCRYPTION,
    "s3:x-amz-server-side-encryption-customer-algorithm": f"{_UPLOADS} replicateobject",
    "s3:x-amz-object-ownership": "createbucket",
    "s3:x-amz-bucket-namespace": "createbucket",
    "s3:locationconstraint": "createbucket",
    "s3:prefix": _LISTS,
    "s3:delimiter": _LISTS,
    "s3:max-keys": _LISTS,
    "s3:object-lock-mode": _LOCKS,
    "s3:object-lock-retain-until-date": _LOCKS,
    "s3:object-lock-remaining-retention-days": _LOCKS,
    "s3:object-lock-legal-hold": "putobject putobjectlegalhold",
    "s3:requestobjecttagkeys": _TAGGING,
    "s3:requestobjecttag/": _TAGGING,
    "s3:existingobjecttag/": _EXISTING_TAGS,
    "s3:versionid": _VERSIONS,
    "s3:if-match": "putobject deleteobject",
    "s3:if-none-match": "putobject",
    "s3:objectcreationoperation": "putobject",
    "s3:inventoryaccessibleoptionalfields": "putinventoryconfiguration",
    "s3:isreplicationpauserequest": "putreplicationconfiguration",
    "s3:destinationregion": "pausereplication",
}
_OF_ALL_ACTIONS = frozenset(
    {
        *("s3:authtype", "s3:signatureage", "s3:signatureversion", "s3:tlsversion", "s3:x-amz-content-sha256"),
        *("s3:resourceaccount", "s3:accessgrantsinstancearn", "s3:accesspointnetworkorigin"),
        *("s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:buckettag/", "s3:accesspointtag/"),
    }
)


def check_keys(conditions: tuple[Condition, ...]) -> None:
    """Raise PolicyError for a condition key that a bucket policy cannot have. All global keys are accepted."""
    for condition in conditions:
        name = _family(condition.key)
        if not (name.startswith("aws:") or name in _OF_ALL_ACTIONS or name in _ACTIONS_OF_KEY):
            raise policy_error(PolicyKind.RESOURCE, "Policy has an invalid condition key")


def check_combination(actions: tuple[str, ...], resources: tuple[str, ...], conditions: tuple[Condition, ...]) -> None:
    """Check that each action of a bucket policy applies to one of the resources, and has all condition keys."""
    keys = {condition.key for condition in conditions}
    for action in actions:
        if not action_applies(action, resources):
            raise policy_error(PolicyKind.RESOURCE, "Action does not apply to any resource(s) in statement")
        if not _has_keys(action, resources, keys):
            raise policy_error(
                PolicyKind.RESOURCE, "Conditions do not apply to combination of actions and resources in statement"
            )


def _has_keys(action: str, resources: tuple[str, ...], keys: Iterable[str]) -> bool:
    """Return whether all keys are keys of an action that matches the pattern. An unknown action has every key."""
    matching = actions_on(action, resources)
    restricted = [_ACTIONS_OF_KEY[name] for name in map(_family, keys) if name in _ACTIONS_OF_KEY]
    return not matching or all(matching & {f"s3:{name}" for name in each.split()} for each in restricted)


def _family(key: str) -> str:
    """Return a key without the name of a tag, which follows a slash."""
    head, slash, _ = key.partition("/")
    return head + slash
