# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The parts of RETURN that several modules share.

Ansible has doc fragments for options, but not for return values. So each shared part is written once, here, and
generate_doc_fragments.py copies it into the modules. Where modules differ, the difference is a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_NO_SAMPLE: Any = object()
VALID_OPTIONS = "when the options are valid"
CLIENT_SIDE = "under client-side encryption"


@dataclass(frozen=True)
class Field:
    """One return value. Its attributes are the keys that Ansible documents it with, in the order of the page."""

    type: str
    description: tuple[str, ...]
    returned: str = "always"
    elements: str = ""
    contains: Mapping[str, Field] = field(default_factory=dict)
    sample: Any = _NO_SAMPLE

    @property
    def has_sample(self) -> bool:
        """Whether there is a sample. None is a sample: it is shown as null."""
        return self.sample is not _NO_SAMPLE


Fields = dict[str, Field]


def _text(*description: str, sample: Any = _NO_SAMPLE) -> Field:
    return Field("str", description, sample=sample)


def _flag(*description: str, sample: Any = _NO_SAMPLE) -> Field:
    return Field("bool", description, sample=sample)


def _number(*description: str, sample: Any = _NO_SAMPLE) -> Field:
    return Field("int", description, sample=sample)


def _texts(*description: str, sample: Any = _NO_SAMPLE) -> Field:
    return Field("list", description, elements="str", sample=sample)


def _returned(fields: Fields, returned: str) -> Fields:
    return {name: replace(each, returned=returned) for name, each in fields.items()}


# Failures


def error_fields(
    *, kind: str, message: str, resource: str, code: str = "", action: str = "", layer: str = ""
) -> Fields:
    """The parts of a failure. The arguments are the samples."""
    return {
        "kind": _text("The kind of failure. C(docs/errors.md) lists all kinds.", sample=kind),
        "message": _text("What is wrong and what to do, in full sentences.", sample=message),
        "code": _text("The AWS error code. Empty if AWS returned none.", sample=code),
        "action": _text("The IAM action or API operation that was refused. Empty if there is none.", sample=action),
        "resource": _text("The resource that was to be read or written.", sample=resource),
        "layer": _text(
            "The type of policy that refused the action, if AWS reports it. Empty otherwise.",
            sample=layer,
        ),
    }


def error(parts: Fields, *, returned: str = "failure") -> Field:
    """Why a task failed. Its message is in RV(msg) alone."""
    about = ("Why the task failed, in parts that a playbook can test.",)
    named = {name: part for name, part in parts.items() if name != "message"}
    return Field("dict", about, returned=returned, contains=named)


_OBJECT_ERROR = error_fields(
    kind="absent",
    message="There is no object 'motd.txt' in the bucket amzn-s3-demo-bucket. Check bucket, key and version_id.",
    resource="amzn-s3-demo-bucket/motd.txt",
)
_LISTED_OBJECT_ERROR = error_fields(
    kind="wrong_key",
    message="The object 'secret.txt' in the bucket amzn-s3-demo-bucket is encrypted with a customer key (SSE-C), and "
    "none is given. Give the key it was written with.",
    resource="amzn-s3-demo-bucket/secret.txt",
)
_SYNCED_OBJECT_ERROR = error_fields(
    kind="conflict",
    message="src site/index.html changed while it was read for the upload, so nothing was written. Run the task again "
    "when no other process writes to the file.",
    code="SourceChanged",
    resource="src site/index.html",
)
_SYNC_ERROR = error_fields(
    kind="forbidden",
    message="s3:ListBucket on amzn-s3-demo-bucket/site/ is forbidden (AccessDenied).",
    code="AccessDenied",
    action="s3:ListBucket",
    resource="amzn-s3-demo-bucket/site/",
    layer="identity-based",
)
_REENCRYPTED_OBJECT_ERROR = error_fields(
    kind="forbidden",
    message="s3:UpdateObjectEncryption on amzn-s3-demo-bucket/contracts/1.pdf is forbidden (AccessDenied).",
    code="AccessDenied",
    action="s3:UpdateObjectEncryption",
    resource="amzn-s3-demo-bucket/contracts/1.pdf",
    layer="identity-based",
)
_REENCRYPTION_ERROR = error_fields(
    kind="forbidden",
    message="s3:ListBucket on amzn-s3-demo-bucket is forbidden (AccessDenied).",
    code="AccessDenied",
    action="s3:ListBucket",
    resource="amzn-s3-demo-bucket",
    layer="identity-based",
)
_BUCKET_ERROR = error_fields(
    kind="absent",
    message="There is no bucket amzn-s3-demo-bucket. Check the bucket's name, and that these credentials are its "
    "account's.",
    code="NoSuchBucket",
    action="s3:GetEncryptionConfiguration",
    resource="amzn-s3-demo-bucket",
)
_BUCKET_POLICY_ERROR = error_fields(
    kind="forbidden",
    message="s3:PutBucketPolicy on amzn-s3-demo-bucket is forbidden (AccessDenied). Ask for that permission, or use "
    "other credentials.",
    code="AccessDenied",
    action="s3:PutBucketPolicy",
    resource="amzn-s3-demo-bucket",
    layer="identity-based",
)
_BUCKETS_ERROR = error_fields(
    kind="forbidden",
    message="s3:ListAllMyBuckets is forbidden (AccessDenied).",
    code="AccessDenied",
    action="s3:ListAllMyBuckets",
    resource="",
    layer="identity-based",
)
_KEY_ERROR = error_fields(
    kind="forbidden",
    message="kms:DescribeKey on alias/s3-data in us-east-1 is forbidden (AccessDeniedException).",
    code="AccessDeniedException",
    action="kms:DescribeKey",
    resource="alias/s3-data in us-east-1",
    layer="identity-based",
)
_KEY_PART_ERROR = error_fields(
    kind="forbidden",
    message="kms:GetKeyPolicy on 1234abcd-12ab-34cd-56ef-1234567890ab is forbidden (AccessDeniedException).",
    code="AccessDeniedException",
    action="kms:GetKeyPolicy",
    resource="1234abcd-12ab-34cd-56ef-1234567890ab",
)


# Actions, diffs and findings


