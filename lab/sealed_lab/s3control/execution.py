# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Execution of batch jobs. They run between the server's other calls."""

from __future__ import annotations

import asyncio
import sys
import traceback
from typing import Any
from urllib.parse import quote

from ..errors import ServiceError
from ..fault_errors import service_error_for
from ..identity.records import Caller
from ..lab import Lab
from ..policy_language import Principal, Request, evaluate
from ..protocol.values import rfc822
from ..s3.role_client import RoleClient
from .manifests import (
    ManifestError,
    Target,
    bucket_of_arn,
    find_source,
    read_manifest,
    select_objects,
    split_object_arn,
    write_manifest,
)
from .reports import Outcome, write_report
from .state import Job
from .turns import LabReset, Turns

SERVICE = "batchoperations.s3.amazonaws.com"
_FAILURE_FLOOR = 1000
_FAILURE_SHARE = 0.5


class _JobEnded(Exception):
    """The job was cancelled, or nobody confirmed it."""


class JobRunner:
    """Runs one job from New to its end."""

    def __init__(self, lab: Lab, job: Job) -> None:
        self._lab = lab
        self._job = job
        self._turns = Turns(lab)
        self._outcomes: list[Outcome] = []

    async def run(self) -> None:
        """Prepare the job, wait for confirmation if required, run the tasks, and write the report."""
        job = self._job
        try:
            self._enter("Preparing")
            await self._turns.wait(0)
            client = self._assume_role()
            targets = await self._targets(client)
            job.total = len(targets)
            if job.request.get("ConfirmationRequired"):
                await self._wait_for_confirmation()
            self._enter("Ready")
            await self._turns.wait(0)
            self._enter("Active")
            await self._run_tasks(client, targets)
        except _JobEnded:
            if not job.finished:
                self._finish("Cancelled")
        except ManifestError as error:
            job.failures.append((error.code, error.reason))
            self._finish("Failed")
        except ServiceError as error:
            job.failures.append((error.code, error.message))
            self._finish("Failed")
        except LabReset:
            return
        except Exception:
            traceback.print_exc(file=sys.stderr)
            job.failures.append(("InternalError", "The lab has a defect here; see its log."))
            self._finish("Failed")

    def _enter(self, status: str) -> None:
        """Enter the next status, unless the job was cancelled meanwhile."""
        if self._job.status == "Cancelling":
            raise _JobEnded
        self._job.status = status

    async def _wait_for_confirmation(self) -> None:
        job, clock = self._job, self._lab.clock
        self._enter("Suspended")
        job.suspended, job.suspended_cause = clock.now(), "AWAITING_CONFIRMATION"
        while job.status == "Suspended":
            await self._turns.wait(0.01)
            job.expire_confirmation(clock.now())
        if job.finished:
            raise _JobEnded

    def _finish(self, status: str) -> None:
        job = self._job
        job.status = status
        job.ended = self._lab.clock.now()
        if job.active_since:
            job.active_seconds = job.ended - job.active_since

    def _assume_role(self) -> RoleClient:
        """Return a client for the job's role. With enforcement on, the role must exist and trust the service."""
        job = self._job
        arn = job.request["RoleArn"]
        partition, account, name = arn.split(":")[1], arn.split(":")[4], arn.rpartition("/")[2]
        role = self._lab.state.directory.account(account, partition).roles.get(name)
        if self._lab.enforcing:
            allowed = False
            if role is not None:
                request = Request(Principal.service(SERVICE), "sts:AssumeRole", arn, account, {})
                allowed = evaluate(request, [], role.trust.parsed, key_policy=True).allowed
            if not allowed:
                raise ManifestError("AccessDenied", f"S3 Batch Operations could not assume the role {arn}.")
        session = f"s3-batch-operations_{job.job_id}"
        principal = Principal.from_arn(
            f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}",
            role_arn=arn,
            unique_id=f"{role.role_id}:{session}" if role is not None else "",
        )
        return RoleClient(self._lab, Caller(principal), job.region)

    async def _targets(self, client: RoleClient) -> list[Target]:
        job = self._job
        generator = job.request.get("ManifestGenerator", {}).get("S3JobManifestGenerator")
        if generator is None:
            manifest = job.request["Manifest"]
            require_manifest_permissions(client, manifest["Location"]["ObjectArn"])
            return await read_manifest(client, manifest, self._turns)
        bucket = find_source(self._lab, job, generator)
        try:
            client.require(["PutInventoryConfiguration"], {"Bucket": bucket.name})
        except ServiceError as error:
            reason = f"Generating the manifest failed: {error.code}: {error.message}"
            raise ManifestError("ManifestGenerationFailed", reason) from error
        versions = select_objects(bucket, generator.get("Filter", {}))
        targets = await self._turns.collect(
            Target(bucket.name, each.key, each.version_id if bucket.versioning else None) for each in versions
        )
        output = generator.get("ManifestOutputLocation")
        if generator.get("EnableManifestOutput") and output is not None:
            job.manifest = await write_manifest(client, job, output, targets)
            require_manifest_permissions(client, job.manifest["ObjectArn"])
            await client.read_object(*split_object_arn(job.manifest["ObjectArn"]))
        return targets

    async def _run_tasks(self, client: RoleClient, targets: list[Target]) -> None:
        job = self._job
        job.active_since = self._lab.clock.now()
        for target in targets:
            if job.status == "Cancelling":
                break
            outcome = await self._run_task(client, target)
            self._outcomes.append(outcome)
            if outcome.error:
                job.failed += 1
            else:
                job.succeeded += 1
            done = job.succeeded + job.failed
            if done >= _FAILURE_FLOOR and job.failed > done * _FAILURE_SHARE:
                job.status = "Failing"
                job.failures.append(("JobFailureThreshold", "Job failure rate is above 50%"))
                break
            await self._turns.yield_turn()
        final = {"Cancelling": "Cancelled", "Failing": "Failed"}.get(job.status, "Complete")
        if job.status == "Active":
            job.status = "Completing"
        try:
            await write_report(client, job, self._outcomes, self._lab.clock.now(), self._turns)
        except ServiceError as error:
            reason = f"The job report could not be written to your report bucket. {error.code}: {error.message}"
            job.failures.append(("ReportWriteFailed", reason))
            final = "Failed"
        self._finish(final)

    async def _run_task(self, client: RoleClient, target: Target) -> Outcome:
        """Run the task of one object.

        Fault rules apply to it as ``s3:CopyObject`` or ``s3:UpdateObjectEncryption`` by the role.
        """
        if not target.decoded:
            return Outcome(target, "InvalidRequest", 400, "Task target couldn't be URL decoded")
        if target.version_id == "":
            return Outcome(target, "InvalidArgument", 400, "Version id cannot be the empty string")
        operation, params = self._task_request(target)
        resource = f"arn:{client.caller.partition}:s3:::{params['Bucket']}/{params['Key']}"
        try:
            for fault in self._lab.faults.match_faults("s3", operation, resource, client.caller.arn, "write"):
                if fault.kind == "delay":
                    await asyncio.sleep(fault.seconds)
                error = service_error_for(fault.kind, "s3")
                if error is not None:
                    raise error
            if operation == "UpdateObjectEncryption":
                require_update_permissions(client, params)
            await client.invoke(operation, params)
        except ServiceError as error:
            return Outcome(target, error.code, error.status, error.message)
        return Outcome(target, message="Successful")

    def _task_request(self, target: Target) -> tuple[str, dict[str, Any]]:
        job = self._job
        operation_params = job.request["Operation"][job.operation]
        if job.operation == "S3UpdateObjectEncryption":
            params = {
                "Bucket": target.bucket,
                "Key": target.key,
                "ObjectEncryption": operation_params["ObjectEncryption"],
            }
            if target.version_id:
                params["VersionId"] = target.version_id
            return "UpdateObjectEncryption", params
        return "CopyObject", copy_parameters(operation_params, target)


