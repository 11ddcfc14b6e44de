# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Why the task of a job failed: the answer of S3 to the job's request for one object, as its report names it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...model.batch_jobs.completion_report import FailedTask
from ...model.errors import Failure
from ..objects.update_encryption_errors import explain_update_error
from ..service_errors import from_client_error

try:
    from botocore.exceptions import ClientError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

# The operation of S3 that a job calls for each object.
_OPERATIONS = {"S3UpdateObjectEncryption": "UpdateObjectEncryption", "S3PutObjectCopy": "CopyObject"}
_UPDATE = "UpdateObjectEncryption"


def explain_task_error(operation: str, resource: str, task: FailedTask) -> Failure:
    """The failure of a task: as that of the same request by this process, whose role is that of the job."""
    name = _OPERATIONS.get(operation, operation)
    status = int(task.status) if task.status.isdecimal() else 0
    answer: Any = {
        "Error": {"Code": task.code, "Message": task.text},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {"x-amz-request-id": "of the job"}},
    }
    error = ClientError(answer, name)
    failure = from_client_error(error, "s3", name, resource)
    if name != _UPDATE:
        return failure
    failure = explain_update_error(failure)
    # The advice is that for the module of one object, whose option has another name.
    return replace(failure, advice=failure.advice.replace("change_method", "method"))
