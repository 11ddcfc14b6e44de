# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The operations that steps carry out, by AWS's names: the possible values in `actions` of a result."""

from __future__ import annotations

from typing import Literal, Union

# Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
# and https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
ObjectOperation = Literal[
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "GetObject",
    "PutObject",
    "PutObjectTagging",
    "UpdateObjectEncryption",
    "UploadPart",
    "UploadPartCopy",
]
BucketOperation = Literal["DeleteBucketEncryption", "DeleteBucketPolicy", "PutBucketEncryption", "PutBucketPolicy"]
AliasOperation = Literal["CreateAlias", "UpdateAlias"]
KeyStateOperation = Literal["CancelKeyDeletion", "DisableKey", "EnableKey"]
RotationOperation = Literal["DisableKeyRotation", "EnableKeyRotation"]
KeyOperation = Literal[
    "CreateKey",
    "PutKeyPolicy",
    "ReplicateKey",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
]
# On the host that runs the task, so that AWS has no name for it.
LocalOperation = Literal["DeleteFile", "SetFileAttributes", "WriteCustomerKeyFile"]
# PutObject and DeleteObject of the instruction file beside an object.
InstructionFileOperation = Literal["DeleteInstructionFile", "PutInstructionFile"]

Operation = Union[
    ObjectOperation,
    BucketOperation,
    AliasOperation,
    KeyStateOperation,
    RotationOperation,
    KeyOperation,
    LocalOperation,
    InstructionFileOperation,
]
Operations = tuple[Operation, ...]
