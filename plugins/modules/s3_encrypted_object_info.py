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
  - An object under SSE-C can be read only with its customer key. Without that key, a task with O(key) fails, and a task
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
    type: int
    default: 1000
  concurrency:
    description:
      - With O(prefix), the maximum number of objects to read at the same time.
    type: int
    default: 8
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
  - sealed.s3.aws
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - Client-side encryption is reported from the envelope of the object, without a key, as nothing is decrypted. An
    object of V1 or V2 whose envelope is in an instruction file has no sign of it in its metadata. With O(key), only
    its encryption by S3 is reported. With O(prefix), the instruction file is found.
  - With O(prefix), the task warns about instruction files without their object, and about those that their object does
    not need.
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

- name: Get information about all objects below reports/
  sealed.s3.s3_encrypted_object_info:
    bucket: amzn-s3-demo-bucket
    prefix: reports/
    max_keys: 100000
  register: reports

- name: Fail if an object was not read, or is not encrypted with a KMS key
  ansible.builtin.assert:
    that:
      - not reports.truncated
      - reports.objects | selectattr('error', 'defined') | length == 0
      - reports.objects | rejectattr('encryption.type', 'in', ['SSE-KMS', 'DSSE-KMS']) | length == 0
"""

RETURN = r"""
objects:
  description: The objects in the order of their keys. Empty if there are none.
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
  returned: success, with O(prefix)
  type: bool
  sample: false
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
