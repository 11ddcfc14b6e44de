# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The policies and ACLs of buckets, and what else has to be known before a policy restricts requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...model.arn import Arn
from ...model.errors import OperationError
from ..errors import translate_errors
from ..session import Clients
from .s3_buckets import signed_region

if TYPE_CHECKING:
    from ...model.buckets.log_delivery import AclGrant

_NO_POLICY = "NoSuchBucketPolicy"
_NO_WEBSITE = "NoSuchWebsiteConfiguration"


class S3BucketPolicies:
    """The bucket policies that a session can reach. The SDK's redirects find the region of a bucket."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not AWS's own."""
        return self._clients.custom_endpoint("s3")

    @property
    def plain_http_endpoint(self) -> str:
        """The endpoint of the run if its requests are not encrypted; empty if they are."""
        url = str(self._clients.get("s3").meta.endpoint_url)
        return url if url.lower().startswith("http://") else ""

    def bucket_arn(self, bucket: str, region: str) -> str:
        """The ARN of a bucket, in the partition of its region."""
        return str(Arn(self._clients.partition(region), "s3", "", "", bucket))

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """GetBucketPolicy, and the region that the request was signed for. S3 returns an error if there is none."""
        with translate_errors("s3", "GetBucketPolicy", bucket):
            client = self._clients.get("s3", region)
            try:
                response = client.get_bucket_policy(Bucket=bucket)
            except client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") != _NO_POLICY:
                    raise
                return None, signed_region(error.response)
        return str(response["Policy"]), signed_region(response)

    def put_bucket_policy(self, bucket: str, document: str, region: str) -> None:
        """PutBucketPolicy. The failure names the statements that it is about."""
        try:
            with translate_errors("s3", "PutBucketPolicy", bucket):
                self._clients.get("s3", region or None).put_bucket_policy(Bucket=bucket, Policy=document)
        except OperationError as error:
            from .policy_refusals import explain_refused_policy  # a task that is not refused starts faster without it

            raise OperationError(explain_refused_policy(error.failure, document)) from error

    def delete_bucket_policy(self, bucket: str, region: str) -> None:
        """DeleteBucketPolicy."""
        with translate_errors("s3", "DeleteBucketPolicy", bucket):
            self._clients.get("s3", region or None).delete_bucket_policy(Bucket=bucket)

    def get_bucket_acl(self, bucket: str, region: str) -> tuple[AclGrant, ...]:
        """GetBucketAcl. A bucket with ACLs disabled reports the grant of its owner only."""
        with translate_errors("s3", "GetBucketAcl", bucket):
            response = self._clients.get("s3", region or None).get_bucket_acl(Bucket=bucket)
        return tuple(flatten_grant(grant) for grant in response.get("Grants") or ())

    def serves_website(self, bucket: str, region: str) -> bool:
        """GetBucketWebsite. S3 returns an error if there is no such configuration."""
        try:
            with translate_errors("s3", "GetBucketWebsite", bucket):
                self._clients.get("s3", region or None).get_bucket_website(Bucket=bucket)
        except OperationError as error:
            if error.failure.code != _NO_WEBSITE:
                raise
            return False
        return True


def flatten_grant(grant: Mapping[str, Any]) -> AclGrant:
    """A grant in the response of GetBucketAcl."""
    from ...model.buckets.log_delivery import AclGrant

    grantee = grant.get("Grantee", {})
    return AclGrant(str(grantee.get("URI") or grantee.get("ID") or ""), str(grant.get("Permission", "")))
