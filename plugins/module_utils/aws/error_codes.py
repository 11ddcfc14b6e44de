# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""AWS's error codes, HTTP statuses and IAM actions, and what each means for a task.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
and https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from ..model.errors import FailureKind, Reason

Kind = FailureKind

_DENIED = (Kind.FORBIDDEN, "Ask for that permission, or use other credentials.")
_TOO_FAST = (Kind.THROTTLED, "Run the task again later, with fewer requests at the same time.")
_EXPIRED = (
    Kind.CREDENTIALS,
    "Get new credentials: these have expired. Those of a role that the task assumes are renewed in time, unless the "
    "clock of the host that runs the task is wrong.",
)
_UNKNOWN_CREDENTIALS = (Kind.CREDENTIALS, "Check the credentials: the service does not know them.")
_WRONG_SIGNATURE = (Kind.CREDENTIALS, "Check secret_key: it does not belong to the access key.")
_SERVICE_ERROR = (Kind.FAILED, "Run the task again later: something went wrong at the service.")
_NOT_IMPLEMENTED = (
    Kind.UNSUPPORTED,
    "The store at this endpoint does not support the operation or one of its options.",
)
_OBJECT_CHANGED = (
    Kind.CONFLICT,
    "The object was changed by another client during the run: run the task again.",
)
_NO_JOB = (Kind.ABSENT, "S3 knows a job in its own account and region, and until 90 days after its end.")

