# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Jobs of S3 Batch Operations that tests create: as bucket_reencryption does, or as other tools do."""

from __future__ import annotations

from typing import Any

from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.wish import JobWish

from .conftest import ACCOUNT

_SETTLED = ("Complete", "Failed", "Cancelled", "Suspended")


class MadeJobs:
    """Creates jobs for the objects of a bucket. `store` is a new bucket for their manifests and reports."""

    def __init__(self, s3: Any, control: Any, bucket: str, store: str, key_arn: str) -> None:
        self._s3 = s3
        self._control = control
        self._bucket = bucket
        self._store = store
        self._key_arn = key_arn
        self._number = 0
        s3.create_bucket(Bucket=store)

    def create(self, keys: list[str], *, wish: JobWish | None = None, **more: Any) -> str:
        """Create a job that encrypts these keys in place, wait until it has ended or is suspended, and return its ID.

        With a wish, it is a job of bucket_reencryption. `more` replaces parameters of the request.
        """
        self._number += 1
        manifest = f"manifest-{self._number}.csv"
        rows = "".join(f"{self._bucket},{key}\n" for key in keys)
        etag = self._s3.put_object(Bucket=self._store, Key=manifest, Body=rows.encode())["ETag"].strip('"')
        target = {"SSEKMS": {"KMSKeyArn": self._key_arn, "BucketKeyEnabled": True}}
        request: dict[str, Any] = {
            "AccountId": ACCOUNT,
            "ConfirmationRequired": False,
            "Operation": {"S3UpdateObjectEncryption": {"ObjectEncryption": target}},
            "Priority": 7,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/batch",
            "ClientRequestToken": f"{self._bucket}-{self._number}",
            "Report": {
                "Enabled": True,
                "Bucket": f"arn:aws:s3:::{self._store}",
                "Format": "Report_CSV_20180820",
                "Prefix": "reports",
                "ReportScope": "AllTasks",
            },
            "Manifest": {
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
                "Location": {"ObjectArn": f"arn:aws:s3:::{self._store}/{manifest}", "ETag": etag},
            },
        }
        if wish:
            request["Description"] = wish.describe("for a test")
            request["Tags"] = [{"Key": key, "Value": value} for key, value in wish.tags]
        job_id: str = self._control.create_job(**{**request, **more})["JobId"]
        while self._status(job_id) not in _SETTLED:
            pass
        return job_id

    def _status(self, job_id: str) -> str:
        found: str = self._control.describe_job(AccountId=ACCOUNT, JobId=job_id)["Job"]["Status"]
        return found
