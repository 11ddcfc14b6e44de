# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What each rule is about, how severe a finding of it is, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ..finding import Rule
from ..kinds.registry import CUSTOMER_KEY, S3_DEFAULT


class Severity(Enum):
    """How severe a finding is, in the words of Security Hub, the most severe first.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Severity.html
    """

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    INFORMATIONAL = "INFORMATIONAL"


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a report says about a rule.

    `title` is the state in which a resource has no finding. `module` is the module whose options mend one (None: no
    module does). `advice` says what to do, or to look at before. `repeats`: one resource can have several findings of
    the rule, each with a message of its own. `help_uri` is its place in the documentation.
    """

    title: str
    severity: Severity
    explanation: str
    module: str | None
    advice: str
    repeats: bool
    help_uri: str


_HELP = "https://github.com/sealed-s3/sealed.s3/blob/main/docs/rules.md#"
_DEFAULT = "sealed.s3.bucket_default_encryption"
_POLICY = "sealed.s3.bucket_encryption_policy"
_KEY = "sealed.s3.kms_key_for_s3"
_OBJECTS = "sealed.s3.bucket_reencryption"
_S3, _OWN = S3_DEFAULT.name, CUSTOMER_KEY.name


def _about(
    rule: Rule,
    severity: Severity,
    title: str,
    explanation: str,
    *,
    module: str | None,
    advice: str,
    repeats: bool = False,
) -> tuple[Rule, RuleText]:
    return rule, RuleText(title, severity, explanation, module, advice, repeats, _HELP + rule.value)


RULES: Mapping[Rule, RuleText] = dict(
    (
        _about(
            Rule.DEFAULT_ENCRYPTION,
            Severity.MEDIUM,
            "The default encryption of a bucket is the expected one",
            f"An object that is uploaded without naming an encryption gets the default of its bucket. Under {_S3}, "
            "whoever may read the object can read its content. Under a KMS key, the reader also needs the key.",
            module=_DEFAULT,
            advice="Set the default encryption. Objects that exist keep theirs, and logs that AWS delivers to a bucket "
            f"may need {_S3}.",
        ),
        _about(
            Rule.DEFAULT_KEY,
            Severity.MEDIUM,
            "The default KMS key of a bucket is the expected one",
            "The policy of a KMS key decides who can read what is encrypted under it. Under another key, other people "
            "decide, or nobody does: the policy of the AWS managed key cannot be changed.",
            module=_DEFAULT,
            advice="Set the key. Those who write and read the bucket need permission to use it. Objects that exist "
            "keep their key.",
        ),
        _about(
            Rule.BUCKET_KEY,
            Severity.LOW,
            "A bucket uses S3 bucket keys as expected",
            "With an S3 bucket key, S3 asks KMS once for many objects, which costs less and stays below the request "
            "limits of KMS. CloudTrail then shows the bucket and not each object.",
            module=_DEFAULT,
            advice="Set the S3 bucket key. Key policies with a condition on the ARN of objects have to allow the ARN "
            "of the bucket first.",
        ),
        _about(
            Rule.BLOCKED_ENCRYPTION_TYPES,
            Severity.MEDIUM,
            "A bucket blocks the expected encryption types",
            f"Under {_OWN}, only the uploader has the key of an object. Somebody with stolen credentials can encrypt "
            "the objects of a bucket anew, and keep the key.",
            module=_DEFAULT,
            advice="Block the types that no client uses. Uploads with a blocked type are denied; objects that exist "
            "stay readable.",
            repeats=True,
        ),
        _about(
            Rule.TLS,
            Severity.MEDIUM,
            "The policy of a bucket denies requests without TLS",
            "Over plain HTTP, everybody on the way can read and change what is sent, and S3 accepts it unless the "
            "bucket policy denies it.",
            module=_POLICY,
            advice="Add the rule. Look in CloudTrail or in server access logs for clients without TLS first.",
        ),
        _about(
            Rule.TLS_VERSION,
            Severity.MEDIUM,
            "The policy of a bucket denies older versions of TLS",
            "A bucket policy can require a newer version of TLS than S3 itself does.",
            module=_POLICY,
            advice="Add the rule. CloudTrail shows the version of each request in tlsDetails.",
        ),
        _about(
            Rule.ALLOWED_ENCRYPTION,
            Severity.MEDIUM,
            "The policy of a bucket denies uploads that name another encryption",
            "A client can name an encryption in each upload, and the default encryption of the bucket does not apply "
            "to it. Only the bucket policy can deny a weaker one.",
            module=_POLICY,
            advice="Add the rule. Clients that name another encryption are then denied.",
        ),
        _about(
            Rule.ALLOWED_KMS_KEYS,
            Severity.MEDIUM,
            "The policy of a bucket denies uploads that name another KMS key",
            "A client can name a KMS key of another account in an upload. Who controls that key decides who can read "
            "the object, and whether anybody can.",
            module=_POLICY,
            advice="Add the rule. Clients have to name a key by its ARN, as it is in the policy.",
        ),
        _about(
            Rule.CUSTOMER_KEYS,
            Severity.MEDIUM,
            "The policy of a bucket denies uploads with a customer key",
            f"An object under {_OWN} is lost with its key, which AWS does not have.",
            module=_POLICY,
            advice=f"Add the rule, or block {_OWN} in the default encryption of the bucket.",
        ),
        _about(
            Rule.ENCRYPTION_HEADER,
            Severity.LOW,
            "The policy of a bucket denies uploads that name no encryption",
            "Since 2023, S3 encrypts every new object. A rule that requires the header only makes clients say how.",
            module=_POLICY,
            advice="Add the rule only if all clients send the header: others are denied.",
        ),
        _about(
            Rule.EXEMPTIONS,
            Severity.MEDIUM,
            "The rules of a bucket policy exempt exactly the expected principals",
            "A principal that is exempt can upload in any encryption.",
            module=_POLICY,
            advice="Set the exemptions. A principal that loses its exemption may be denied.",
            repeats=True,
        ),
        _about(
            Rule.POLICY_STATEMENT,
            Severity.MEDIUM,
            "The statements of this collection in a bucket policy have the expected form",
            "A statement that was changed by hand may deny less than its rule says.",
            module=_POLICY,
            advice="Run the task that wrote the policy again.",
            repeats=True,
        ),
        _about(
            Rule.POLICY_CONFLICT,
            Severity.MEDIUM,
            "A bucket policy can have the expected rules",
            "What the bucket policy has and what is expected of it exclude each other.",
            module=None,
            advice="Decide which of both is right, and change the policy or the expectation.",
            repeats=True,
        ),
        _about(
            Rule.DENIED_DEFAULT,
            Severity.MEDIUM,
            "The default encryption of a bucket is one that its policy allows uploads to name",
            "The rules of a bucket policy about an encryption or a key apply to uploads that name one. Other uploads "
            "get the default, whatever the policy allows.",
            module=_DEFAULT,
            advice="Give the bucket a default that is in the lists of its policy.",
            repeats=True,
        ),
        _about(
            Rule.KEY_DELETION,
            Severity.CRITICAL,
            "A KMS key is not scheduled for deletion",
            "When a key is deleted, everything that is encrypted under it becomes unreadable for ever.",
            module=_KEY,
            advice="Cancel the deletion, unless nothing is encrypted under the key. Nothing can be read with it until "
            "then.",
        ),
        _about(
            Rule.KEY_ROTATION,
            Severity.MEDIUM,
            "A KMS key is rotated",
            "Rotation limits how much is encrypted under the same key material. KMS keeps the earlier key material, so "
            "that everything stays readable.",
            module=_KEY,
            advice="Enable the rotation. It needs no change of clients.",
        ),
        _about(
            Rule.KEY_UNFINISHED,
            Severity.LOW,
            "A KMS key was completed by the task that created it",
            "The task ended before the key had its alias, policy, tags and rotation.",
            module=None,
            advice="Run the task for the key again, or delete the key if another one has its alias.",
        ),
        _about(
            Rule.KEY_UNUSABLE,
            Severity.HIGH,
            "The default KMS key of a bucket can be used",
            "Uploads that name no encryption fail, and objects under the key cannot be read.",
            module=_KEY,
            advice="Enable the key, cancel its deletion, or give the buckets another key.",
        ),
        _about(
            Rule.KEY_PUBLIC,
            Severity.CRITICAL,
            "The policy of a KMS key grants no access to everyone",
            "Principals of any account can use the key as far as the statement allows it.",
            module=None,
            advice="Name the principals of the statement, or restrict it by a condition with fixed values, such as "
            "kms:CallerAccount.",
            repeats=True,
        ),
        _about(
            Rule.KEY_STATEMENT,
            Severity.LOW,
            "All statements of a key policy have an effect",
            "KMS once accepted statements with a missing element. Such a statement allows and denies nothing.",
            module=None,
            advice="Complete the statement, or remove it.",
            repeats=True,
        ),
        _about(
            Rule.KEY_PRINCIPALS,
            Severity.INFORMATIONAL,
            "A key policy names no deleted users or roles",
            "IAM shows a deleted user or role by its unique ID. Nobody can use what the policy grants it.",
            module=None,
            advice="Remove the IDs. A new user or role of the same name has another ID.",
        ),
        _about(
            Rule.KEY_POLICY,
            Severity.HIGH,
            "A key policy can be understood",
            "What cannot be understood was not checked, so the key may be open to everyone.",
            module=None,
            advice="Look at the policy of the key.",
        ),
        _about(
            Rule.OBJECT_ENCRYPTION,
            Severity.MEDIUM,
            "An object has the expected encryption",
            "A change of the default encryption of a bucket does not change the objects that exist.",
            module=_OBJECTS,
            advice="Encrypt the objects again. select limits the task to some of them, and a check run shows what it "
            "would change.",
        ),
        _about(
            Rule.OBJECT_KEY,
            Severity.MEDIUM,
            "An object has the expected KMS key",
            "The policy of another key decides who can read the object.",
            module=_OBJECTS,
            advice="Encrypt the objects again. select limits the task to some of them, and a check run shows what it "
            "would change.",
        ),
        _about(
            Rule.OBJECT_BUCKET_KEY,
            Severity.LOW,
            "An object uses an S3 bucket key as expected",
            "Without one, S3 calls KMS for each request for the object.",
            module=_OBJECTS,
            advice="Encrypt the objects again with the S3 bucket key, and name their KMS key.",
        ),
    )
)