# Error code -> its kind and the advice. AWS's own message is shown between the two.
ERROR_CODES: dict[str, tuple[FailureKind, str]] = {
    "NoSuchEntity": (Kind.ABSENT, "Check its name, and that these credentials are those of its account."),
    "NoSuchBucket": (Kind.ABSENT, "Check the bucket's name, and that these credentials are its account's."),
    "InvalidBucketName": (
        Kind.INVALID,
        "Check the bucket's name: it has 3 to 63 lowercase letters, digits, hyphens and dots.",
    ),
    "InvalidBucketOwnerAWSAccountID": (
        Kind.INVALID,
        "Set expected_bucket_owner to the ID of the account that owns the bucket: 12 digits, in quotes.",
    ),
    "NoSuchKey": (Kind.ABSENT, "Check the object's key."),
    "NoSuchVersion": (Kind.ABSENT, "Check version_id."),
    "NotFoundException": (Kind.ABSENT, "Check the key's name, the region and the account."),
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "AllAccessDisabled": (Kind.FORBIDDEN, "Use another bucket."),
    "KMS.NotFoundException": (Kind.KEY_UNUSABLE, "Name a KMS key that exists in the bucket's region."),
    "KMS.DisabledException": (Kind.KEY_UNUSABLE, "Enable the KMS key."),
    "KMS.KMSInvalidStateException": (Kind.KEY_UNUSABLE, "Cancel the key's deletion and enable it, or use another."),
    "KMS.InvalidKeyUsageException": (Kind.KEY_UNUSABLE, "Name a symmetric encryption key."),
    "DisabledException": (Kind.KEY_UNUSABLE, "Enable the KMS key."),
    "KMSInvalidStateException": (Kind.KEY_UNUSABLE, "Bring the key into the state Enabled first."),
    "InvalidKeyUsageException": (Kind.KEY_UNUSABLE, "Name a symmetric encryption key."),
    "KeyUnavailableException": (
        Kind.THROTTLED,
        "Run the task again later: the KMS key is temporarily not available.",
    ),
    "KMSInternalException": _SERVICE_ERROR,
    "InvalidCiphertextException": (Kind.NOT_AUTHENTIC, "Check the encryption context, and who changed the ciphertext."),
    "IncorrectKeyException": (Kind.WRONG_KEY, "Name the KMS key that encrypted the ciphertext."),
    "InvalidArnException": (Kind.INVALID, "Check the key's ARN."),
    "TagException": (Kind.INVALID, "Check the tags."),
    "InvalidTag": (Kind.INVALID, "Check the tags."),
    "InvalidStorageClass": (Kind.INVALID, "Check storage_class: the store at this endpoint does not have that class."),
    "MalformedPolicyDocumentException": (
        Kind.INVALID,
        "Correct what KMS names. It also refuses principals that do not exist, and a policy that these credentials "
        "could not change again: use credentials that meet its conditions, such as MFA; or set "
        "bypass_policy_lockout_safety_check: true if others are to manage the key.",
    ),
    "MalformedPolicy": (Kind.INVALID, "Correct the statement that S3 refuses: it checks all of the policy."),
    "ConflictException": (Kind.CONFLICT, "A rotation of the key is in progress or due soon: run the task again later."),
    "AlreadyExistsException": (Kind.CONFLICT, "It was created by another client during the run: run the task again."),
    "PreconditionFailed": _OBJECT_CHANGED,
    "ConditionalRequestConflict": (
        Kind.CONFLICT,
        "The object was written or deleted by another client during the run, perhaps with the same content: "
        "run the task again.",
    ),
    "IdempotencyException": (
        Kind.CONFLICT,
        "Another run has created a job for the same task meanwhile, with another manifest: run the task again.",
    ),
    "JobStatusException": (
        Kind.CONFLICT,
        "The status of the job has changed meanwhile: run the task again, which goes on with what is there.",
    ),
    "AWSOrganizationsNotInUseException": (
        Kind.INVALID,
        "Run the task with credentials of the organization's management account, or name the accounts in the option "
        "accounts.",
    ),
    "ParentNotFoundException": (Kind.ABSENT, "Check the ID of the organizational unit, and its organization."),
    "TargetNotFoundException": (Kind.ABSENT, "Run the task again: the account has left the organization meanwhile."),
    "ServiceException": _SERVICE_ERROR,
    "NoSuchJob": _NO_JOB,
    "NoSuchJobException": _NO_JOB,
    "BadRequestException": (Kind.INVALID, "Correct what S3 names."),
    "InternalServiceException": _SERVICE_ERROR,
    "OperationAborted": (Kind.CONFLICT, "Another change of the bucket is in progress: run the task again."),
    "UnknownOperationException": (Kind.UNSUPPORTED, "The store at this endpoint does not support the operation."),
    "NotImplemented": _NOT_IMPLEMENTED,
    "MethodNotAllowed": (Kind.UNSUPPORTED, "The store at this endpoint does not allow the operation."),
    "UnsupportedOperationException": (Kind.UNSUPPORTED, "This kind of KMS key does not support the operation."),
    "CustomKeyStoreNotFoundException": (
        Kind.INVALID,
        "Check custom_key_store_id: a key store is known in its own account and region only.",
    ),
    "CustomKeyStoreInvalidStateException": (
        Kind.KEY_UNUSABLE,
        "Connect the key store (kms:ConnectCustomKeyStore, which takes up to 20 minutes), and run the task again.",
    ),
    "CloudHsmClusterInvalidConfigurationException": (
        Kind.KEY_UNUSABLE,
        "Give the CloudHSM cluster at least two active HSMs in different Availability Zones, and leave its security "
        "group as CloudHSM made it.",
    ),
    "XksKeyNotFoundException": (
        Kind.INVALID,
        "Name in xks_key_id a key that the key store's external key manager has, by the id that its proxy uses.",
    ),
    "XksKeyAlreadyInUseException": (
        Kind.INVALID,
        "Name another external key in xks_key_id: each serves one KMS key of a key store.",
    ),
    "XksKeyInvalidConfigurationException": (
        Kind.INVALID,
        "Name in xks_key_id an AES key of 256 bits that is enabled, for encryption and decryption.",
    ),
    "DependencyTimeoutException": (Kind.THROTTLED, "Run the task again later: something that KMS needs was too slow."),
    "LimitExceededException": (Kind.FAILED, "Raise the quota, or remove what is not needed."),
    "SlowDown": _TOO_FAST,
    "ThrottlingException": _TOO_FAST,
    "Throttling": _TOO_FAST,
    "TooManyRequestsException": _TOO_FAST,
    "ServiceUnavailable": (Kind.THROTTLED, "Run the task again later."),
    "InternalError": _SERVICE_ERROR,
    "PermanentRedirect": (Kind.INVALID, "Set region to the bucket's own, and check endpoint_url."),
    "TemporaryRedirect": (Kind.INVALID, "Set region to the bucket's own, or run the task again later."),
    # S3 answers so to a signature for another region than the bucket's, or for a name that no region has.
    "AuthorizationHeaderMalformed": (Kind.INVALID, "Set region to the one that S3 expects."),
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidAccessKeyId": (Kind.CREDENTIALS, "Check access_key: the service does not know it."),
    "UnrecognizedClientException": _UNKNOWN_CREDENTIALS,
    "InvalidClientTokenId": _UNKNOWN_CREDENTIALS,
    "InvalidSignatureException": _WRONG_SIGNATURE,
    "SignatureDoesNotMatch": _WRONG_SIGNATURE,
    "RequestTimeTooSkewed": (Kind.CREDENTIALS, "Set the clock of the host that runs the task."),
    "BadDigest": (Kind.CONFLICT, "The file changed while it was read: run the task again."),
    "InvalidObjectState": (Kind.INVALID, "Restore the archived object first."),
}

