# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Policy documents: parsed, and validated as the service does that stores them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .bucket_actions import is_in_bucket
from .condition_keys import check_combination, check_keys
from .conditions import Condition, parse_conditions
from .kinds import PolicyError, PolicyKind, policy_error
from .patterns import Context, text_match, wildcard_match
from .principals import Match, Principal, PrincipalElement, parse_principal

_POLICY_ELEMENTS = {"Version", "Id", "Statement"}
_STATEMENT_ELEMENTS = {
    *("Sid", "Effect", "Principal", "NotPrincipal"),
    *("Action", "NotAction", "Resource", "NotResource", "Condition"),
}
_BUCKET_POLICY_LIMIT = 20480  # bytes without white space: https://github.com/MIT-LCP/physionet-build/issues/2094
_PRINTABLE = re.compile(r"[\t\n\r\x20-\xff]*")
_SID_OF_IAM = re.compile(r"[A-Za-z0-9]*")
_IDENTITY_RESOURCE = re.compile(r"\*|arn:[^:]*:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)


@dataclass(frozen=True)
class Statement:
    """One statement. ``resources`` is ``*`` in a trust policy."""

    sid: str
    allow: bool
    principal: PrincipalElement | None
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    not_action: bool = False
    not_resource: bool = False
    variables: bool = True

    def match(self, principal: Principal, action: str, resource: str, context: Context) -> Match:
        """Return whether the statement applies to a request, and whether it names the requester or only its account."""
        found = Match.DIRECT if self.principal is None else self.principal.match(principal)
        if found is Match.NONE:
            return Match.NONE
        lowered = action.lower()
        if any(wildcard_match(pattern, lowered) for pattern in self.actions) == self.not_action:
            return Match.NONE
        matches = any(text_match(pattern, resource, context, variables=self.variables) for pattern in self.resources)
        if matches == self.not_resource:
            return Match.NONE
        conditions_met = all(condition.is_met(context, variables=self.variables) for condition in self.conditions)
        return found if conditions_met else Match.NONE


@dataclass(frozen=True)
class Policy:
    """A valid policy document."""

    kind: PolicyKind
    version: str
    id: str
    statements: tuple[Statement, ...]

    def named_principals(self) -> tuple[str, ...]:
        """Return the users, roles, accounts and unique ids of the policy. AWS refuses the policy if one does not exist.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
        """
        names: set[str] = set()
        for statement in self.statements:
            if statement.principal is not None:
                names.update(statement.principal.names())
        return tuple(sorted(names))


def parse_policy(text: str, kind: PolicyKind, *, bucket: str | None = None) -> Policy:
    """Parse and validate a policy document. ``bucket`` is the name of the bucket of a bucket policy.

    Raise PolicyError with the error code and message of the service that stores such a policy. The function does not
    check whether the principals exist: see ``Policy.named_principals``.
    """
    _check_size(text, kind)
    document = _read_json(text, kind)
    if kind is PolicyKind.RESOURCE and len(_compact(document)) > _BUCKET_POLICY_LIMIT:
        raise policy_error(kind, "Normalized policy document exceeds the maximum allowed size")
    return parse_document(document, kind, bucket=bucket)


def parse_document(document: dict[str, Any], kind: PolicyKind, *, bucket: str | None = None) -> Policy:
    """Parse and validate a policy document that is no text any more. Raise PolicyError, but not for its size."""
    for name in document:
        if name not in _POLICY_ELEMENTS:
            raise _unknown_element(name, kind)
    version = document.get("Version", "2008-10-17")
    if version not in ("2008-10-17", "2012-10-17"):
        raise policy_error(kind, "The policy must contain a valid version string")
    policy_id = document.get("Id", "")
    if not isinstance(policy_id, str):
        raise policy_error(kind, "The Id element must be a string.")
    elements = document.get("Statement")
    elements = elements if isinstance(elements, list) else [elements]
    if not elements or not all(isinstance(statement, dict) for statement in elements):
        raise _missing("Statement", kind)
    reader = _StatementReader(kind, bucket, version == "2012-10-17")
    statements = tuple(reader.read(statement) for statement in elements)
    _check_sids(statements, kind)
    return Policy(kind, version, policy_id, statements)


@dataclass(frozen=True)
class _StatementReader:
    kind: PolicyKind
    bucket: str | None
    variables: bool

    def read(self, statement: dict[str, Any]) -> Statement:
        for name in statement:
            if name not in _STATEMENT_ELEMENTS:
                raise _unknown_element(name, self.kind)
        sid = statement.get("Sid", "")
        if not isinstance(sid, str):
            raise policy_error(self.kind, "The Sid element must be a string.")
        effect = statement.get("Effect")
        if effect is None:
            raise _missing("Effect", self.kind)
        if effect not in ("Allow", "Deny"):
            raise policy_error(self.kind, f"Invalid effect: {effect}")
        principal = self._principal(statement)
        actions, not_action = self._element_or_opposite(statement, "Action", "NotAction")
        resources, not_resource = self._element_or_opposite(statement, "Resource", "NotResource")
        self._check_actions(actions)
        self._check_resources(resources)
        conditions = parse_conditions(statement.get("Condition", {}), self.kind)
        if self.kind is PolicyKind.RESOURCE:
            check_keys(conditions)
            if not not_action and not not_resource:
                check_combination(actions, resources, conditions)
        return Statement(
            sid=sid,
            allow=effect == "Allow",
            principal=principal,
            actions=tuple(action.lower() for action in actions),
            resources=resources,
            conditions=conditions,
            not_action=not_action,
            not_resource=not_resource,
            variables=self.variables,
        )

    def _principal(self, statement: dict[str, Any]) -> PrincipalElement | None:
        if self.kind is PolicyKind.IDENTITY:
            if "Principal" in statement or "NotPrincipal" in statement:
                raise policy_error(self.kind, "Policy document should not specify a principal.")
            return None
        if "Principal" in statement and "NotPrincipal" in statement:
            raise policy_error(self.kind, "A statement has either Principal or NotPrincipal.")
        if "NotPrincipal" in statement:
            if self.kind is PolicyKind.TRUST or statement["Effect"] == "Allow":
                raise policy_error(self.kind, "NotPrincipal is for a Deny in a bucket policy or a key policy.")
            return parse_principal(statement["NotPrincipal"], self.kind, negated=True)
        if "Principal" not in statement:
            raise _missing("Principal", self.kind)
        return parse_principal(statement["Principal"], self.kind, negated=False)

    def _element_or_opposite(self, statement: dict[str, Any], name: str, opposite: str) -> tuple[tuple[str, ...], bool]:
        """Return the texts of an element or of its opposite, and whether it is the opposite.

        A trust policy has no Resource. A key policy has a Resource and no NotResource: since August 18, 2025 KMS
        refuses a statement without Action or NotAction, and one without Resource.
        https://github.com/ministryofjustice/analytical-platform/issues/7691 (the notice of AWS)
        """
        if name in statement and opposite in statement:
            raise policy_error(self.kind, f"A statement has either {name} or {opposite}.")
        used_name = opposite if opposite in statement else name
        if self.kind is PolicyKind.TRUST and name == "Resource":
            if used_name in statement:
                raise policy_error(self.kind, f"Has prohibited field {used_name}")
            return ("*",), False
        value = statement.get(used_name)
        texts = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(text, str) and text for text in texts):
            raise policy_error(self.kind, f"The {used_name} element must be a string or a list of strings.")
        if not texts or (used_name == "NotResource" and self.kind is PolicyKind.KEY):
            raise _missing(name, self.kind)
        return tuple(texts), used_name == opposite

    def _check_actions(self, actions: tuple[str, ...]) -> None:
        for action in actions:
            service, colon, operation = action.partition(":")
            if action != "*" and not (service and colon and operation):
                if self.kind is PolicyKind.RESOURCE:
                    raise policy_error(self.kind, "Policy has invalid action")
                raise policy_error(
                    self.kind, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                )
            if self.kind is PolicyKind.RESOURCE and action != "*" and service.lower() != "s3":
                raise policy_error(self.kind, "Policy has invalid action")
            if self.kind is PolicyKind.TRUST and service.lower() != "sts":
                raise policy_error(self.kind, "AssumeRole policy may only specify STS AssumeRole actions.")

    def _check_resources(self, resources: tuple[str, ...]) -> None:
        for resource in resources:
            if self.kind is PolicyKind.IDENTITY and not _IDENTITY_RESOURCE.fullmatch(resource):
                raise policy_error(self.kind, f'Resource {resource} must be in ARN format or "*".')
            if self.kind is PolicyKind.RESOURCE:
                bucket = self.bucket
                if bucket is None:
                    bucket = re.split(r"[/*?]", resource.split(":", 5)[-1])[0]
                if not bucket or not is_in_bucket(resource, bucket):
                    raise policy_error(self.kind, "Policy has invalid resource")


