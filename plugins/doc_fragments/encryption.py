# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption options. Written by scripts/generate_doc_fragments.py; change it there."""

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
      - V(CSE-KMS) - This collection encrypts before the upload, with a data key of the KMS key in O(kms_key).
      - V(CSE-C) - This collection encrypts before the upload, under a key of the caller, which S3 never gets.
      - >-
        AWS's own words are accepted, too: V(AES256) is V(SSE-S3), V(aws:kms) is V(SSE-KMS), V(aws:kms:dsse) is
        V(DSSE-KMS). Results have the names of this collection.
      - If omitted, new content is uploaded without an encryption header, so the bucket's default encryption applies.
        An object whose content does not change keeps its encryption.
      - If set, it is compared with what HeadObject reports, and with the envelope of client-side encryption. If only
        the encryption differs, the object is encrypted again, in place or by a copy onto itself. See
        O(change_method).
      - V(CSE-KMS) or V(CSE-C) is client-side encryption, in the format of the Amazon S3 Encryption Client. S3 gets
        only the ciphertext. C(docs/client_side_encryption.md) describes it. It needs the Python package
        C(cryptography), and content of less than 64 GiB.
      - S3 cannot change an object to client-side encryption or back. Then the object is read and uploaded again. Its
        plaintext is in a temporary file without a name meanwhile, on the host that runs the task.
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
      - CSE-KMS
      - CSE-C
      - AES256
      - aws:kms
      - aws:kms:dsse
  kms_key:
    description:
      - The KMS key. Only with O(encryption=SSE-KMS), O(encryption=DSSE-KMS) or O(encryption=CSE-KMS).
      - A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN. It is resolved to a key ARN in the region of the
        bucket. Only key ARNs are compared and sent to S3 or KMS.
      - If omitted, an object that already has the same O(encryption) keeps its key. Otherwise S3 uses the AWS managed
        key C(alias/aws/s3). Client-side encryption cannot use that key, so the key of a new object has to be named.
      - The key is checked before a write that uses it. It has to exist, be enabled and symmetric, and be in the
        region of the bucket. The check costs one DescribeKey. A form other than a key ARN costs it in every run.
      - At a store without a key service, without C(kms_endpoint_url), name the key as the store does. The name is
        used as it is written, also in the form C(arn:aws:kms:NAME) that some stores report, and the task warns.
      - Needs C(kms:DescribeKey). If that is denied, a key ARN is used without the check and the task warns. The other
        forms fail.
      - Writing also needs C(kms:GenerateDataKey) on the key. Reading needs C(kms:Decrypt), and so does HeadObject,
        because it returns checksums.
      - Under V(CSE-KMS), this module calls KMS itself, so the key policy must not allow the use through S3 only. See
        O(sealed.s3.kms_key_for_s3#module:through_s3_only). Comparing and reading need C(kms:Decrypt), new content
        C(kms:GenerateDataKey), and a change of the key or of the context C(kms:Encrypt).
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
      - Names and values that are passed to KMS whenever the key is used. Only with O(encryption=SSE-KMS),
        O(encryption=DSSE-KMS) or O(encryption=CSE-KMS).
      - CloudTrail logs it in plain text.
      - Under server-side encryption, S3 passes it to KMS. It is sent with every write and never compared, because S3
        does not report it. A different context alone changes nothing. A write from a task that omits it has no
        context of its own. Set it in every task that may write the object.
      - Under V(CSE-KMS), it is bound to the data key, stored in the envelope in plain text, and compared. A different
        context encrypts the data key again. If it is omitted or empty, an object keeps its context. It has to be
        ASCII, and names that begin with C(aws:) are reserved.
    type: dict
  customer_key:
    description:
      - The customer key. Only with O(encryption=SSE-C) or O(encryption=CSE-C).
      - 256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format.
        Quote the value, so that YAML does not read digits as a number.
      - Under V(SSE-C), S3 gets the key with every request, and it is compared by its MD5, which S3 reports. Under
        V(CSE-C), the key never leaves the host that runs the task. Then the object is under this key if the key
        decrypts its data key.
      - >-
        The key is never shown in a result, diff, error or log. Results identify it by its MD5. Ansible itself prints
        the items of a C(loop), also with a C(label). So do not loop over keys: loop over names and look up the key in
        the task, use O(customer_key_file), or set C(no_log: true).
      - Mutually exclusive with O(customer_key_file).
    type: str
  customer_key_file:
    description:
      - A file with the customer key on the target, the host that runs the task. It contains 32 raw bytes, or one of
        the formats of O(customer_key). The file is not read from the controller. Only with O(encryption=SSE-C) or
        O(encryption=CSE-C).
      - The task warns about a file that other users can write, or that all users can read. A value that has the form
        of a key is refused without showing it; a file with such a name is written with its folder, such as C(./NAME).
      - Mutually exclusive with O(customer_key).
    type: path
  customer_key_generate:
    description:
      - Whether to create O(customer_key_file) with a random key if the file does not exist. The key is written in
        base64, with mode 0600. Only with O(encryption=SSE-C) or O(encryption=CSE-C).
      - The file is written just before the object, and not in check mode. Its directory has to exist.
      - Keep the file safe. Without the key, neither you nor AWS can read the object.
    type: bool
    default: false
  previous_customer_key:
    description:
      - The customer key that the object is currently encrypted with. Use it to change the object to another
        O(customer_key) or another O(encryption). It has the formats of O(customer_key).
      - It is tried after O(customer_key), so it can stay in the task after the change. S3 gets it only for an object
        that it does not return without a key. This costs four more requests.
      - Under V(CSE-C), a change of the key keeps the content. If the envelope is in an instruction file, only this
        small file is written. Otherwise S3 copies the object onto itself.
      - Mutually exclusive with O(previous_customer_key_file).
    type: str
  previous_customer_key_file:
    description:
      - A file on the target with the previous customer key, in the formats of O(customer_key_file).
      - Mutually exclusive with O(previous_customer_key).
    type: path
  envelope:
    description:
      - Where the envelope of client-side encryption is, which has the encrypted data key. Only with
        O(encryption=CSE-KMS) or O(encryption=CSE-C).
      - V(metadata) - in the metadata of the object.
      - V(instruction_file) - in an object of its own, whose key is that of the object with C(.instruction) appended.
        The key or the context can then be changed without writing the object again.
      - If omitted, new content gets a new data key and V(metadata). An object whose content does not change keeps its
        envelope where it is.
      - With V(instruction_file), new content is encrypted with the data key of the instruction file, if there is one.
        So anyone who had that data key can read the new content too.
      - An instruction file is deleted with the last version of its object. If that cannot be found out, it stays, and
        the task warns.
    type: str
    choices:
      - metadata
      - instruction_file
  server_side:
    description:
      - The encryption that S3 applies to the ciphertext. Only with O(encryption=CSE-KMS) or O(encryption=CSE-C).
      - If omitted, new content gets the bucket's default encryption, and an object whose content does not change
        keeps its own. An instruction file that is written gets the same.
    type: dict
    suboptions:
      encryption:
        description:
          - The encryption by S3, as for an object without client-side encryption.
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
          - The KMS key that S3 uses, in the forms of O(kms_key). Only with O(server_side.encryption=SSE-KMS) or
            O(server_side.encryption=DSSE-KMS).
        type: str
      bucket_key_enabled:
        description:
          - Whether S3 uses an S3 bucket key. Only with O(server_side.encryption=SSE-KMS).
        type: bool
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

    # The encryption that objects that exist already are to have.
    REENCRYPTION = r"""
options:
  encryption:
    description:
      - The encryption by S3 that all selected objects are to have.
      - V(SSE-S3) - S3 encrypts with keys that S3 manages.
      - V(SSE-KMS) - S3 encrypts with data keys of a KMS key, by default of the AWS managed key C(alias/aws/s3).
      - V(DSSE-KMS) - S3 encrypts in two layers with data keys of a KMS key. S3 bucket keys do not apply.
      - >-
        AWS's own words are accepted, too: V(AES256) is V(SSE-S3), V(aws:kms) is V(SSE-KMS), V(aws:kms:dsse) is
        V(DSSE-KMS). Results have the names of this collection.
      - If this, O(kms_key) and O(bucket_key_enabled) are omitted, it is the default encryption of the bucket, with
        its key.
      - For an object under client-side encryption, it is the encryption of its ciphertext. Its envelope and its data
        key do not change.
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
      - The KMS key. Only with O(encryption=SSE-KMS) or O(encryption=DSSE-KMS).
      - A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN. It is resolved to a key ARN in the region of the
        bucket. Only key ARNs are compared and sent to S3.
      - If omitted, an object that already has the same O(encryption) keeps its key, whichever it is. Any other object
        gets the AWS managed key C(alias/aws/s3), by a copy, because S3 cannot change an object in place to that key.
        So name the key.
      - The key is checked before a write that uses it. It has to exist, be enabled and symmetric, and be in the
        region of the bucket. The check costs one DescribeKey.
      - S3 changes objects in place only to a key of the account that owns the bucket.
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
      - Whether S3 uses S3 bucket keys for the objects, which reduces the number of KMS requests. Only with
        O(encryption=SSE-KMS).
      - If omitted, objects that are under the key already keep their setting. Those that are changed get the setting
        of the bucket's default encryption if that is SSE-KMS, and otherwise V(true). The setting is part of every
        request and of every job, because S3 would take V(false).
      - With a bucket key, the encryption context that KMS receives is the ARN of the bucket instead of the ARN of the
        object. Policies with a condition on C(kms:EncryptionContext:aws:s3:arn) have to allow both.
    type: bool
  customer_key:
    description:
      - The customer key of the objects under V(SSE-C). S3 gets it only for an object that it does not return without
        a key. Without it, such objects are skipped and counted.
      - All of them have to be under this key. One under another key fails.
      - 256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format.
        Quote the value, so that YAML does not read digits as a number.
      - >-
        The key is never shown in a result, diff, error or log. Results identify it by its MD5. Ansible itself prints
        the items of a C(loop), also with a C(label). So do not loop over keys: loop over names and look up the key in
        the task, use O(customer_key_file), or set C(no_log: true).
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

    # The customer key of an object that is only read.
    CUSTOMER_KEY = r"""
options:
  customer_key:
    description:
      - The customer key of an object under V(SSE-C) or V(CSE-C). An object under another encryption does not need it,
        and the properties of an object under V(CSE-C) can be read without it.
      - S3 gets it only for an object that it does not return without a key, because an own key of client-side
        encryption must not reach S3. This costs four more requests for an object under SSE-C.
      - 256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format.
        Quote the value, so that YAML does not read digits as a number.
      - >-
        The key is never shown in a result, diff, error or log. Results identify it by its MD5. Ansible itself prints
        the items of a C(loop), also with a C(label). So do not loop over keys: loop over names and look up the key in
        the task, use O(customer_key_file), or set C(no_log: true).
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

    # The encryption that an object that is read has to have.
    KIND = r"""
options:
  encryption:
    description:
      - The encryption that the object has to have. If it has another one, or none, the task fails with the kind
        C(non_compliant).
      - If omitted, the encryption is detected, and an object of any kind is downloaded. This does not prove who wrote
        it.
      - Name V(CSE-KMS) or V(CSE-C) for an object of the older formats whose envelope is in an instruction file. Its
        metadata may not show this. Without this option and without a customer key, its ciphertext would be
        downloaded.
      - With V(SSE-C), the customer key is sent with the first request. With V(CSE-C), it is never sent. If omitted,
        S3 gets it only after it has refused the object without a key, which costs four more requests.
      - >-
        AWS's own words are accepted, too: V(AES256) is V(SSE-S3), V(aws:kms) is V(SSE-KMS), V(aws:kms:dsse) is
        V(DSSE-KMS). Results have the names of this collection.
    type: str
    aliases:
      - encryption_mode
    choices:
      - SSE-S3
      - SSE-KMS
      - DSSE-KMS
      - SSE-C
      - CSE-KMS
      - CSE-C
      - AES256
      - aws:kms
      - aws:kms:dsse
  kms_key:
    description:
      - The KMS key that the object has to be encrypted with. If it is encrypted with another one, or without one, the
        task fails.
      - A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN. It is resolved to a key ARN in the region of the
        bucket. A form other than a key ARN costs one DescribeKey.
      - If omitted, every KMS key is accepted. Under V(CSE-KMS), it then has to belong to the account of the caller or
        to O(expected_bucket_owner), because anyone who can write to the bucket can put an object there under a key of
        their own.
    type: str
    aliases:
      - encryption_key_id
      - encryption_kms_key_id
  encryption_context:
    description:
      - The encryption context of the object. It allows a task to use the same options as the upload.
      - Under V(CSE-KMS), it has to equal the context of the object, and otherwise the task fails before it calls KMS.
        If omitted, the stored context is used.
      - Under SSE-KMS and DSSE-KMS, it is neither sent nor compared. S3 stores the context that the object was written
        with, and passes it to KMS with every read. A different context alone changes nothing.
      - If the encryption of the object has no context, the object is downloaded and the task warns.
    type: dict
"""

    # The older formats of client-side encryption.
    LEGACY_FORMATS = r"""
options:
  legacy_formats:
    description:
      - The older formats of client-side encryption that the task accepts, in addition to V3, the format that is
        written. An object in another format is refused.
      - V(v2) - the content is authenticated, but the envelope does not commit to the data key.
      - V(v1) - V1 with AES-GCM. The content is authenticated, but the data key is not bound to the algorithm.
      - V(v1_cbc) - V1 with AES-CBC. B(The content is not authenticated:) anyone who can write to the bucket may have
        changed it, and no reader can find that out.
      - V([]) accepts V3 only.
    type: list
    elements: str
    choices:
      - v2
      - v1
      - v1_cbc
    default:
      - v2
"""

    # The encryption of the objects that the lookup reads.
    LOOKUP = r"""
options:
  encryption:
    description:
      - The encryption that the objects have to have. The lookup fails for an object with another one, or none.
      - If omitted, the encryption is detected, and objects of any kind are read. This does not prove who wrote them.
      - Name V(CSE-KMS) or V(CSE-C) for an object of the older formats whose envelope is in an instruction file.
        Without this option and without a customer key, its ciphertext would be returned.
      - With V(SSE-C), the customer key is sent with the first request. With V(CSE-C), it is never sent. If omitted,
        S3 gets it only after it has refused the object without a key, which costs four more requests.
      - >-
        AWS's own words are accepted, too: V(AES256) is V(SSE-S3), V(aws:kms) is V(SSE-KMS), V(aws:kms:dsse) is
        V(DSSE-KMS).
    type: str
    aliases:
      - encryption_mode
    choices:
      - SSE-S3
      - SSE-KMS
      - DSSE-KMS
      - SSE-C
      - CSE-KMS
      - CSE-C
      - AES256
      - aws:kms
      - aws:kms:dsse
  kms_key:
    description:
      - The KMS key that the objects have to be encrypted with. The lookup fails for an object under another one, or
        without one.
      - A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN. A form other than a key ARN costs one DescribeKey.
      - If omitted, every KMS key is accepted. Under V(CSE-KMS), it then has to belong to the account of the caller or
        to O(expected_bucket_owner).
    type: str
    aliases:
      - encryption_key_id
      - encryption_kms_key_id
  encryption_context:
    description:
      - The encryption context. Under V(CSE-KMS), it has to equal the context of each object. If omitted, the stored
        context is used. Under other kinds, it is neither sent nor compared.
    type: dict
  customer_key:
    description:
      - The customer key of objects under V(SSE-C) or V(CSE-C). Other objects do not need it.
      - 256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format.
      - The key is never shown in an error or a warning.
      - Mutually exclusive with O(customer_key_file).
    type: str
  customer_key_file:
    description:
      - >-
        A file of the controller with the customer key: 32 raw bytes, or one of the formats of O(customer_key). A file
        that is encrypted with Ansible Vault is decrypted. A relative path is searched in C(files/) of the role and of
        the playbook, and beside them.
      - Mutually exclusive with O(customer_key).
    type: str
"""