# S3 answers so to a request for a bucket policy from another account, also if the policy allows the action.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
POLICY_OF_ANOTHER_ACCOUNT = (
    Kind.FORBIDDEN,
    "S3 answers so to credentials of an account that does not own the bucket: use those of the bucket's account. "
    "Another store may not have bucket policies.",
)

# Of S3 Control, whose code for a job that does not exist is that of KMS for a key.
JOB_NOT_FOUND = _NO_JOB

# S3 reports an id that it has never issued as an invalid argument, and the id of a deleted version as NoSuchVersion.
INVALID_VERSION_ID = (Kind.INVALID, "Check version_id: S3 has not issued such an id.")

# Error code, or the HTTP status of a response without a code -> the reason that a run decides by.
REASONS = {
    "NoSuchBucket": Reason.BUCKET_NOT_FOUND,
    "NoSuchKey": Reason.OBJECT_NOT_FOUND,
    "NoSuchVersion": Reason.VERSION_NOT_FOUND,
    "NoSuchUpload": Reason.UPLOAD_NOT_FOUND,
    "NoSuchJob": Reason.JOB_NOT_FOUND,
    "NoSuchJobException": Reason.JOB_NOT_FOUND,
    "IdempotencyException": Reason.TOKEN_OF_ANOTHER_REQUEST,
    # S3 answers so to a session in a region that is not enabled in its account.
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    "InvalidToken": Reason.TOKEN_NOT_ACCEPTED,
    "BadDigest": Reason.BODY_DAMAGED,
    "IncompleteBody": Reason.BODY_DAMAGED,
    "RequestTimeout": Reason.BODY_DAMAGED,
    "XAmzContentSHA256Mismatch": Reason.BODY_DAMAGED,
    "ThrottlingException": Reason.RATE_LIMITED,
    "Throttling": Reason.RATE_LIMITED,
    "TooManyRequestsException": Reason.RATE_LIMITED,
    "429": Reason.RATE_LIMITED,
    "400": Reason.UNEXPLAINED_BAD_REQUEST,
    "403": Reason.UNEXPLAINED_DENIAL,
    "404": Reason.UNEXPLAINED_ABSENCE,
}

WRONG_REGION = (
    Kind.INVALID,
    "Set region to the bucket's own, and endpoint_url to the final address of the store: a redirect, such as from http "
    "to https, is not followed.",
)
BAD_GATEWAY = (
    Kind.UNREACHABLE,
    "Check that the store behind the proxy at endpoint_url is running, and run the task again later.",
)

# HTTP status -> kind and advice, for a response without an error code: the response to a HEAD has no body, and proxies
# and web servers in front of a store send their own pages.
STATUSES: dict[str, tuple[FailureKind, str]] = {
    "301": WRONG_REGION,
    "302": WRONG_REGION,
    "307": WRONG_REGION,
    "308": WRONG_REGION,
    "400": (
        Kind.FAILED,
        "S3 sends this status without a reason for an expired token, a region that is not the bucket's, a missing "
        "customer key, one that the object does not need, or plain HTTP to an https endpoint: check these.",
    ),
    "401": (Kind.CREDENTIALS, "Check the credentials, and whether a proxy in front of the store needs its own."),
    "403": _DENIED,
    # A bare 404 does not prove that a bucket or object is missing: an error of S3 has a code in its body, and a HEAD,
    # which has no body, is followed by another request.
    "404": (Kind.FAILED, "Check the names of bucket and key, and the path in endpoint_url."),
    "405": (
        Kind.UNSUPPORTED,
        "The store at this endpoint, or a proxy in front of it, does not allow the operation. S3 also sends this "
        "status for a version that is a delete marker.",
    ),
    "407": (Kind.UNREACHABLE, "Give the proxy its user and password, in HTTPS_PROXY or in aws_config."),
    "408": (Kind.UNREACHABLE, "Run the task again later, with less concurrency: the request was too slow."),
    "411": (Kind.UNSUPPORTED, "The store, or a proxy in front of it, does not accept uploads as the SDK sends them."),
    "412": _OBJECT_CHANGED,
    "413": (Kind.FAILED, "Raise the request size limit of the store, or of the proxy in front of it."),
    "429": _TOO_FAST,
    "500": _SERVICE_ERROR,
    "501": _NOT_IMPLEMENTED,
    "502": BAD_GATEWAY,
    "503": _TOO_FAST,
    "504": BAD_GATEWAY,
}

# The IAM actions of the S3 operations whose action has another name than the operation.
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
IAM_ACTIONS = {
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "HeadObject": "s3:GetObject",
    "CopyObject": "s3:PutObject",
    "GetBucketReplication": "s3:GetReplicationConfiguration",
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListBuckets": "s3:ListAllMyBuckets",
}
