# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which logs of AWS services may be delivered to a bucket, by its policy and its ACL, and whether a KMS key lets them.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..iam.conditions import wildcard_match
from ..iam.policy_document import normal_statement, parse_policy, statements
from .elb_accounts import REGION_OF_ELB_ACCOUNT


class Logs(Enum):
    """The logs of AWS services, by what they need of the bucket."""

    SERVER_ACCESS = "S3 server access logs"
    LOAD_BALANCER = "Logs of Application and Classic Load Balancers"
    # Those of Network Load Balancers, flow logs of VPCs, logs of CloudFront, and others.
    VENDED = "Logs that delivery.logs.amazonaws.com delivers"

    @property
    def need_s3_key(self) -> bool:
        """Whether they are never delivered to a bucket whose default encryption has a KMS key."""
        return self is not Logs.VENDED


@dataclass(frozen=True, slots=True)
class LogTarget:
    """Logs that may be delivered to a bucket. `evidence` is what allows it, in words such as `its ACL allows …`."""

    logs: Logs
    evidence: str


@dataclass(frozen=True, slots=True)
class AclGrant:
    """One grant of an ACL. The grantee is the URI of a group, or a canonical user ID."""

    grantee: str
    permission: str


VENDED_SERVICE = "delivery.logs.amazonaws.com"
# The service principals that write logs. Load balancers in Outposts have the second one of theirs.
_SERVICES = {
    "logging.s3.amazonaws.com": Logs.SERVER_ACCESS,
    "logdelivery.elasticloadbalancing.amazonaws.com": Logs.LOAD_BALANCER,
    "logdelivery.elb.amazonaws.com": Logs.LOAD_BALANCER,
    VENDED_SERVICE: Logs.VENDED,
}
# The log-delivery group of S3.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups
LOG_DELIVERY_GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"
# The account awslogsdelivery, in AWS and in China, which an ACL lets write the standard logs of CloudFront. They take
# a KMS key whose policy allows the vended service.
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
_CLOUDFRONT_IDS = (
    "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
    "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56",
)
_WRITING_PERMISSIONS = ("WRITE", "FULL_CONTROL")

# Conditions that say for which account or resource a service acts. They limit the logs, and not whether a service may
# use the key at all.
_SOURCE_KEYS = frozenset(
    {
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "kms:encryptioncontext:aws:s3:arn",
    }
)


def targets_in_policy(policy: str | None) -> tuple[LogTarget, ...]:
    """The logs that a bucket policy (JSON; None: no policy) lets AWS deliver; raises OperationError for no policy.

    Only statements count that allow PutObject to a principal of such logs by its name: a Deny or a condition does not
    show that logs are delivered, and neither does the principal `*`.
    """
    found: list[LogTarget] = []
    for number, statement in enumerate(() if policy is None else statements(parse_policy(policy)), 1):
        normal = normal_statement(statement)
        if normal.get("Effect") == "Allow" and _names_action(normal, "s3:putobject"):
            name = _name(normal, number)
            found += [LogTarget(logs, f"{name} of its policy allows {writer}") for logs, writer in _writers(normal)]
    return tuple(dict.fromkeys(found))


def targets_in_acl(grants: Iterable[AclGrant]) -> tuple[LogTarget, ...]:
    """The logs that the ACL of a bucket lets AWS deliver."""
    found = []
    for grant in grants:
        if grant.permission not in _WRITING_PERMISSIONS:
            continue
        if grant.grantee == LOG_DELIVERY_GROUP:
            found.append(LogTarget(Logs.SERVER_ACCESS, "its ACL allows the log-delivery group"))
        elif grant.grantee in _CLOUDFRONT_IDS:
            found.append(LogTarget(Logs.VENDED, "its ACL allows the account awslogsdelivery of CloudFront"))
    return tuple(dict.fromkeys(found))


def key_policy_allows_delivery(policy: str) -> bool:
    """Whether a key policy (JSON) is known to let AWS encrypt vended logs; raises OperationError for no policy.

    False also for a policy that may allow it: by the principal `*`, under other conditions than those on the source
    of the logs, or beside a Deny.
    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    found = [normal_statement(statement) for statement in statements(parse_policy(policy))]
    relevant = [each for each in found if _names_action(each, "kms:generatedatakey")]
    is_denied = any(each.get("Effect") == "Deny" and _may_deny(each) for each in relevant)
    return not is_denied and any(
        each.get("Effect") == "Allow" and _names_vended_service(each) and _has_source_conditions_only(each)
        for each in relevant
    )


def _writers(normal: Mapping[str, Any]) -> Iterator[tuple[Logs, str]]:
    """The principals of a statement that write logs, each with its logs."""
    for kind, name in sorted(normal.get("Principal", ())):
        if kind == "Service" and _service(name) in _SERVICES:
            yield _SERVICES[_service(name)], name
        elif kind == "AWS" and name in REGION_OF_ELB_ACCOUNT:
            region = REGION_OF_ELB_ACCOUNT[name]
            yield Logs.LOAD_BALANCER, f"{name}, the account of Elastic Load Balancing in {region}"
        elif kind == "CanonicalUser" and name in _CLOUDFRONT_IDS:
            yield Logs.VENDED, "the account awslogsdelivery of CloudFront"


def _service(name: str) -> str:
    """The name of a service principal without the suffix of China."""
    return name.removesuffix(".cn")


def _name(normal: Mapping[str, Any], number: int) -> str:
    return f"statement {normal['Sid']}" if normal.get("Sid") else f"statement number {number}"


def _names_action(normal: Mapping[str, Any], action: str) -> bool:
    """Whether a statement is about an action, which is in lower case."""
    if "NotAction" in normal:
        return not any(wildcard_match(pattern, action) for pattern in normal["NotAction"])
    return any(wildcard_match(pattern, action) for pattern in normal.get("Action", ()))


def _names_vended_service(normal: Mapping[str, Any]) -> bool:
    return any(kind == "Service" and _service(name) == VENDED_SERVICE for kind, name in normal.get("Principal", ()))


def _may_deny(normal: Mapping[str, Any]) -> bool:
    """Whether a Deny may be about the vended service. A condition on the caller's own account does not spare it."""
    if "NotPrincipal" in normal:
        return True
    return _names_vended_service(normal) or any(name == "*" for _kind, name in normal.get("Principal", ()))


def _has_source_conditions_only(normal: Mapping[str, Any]) -> bool:
    return all(key in _SOURCE_KEYS for _operator, key, _values in normal.get("Condition", ()))
