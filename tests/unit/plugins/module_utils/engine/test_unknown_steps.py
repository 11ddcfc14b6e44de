# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A step that a resource does not know is refused, and nothing is written. Once, such a step deleted the object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.keys.kms import Kms
from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.expand import expand_write
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_default import BucketDefaultResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_deletion import (
    DeletionContext,
    KeyDeletionResource,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_references import KeyReferenceReader
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_writing import KeyContext
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.kms_key import CallerIdentity, KmsKeyResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.replica_planning import ReplicaContext
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.replicas import (
    ReplicatedKeyContext,
    ReplicatedKeyResource,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import Waiter
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.download import DownloadResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.kms_keys import KmsKeys
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.write_verification import Written, was_applied
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import Resource, reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import DesiredBucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredKey, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_deletion import DesiredDeletion
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import (
    alias_of,
    has_to_propagate,
    part_of,
    written_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.replicas import InRegion
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.client_side_steps import (
    as_file_deletion,
    as_file_write,
    wraps_data_key,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject, Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits, to_multipart
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId, ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    as_copy,
    as_tagging,
    as_update,
    as_write,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.plan import Applied, Plan, PreparedPlan
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    REGION,
    CallRecorder,
    FakeKms,
    FakeS3,
    key_arn,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import client_side_ports
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock


@dataclass(frozen=True)
class RenameObject:
    """A step that no resource supports."""

    operations = ("DeleteObject",)


class NoAttributes:
    """A task that names no attributes of a file."""

    def difference(self, path: Path) -> None:
        """None."""

    def prepare(self, path: Path) -> None:
        """Nothing."""

    def set_on(self, path: Path) -> None:
        """Nothing."""


@dataclass(frozen=True)
class ResourceWithContext:
    """A resource, and the context of a plan for it."""

    resource: Resource[Any, Any, Any]
    context: object


def with_own_context(resource: Resource[Any, Any, Any]) -> ResourceWithContext:
    """A resource with the context of its own plan."""
    return ResourceWithContext(resource, resource.plan().context)


@dataclass(frozen=True)
class WithStep:
    """A resource whose plan has one step, which the resource does not support."""

    planned: ResourceWithContext
    step: Any

    def plan(self) -> PreparedPlan[Any, Any, Any]:
        """The step, with a context of the resource."""
        return PreparedPlan(Plan("before", (self.step,), "after"), self.planned.context)

    def apply(self, step: Any, context: Any) -> Applied[Any] | PreparedPlan[Any, Any, Any]:
        """Delegate to the resource."""
        return self.planned.resource.apply(step, context)

    def read_back(self, planned: Any, context: Any) -> Any:
        """Delegate to the resource."""
        return self.planned.resource.read_back(planned, context)


class Resources:
    """Resources of each kind, on a bucket with an object and a key with a replica. Their calls are recorded."""

    def __init__(self, folder: Path) -> None:
        self.s3, self.kms = FakeS3(), FakeKms()
        self.file = folder / "file"
        self.s3.add_bucket("bucket")
        self.s3.add_object(ObjectState("bucket", "key", 1, ObjectEncryption("SSE-S3"), etag='"e"'), b"content")
        self.key = KeyState("one", key_arn("one"), aliases=("alias/one",), multi_region=True)
        self.kms.add_key(self.key)
        self.keys = KeyResolver(self.kms)
        self.client_side = client_side_ports()

    @property
    def calls(self) -> tuple[CallRecorder, ...]:
        """The recorders of the calls."""
        files, data_keys = self.client_side.files, self.client_side.data_keys
        return self.s3, self.kms, cast(CallRecorder, files), cast(CallRecorder, data_keys)

    def object(self) -> ResourceWithContext:
        """An object."""
        resource = EncryptedObjectResource(
            DesiredObject("bucket", "key"),
            KmsKeys(),
            None,
            None,
            self.s3,
            self.s3,
            BucketSettings(self.s3),
            self.keys,
            self.client_side,
            FakeClock(),
        )
        return with_own_context(resource)

    def bucket(self) -> ResourceWithContext:
        """A bucket's default encryption."""
        desired = DesiredBucketDefault()
        return with_own_context(BucketDefaultResource("bucket", desired, None, self.s3, self.keys, region=REGION))

    def kms_key(self) -> ResourceWithContext:
        """A KMS key."""
        return with_own_context(self._key_resource())

    def replicas(self) -> ResourceWithContext:
        """A KMS key with its replicas."""
        primary = KeyContext(PolicyScope.of_key(self.key.arn or ""), self.key)
        context = ReplicatedKeyContext(primary, {"us-east-1": ReplicaContext(DesiredKey(), primary)})
        return ResourceWithContext(ReplicatedKeyResource(self._key_resource()), context)

    def deletion(self) -> ResourceWithContext:
        """The deletion of a KMS key."""
        references = KeyReferenceReader(self.s3, self.s3, self.keys)  # type: ignore[arg-type]
        waiter = Waiter(FakeClock())
        resource = KeyDeletionResource("alias/one", DesiredDeletion(), self.kms, references, waiter)
        return ResourceWithContext(resource, DeletionContext(self.key))

    def download(self) -> ResourceWithContext:
        """A local file."""
        resource = DownloadResource(
            ObjectId("bucket", "key"),
            self.file,
            Overwrite.ALWAYS,
            DesiredEncryption(),
            None,
            self.s3,
            self.keys,
            self.client_side,
            NoAttributes(),
            FakeClock(),
        )
        return with_own_context(resource)

    def _key_resource(self) -> KmsKeyResource:
        waiter = Waiter(FakeClock())
        return KmsKeyResource(DesiredKey(alias="alias/one"), self.kms, CallerIdentity(self.kms), waiter)


STEPS = [
    pytest.param(Resources.object, RenameObject(), id="object"),
    pytest.param(Resources.bucket, RenameObject(), id="bucket"),
    pytest.param(Resources.kms_key, RenameObject(), id="KMS key"),
    pytest.param(Resources.replicas, RenameObject(), id="KMS key with replicas"),
    pytest.param(Resources.replicas, InRegion("us-east-1", RenameObject()), id="replica"),  # type: ignore[arg-type]
    pytest.param(Resources.deletion, RenameObject(), id="deletion of a KMS key"),
    pytest.param(Resources.download, RenameObject(), id="download"),
]


@pytest.mark.parametrize(("make", "step"), STEPS)
def test_an_unknown_step_is_refused_without_a_write(
    make: Callable[[Resources], ResourceWithContext], step: object, tmp_path: Path
) -> None:
    """The run fails with the name of the step, and reports no change."""
    resources = Resources(tmp_path)
    outcome = reconcile(WithStep(make(resources), step), check_mode=False)
    assert [calls.writes for calls in resources.calls] == [[], [], [], []]
    assert not resources.file.exists()
    assert (outcome.changed, outcome.actions, outcome.after) == (False, (), None)
    assert outcome.failure
    assert outcome.failure.kind is FailureKind.UNSUPPORTED
    assert "does not know how to carry out RenameObject, so that was not done" in outcome.failure.message


FUNCTIONS_OF_STEPS = [
    *(as_write, as_copy, as_update, as_tagging, part_of, has_to_propagate, alias_of, expand_write),
    *(wraps_data_key, as_file_write, as_file_deletion),
    *(
        lambda step: written_policy(Plan(None, (step,), None)),
        lambda step: to_multipart(Plan(None, (step,), None), Limits(), "CRC32"),
    ),
]


@pytest.mark.parametrize("function", FUNCTIONS_OF_STEPS)
def test_no_function_accepts_an_unknown_step(function: Callable[[Any], object]) -> None:
    """No function guesses a property of such a step, for example what it writes."""
    with pytest.raises(OperationError, match="RenameObject"):
        function(RenameObject())


@pytest.mark.parametrize("method", ["set_alias", "set_state", "set_rotation"])
def test_an_unknown_operation_is_not_called(method: str) -> None:
    """It is refused by its name, before any call of a client."""

    class NoClient:
        """Clients that fail when they are used."""

        region = REGION

        def get(self, service: str, region: str | None) -> object:
            """A client without any method."""
            return object()

    arguments = {"set_alias": ("alias/one", "one"), "set_state": ("one",), "set_rotation": ("one", None)}[method]
    with pytest.raises(OperationError, match="carry out DeleteAlias, so that was not done"):
        getattr(Kms(NoClient()), method)("DeleteAlias", *arguments)  # type: ignore[arg-type]


def test_an_unknown_step_is_never_verified_as_applied(tmp_path: Path) -> None:
    """If its response is lost, its effect is unknown."""
    step: Any = RenameObject()
    resources = Resources(tmp_path)
    files = resources.client_side.files
    assert not was_applied(resources.s3, files, ObjectId("bucket", "key"), Written(step, None))
