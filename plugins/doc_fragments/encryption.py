# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption options, written by scripts/generate_doc_fragments.py: change them there."""

from __future__ import annotations


class ModuleDocFragment:
    # The encryption of an object that is written.
    DOCUMENTATION = r"""
options:
  encryption:
    description:
      - How the object is to be encrypted.
      - V(SSE-S3) - S3 encrypts with keys that it holds itself.
      - V(SSE-KMS) - S3 encrypts with data keys of a KMS key; without O(kms_key), of the AWS managed key
        C(alias/aws/s3).
      - V(DSSE-KMS) - S3 encrypts twice with data keys of a KMS key. S3 bucket keys do not apply.
      - V(SSE-C) - S3 encrypts with a key that the caller sends with every request, and forgets it.
      - Omitted, content is uploaded without an encryption header, so that the bucket's default encryption applies,
        and an object whose content stays keeps the encryption that it has.
      - Named, it is compared with what HeadObject reports. An object of the same content under another encryption is
        encrypted anew, in place or by a copy onto itself, see O(change_method).
      - V(SSE-C) has to be allowed by the bucket. New buckets block it since April 2026, see
        O(sealed.s3.bucket_default_encryption#module:blocked_encryption_types). The bucket is asked before the write,
        by one GetBucketEncryption with C(s3:GetEncryptionConfiguration). Where that is forbidden, S3 answers the
        write with an AccessDenied that does not say why.
    type: str
    choices:
      - SSE-S3
      - SSE-KMS
      - DSSE-KMS
      - SSE-C
  kms_key:
    description:
      - The KMS key. Only with O(encryption=SSE-KMS) or O(encryption=DSSE-KMS).
      - A key id, a key ARN, an alias name (V(alias/NAME)) or an alias ARN. It is resolved to a key ARN in the
        bucket's region, and only ARNs are compared and sent.
      - Omitted, an object that is under the same O(encryption) already keeps its key. Otherwise S3 takes the AWS
        managed key C(alias/aws/s3).
      - >-
        Before anything is written with it, the key is checked: it exists, is enabled, symmetric and in the bucket's
        region. That is one DescribeKey; any form but a key ARN costs it in runs without a change too.
      - Needs C(kms:DescribeKey). Where that is forbidden, a key ARN is used unchecked and the task warns; other forms
        fail.
      - Writing also needs C(kms:GenerateDataKey) on the key, and reading, HeadObject with checksums included,
        C(kms:Decrypt).
    type: str
  bucket_key_enabled:
    description:
      - Whether S3 uses an S3 bucket key for the object, which spares calls of KMS. Only with O(encryption=SSE-KMS).
      - Omitted, an object under SSE-KMS keeps what it has, and any other object gets what the bucket's default
        encryption says.
      - With a bucket key, the encryption context that KMS sees is the ARN of the bucket instead of the object's.
        Policies with a condition on C(kms:EncryptionContext:aws:s3:arn) have to allow for it.
    type: bool
  encryption_context:
    description:
      - Names and values that S3 hands to KMS with every use of the key. Only with O(encryption=SSE-KMS) or
        O(encryption=DSSE-KMS).
      - >-
        Sent with every write, never compared: S3 reports it nowhere. Another context alone changes nothing.
      - A write that does not name it is made without it, so name it in every task that may write the object.
      - It is in the logs of CloudTrail in plain text.
    type: dict
  customer_key:
    description:
      - The customer key. Only with O(encryption=SSE-C).
      - 256 bits as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text, told apart by their length. Quote
        it, so that YAML does not take digits for a number.
      - Compared by its MD5, which S3 reports.
      - The key is in no result, diff, error or log. What identifies it there is the MD5 that S3 reports too. But a
        C(loop) over keys is printed by Ansible itself, item by item. Set C(label) in its C(loop_control), or
        C(no_log).
      - Mutually exclusive with O(customer_key_file).
    type: str
  customer_key_file:
    description:
      - >-
        A file with the customer key on the target, the host that runs the task: 32 raw bytes, or one of the forms of
        O(customer_key). It is not looked for on the controller. Only with O(encryption=SSE-C).
      - Mutually exclusive with O(customer_key).
    type: path
  customer_key_generate:
    description:
      - Whether to make O(customer_key_file) with a random key, in base64 and with mode 0600, where it does not exist.
        Only with O(encryption=SSE-C).
      - The file is written just before the object is, and not in check mode. Its folder has to exist.
      - >-
        Keep it safe: without the key nobody can read the object, not even AWS.
    type: bool
    default: false
  previous_customer_key:
    description:
      - The customer key that the object has been written with so far, to bring it to another O(customer_key) or to
        another O(encryption). It has the forms of O(customer_key).
      - It is tried after O(customer_key), so it can stay in the task once the object has moved. Each key that does
        not fit costs one more HeadObject.
      - Mutually exclusive with O(previous_customer_key_file).
    type: str
  previous_customer_key_file:
    description:
      - A file on the target with the previous customer key, in the forms of O(customer_key_file).
      - Mutually exclusive with O(previous_customer_key).
    type: path
"""

    # The default encryption of a bucket.
    BUCKET = r"""
options:
  encryption:
    description:
      - What new objects get that do not ask for an encryption of their own.
      - V(SSE-S3) - S3 encrypts with keys that it holds itself.
      - V(SSE-KMS) - S3 encrypts with data keys of a KMS key; without O(kms_key), of the AWS managed key
        C(alias/aws/s3).
      - V(DSSE-KMS) - S3 encrypts twice with data keys of a KMS key. S3 bucket keys do not apply.
      - Omitted, each bucket keeps its algorithm.
    type: str
    choices:
      - SSE-S3
      - SSE-KMS
      - DSSE-KMS
  kms_key:
    description:
      - The KMS key. Only with O(encryption=SSE-KMS) or O(encryption=DSSE-KMS). Without O(encryption), the buckets
        have to be under one of these already.
      - A key id, a key ARN, an alias name (V(alias/NAME)) or an alias ARN. It is resolved to a key ARN in each
        bucket's own region, and only ARNs are compared and sent.
      - An alias serves buckets of many regions, if it exists in each. The ARN of a multi-Region key stands for its
        replica in the bucket's region. Any other ARN of another region is refused for that bucket.
      - Omitted, a bucket keeps its key if it has one. Otherwise S3 takes the AWS managed key C(alias/aws/s3).
      - >-
        Before anything is written with it, the key is checked: it exists, is enabled, symmetric and in the bucket's
        region. That is one DescribeKey for each region, however many buckets there are; any form but a key ARN costs
        it in runs without a change too.
      - Needs C(kms:DescribeKey). Where that is forbidden, a key ARN is used unchecked and the task warns; other forms
        fail.
    type: str
  bucket_key_enabled:
    description:
      - Whether new objects under SSE-KMS use an S3 bucket key, which spares calls of KMS. Only with
        O(encryption=SSE-KMS). V(false) is taken with every O(encryption).
      - Omitted, each bucket keeps what it has, and a bucket that moves to SSE-KMS gets V(true).
      - Under DSSE-KMS it is neither set nor compared, as S3 takes it there and does not apply it.
      - With a bucket key, the encryption context that KMS sees is the ARN of the bucket instead of the object's.
        Policies with a condition on C(kms:EncryptionContext:aws:s3:arn) have to allow for it.
    type: bool
  blocked_encryption_types:
    description:
      - The encryption types that S3 refuses to write in the bucket. S3 can block V(SSE-C) only.
      - V([]) allows all, which is sent as C(NONE).
      - Omitted, what S3 reports is kept, and sent back with every write.
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
        costs up to three requests more.
      - 256 bits as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text, told apart by their length. Quote
        it, so that YAML does not take digits for a number.
      - The key is in no result, diff, error or log. What identifies it there is the MD5 that S3 reports too. But a
        C(loop) over keys is printed by Ansible itself, item by item. Set C(label) in its C(loop_control), or
        C(no_log).
      - Mutually exclusive with O(customer_key_file).
    type: str
  customer_key_file:
    description:
      - >-
        A file with the customer key on the target, the host that runs the task: 32 raw bytes, or one of the forms of
        O(customer_key). It is not looked for on the controller.
      - Mutually exclusive with O(customer_key).
    type: path
"""