def require_update_permissions(client: RoleClient, params: dict[str, Any]) -> None:
    """Raise AccessDenied unless the role has the permissions that its object needs besides its operation.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-update-encryption.html
    """
    reading = "GetObjectVersion" if params.get("VersionId") else "GetObject"
    client.require([reading, "PutObject"], params)


def require_manifest_permissions(client: RoleClient, arn: str) -> None:
    """Raise ManifestError unless the role may read the manifest, as every documented policy for a role allows.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
    """
    bucket, key = split_object_arn(arn)
    try:
        client.require(["GetObject", "GetObjectVersion"], {"Bucket": bucket, "Key": key})
    except ServiceError as error:
        raise ManifestError(
            "ManifestReadFailed", f"Reading the manifest failed: {error.code}: {error.message}"
        ) from error


def copy_parameters(operation_params: dict[str, Any], target: Target) -> dict[str, Any]:
    """Return the CopyObject parameters for one task of S3PutObjectCopy."""
    source = quote(f"{target.bucket}/{target.key}", safe="/")
    if target.version_id:
        source += f"?versionId={quote(target.version_id)}"
    params: dict[str, Any] = {
        "Bucket": bucket_of_arn(operation_params.get("TargetResource", f":::{target.bucket}")),
        "Key": operation_params.get("TargetKeyPrefix", "") + target.key,
        "CopySource": source,
        "StorageClass": operation_params.get("StorageClass", "STANDARD"),
    }
    metadata = operation_params.get("NewObjectMetadata", {})
    if operation_params.get("SSEAwsKmsKeyId"):
        params.update(ServerSideEncryption="aws:kms", SSEKMSKeyId=operation_params["SSEAwsKmsKeyId"])
    elif metadata.get("SSEAlgorithm"):
        params["ServerSideEncryption"] = {"KMS": "aws:kms"}.get(metadata["SSEAlgorithm"], metadata["SSEAlgorithm"])
    if "BucketKeyEnabled" in operation_params:
        params["BucketKeyEnabled"] = operation_params["BucketKeyEnabled"]
    if operation_params.get("RequesterPays"):
        params["RequestPayer"] = "requester"
    if operation_params.get("MetadataDirective") == "REPLACE" or any(name != "SSEAlgorithm" for name in metadata):
        params["MetadataDirective"] = "REPLACE"
        params["Metadata"] = metadata.get("UserMetadata", {})
        for name in ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"):
            if name in metadata:
                params[name] = metadata[name]
        if "HttpExpiresDate" in metadata:
            params["Expires"] = rfc822(metadata["HttpExpiresDate"])
    if "NewObjectTagging" in operation_params:
        pairs = [f"{quote(tag['Key'])}={quote(tag['Value'])}" for tag in operation_params["NewObjectTagging"]]
        params.update(TaggingDirective="REPLACE", Tagging="&".join(pairs))
    for job_field, name in (
        ("ChecksumAlgorithm", "ChecksumAlgorithm"),
        ("RedirectLocation", "WebsiteRedirectLocation"),
        ("ObjectLockLegalHoldStatus", "ObjectLockLegalHoldStatus"),
        ("ObjectLockMode", "ObjectLockMode"),
        ("ObjectLockRetainUntilDate", "ObjectLockRetainUntilDate"),
        ("ModifiedSinceConstraint", "CopySourceIfModifiedSince"),
        ("UnModifiedSinceConstraint", "CopySourceIfUnmodifiedSince"),
        ("CannedAccessControlList", "ACL"),
        ("AnnotationDirective", "AnnotationDirective"),
    ):
        if operation_params.get(job_field) is not None:
            params[name] = operation_params[job_field]
    return params
