# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find the S3 operation of a request by the request URIs of the models.

``PUT /bucket/key?encryption`` is UpdateObjectEncryption and nothing else. A subresource that no operation has is
refused, so that it is never treated as PutObject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from ..errors import ServiceError, invalid_request, not_implemented
from .models import Operation, ServiceModel, service_model

# Operations that are superseded, or that another endpoint serves under the same URI.
_EXCLUDED = {
    "GetBucketLifecycle",
    "PutBucketLifecycle",
    "GetBucketNotification",
    "PutBucketNotification",
    "ListDirectoryBuckets",
    "WriteGetObjectResponse",
}
PRESIGNED_PARAMETERS = {
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
    "x-id",
    "AWSAccessKeyId",
    "Signature",
    "Expires",
}

_PRESIGNED_HEADERS = {"x-amz-security-token", "content-md5", "content-type"}


def is_presigned(names: set[str]) -> bool:
    """Return whether the query is that of a presigned URL. Its headers can be in the query."""
    return "X-Amz-Signature" in names or {"AWSAccessKeyId", "Signature"} <= names


@dataclass(frozen=True, slots=True)
class Target:
    """The bucket and key of a path, "" for none."""

    bucket: str
    key: str

    @property
    def scope(self) -> str:
        """The model's path for this kind of target."""
        if self.key:
            return "/{Bucket}/{Key+}"
        return "/{Bucket}" if self.bucket else "/"


def split_path(raw_path: str) -> Target:
    """Split a path-style path. The key is everything after the first slash, with all further slashes."""
    bucket, _, key = raw_path[1:].partition("/")
    try:
        return Target(unquote(bucket, errors="strict"), unquote(key, errors="strict"))
    except UnicodeDecodeError as exc:
        raise ServiceError("InvalidURI", "Couldn't parse the specified URI.", 400) from exc


class Router:
    """The operations of S3 by method, kind of target and subresource."""

    def __init__(self, model: ServiceModel) -> None:
        self._by_location: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Operation]] = {}
        self._literals: dict[tuple[str, str], set[str]] = {}
        self._known: set[str] = set()
        for operation in model.operations.values():
            if operation.name in _EXCLUDED:
                continue
            location_key = (operation.method, operation.path)
            self._by_location.setdefault((*location_key, operation.literals), []).append(operation)
            self._literals.setdefault(location_key, set()).update(name for name, _ in operation.literals)
            self._known.update(name for name, _ in operation.literals)
            self._known.update(operation.queries)

    def find(
        self, method: str, target: Target, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> Operation:
        """Return the operation. Raise ``ServiceError`` with status 405 or 501 if there is none."""
        location_key = (method, target.scope)
        names = {name for name, _ in query}
        known = self._literals.get(location_key, set())
        literals = tuple((name, value) for name, value in query if name in known)
        candidates = self._by_location.get((*location_key, literals))
        if candidates is None:
            literals = tuple((name, "") for name, _ in literals)
            candidates = self._by_location.get((*location_key, literals))
        if candidates is None:
            if literals:
                raise not_implemented(f"{method} with the subresource {', '.join(name for name, _ in literals)}")
            raise _method_not_allowed(method, target)
        operation = _select_operation(candidates, names, headers)
        if method == "POST" and target.key and not literals and "uploadId" not in names:
            raise _method_not_allowed(method, target)
        for name in names:
            if not self._is_accepted(operation, name, names):
                raise not_implemented(f"the query parameter {name!r} of {operation.name}")
        return operation

    def _is_accepted(self, operation: Operation, name: str, names: set[str]) -> bool:
        """Return whether an operation can have a query parameter."""
        if name in operation.queries or name in PRESIGNED_PARAMETERS:
            return True
        if any(name == each for each, _ in operation.literals):
            return True
        if name.startswith("x-") and not name.startswith("x-amz-"):
            return True  # for the access log: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
        # The signature of a presigned URL covers every parameter. S3 ignores those that it does not know.
        return is_presigned(names) and (_is_header(operation, name.lower()) or name not in self._known)


def _method_not_allowed(method: str, target: Target) -> ServiceError:
    kind = "OBJECT" if target.key else "BUCKET" if target.bucket else "SERVICE"
    return ServiceError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        405,
        fields={"Method": method, "ResourceType": kind},
    )


def _select_operation(candidates: list[Operation], names: set[str], headers: Mapping[str, str]) -> Operation:
    """Select between operations with the same URI by the parameters that only one of them requires."""
    if len(candidates) == 1:
        return candidates[0]
    best: Operation | None = None
    best_score = -1
    for operation in candidates:
        score = 0
        for member in operation.required:
            shape = operation.model.input_shape.members[member]
            wire = shape.serialization.get("name", member)
            location = shape.serialization.get("location")
            if location == "querystring":
                score = score + 1 if wire in names else -100
            elif location == "header" and wire.lower() == "x-amz-copy-source":
                score = score + 1 if wire.lower() in headers else -100
        if score > best_score:
            best, best_score = operation, score
    if best is None:
        raise invalid_request("Missing required parameters for the operation.")
    return best


def s3_router() -> Router:
    """Return the router of the S3 model."""
    return Router(service_model("s3"))


def _is_header(operation: Operation, name: str) -> bool:
    """Return whether a query parameter of a presigned URL is a header of the operation."""
    return name in operation.headers or name in _PRESIGNED_HEADERS or name.startswith(tuple(operation.prefixes))
