# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption options. Written by scripts/generate_doc_fragments.py; change them there."""

from __future__ import annotations


class ModuleDocFragment:
    # The encryption of an object that is written.
    DOCUMENTATION = r"""
options:
  encryption:
    description:
      - The encryption of the object.
      - V(SSE-S3) - S3 encrypts with keys that S3 manages.
      - V(SSE-KMS) - S3 encrypts with data keys of a KMS key, by default of the AWS managed key C(alias/aws/s3).
      - V(DSSE-KMS) - S3 encrypts in two layers with data keys of a KMS key. S3 bucket keys do not apply.
      - V(SSE-C) - S3 encrypts with a key that the caller sends with every request. S3 does not store the key.
      - >-
        AWS's own words are accepted, too: V(AES256) is V(SSE-S3), V(aws:kms) is V(SSE-KMS), V(aws:kms:dsse) is
        V(DSSE-KMS). Results have the names of this collection.
      - If omitted, new content is uploaded without an encryption header, so the bucket's default encryption applies.
        An object whose content does not change keeps its encryption.
      - If set, it is compared with what HeadObject reports. If only the encryption differs, the object is encrypted
        again, in place or by a copy onto itself. See O(change_method).
      - The bucket has to allow V(SSE-C). New buckets block it since April 2026. See
        O(sealed.s3.bucket_default_encryption#module:blocked_encryption_types). The module checks this before the
        write with one GetBucketEncryption, which needs C(s3:GetEncryptionConfiguration). Without that permission, S3
        answers the write with an AccessDenied that does not name the cause.
    type: str
    aliases:
      - encryption_mode
    choices:
      - SSE-S3
      - SSE-KMS
      - DSSE-KMS
      - SSE-C
      - AES256
      - aws:kms
      - aws:kms:dsse
  kms_key:
    description:
      - The KMS key. Only with O(encryption=SSE-KMS) or O(encryption=DSSE-KMS).
      - A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN. It is resolved to a key ARN in the region of the
        bucket. Only key ARNs are compared and sent to S3.
      - If omitted, an object that already has the same O(encryption) keeps its key. Otherwise S3 uses the AWS managed
        key C(alias/aws/s3).
      - The key is checked before a write that uses it. It has to exist, be enabled and symmetric, and be in the
        region of the bucket. The check costs one DescribeKey. A form other than a key ARN costs it in every run.
      - At a store without a key service, without C(kms_endpoint_url), name the key as the store does. The name is
        used as it is written, also in the form C(arn:aws:kms:NAME) that some stores report, and the task warns.
      - Needs C(kms:DescribeKey). If that is denied, a key ARN is used without the check and the task warns. The other
        forms fail.
      - Writing also needs C(kms:GenerateDataKey) on the key. Reading needs C(kms:Decrypt), and so does HeadObject,
        because it returns checksums.
    type: str
    aliases:
      - encryption_key_id
      - encryption_kms_key_id
  bucket_key_enabled:
    description:
      - Whether S3 uses an S3 bucket key for the object, which reduces the number of KMS requests. Only with
        O(encryption=SSE-KMS).
      - If omitted, an object under SSE-KMS keeps its setting. Any other object gets the setting of the bucket's
        default encryption.
      - With a bucket key, the encryption context that KMS receives is the ARN of the bucket instead of the ARN of the
        object. Policies with a condition on C(kms:EncryptionContext:aws:s3:arn) have to allow both.
    type: bool
  encryption_context:
    description:
      - Names and values that S3 passes to KMS whenever it uses the key. Only with O(encryption=SSE-KMS) or
        O(encryption=DSSE-KMS).
      - The context is sent with every write and never compared, because S3 does not report it. A different context
        alone changes nothing.
      - A write from a task that omits it has no context of its own. Set it in every task that may write the object.
      - CloudTrail logs it in plain text.
    type: dict
  customer_key:
    description:
      - The customer key. Only with O(encryption=SSE-C).
      - 256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format.
        Quote the value, so that YAML does not read digits as a number.
      - It is compared by its MD5, which S3 reports.
      - >-
        The key is never shown in a result, diff, error or log. Results identify it by its MD5, which S3 reports too.
        Ansible itself prints the items of a C(loop), also with a C(label). So do not loop over keys: loop over names
        and look up the key in the task, use O(customer_key_file), or set C(no_log: true).
      - Mutually exclusive with O(customer_key_file).
    type: str
  customer_key_file:
    description:
      - A file with the customer key on the target, the host that runs the task. It contains 32 raw bytes, or one of
        the formats of O(customer_key). The file is not read from the controller. Only with O(encryption=SSE-C).
      - The task warns about a file that other users can write, or that all users can read. A value that has the form
        of a key is refused without showing it; a file with such a name is written with its folder, such as C(./NAME).
      - Mutually exclusive with O(customer_key).
    type: path
  customer_key_generate:
    description:
      - Whether to create O(customer_key_file) with a random key if the file does not exist. The key is written in
        base64, with mode 0600. Only with O(encryption=SSE-C).
      - The file is written just before the object, and not in check mode. Its directory has to exist.
      - Keep the file safe. Without the key, neither you nor AWS can read the object.
    type: bool
    default: false
  previous_customer_key:
    description:
      - The customer key that the object is currently encrypted with. Use it to change the object to another
        O(customer_key) or another O(encryption). It has the formats of O(customer_key).
      - It is tried after O(customer_key), so it can stay in the task after the change. Each key that does not match
        costs one more HeadObject.
      - Mutually exclusive with O(previous_customer_key_file).
    type: str
  previous_customer_key_file:
    description:
      - A file on the target with the previous customer key, in the formats of O(customer_key_file).
      - Mutually exclusive with O(previous_customer_key).
    type: path
"""

    # The default encryption of a bucket.
    BUCKET = r"""
options:
  encryption:
    description:
      - The encryption of new objects whose upload does not request an encryption.
      - V(SSE-S3) - S3 encrypts with keys that S3 manages.
      - V(SSE-KMS) - S3 encrypts with data keys of a KMS key, by default of the AWS managed key C(alias/aws/s3).
      - V(DSSE-KMS) - S3 encrypts in two layers with data keys of a KMS key. S3 bucket keys do not apply.
      - >-
        AWS's own words are accepted, too: V(AES256) is V(SSE-S3), V(aws:kms) is V(SSE-KMS), V(aws:kms:dsse) is
        V(DSSE-KMS). Results have the names of this collection.
      - If omitted, each bucket keeps its algorithm.
    type: str
    choices:
      - SSE-S3
      - SSE-KMS
      - DSSE-KMS
      - AES256
      - aws:kms
      - aws:kms:dsse
  kms_key:
    description:
      - The KMS key. Only with O(encryption=SSE-KMS) or O(encryption=DSSE-KMS). Without O(encryption), the buckets
        already have to use one of these.
      - A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN. It is resolved to a key ARN in the region of each
        bucket. Only key ARNs are compared and sent to S3.
      - An alias works for buckets of several regions if it exists in each of them. The ARN of a multi-Region key
        selects its replica in the region of the bucket. Any other ARN of another region is refused for that bucket.
      - If omitted, a bucket keeps its key if it has one. Otherwise S3 uses the AWS managed key C(alias/aws/s3).
      - The key is checked before a write that uses it. It has to exist, be enabled and symmetric, and be in the
        region of the bucket. The check costs one DescribeKey for each region, regardless of the number of buckets. A
        form other than a key ARN costs it in every run.
      - At a store without a key service, without C(kms_endpoint_url), name the key as the store does. The name is
        used as it is written, also in the form C(arn:aws:kms:NAME) that some stores report, and the task warns.
      - Needs C(kms:DescribeKey). If that is denied, a key ARN is used without the check and the task warns. The other
        forms fail.
    type: str
    aliases:
      - encryption_key_id
      - encryption_kms_key_id
  bucket_key_enabled:
    description:
      - Whether new objects under SSE-KMS use an S3 bucket key, which reduces the number of KMS requests. Only with
        O(encryption=SSE-KMS). V(false) is accepted with every O(encryption).
      - If omitted, each bucket keeps its setting, and a bucket that changes to SSE-KMS gets V(true).
      - Under DSSE-KMS it is neither set nor compared, because S3 accepts it there but does not apply it.
      - With a bucket key, the encryption context that KMS receives is the ARN of the bucket instead of the ARN of the
        object. Policies with a condition on C(kms:EncryptionContext:aws:s3:arn) have to allow both.
    type: bool
  blocked_encryption_types:
    description:
      - The encryption types that S3 refuses for new objects in the bucket. S3 can block only V(SSE-C).
      - V([]) allows all types. It is sent to S3 as C(NONE).
      - If omitted, the blocked types that S3 reports are kept, and sent again with every write.
    type: list
    elements: str
    choices:
      - SSE-C
"""

    # The customer key of an object that is only read.
    CUSTOMER_KEY = r"""
options:
  customer_key:
    description:
      - The customer key of an object under SSE-C. An object under another encryption does not need it, and then it
        costs up to three additional requests.
      - 256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format.
        Quote the value, so that YAML does not read digits as a number.
      - >-
        The key is never shown in a result, diff, error or log. Results identify it by its MD5, which S3 reports too.
        Ansible itself prints the items of a C(loop), also with a C(label). So do not loop over keys: loop over names
        and look up the key in the task, use O(customer_key_file), or set C(no_log: true).
      - Mutually exclusive with O(customer_key_file).
    type: str
  customer_key_file:
    description:
      - A file with the customer key on the target, the host that runs the task. It contains 32 raw bytes, or one of
        the formats of O(customer_key). The file is not read from the controller.
      - The task warns about a file that other users can write, or that all users can read. A value that has the form
        of a key is refused without showing it; a file with such a name is written with its folder, such as C(./NAME).
      - Mutually exclusive with O(customer_key).
    type: path
"""