def _check_size(text: str, kind: PolicyKind) -> None:
    """Check the size and the characters of a document.

    Only the quotas are checked that do not depend on what the policy is attached to. The characters are those that IAM
    and KMS allow.

    https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    size = len(text.encode())
    if kind is PolicyKind.KEY and size > 32768:
        raise PolicyError("LimitExceededException", "The key policy exceeds 32768 bytes.")
    if kind is PolicyKind.TRUST and len(re.sub(r"\s", "", text)) > 2048:
        raise PolicyError("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
    if kind is not PolicyKind.RESOURCE and not _PRINTABLE.fullmatch(text):
        raise policy_error(kind, "The policy document has a character that is not allowed in it.")


def _compact(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _read_json(text: str, kind: PolicyKind) -> dict[str, Any]:
    def reject_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise policy_error(kind, f"Duplicate element in policy: {name}")
            found[name] = value
        return found

    try:
        document = json.loads(text, object_pairs_hook=reject_duplicates)
    except (json.JSONDecodeError, RecursionError):
        document = None
    if isinstance(document, dict) and (text[0] == "{" or kind is not PolicyKind.RESOURCE):
        return document
    if kind is PolicyKind.RESOURCE:
        raise policy_error(kind, "Policies must be valid JSON and the first byte must be '{'")
    raise policy_error(kind, "This policy contains invalid Json")


def _check_sids(statements: tuple[Statement, ...], kind: PolicyKind) -> None:
    """Check that each Sid is unique. In IAM it is alphanumeric, in bucket and key policies it may contain spaces.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    sids = [statement.sid for statement in statements if statement.sid]
    if kind is not PolicyKind.RESOURCE and len(set(sids)) != len(sids):
        raise policy_error(kind, "Statement IDs (SID) in a single policy must be unique.")
    if kind in (PolicyKind.IDENTITY, PolicyKind.TRUST) and not all(_SID_OF_IAM.fullmatch(sid) for sid in sids):
        raise policy_error(kind, "Statement IDs (SID) must be alpha-numeric.")


def _missing(element: str, kind: PolicyKind) -> PolicyError:
    if kind in (PolicyKind.IDENTITY, PolicyKind.KEY) and element in ("Action", "Resource"):
        return policy_error(kind, f"Policy statement must contain {element.lower()}s.")
    return policy_error(kind, f"Missing required field {element}")


def _unknown_element(name: str, kind: PolicyKind) -> PolicyError:
    if kind is PolicyKind.RESOURCE:
        return policy_error(kind, f"Unknown field {name}")
    return policy_error(kind, f"Syntax errors in policy: {name}")
