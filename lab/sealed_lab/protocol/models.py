# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""botocore's service models, and the location of each parameter, computed once per operation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel as BotocoreModel

SERVICES = ("s3", "s3control", "kms", "sts", "iam", "resourcegroupstaggingapi", "cloudtrail", "organizations")
# The upload by a form. The model does not have it. Its parameters are those of PutObject.
POST_OBJECT = "PostObject"


@dataclass(frozen=True)
class Operation:
    """One operation of a model, and where each of its parameters is in a request."""

    service: str
    name: str
    model: Any
    method: str = ""
    path: str = ""
    literals: tuple[tuple[str, str], ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    queries: dict[str, tuple[str, Any]] = field(default_factory=dict)
    headers: dict[str, tuple[str, Any]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    payload: str | None = None
    body_members: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """The required parameters."""
        shape = self.model.input_shape
        return tuple(shape.metadata.get("required", ())) if shape is not None else ()

    @property
    def streams_in(self) -> bool:
        """Whether the request body contains the bytes of an object."""
        if self.payload is None:
            return False
        return bool(self.model.input_shape.members[self.payload].type_name == "blob")

    @property
    def reads_body(self) -> bool:
        """Whether the operation reads the request body."""
        return self.payload is not None or self.body_members

    @property
    def checksum(self) -> dict[str, Any]:
        """The httpChecksum trait of the model."""
        return dict(getattr(self.model, "http_checksum", None) or {})


@dataclass(frozen=True)
class ServiceModel:
    """The operations of a service by name."""

    name: str
    model: Any
    operations: dict[str, Operation]

    @property
    def namespace(self) -> str:
        """The XML namespace of responses."""
        if self.name == "s3":
            return "http://s3.amazonaws.com/doc/2006-03-01/"
        if self.name == "s3control":
            return "http://awss3control.amazonaws.com/doc/2018-08-20/"
        return str(self.model.metadata.get("xmlNamespace", ""))


@lru_cache(maxsize=1)
def _loader() -> Any:
    return Loader()


@cache
def service_model(name: str) -> ServiceModel:
    """Return the model of a service. It is loaded at its first use."""
    model: Any = BotocoreModel(_loader().load_service_model(name, "service-2"), name)
    operations = {each: _bind(name, model.operation_model(each)) for each in model.operation_names}
    if name == "s3":
        put = operations["PutObject"]
        operations[POST_OBJECT] = replace(put, name=POST_OBJECT, method="POST", path="/{Bucket}")
    return ServiceModel(name, model, operations)


def _bind(service: str, model: Any) -> Operation:
    uri = model.http.get("requestUri", "/")
    path, _, query = uri.partition("?")
    literals = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            literals.append((name, value))
    labels: dict[str, str] = {}
    queries: dict[str, tuple[str, Any]] = {}
    headers: dict[str, tuple[str, Any]] = {}
    prefixes: dict[str, str] = {}
    payload: str | None = None
    body_members = False
    shape = model.input_shape
    if shape is not None:
        payload = shape.serialization.get("payload")
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            location = member.serialization.get("location")
            if location == "uri":
                labels[wire] = name
            elif location == "querystring":
                queries[wire] = (name, member)
            elif location == "header":
                headers[wire.lower()] = (name, member)
            elif location == "headers":
                prefixes[wire.lower()] = name
            elif location is None and name != payload:
                body_members = True
    return Operation(
        service, model.name, model, model.http.get("method", "POST"), path, tuple(literals),
        labels, queries, headers, prefixes, payload, body_members,
    )  # fmt: skip