def actions(*description: str, sample: list[str]) -> Field:
    """The operations of a run."""
    return replace(_texts(*description, sample=sample), returned=VALID_OPTIONS)


def not_there_yet(what: str) -> Field:
    """What does not exist yet."""
    return Field(
        "list",
        (
            f"The names of {what} that the task needs, that do not exist yet, and that an earlier task of the play may "
            "create. The real run fails unless they exist then.",
            "Always empty in a real run. C(docs/check_mode.md) explains it.",
        ),
        returned=VALID_OPTIONS,
        elements="str",
        sample=[],
    )


def diff(*description: str, before: Any, after: Any) -> Field:
    """What changes. `before` and `after` are the samples."""
    sides = {
        "before": Field("dict", ("The current state.",), sample=before),
        "after": Field("dict", ("The resulting state.",), sample=after),
    }
    return Field("dict", description, returned=VALID_OPTIONS, contains=sides)


def finding_fields(
    what: str, *, message: str, control: str | None, rule: str, mended_by: tuple[str, ...], options: dict[str, Any]
) -> Fields:
    """A finding about a bucket, an object or a key, and the modules whose options mend it. The rest are the samples."""
    modules = " or of ".join(f"M(sealed.s3.{name})" for name in mended_by)
    return {
        "message": _text("The finding in one sentence.", sample=message),
        "control": _text(f"The AWS control that the {what} fails. V(null) if AWS has none.", sample=control),
        "rule": _text(
            "What the finding is about, as an ID that never changes. C(docs/rules.md) lists them.", sample=rule
        ),
        "options": Field(
            "dict",
            (f"The options of {modules} that mend it, with their values. Empty if no option mends it.",),
            sample=options,
        ),
    }


def time_fields() -> Fields:
    """When a module that inspects ended reading."""
    return {
        "inspected_at": replace(
            _text(
                "When the task ended reading, by the clock of the target, in UTC.", sample="2026-11-27T08:00:00+00:00"
            ),
            returned=VALID_OPTIONS,
        )
    }


_OBJECT_FINDING = finding_fields(
    "object",
    message="The object is encrypted with SSE-S3, not with SSE-KMS with the key alias/app.",
    control=None,
    rule="object-encryption",
    mended_by=("bucket_reencryption",),
    options={"encryption": "SSE-KMS", "kms_key": "alias/app"},
)


# Buckets


