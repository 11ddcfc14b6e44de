#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_encrypted_object_info
short_description: Get information about objects in S3 and their encryption
version_added: 0.1.0
description:
  - Returns what S3 reports about one object, or about all objects whose keys begin with a prefix, in the terms of
    M(sealed.s3.s3_encrypted_object).
  - With O(prefix) and O(expected), it reads any number of objects, counts them by their encryption in RV(summary), and
    lists only those that differ.
  - An object under SSE-C can be read only with its customer key; without that key, a task with O(key) fails, and a task
    with O(prefix) lists the object with RV(objects[].error).
  - C(docs/objects.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
    permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  bucket:
    description:
      - The name of the bucket.
    type: str
    required: true
    aliases:
      - bucket_name
  key:
    description:
      - The key of one object. If the object does not exist, RV(objects) is empty.
      - Exactly one of O(key) and O(prefix) is required.
    type: str
    aliases:
      - object
      - object_name
  prefix:
    description:
      - The prefix of the keys of the objects. An empty string means all objects of the bucket.
      - Mutually exclusive with O(version_id).
    type: str
  max_keys:
    description:
      - With O(prefix), the maximum number of objects to read, in the order of their keys. If there are more, the task
        warns, and RV(truncated) is V(true).
      - If omitted, V(1000). With O(expected) or O(results), all objects are read if it is omitted.
    type: int
  concurrency:
    description:
      - With O(prefix), the maximum number of objects to read at the same time, from V(1) to V(256).
    type: int
    default: 8
  expected:
    description:
      - The encryption that each object should have. RV(objects) then reports whether an object complies and, if not,
        how it differs. The task does not fail because of findings, unless O(fail_on_findings=true).
      - Options that are omitted are not checked. The options have the same meaning as for
        M(sealed.s3.s3_encrypted_object).
      - With O(prefix), the task fails if the encryption of an object could not be read.
    type: dict
    version_added: 0.2.0
    suboptions:
      encryption:
        description: The encryption. No format and no server-side encryption of client-side encryption is checked.
        type: str
        choices:  # generated: kinds of an object
          - SSE-S3
          - SSE-KMS
          - DSSE-KMS
          - SSE-C
          - CSE-KMS
          - CSE-C
          - AES256
          - aws:kms
          - aws:kms:dsse
        aliases:
          - encryption_mode
      kms_key:
        description:
          - The KMS key, in any of its four forms. An alias is resolved in the region of the bucket.
          - S3 does not report the key of client-side encryption, so it cannot be checked.
        type: str
        aliases:
          - encryption_key_id
          - encryption_kms_key_id
      bucket_key_enabled:
        description: Whether objects under SSE-KMS use an S3 bucket key. It is not checked for other objects.
        type: bool
      minimum:
        description:
          - Whether the other options are a minimum. Objects that are equally strong or stronger comply. In ascending
            order, these are objects without encryption, under SSE-S3, SSE-KMS, DSSE-KMS, and under client-side
            encryption. SSE-C has no place in this order, so such an object does not comply.
          - It needs an O(expected.encryption) from SSE-S3 to DSSE-KMS.
        type: bool
        default: false
  fail_on_findings:
    description:
      - Whether the task fails if an object does not comply with O(expected), such as in a CI pipeline. The result is
        the same. RV(error.kind) is V(non_compliant), unless an object could not be read.
      - If there is no object with the prefix, the task warns and does not fail. In a pipeline, also check
        RV(summary.matched), and RV(truncated) if O(max_keys) is set.
    type: bool
    default: false
    version_added: 0.2.0
  results:
    description:
      - With O(prefix), which objects to list in RV(objects). Objects that could not be read are always listed, and
        RV(summary) counts all objects.
      - If omitted, all objects are listed without O(expected). With O(expected), those with findings and those that
        could not be read are listed, but at most 100 of them, unreadable ones first. RV(summary.not_listed) counts the
        others. To list them all, set V(findings).
      - With V(none), at most 100 objects are listed that could not be read. With V(findings) and V(all), the size of
        the result and the memory of the task grow with the number of objects.
      - Mutually exclusive with O(key).
    type: str
    choices:
      - all
      - findings
      - none
    version_added: 0.2.0
  version_id:
    description:
      - The version of the object. If omitted, the current version is used. Needs C(s3:GetObjectVersion) and
        C(s3:GetObjectVersionTagging).
    type: str
    aliases:
      - version
  expected_bucket_owner:
    description:
      - The ID of the account that owns the bucket. S3 refuses every call if the bucket belongs to another account.
    type: str
extends_documentation_fragment:
  - sealed.s3.encryption.customer_key
  - sealed.s3.accounts.assume_role
  - sealed.s3.aws
  - sealed.s3.aws.request_payer
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - Client-side encryption is reported from the envelope of the object, without a key, as nothing is decrypted. An
    object of V1 or V2 whose envelope is in an instruction file has no sign of it in its metadata. With O(key), only
    its encryption by S3 is reported. With O(prefix), the instruction file is found.
  - With O(prefix), the task warns about instruction files without their object, and about those that their object does
    not need. An instruction file that its object needs is not an object of its own in RV(summary) and, with O(expected)
    or O(results), in RV(objects).
  - With O(prefix) and O(expected), or O(results=none), neither tags nor checksums are requested. So the task needs no
    C(kms:Decrypt), and each object costs one request.
seealso:
  - module: sealed.s3.s3_encrypted_object
  - module: sealed.s3.s3_encrypted_object_download
  - module: sealed.s3.bucket_default_encryption_info
  - name: HeadObject
    description: The API reference of the operation that reads the properties of an object.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

EXAMPLES = r"""
- name: Get information about one object
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    key: reports/2026.json
  register: found

- name: Report its encryption
  ansible.builtin.debug:
    msg: "{{ found.objects[0].encryption.type if found.objects else 'The object does not exist.' }}"

- name: Get information about an object that is encrypted with SSE-C
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    customer_key_file: ~/amzn-s3-demo-bucket.key

- name: Get information about the first objects below reports/
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    prefix: reports/
    max_keys: 100
  register: reports

- name: Count all objects of a bucket by their encryption and KMS key
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    prefix: ''
    results: none
    concurrency: 32
  register: counted

- name: Report the counts
  ansible.builtin.debug:
    msg: "{{ item.objects }} objects, {{ item.bytes }} bytes: {{ item.type }} {{ item.kms_key_arn or '' }}"
  loop: "{{ counted.summary.by_encryption }}"
  loop_control:
    label: "{{ item.type }}"

- name: Find the objects of a bucket that are not encrypted with its key
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    prefix: ''
    expected:
      encryption: SSE-KMS
      kms_key: alias/s3-data
  register: audit

- name: Report them, and why
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.findings | map(attribute='message') | join(' ') }}"
  loop: "{{ audit.objects }}"
  loop_control:
    label: "{{ item.key }}"

- name: Fail, such as in a CI pipeline, if an object below reports/ has less than SSE-KMS
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    prefix: reports/
    expected:
      encryption: SSE-KMS
      minimum: true
    fail_on_findings: true
"""

RETURN = r"""
# generated: time of an inspection
inspected_at:
  description:
    - When the task ended reading, by the clock of the target, in UTC.
  returned: when the options are valid
  type: str
  sample: '2026-11-27T08:00:00+00:00'
# end of generated
bucket:
  description: The name of the bucket, as O(bucket) names it.
  returned: when the options are valid
  type: str
  sample: amzn-s3-demo-bucket
objects:
  description: The objects in the order of their keys, as far as O(results) wants them. Empty if there are none.
  returned: success
  type: list
  elements: dict
  contains:
    # generated: inspected object
    bucket:
      description:
        - The name of the bucket.
      returned: always
      type: str
      sample: amzn-s3-demo-bucket
    key:
      description:
        - The key of the object.
      returned: always
      type: str
      sample: reports/2026.json
    version_id:
      description:
        - The version ID. V(null) in a bucket without versioning.
      returned: when the object could be read
      type: str
      sample: null
    size:
      description:
        - The size in bytes, as S3 stores the object. Under client-side encryption, it is that of the ciphertext.
      returned: when the object could be read
      type: int
      sample: 13
    etag:
      description:
        - The ETag, including its quotation marks. Under SSE-KMS, DSSE-KMS, SSE-C and client-side encryption it is not
          a checksum of the content.
      returned: when the object could be read
      type: str
      sample: '"d41d8cd98f00b204e9800998ecf8427e"'
    last_modified:
      description:
        - When the object was written.
      returned: when the object could be read
      type: str
      sample: '2026-11-23T12:00:00+00:00'
    content_type:
      description:
        - The media type of the content.
      returned: when the object could be read
      type: str
      sample: application/json
    cache_control:
      description:
        - The header C(Cache-Control). V(null) if the object has none.
      returned: when the object could be read
      type: str
      sample: null
    content_disposition:
      description:
        - The header C(Content-Disposition). V(null) if the object has none.
      returned: when the object could be read
      type: str
      sample: null
    content_encoding:
      description:
        - The header C(Content-Encoding). V(null) if the object has none.
      returned: when the object could be read
      type: str
      sample: null
    content_language:
      description:
        - The header C(Content-Language). V(null) if the object has none.
      returned: when the object could be read
      type: str
      sample: null
    metadata:
      description:
        - The user metadata, without the envelope of client-side encryption.
      returned: when the object could be read
      type: dict
      sample: {}
    tags:
      description:
        - The tags. V(null) if the store does not report the number of tags and refuses to list them.
        - With O(prefix) and O(expected), always V(null), because it is not requested.
      returned: when the object could be read
      type: dict
      sample:
        department: finance
    storage_class:
      description:
        - The storage class.
      returned: when the object could be read
      type: str
      sample: STANDARD
    object_lock:
      description:
        - The lock that protects this version from deletion, if it is in force. V(null) if S3 reports none.
        - S3 reports it only with C(s3:GetObjectRetention) and C(s3:GetObjectLegalHold).
      returned: when the object could be read
      type: dict
      contains:
        mode:
          description:
            - V(GOVERNANCE) or V(COMPLIANCE). V(null) without a retention.
          returned: always
          type: str
          sample: GOVERNANCE
        retain_until:
          description:
            - The end of the retention. V(null) without a retention.
          returned: always
          type: str
          sample: '2027-12-01T16:00:00+00:00'
        legal_hold:
          description:
            - Whether the version has a legal hold.
          returned: always
          type: bool
          sample: false
        event_hold:
          description:
            - Whether the version has an event hold.
          returned: always
          type: bool
          sample: false
    checksum:
      description:
        - The strongest checksum that S3 stores. V(null) if it stores none. Under client-side encryption, it is that
          of the ciphertext.
        - With O(prefix) and O(expected), always V(null), because it is not requested.
      returned: when the object could be read
      type: dict
      contains:
        algorithm:
          description:
            - The algorithm.
          returned: always
          type: str
          sample: SHA256
        value:
          description:
            - The checksum in base64.
          returned: always
          type: str
          sample: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
        type:
          description:
            - V(FULL_OBJECT) for a checksum of the whole content. V(COMPOSITE) for a checksum that is computed from
              the checksums of the parts.
          returned: always
          type: str
          sample: FULL_OBJECT
    encryption:
      description:
        - The encryption of the object.
        - Contains only C(type) for an object under SSE-C that could not be read with the given customer key. V(null)
          if the object could not be read for another reason.
      returned: always
      type: dict
      contains:
        type:
          description:
            - The encryption, as a value of O(sealed.s3.s3_encrypted_object#module:encryption). V(NONE) for an object
              that is not encrypted.
            - V(CSE-RSA) for client-side encryption under an RSA key, which cannot be decrypted here.
          returned: always
          type: str
          sample: SSE-KMS
        kms_key_arn:
          description:
            - The ARN of the KMS key. V(null) if there is none, and under CSE-KMS, because only KMS knows the key of a
              data key.
          returned: when the object could be read
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description:
            - Whether the object uses an S3 bucket key. V(null) under any encryption other than SSE-KMS.
          returned: when the object could be read
          type: bool
        customer_key_md5:
          description:
            - The MD5 of the customer key in base64. V(null) under any encryption other than SSE-C.
          returned: when the object could be read
          type: str
          sample: null
        format:
          description:
            - >-
              The format of client-side encryption: V(v3), V(v2), V(v1), or V(v1_cbc), which is not authenticated.
          returned: under client-side encryption
          type: str
          sample: v3
        envelope:
          description:
            - >-
              Where the encrypted data key is: V(metadata) or V(instruction_file).
          returned: under client-side encryption
          type: str
          sample: metadata
        plaintext_size:
          description:
            - The size of the content in bytes. V(null) in the format V(v1_cbc), whose padding hides it.
          returned: under client-side encryption
          type: int
          sample: 13
        encryption_context:
          description:
            - The encryption context of the data key. V(null) under an own key.
          returned: under client-side encryption
          type: dict
          sample: {}
        server_side:
          description:
            - The encryption of the ciphertext by S3.
          returned: under client-side encryption
          type: dict
          contains:
            type:
              description:
                - The encryption by S3, in the same terms.
              returned: always
              type: str
              sample: SSE-S3
            kms_key_arn:
              description:
                - The ARN of the KMS key that S3 uses. V(null) if there is none.
              returned: always
              type: str
              sample: null
            bucket_key_enabled:
              description:
                - Whether S3 uses an S3 bucket key. V(null) unless it is SSE-KMS.
              returned: always
              type: bool
            customer_key_md5:
              description:
                - The MD5 of the customer key that S3 gets. V(null) unless it is SSE-C.
              returned: always
              type: str
              sample: null
    compliant:
      description:
        - Whether the object complies with O(expected). V(false) if its encryption is not known.
      returned: with O(expected)
      type: bool
      sample: false
    findings:
      description:
        - How the object differs from O(expected).
      returned: with O(expected)
      type: list
      elements: dict
      contains:
        message:
          description:
            - The finding in one sentence.
          returned: always
          type: str
          sample: 'The object is encrypted with SSE-S3, not with SSE-KMS with the key alias/app.'
        control:
          description:
            - The AWS control that the object fails. V(null) if AWS has none.
          returned: always
          type: str
          sample: null
        rule:
          description:
            - What the finding is about, as an ID that never changes. C(docs/rules.md) lists them.
          returned: always
          type: str
          sample: object-encryption
        options:
          description:
            - The options of M(sealed.s3.bucket_reencryption) that mend it, with their values. Empty if no option
              mends it.
          returned: always
          type: dict
          sample:
            encryption: SSE-KMS
            kms_key: alias/app
    error:
      description:
        - Why the object could not be read.
      returned: with O(prefix), for an object that could not be read
      type: dict
      contains:
        kind:
          description:
            - The kind of failure. C(docs/errors.md) lists all kinds.
          returned: always
          type: str
          sample: wrong_key
        message:
          description:
            - What is wrong and what to do, in full sentences.
          returned: always
          type: str
          sample: >-
            The object 'secret.txt' in the bucket amzn-s3-demo-bucket is encrypted with a customer key (SSE-C), and
            none is given. Give the key it was written with.
        code:
          description:
            - The AWS error code. Empty if AWS returned none.
          returned: always
          type: str
          sample: ''
        action:
          description:
            - The IAM action or API operation that was refused. Empty if there is none.
          returned: always
          type: str
          sample: ''
        resource:
          description:
            - The resource that was to be read or written.
          returned: always
          type: str
          sample: amzn-s3-demo-bucket/secret.txt
        layer:
          description:
            - The type of policy that refused the action, if AWS reports it. Empty otherwise.
          returned: always
          type: str
          sample: ''
    # end of generated
truncated:
  description: Whether there are more objects than O(max_keys).
  returned: with O(prefix), when the options are valid
  type: bool
  sample: false
compliant:
  description:
    - Whether all objects comply. V(false) also if an object could not be read, and if RV(truncated) is V(true).
  returned: with O(expected)
  type: bool
  sample: false
  version_added: 0.2.0
summary:
  description: The number of objects by their result, and by their encryption.
  returned: with O(prefix), when the options are valid
  type: dict
  version_added: 0.2.0
  contains:
    matched:
      description: The number of objects with the prefix that were listed, without instruction files in use.
      returned: always
      type: int
      sample: 100000
    bytes:
      description: The number of bytes that S3 stores for them, without those that were skipped.
      returned: always
      type: int
      sample: 1300000
    failed:
      description: The number of objects whose encryption could not be read.
      returned: always
      type: int
      sample: 0
    skipped:
      description:
        - The number of objects without a result. Objects that were deleted while the task ran are counted here.
      returned: always
      type: int
      sample: 0
    instruction_files:
      description: The number of instruction files that their objects use.
      returned: always
      type: int
      sample: 0
    compliant:
      description: The number of objects that comply with O(expected).
      returned: with O(expected)
      type: int
      sample: 99999
    non_compliant:
      description: The number of objects that were read and have findings.
      returned: with O(expected)
      type: int
      sample: 1
    not_listed:
      description: The number of objects that RV(objects) does not have because of the limit that O(results) describes.
      returned: always
      type: int
      sample: 0
    by_encryption:
      description:
        - The objects by their encryption, that of most objects first. At most 100 different ones are listed.
      returned: always
      type: list
      elements: dict
      contains:
        type:
          description:
            - The encryption, as RV(objects[].encryption.type).
            - An object under SSE-C that needs another customer key is counted as V(SSE-C).
          returned: always
          type: str
          sample: SSE-KMS
        kms_key_arn:
          description: The ARN of the KMS key, as RV(objects[].encryption.kms_key_arn).
          returned: always
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description: Whether the objects use an S3 bucket key. V(null) under any encryption other than SSE-KMS.
          returned: always
          type: bool
        objects:
          description: The number of objects.
          returned: always
          type: int
          sample: 99999
        bytes:
          description: The number of bytes that S3 stores for them.
          returned: always
          type: int
          sample: 1299987
        compliant:
          description: Whether these objects comply with O(expected).
          returned: with O(expected)
          type: bool
        findings:
          description: How these objects differ from O(expected).
          returned: with O(expected)
          type: list
          elements: dict
          contains:
            # generated: finding about an object
            message:
              description:
                - The finding in one sentence.
              returned: always
              type: str
              sample: 'The object is encrypted with SSE-S3, not with SSE-KMS with the key alias/app.'
            control:
              description:
                - The AWS control that the object fails. V(null) if AWS has none.
              returned: always
              type: str
              sample: null
            rule:
              description:
                - What the finding is about, as an ID that never changes. C(docs/rules.md) lists them.
              returned: always
              type: str
              sample: object-encryption
            options:
              description:
                - The options of M(sealed.s3.bucket_reencryption) that mend it, with their values. Empty if no option
                  mends it.
              returned: always
              type: dict
              sample:
                encryption: SSE-KMS
                kms_key: alias/app
            # end of generated
    other_encryptions:
      description: The objects whose encryption RV(summary.by_encryption) does not list.
      returned: always
      type: dict
      contains:
        objects:
          description: The number of objects.
          returned: always
          type: int
          sample: 0
        bytes:
          description: The number of bytes that S3 stores for them.
          returned: always
          type: int
          sample: 0
    api_calls:
      description: The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 100100
    seconds:
      description: The duration in seconds.
      returned: always
      type: float
      sample: 251.2
# generated: error of an object
error:
  description:
    - Why the task failed, in parts that a playbook can test.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - The kind of failure. C(docs/errors.md) lists all kinds.
      returned: always
      type: str
      sample: absent
    code:
      description:
        - The AWS error code. Empty if AWS returned none.
      returned: always
      type: str
      sample: ''
    action:
      description:
        - The IAM action or API operation that was refused. Empty if there is none.
      returned: always
      type: str
      sample: ''
    resource:
      description:
        - The resource that was to be read or written.
      returned: always
      type: str
      sample: amzn-s3-demo-bucket/motd.txt
    layer:
      description:
        - The type of policy that refused the action, if AWS reports it. Empty otherwise.
      returned: always
      type: str
      sample: ''
# end of generated
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend import payload

payload.compile_once()

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object_info


def main() -> None:
    """Run the module."""
    s3_encrypted_object_info.main()


if __name__ == "__main__":
    main()