def rule_fields(*, option: str, unread: str = "") -> Fields:
    """The default encryption of a bucket. `option` is the markup of the option `encryption`."""
    return {
        "encryption": _text(
            f"The default encryption, as a value of {option}. An algorithm of another AWS service is shown as S3 "
            "reports it.",
            f"V(null) if the store reports that there is no default encryption, which AWS never does{unread}.",
            sample="SSE-KMS",
        ),
        "kms_key": _text(
            "The KMS key as the rule names it. V(null) if the rule names none.",
            sample="arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
        "bucket_key_enabled": _flag("Whether new objects under SSE-KMS use an S3 bucket key."),
        "blocked_encryption_types": _texts(
            "The blocked encryption types. V(null) if S3 does not report them.", sample=["SSE-C"]
        ),
    }


def policy_fields(*, module: str = "", unread: str = "", policy_returned: str = "always") -> Fields:
    """The rules of a bucket's policy, and the policy. `module` is the markup of another module that has the options."""

    def option(name: str) -> str:
        return f"O({module}{name})"

    nothing = f"V(null) if the policy does not restrict it{unread}."
    of_own = "Those of the statements of this collection; if it has none, those of equal statements of others."
    return {
        "require_tls": _flag("Whether requests without TLS are denied.", sample=True),
        "minimum_tls_version": _text(
            f"The oldest version of TLS that is not denied. {nothing}",
            sample="1.2",
        ),
        "allow_encryption": _texts(
            f"The encryption that an upload may name, as values of {option('allow_encryption')}. A word of another AWS "
            f"service is shown as the policy has it. {nothing}",
            sample=["SSE-KMS", "DSSE-KMS"],
        ),
        "allow_kms_keys": _texts(
            f"The KMS keys that an upload may name, as the policy has them. {nothing}",
            sample=["arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        ),
        "deny_customer_keys": _flag(
            f"Whether uploads with a customer key are denied by the statement of {option('deny_customer_keys')}, or by "
            "an equal one of others. A list in C(allow_encryption) without SSE-C denies them, too.",
            sample=False,
        ),
        "require_encryption_header": _flag("Whether uploads that name no encryption are denied.", sample=False),
        "exempt_principals": _texts(
            f"The users, roles and accounts that are exempt from the rules on encryption. {of_own}", sample=[]
        ),
        "exempt_services": _texts(
            f"The AWS services that are exempt from the rules on encryption. {of_own}",
            sample=["logging.s3.amazonaws.com"],
        ),
        "policy": Field(
            "dict",
            (
                "The whole policy, also with the statements of others. V(null) if the bucket has none.",
                "Principals are always a sorted list for each type. Other lists are sorted, and a list of one value is "
                "that value, because S3 reports them in any order and form.",
            ),
            returned=policy_returned,
            sample=_SAMPLE_BUCKET_POLICY,
        ),
    }


_SAMPLE_BUCKET_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "SealedS3RequireTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


def bucket_counts(*, failed: str, api_calls: int, seconds: float) -> Fields:
    """The numbers that both modules report about their buckets. `api_calls` and `seconds` are samples."""
    return {
        "matched": _number("The number of buckets that O(buckets) names or O(select) matches.", sample=2),
        "failed": _number(f"The number of {failed}.", sample=0),
        **_times(api_calls, seconds),
    }


def _times(api_calls: int, seconds: float) -> Fields:
    return {
        "api_calls": _number(
            "The number of requests that were sent, including retries and redirects.", sample=api_calls
        ),
        "seconds": Field("float", ("The duration in seconds.",), sample=seconds),
    }


# Objects


def object_fields(
    *,
    tags: str,
    encryption: tuple[str, ...],
    kinds: str = "O(sealed.s3.s3_encrypted_object#module:encryption)",
    kms_key_unknown: str = "",
    own_key: str = "SSE-C and CSE-C",
) -> Fields:
    """An object as S3 reports it. `kms_key_unknown` completes the sentence about a key that is not reported."""
    header = "The header C({}). V(null) if the object has none."
    return {
        "bucket": _text("The name of the bucket.", sample="amzn-s3-demo-bucket"),
        "key": _text("The key of the object.", sample="reports/2026.json"),
        "version_id": _text("The version ID. V(null) in a bucket without versioning.", sample=None),
        "size": _number(
            "The size in bytes, as S3 stores the object. Under client-side encryption, it is that of the ciphertext.",
            sample=13,
        ),
        "etag": _text(
            "The ETag, including its quotation marks. Under SSE-KMS, DSSE-KMS, SSE-C and client-side encryption it is "
            "not a checksum of the content.",
            sample='"d41d8cd98f00b204e9800998ecf8427e"',
        ),
        "last_modified": _text("When the object was written.", sample="2026-11-23T12:00:00+00:00"),
        "content_type": _text("The media type of the content.", sample="application/json"),
        "cache_control": _text(header.format("Cache-Control"), sample=None),
        "content_disposition": _text(header.format("Content-Disposition"), sample=None),
        "content_encoding": _text(header.format("Content-Encoding"), sample=None),
        "content_language": _text(header.format("Content-Language"), sample=None),
        "metadata": Field("dict", ("The user metadata, without the envelope of client-side encryption.",), sample={}),
        "tags": Field("dict", (tags,), sample={"department": "finance"}),
        "storage_class": _text("The storage class.", sample="STANDARD"),
        "object_lock": Field(
            "dict",
            (
                "The lock that protects this version from deletion, if it is in force. V(null) if S3 reports none.",
                "S3 reports it only with C(s3:GetObjectRetention) and C(s3:GetObjectLegalHold).",
            ),
            contains={
                "mode": _text("V(GOVERNANCE) or V(COMPLIANCE). V(null) without a retention.", sample="GOVERNANCE"),
                "retain_until": _text(
                    "The end of the retention. V(null) without a retention.", sample="2027-12-01T16:00:00+00:00"
                ),
                "legal_hold": _flag("Whether the version has a legal hold.", sample=False),
                "event_hold": _flag("Whether the version has an event hold.", sample=False),
            },
        ),
        "checksum": Field(
            "dict",
            (
                "The strongest checksum that S3 stores. V(null) if it stores none. Under client-side encryption, it is "
                "that of the ciphertext.",
            ),
            contains={
                "algorithm": _text("The algorithm.", sample="SHA256"),
                "value": _text("The checksum in base64.", sample="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
                "type": _text(
                    "V(FULL_OBJECT) for a checksum of the whole content. V(COMPOSITE) for a checksum that is computed "
                    "from the checksums of the parts.",
                    sample="FULL_OBJECT",
                ),
            },
        ),
        "encryption": Field(
            "dict",
            encryption,
            contains={
                "type": _text(
                    f"The encryption, as a value of {kinds}. V(NONE) for an object that is not encrypted.",
                    "V(CSE-RSA) for client-side encryption under an RSA key, which cannot be decrypted here.",
                    sample="SSE-KMS",
                ),
                "kms_key_arn": _text(
                    f"The ARN of the KMS key. V(null) if there is none{kms_key_unknown}.",
                    sample="arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                ),
                "bucket_key_enabled": _flag(
                    "Whether the object uses an S3 bucket key. V(null) under any encryption other than SSE-KMS."
                ),
                "customer_key_md5": _text(
                    f"The MD5 of the customer key in base64. V(null) under any encryption other than {own_key}.",
                    sample=None,
                ),
                **_client_side_fields(),
            },
        ),
    }


def _client_side_fields() -> Fields:
    """What the envelope of client-side encryption shows, and the encryption of the ciphertext by S3."""
    server_side = {
        "type": _text("The encryption by S3, in the same terms.", sample="SSE-S3"),
        "kms_key_arn": _text("The ARN of the KMS key that S3 uses. V(null) if there is none.", sample=None),
        "bucket_key_enabled": _flag("Whether S3 uses an S3 bucket key. V(null) unless it is SSE-KMS."),
        "customer_key_md5": _text("The MD5 of the customer key that S3 gets. V(null) unless it is SSE-C.", sample=None),
    }
    fields = {
        "format": _text(
            "The format of client-side encryption: V(v3), V(v2), V(v1), or V(v1_cbc), which is not authenticated.",
            sample="v3",
        ),
        "envelope": _text(
            "Where the encrypted data key is: V(metadata) or V(instruction_file).",
            sample="metadata",
        ),
        "plaintext_size": _number(
            "The size of the content in bytes. V(null) in the format V(v1_cbc), whose padding hides it.", sample=13
        ),
        "encryption_context": Field(
            "dict", ("The encryption context of the data key. V(null) under an own key.",), sample={}
        ),
        "server_side": Field("dict", ("The encryption of the ciphertext by S3.",), contains=server_side),
    }
    return _returned(fields, CLIENT_SIDE)


# A run that neither compares nor changes an object under client-side encryption does not decrypt its data key.
_NOT_OPENED = ", or if the data key of client-side encryption was not decrypted"


def written_object_fields() -> Fields:
    """An object in the result of s3_encrypted_object, with what is not known in check mode."""
    fields = object_fields(
        tags="The tags. V(null) if the task did not need to read them.",
        encryption=("The encryption of the object.",),
        kinds="O(encryption)",
        kms_key_unknown=_NOT_OPENED,
    )
    written = "In check mode also V(null) if the task would write the object."
    for name in ("version_id", "etag", "last_modified"):
        fields[name] = _with_note(fields[name], written)
    fields["last_modified"] = _with_note(
        fields["last_modified"],
        "V(null) after an upload to AWS, whose answer proves the rest of the object, so that it is not read again.",
    )
    fields["object_lock"] = _with_note(
        fields["object_lock"],
        "Also V(null) for new content that got the default retention of the bucket, if the object was not read again, "
        "as after an upload to AWS and in check mode.",
    )
    fields["checksum"] = _with_notes_inside(
        fields["checksum"],
        value="V(null) in check mode if S3 would compute it when it copies the object, as it does if the present "
        "checksum is V(COMPOSITE).",
    )
    fields["checksum"] = _with_note(
        fields["checksum"],
        "Also V(null) in check mode if the task would encrypt and upload a content, because the ciphertext is new "
        "then.",
    )
    fields["encryption"] = _with_notes_inside(
        fields["encryption"],
        type="V(null) in check mode if the bucket's default encryption would apply.",
        kms_key_arn="In check mode also V(null) if S3 would choose the key.",
        bucket_key_enabled="In check mode also V(null) if the bucket's default encryption would decide.",
        customer_key_md5="In check mode also V(null) for a key that O(customer_key_generate) would create.",
        server_side="In check mode, its type is V(null) if the bucket's default encryption would apply.",
    )
    return fields


def inspected_object_fields() -> Fields:
    """An object in the result of s3_encrypted_object_info, where some objects of a prefix may not be readable."""
    fields = object_fields(
        tags="The tags. V(null) if the store does not report the number of tags and refuses to list them.",
        encryption=(
            "The encryption of the object.",
            "Contains only C(type) for an object under SSE-C that could not be read with the given customer key. "
            "V(null) if the object could not be read for another reason.",
        ),
        kms_key_unknown=", and under CSE-KMS, because only KMS knows the key of a data key",
        own_key="SSE-C",
    )
    audit = "With O(prefix) and O(expected), always V(null), because it is not requested."
    fields |= {name: _with_note(fields[name], audit) for name in ("tags", "checksum")}
    readable = "when the object could be read"
    always = ("bucket", "key", "encryption")
    fields |= _returned({name: each for name, each in fields.items() if name not in always}, readable)
    inside = dict(fields["encryption"].contains)
    inside |= _returned(
        {name: each for name, each in inside.items() if each.returned == "always" and name != "type"}, readable
    )
    fields["encryption"] = replace(fields["encryption"], contains=inside)
    fields["compliant"] = Field(
        "bool",
        ("Whether the object complies with O(expected). V(false) if its encryption is not known.",),
        returned="with O(expected)",
        sample=False,
    )
    fields["findings"] = Field(
        "list",
        ("How the object differs from O(expected).",),
        returned="with O(expected)",
        elements="dict",
        contains=_OBJECT_FINDING,
    )
    fields["error"] = Field(
        "dict",
        ("Why the object could not be read.",),
        returned="with O(prefix), for an object that could not be read",
        contains=_LISTED_OBJECT_ERROR,
    )
    return fields


def downloaded_object_fields() -> Fields:
    """An object in the result of s3_encrypted_object_download, which reads no tags."""
    fields = object_fields(
        tags="Always V(null), because this module does not read tags.",
        encryption=("The encryption of the object.",),
    )
    return {**fields, "tags": replace(fields["tags"], sample=None)}


def _with_note(value: Field, note: str) -> Field:
    return replace(value, description=(*value.description, note))


def _with_notes_inside(outer: Field, /, **notes: str) -> Field:
    inside = {name: _with_note(each, notes[name]) if name in notes else each for name, each in outer.contains.items()}
    return replace(outer, contains=inside)


def size_fields() -> Fields:
    """How many objects are counted together, and what decides how their encryption can be changed."""
    return {
        "objects": _number("The number of objects.", sample=1000000),
        "stored_bytes": _number("The number of bytes that S3 stores for them.", sample=52428800000),
        "noncurrent": _number(
            "How many of them are noncurrent versions. Their encryption can be changed in place only.", sample=0
        ),
        "over_5_gib": _number(
            "How many of them are larger than 5 GiB. A copy of them is made in parts, and a job of S3 Batch Operations "
            "cannot copy them.",
            sample=0,
        ),
    }


def sample_estimate_fields() -> Fields:
    """What a sample says of all objects."""
    return {
        "share": Field("float", ("The share of all objects, from 0 to 1.",), sample=0.12),
        "share_low": Field(
            "float",
            (
                "The lower end of the interval. Of 100 samples, at least 95 have an interval with the share of all "
                "objects in it.",
            ),
            sample=0.100511,
        ),
        "share_high": Field("float", ("The upper end of the interval.",), sample=0.141756),
        "objects": _number("The same as a number of objects.", sample=120000),
        "objects_low": _number("The lower end as a number of objects.", sample=100511),
        "objects_high": _number("The upper end as a number of objects.", sample=141756),
        "text": _text(
            "The estimate in words.",
            sample="About 12.0 % of 1,000,000 objects, which are 120,000. With 95 % confidence, it is 10.1 % to 14.2 "
            "%, which are 100,511 to 141,756.",
        ),
    }


_COUNTED = "when objects are counted"
_COUNTED_OBJECT_ERROR = error_fields(
    kind="forbidden",
    message="s3:GetObject on amzn-s3-demo-bucket/reports/2026.json is forbidden (AccessDenied).",
    code="AccessDenied",
    action="s3:GetObject",
    resource="amzn-s3-demo-bucket/reports/2026.json",
    layer="resource-based",
)


def inspected_job_fields() -> Fields:
    """A job of S3 Batch Operations as S3 reports it."""
    counts = {
        "total": _number("The number of tasks, one for each object. V(null) while S3 prepares the job.", sample=120000),
        "succeeded": _number("The number of tasks that succeeded.", sample=119998),
        "failed": _number("The number of tasks that failed.", sample=2),
    }
    return {
        "id": _text("The ID of the job.", sample="00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c"),
        "status": _text("The status, in the words of S3.", sample="Complete"),
        "operation": _text("The operation, in the words of S3.", sample="S3UpdateObjectEncryption"),
        "tasks": Field("dict", ("The tasks of the job.",), contains=counts),
        "description": _text(
            "The description. It begins with the mark by which M(sealed.s3.bucket_reencryption) finds its jobs.",
            sample="sealed.s3 0123456789ab amzn-s3-demo-bucket",
        ),
        "priority": _number("The priority.", sample=10),
        "created": _text("When the job was created.", sample="2026-11-26T12:00:00+00:00"),
        "ended": _text("When the job ended. V(null) before that.", sample="2026-11-26T13:00:00+00:00"),
        "failure_reasons": _texts("Why the job as a whole failed, as S3 words it.", sample=[]),
        "manifest": _text(
            "The ARN of the manifest. V(null) for one that S3 made and did not store.",
            sample="arn:aws:s3:::amzn-s3-demo-manifests/jobs/amzn-s3-demo-bucket-0123456789abcdef.csv",
        ),
        "report": _text(
            "The address of the completion report. V(null) if the job makes none.",
            sample="s3://amzn-s3-demo-manifests/reports/job-00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c/manifest.json",
        ),
    }


# KMS keys

_SAMPLE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "S3KeyDescribe",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::111122223333:role/application"]},
            "Action": ["kms:DescribeKey"],
            "Resource": "*",
        }
    ],
}


def key_fields() -> Fields:
    """A KMS key, as far as both modules report it alike."""
    return {
        "key_id": _text("The ID of the key.", sample="1234abcd-12ab-34cd-56ef-1234567890ab"),
        "arn": _text(
            "The ARN of the key.",
            sample="arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
        "alias": _text(
            "The alias that the task names, otherwise the first alias of the key. V(null) if it has none.",
            sample="alias/s3-data",
        ),
        "aliases": _texts("All aliases of the key.", sample=["alias/s3-data"]),
        "region": _text("The region of the key.", sample="us-east-1"),
        "state": _text("The state of the key, as KMS reports it.", sample="Enabled"),
        "description": _text("The description of the key.", sample="What the application keeps in S3"),
        "policy": Field(
            "dict",
            (
                "The key policy.",
                "Principals are always a sorted list for each type, although AWS reports them in any order, and a "
                "single one as a text.",
            ),
            sample=_SAMPLE_POLICY,
        ),
        "rotation": Field(
            "dict",
            (
                "Automatic rotation. V(null) for a key that does not support it, such as a key with imported key "
                "material.",
            ),
            contains={
                "enabled": _flag("Whether automatic rotation is enabled.", sample=True),
                "period_in_days": _number(
                    "The number of days between two rotations. V(null) while automatic rotation is disabled.",
                    sample=365,
                ),
            },
        ),
        "tags": Field("dict", ("The tags.",), sample={"department": "finance"}),
        "key_spec": _text("The key spec.", sample="SYMMETRIC_DEFAULT"),
        "key_usage": _text("The cryptographic operations that the key supports.", sample="ENCRYPT_DECRYPT"),
        "origin": _text("The source of the key material.", sample="AWS_KMS"),
        "manager": _text("Who manages the key, V(CUSTOMER) or V(AWS).", sample="CUSTOMER"),
        "multi_region": _flag("Whether the key is a multi-Region key.", sample=False),
        "creation_date": _text("When the key was created.", sample="2026-11-23T12:00:00+00:00"),
        "deletion_date": _text(
            "When KMS deletes the key. V(null) for a key that is not scheduled for deletion, and for a primary key "
            "whose replicas have to be deleted first.",
            sample="2026-12-23T12:00:00+00:00",
        ),
        "replica_regions": _texts("The regions of the replicas of a multi-Region primary key.", sample=["eu-west-1"]),
        "pending_deletion_window_in_days": _number(
            "The waiting period in days of a primary key that is scheduled for deletion. It starts when the last "
            "replica is deleted.",
            sample=30,
        ),
        "primary_region": _text(
            "The region of the primary key of a multi-Region key. V(null) for any other key.", sample="us-east-1"
        ),
        "replicas": Field(
            "list",
            ("The replicas of a multi-Region primary key.",),
            elements="dict",
            contains=_replica_fields(),
        ),
        "custom_key_store_id": _text(
            "The ID of the key store that stores the key material. V(null) if KMS itself stores it.",
            sample="cks-1234567890abcdef0",
        ),
        "xks_key_id": _text(
            "The ID of the external key of a key in an external key store. V(null) for any other key.",
            sample="bb8562717f809024",
        ),
    }


def _replica_fields() -> Fields:
    return {
        "region": _text("The region of the replica.", sample="eu-west-1"),
        "arn": _text(
            "The ARN of the replica.",
            sample="arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
        ),
        "state": _text("The state of the replica, as KMS reports it.", sample="Enabled"),
        "description": _text("The description of the replica.", sample="What the application keeps in S3"),
        "aliases": _texts(
            "All aliases of the replica. V(null) if it has none, or if they were not read.", sample=["alias/s3-data"]
        ),
        "policy": Field(
            "dict",
            ("The key policy of the replica. V(null) also if the task names no option of the policy.",),
            sample={"Version": "2012-10-17", "Statement": []},
        ),
        "tags": Field("dict", ("The tags of the replica.",), sample={"department": "finance"}),
        "creation_date": _text("When the replica was created.", sample="2026-11-23T12:00:00+00:00"),
        "deletion_date": _text(
            "When KMS deletes the replica. V(null) for a replica that is not scheduled for deletion.",
            sample="2026-12-23T12:00:00+00:00",
        ),
    }


def managed_key_fields() -> Fields:
    """A key in the result of kms_key_for_s3, with what is not known in check mode."""
    fields = key_fields()
    placeholder = (
        "In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run), or "
        "V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in check "
        "mode only."
    )
    for name in ("key_id", "arn"):
        fields[name] = _with_note(fields[name], placeholder)
    new = "V(null) in check mode for a key that would be created."
    fields["creation_date"] = _with_note(fields["creation_date"], new)
    fields["policy"] = _with_note(fields["policy"], "V(null) if the task names no option of the policy.")
    fields["rotation"] = _with_notes_inside(
        fields["rotation"],
        period_in_days="V(null) also in check mode for a key that is scheduled for deletion, because KMS does not "
        "report its rotation.",
    )
    fields["tags"] = _with_note(
        fields["tags"], "V(null) for a key that already existed, if the task does not name O(tags)."
    )
    fields["deletion_date"] = _with_note(fields["deletion_date"], "V(null) also in check mode.")
    fields["last_used"] = _text(
        "When the key was last used, as recorded by KMS. V(null) for a key that was not used.",
        "Only O(state=absent) with O(unused_days) reads it. V(null) otherwise. M(sealed.s3.kms_key_for_s3_info) reads "
        "it too.",
        sample="2026-11-22T12:00:00+00:00",
    )
    fields["pending_deletion_window_in_days"] = _with_note(
        fields["pending_deletion_window_in_days"],
        "For any other key it is set only in the run, or check run, that schedules the deletion. V(null) otherwise, "
        "because KMS then reports only RV(kms_key.deletion_date).",
    )
    replicas = _with_note(
        fields["replicas"],
        "All fields except C(region) and C(arn) are V(null) for a replica that O(replica_regions) does not name.",
    )
    fields["replicas"] = _with_notes_inside(replicas, arn=placeholder)
    return fields


def managed_keys() -> Fields:
    """The rows of kms_key_for_s3 in a task for many accounts."""
    key = managed_key_fields()
    row = {
        **_returned(account_fields(), "always"),
        "region": key.pop("region"),
        "changed": _flag("Whether the key was changed, or would be in check mode.", sample=True),
        "actions": _texts(
            "The AWS operations that changed the key, or would in check mode, in their order.",
            sample=["CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource"],
        ),
        "error": Field("dict", ("Why this key failed. V(null) if it did not.",), contains=_KEY_ERROR),
        **key,
    }
    return {
        "kms_keys": Field(
            "list",
            (
                "The keys, in the order of the accounts and of their regions. All fields about the key itself, except "
                "C(alias), are V(null) for a key that failed or does not exist.",
                "An account that could not be entered has no keys here. See RV(failed_accounts).",
            ),
            returned=MANY_ACCOUNTS,
            elements="dict",
            contains=row,
        )
    }


def counts_of_keys() -> Fields:
    """The numbers of a task for keys in many accounts."""
    counted = {
        "matched": _number("The number of keys, one in each region of each account that was entered.", sample=40),
        "changed": _number("The number of changed keys.", sample=2),
        "unchanged": _number("The number of keys that already complied.", sample=38),
        "failed": _number("The number of failed keys.", sample=0),
        "skipped": _number(
            "The number of keys that were not started, because the credentials of the task itself were refused.",
            sample=0,
        ),
        **_times(310, 2.5),
        **counts_of_accounts(),
    }
    return _summary("The number of keys by their result.", counted)


def counts_of_regions() -> Fields:
    """The numbers of a task that reads the keys of many accounts."""
    counted = {
        "matched": _number("The number of regions, over all accounts that were entered.", sample=40),
        "failed": _number("The number of regions whose keys could not be listed.", sample=0),
        "keys": _number("The number of keys in RV(kms_keys).", sample=120),
        **_times(900, 12.5),
        **counts_of_accounts(),
    }
    return _summary("The numbers of the task.", counted)


def _summary(description: str, counted: Fields) -> Fields:
    contains = _returned(counted, "always")
    return {"summary": Field("dict", (description,), returned=MANY_ACCOUNTS, contains=contains)}


def failed_regions() -> Fields:
    """The regions whose keys could not be listed, in a task for many accounts."""
    row = {
        **_returned(account_fields(), "always"),
        "region": _text("The region.", sample="me-south-1"),
        "error": Field("dict", ("Why the keys of the region could not be listed.",), contains=_KEY_ERROR),
    }
    return {
        "failed_regions": Field(
            "list",
            ("The regions of accounts whose keys could not be listed.",),
            returned=MANY_ACCOUNTS,
            elements="dict",
            contains=row,
        )
    }


def inspected_key_fields() -> Fields:
    """A key in the result of kms_key_for_s3_info."""
    fields = key_fields()
    fields["pending_deletion_window_in_days"] = _with_note(
        fields["pending_deletion_window_in_days"], "V(null) for any other key."
    )
    fields["replicas"] = _with_note(
        fields["replicas"],
        "All fields except C(region) and C(arn) are V(null), because each replica is a key of its own region.",
    )
    return fields


# Re-encryption


def reencryption_counts() -> Fields:
    """The numbers of a run over the objects of a bucket."""
    return {
        "seen": _number("The number of objects that were read and that the task selects.", sample=1250),
        "done": _number("The number of objects that were changed.", sample=1199),
        "as_asked": _number("The number of objects that already had the encryption.", sample=50),
        "skipped": _number("The number of objects that differ and were left as they are.", sample=1),
        "failed": _number("The number of failed objects.", sample=0),
        "vanished": _number("The number of objects that were deleted after they were listed.", sample=0),
        "new_versions": _number(
            "The number of copies that left a noncurrent version. V(null) if jobs have made some of their copies only.",
            sample=0,
        ),
        "bytes_copied": _number(
            "The size of the objects that were copied. S3 copies them, not this host. V(null) if jobs have made some "
            "of their copies only.",
            sample=0,
        ),
        "by_route": Field(
            "dict",
            (
                "The number of changed objects by how they were changed: V(in_place), V(copied) by one request, or "
                "V(copied_in_parts).",
            ),
            sample={"in_place": 1199, "copied": 0, "copied_in_parts": 0},
        ),
        "skipped_by_reason": Field(
            "dict",
            (
                "The number of skipped objects by the reason. C(docs/reencryption.md) explains all reasons.",
                "V(customer_key) - it is under SSE-C, and the task has no key. V(locked) - it is under Object Lock. "
                "V(archived) - it would have to be restored. V(noncurrent) - a copy would become the current version. "
                "V(not_in_place) - S3 can only copy it, and O(method=update). V(new_versions) - see O(method). "
                "V(null_version) - the copy would delete the noncurrent version C(null).",
                "Only with O(engine=batch_operations): V(too_large), V(acl), V(website_redirect) and V(storage_class).",
            ),
            sample={"locked": 1},
        ),
        "api_calls": _number("The number of requests that were sent, including retries and redirects.", sample=2451),
        "seconds": Field("float", ("The duration in seconds.",), sample=4.2),
    }


def estimate_fields() -> Fields:
    """The requests of a run by type, and their price."""
    request = {
        "type": _text(
            "V(list), V(get) (which reads an object or its properties), V(update_object_encryption), V(copy), "
            "V(copy_part), V(put), V(kms), V(batch_job), V(batch_job_object), or V(batch_manifest_object).",
            sample="update_object_encryption",
        ),
        "storage_class": _text(
            "The storage class, for requests whose price depends on it. V(null) for others.", sample=None
        ),
        "number": _number("The number of requests.", sample=1199),
    }
    return {
        "requests": Field("list", ("The requests by type.",), elements="dict", contains=request),
        "price_usd": Field(
            "float",
            ("Their price in US dollars. V(null) at a store other than AWS.",),
            sample=0.0065,
        ),
        "prices_of": _text("The date of the price list.", sample="2026-11-27"),
        "region_of_prices": _text("The region of the price list.", sample="us-east-1"),
        "not_included": _texts(
            "What may cost more.",
            sample=["taxes, discounts, free tiers and the prices of other Regions"],
        ),
    }


def job_fields() -> Fields:
    """A job of S3 Batch Operations that a run created or found. One that a check run plans has no ID yet."""
    fields = inspected_job_fields()
    for name in ("id", "status", "created"):
        fields[name] = replace(
            fields[name], description=(*fields[name].description, "V(null) in a check run for a new job.")
        )
    return {**fields, "is_new": _flag("Whether this run created it, or would.", sample=True)}


MANY_ACCOUNTS = "with O(accounts) or O(organization)"


def account_fields() -> Fields:
    """What a row begins with in a task for many accounts."""
    return _returned(
        {
            "account_id": _text(
                "The ID of the account. V(null) for a resource that no account of the task has.", sample="111122223333"
            ),
            "account_name": _text("The name of the account. V(null) if it has none.", sample="production"),
        },
        MANY_ACCOUNTS,
    )


def accounts_fields(numbers: Fields, *, listed: str) -> Fields:
    """What a task for many accounts says about them. `listed` says which of them are listed."""
    row = {
        "account_id": _text("The ID of the account.", sample="111122223333"),
        "account_name": _text("The name of the account. V(null) if it has none.", sample="production"),
        **numbers,
        "error": Field(
            "dict",
            ("Why the account could not be entered or listed. V(null) if it could.",),
            contains=error_fields(
                kind="forbidden",
                message="arn:aws:iam::444455556666:role/hub may not assume the role "
                "arn:aws:iam::111122223333:role/EncryptionAdministration.",
                code="AccessDenied",
                action="sts:AssumeRole",
                resource="arn:aws:iam::111122223333:role/EncryptionAdministration",
            ),
        ),
    }
    return {
        "accounts": Field(
            "list", (f"{listed} They are in the order of the task.",), MANY_ACCOUNTS, elements="dict", contains=row
        ),
        "failed_accounts": Field(
            "list",
            ("The IDs of the accounts that could not be entered or listed. The task fails if there are any.",),
            MANY_ACCOUNTS,
            elements="str",
            sample=[],
        ),
    }


def numbers_of_account(*names: str, what: str, returned: str = "always") -> Fields:
    """The numbers of the resources of one account, such as those that changed."""
    return {
        name: Field(
            "int", (f"The number of its {what} that are counted as {name} in RV(summary).",), returned, sample=1
        )
        for name in names
    }


def counts_of_accounts() -> Fields:
    """The numbers of the accounts of a task."""
    return _returned(
        {
            "accounts": _number("The number of accounts of the task.", sample=20),
            "failed_accounts": _number("The number of accounts that could not be entered or listed.", sample=0),
            "sts_calls": _number("The number of requests to STS, which are among RV(summary.api_calls).", sample=20),
        },
        MANY_ACCOUNTS,
    )


_CHANGED_ACCOUNTS = (
    "The accounts where something changed or failed. With O(results=all) all of them, and with O(results=none) those "
    "where something failed. If O(results) is omitted, at most 100 of them, first those where something failed."
)

# The blocks, by the text of their mark in a module
BLOCKS: dict[str, Fields] = {
    "time of an inspection": time_fields(),
    "name and region of a bucket": {
        "name": _text("The name of the bucket.", sample="amzn-s3-demo-bucket"),
        "region": _text("The region of the bucket. V(null) if it is not known.", sample="us-east-1"),
    },
    "account of a row": account_fields(),
    "accounts whose buckets change": accounts_fields(
        numbers_of_account("matched", "changed", "unchanged", "failed", "skipped", what="buckets"),
        listed=_CHANGED_ACCOUNTS,
    ),
    "accounts whose buckets are inspected": accounts_fields(
        {
            **numbers_of_account("matched", "failed", "skipped", what="buckets"),
            **numbers_of_account("compliant", "non_compliant", what="buckets", returned="with O(expected)"),
        },
        listed="All accounts of the task.",
    ),
    "counts of accounts": counts_of_accounts(),
    "rule of a bucket": rule_fields(option="O(encryption)"),
    "rule of an inspected bucket": rule_fields(
        option="O(sealed.s3.bucket_default_encryption#module:encryption)",
        unread=", and for a bucket that could not be read",
    ),
    "finding about a bucket": finding_fields(
        "bucket",
        message="New objects get SSE-S3 by default, not SSE-KMS.",
        control="Security Hub S3.17",
        rule="bucket-default-encryption",
        mended_by=("bucket_default_encryption",),
        options={"encryption": "SSE-KMS"},
    ),
    "error of a bucket": _BUCKET_ERROR,
    "policy of a bucket": policy_fields(),
    "policy of an inspected bucket": policy_fields(
        module="sealed.s3.bucket_encryption_policy#module:",
        unread=", and for a bucket that could not be read",
        policy_returned="if O(include_policy=true), or if that is omitted and the task has up to 100 buckets",
    ),
    "finding about a policy": finding_fields(
        "bucket",
        message="The bucket policy does not deny requests without TLS.",
        control="Security Hub S3.5",
        rule="bucket-policy-tls",
        mended_by=("bucket_encryption_policy", "bucket_default_encryption"),
        options={"require_tls": True},
    ),
    "error of an inspected policy": error_fields(
        kind="forbidden",
        message="s3:GetBucketPolicy on amzn-s3-demo-bucket is forbidden (AccessDenied). Ask for that permission, or "
        "use other credentials.",
        code="AccessDenied",
        action="s3:GetBucketPolicy",
        resource="amzn-s3-demo-bucket",
        layer="identity-based",
    ),
    "error of the policy of a bucket": _BUCKET_POLICY_ERROR,
    "failed buckets": {
        "failed_buckets": Field(
            "list",
            ("The names of the buckets that failed, to run the task again for these buckets only.",),
            returned=VALID_OPTIONS,
            elements="str",
            sample=[],
        )
    },
    "buckets and keys that do not exist yet": {"not_there_yet": not_there_yet("the buckets and KMS keys")},
    "buckets that do not exist yet": {"not_there_yet": not_there_yet("the buckets")},
    "keys that do not exist yet": {"not_there_yet": not_there_yet("the KMS keys")},
    "counts of changed buckets": bucket_counts(failed="failed buckets", api_calls=3, seconds=0.214),
    "counts of inspected buckets": bucket_counts(failed="buckets that could not be read", api_calls=2, seconds=0.121),
    "error of a bucket task": {
        "error": error(_BUCKETS_ERROR, returned="when the task fails for a reason that concerns no single bucket")
    },
    "written object": written_object_fields(),
    "inspected object": inspected_object_fields(),
    "finding about an object": _OBJECT_FINDING,
    "downloaded object": downloaded_object_fields(),
    "actions on an object": {
        "actions": actions(
            "The AWS operations that changed something, or would in check mode. C(WriteCustomerKeyFile) is the file "
            "that O(customer_key_generate) creates.",
            "C(PutInstructionFile) and C(DeleteInstructionFile) are PutObject and DeleteObject of the instruction file "
            "of client-side encryption. C(GetObject) before an upload reads a content that is to be encrypted again.",
            "A transfer in parts is listed as C(CreateMultipartUpload), C(UploadPart) or C(UploadPartCopy), and "
            "C(CompleteMultipartUpload), each of them once.",
            sample=["PutObject"],
        )
    },
    "actions of a download": {
        "actions": actions(
            "V(GetObject) if the object was downloaded, or would be in check mode.",
            "V(SetFileAttributes) if the mode, owner, group or other attributes of an existing file were changed, or "
            "would be in check mode. Those of a new file are part of V(GetObject).",
            "Empty if nothing differs.",
            sample=["GetObject"],
        )
    },
    "diff of an object": {
        "diff": diff(
            "The parts of the object that change. An encryption that S3 will choose is shown as the bucket's default. "
            "A checksum that S3 will compute is shown without its value.",
            "An upload over an existing object and a copy also show C(last_modified), whose new value is "
            "V(the time of the write), and C(version_id) in a bucket with versioning.",
            "C(acl), C(annotations) and C(object_lock) are V(unknown) before the change if the task may not read them "
            "and the write may lose them. A warning says so too.",
            before={"encryption": {"type": "SSE-S3"}},
            after={"encryption": {"type": "SSE-KMS"}},
        )
    },
    "diff of a download": {
        "diff": diff(
            "The parts of the file that change: its path, size and checksum. For an existing file also its mode, "
            "owner, group and other attributes.",
            before={},
            after={"path": "/tmp/2026.json", "size": 13},
        )
    },
    "error of an object": {"error": error(_OBJECT_ERROR)},
    "sizes of all selected objects": _returned(size_fields(), _COUNTED),
    "sizes of counted objects": size_fields(),
    "estimate of a sample": sample_estimate_fields(),
    "inspected job": inspected_job_fields(),
    "error of a failed task": error_fields(
        kind="forbidden",
        message="s3:UpdateObjectEncryption on amzn-s3-demo-bucket/contracts/1.pdf is forbidden (AccessDenied).",
        code="AccessDenied",
        action="s3:UpdateObjectEncryption",
        resource="amzn-s3-demo-bucket/contracts/1.pdf",
    ),
    "error of a counted object": _COUNTED_OBJECT_ERROR,
    "error of a synchronised object": _SYNCED_OBJECT_ERROR,
    "counts of re-encrypted objects": reencryption_counts(),
    "estimate of requests": estimate_fields(),
    "job of S3 Batch Operations": job_fields(),
    "error of a re-encrypted object": _REENCRYPTED_OBJECT_ERROR,
    "error of a re-encryption": {
        "error": error(_REENCRYPTION_ERROR, returned="when the task fails for a reason that concerns no single object")
    },
    "error of a sync task": {
        "error": error(_SYNC_ERROR, returned="when the task fails for a reason that concerns no single object")
    },
    "managed key": managed_key_fields(),
    "inspected key": inspected_key_fields(),
    "keys of accounts": managed_keys(),
    "accounts whose keys change": accounts_fields(
        numbers_of_account("matched", "changed", "unchanged", "failed", "skipped", what="keys"),
        listed="The accounts where something changed or failed, at most 100, first those where something failed.",
    ),
    "counts of keys": counts_of_keys(),
    "accounts whose keys are inspected": accounts_fields(
        numbers_of_account("matched", "failed", what="regions"), listed="All accounts of the task."
    ),
    "regions that could not be read": failed_regions(),
    "counts of regions": counts_of_regions(),
    "actions on a key": {
        "actions": replace(
            actions(
                "The AWS operations that changed something, or would in check mode, in their order.",
                sample=["CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource"],
            ),
            returned=f"{VALID_OPTIONS}, without O(accounts) and O(organization)",
        )
    },
    "diff of a key": {
        "diff": diff(
            "The parts of the key that change. The statements of its policy are listed by their Sid, those that do not "
            "change are omitted, and so are empty parts of a new key.",
            "With O(accounts) or O(organization), several keys have only the text C(prepared): each change once, with "
            "the accounts and regions in which it is made. C(<account_id>) and C(<region>) stand for those of each.",
            before={"description": ""},
            after={"description": "What the application keeps in S3"},
        )
    },
    "finding about a key": finding_fields(
        "key",
        message="The key is not rotated.",
        control="Security Hub KMS.4",
        rule="kms-key-rotation",
        mended_by=("kms_key_for_s3",),
        options={"rotation_enabled": True},
    ),
    "error of a part of a key": _KEY_PART_ERROR,
    "error of a key": {"error": error(_KEY_ERROR)},
}
