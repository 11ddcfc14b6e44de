#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_encrypted_object_download
short_description: Download objects from S3 regardless of their encryption
version_added: 0.1.0
description:
  - Ensures that a file on the host that runs the task has the plaintext of an object.
  - The module detects the encryption of the object, and only an object under SSE-C or CSE-C needs its customer key.
  - The result is either a complete and verified file, or no change.
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
      - The key of the object. The task fails if the object does not exist.
    type: str
    required: true
    aliases:
      - object
      - object_name
  dest:
    description:
      - The path of the file on the host that runs the task. Its directory has to exist.
      - If it is a directory, or ends with V(/), the file gets the last part of O(key) as its name.
    type: path
    required: true
  overwrite:
    description:
      - What to do with a file that already exists.
      - V(different) replaces a file that differs from the object.
      - V(always) downloads the object in every run.
      - V(never) does not change the content of the file. The object still has to exist.
    type: str
    choices:
      - different
      - always
      - never
    default: different
  part_size:
    description:
      - An object that is larger than this is read in ranges of this size. From V(5MiB) to V(5GiB). Units are multiples
        of 1024.
    type: str
    default: 16MiB
  concurrency:
    description:
      - The maximum number of ranges to read at the same time, from V(1) to V(256). Each range uses a few MiB of memory,
        regardless of O(part_size).
    type: int
    default: 8
  version_id:
    description:
      - The version of the object. If omitted, the current version is used. Needs C(s3:GetObjectVersion).
    type: str
    aliases:
      - version
  expected_bucket_owner:
    description:
      - The ID of the account that owns the bucket. S3 refuses every call if the bucket belongs to another account.
    type: str
requirements:
  - cryptography >= 3.4 (only for client-side encryption)
attributes:
  idempotent:
    support: partial
    details:
      - With O(overwrite=always), the object is downloaded in every run.
extends_documentation_fragment:
  - sealed.s3.encryption.customer_key
  - sealed.s3.encryption.kind
  - sealed.s3.encryption.legacy_formats
  - sealed.s3.accounts.assume_role
  - sealed.s3.aws
  - sealed.s3.aws.request_payer
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - ansible.builtin.files
notes:
  - A file that is replaced keeps its mode and, if the task is allowed to set it, its owner, unless the task sets
    others. The mode, owner, group and SELinux context that the task sets are applied before the new file replaces the
    old one. If that fails, nothing changes. File system attributes (O(attributes)) are applied after that, because a
    file with an attribute such as C(i) cannot be renamed.
  - If the content of an existing file does not change, the attributes that differ are set. If one of them cannot be
    set, the task fails, and others may be set already.
  - An invalid mode is refused before any call. An O(owner) or O(group) that does not exist on the host that runs the
    task is refused too, except in check mode.
  - An object in C(GLACIER), C(DEEP_ARCHIVE) or an archive tier is refused if it is not restored, in check mode as well.
  - O(unsafe_writes) affects only the attributes of the file. Its content is always replaced in one step.
  - Under client-side encryption, the content is decrypted, and the file appears only after the authentication tag of
    the content was verified. C(docs/client_side_encryption.md) describes what this proves.
seealso:
  - module: sealed.s3.s3_encrypted_object
  - module: sealed.s3.s3_encrypted_object_info
  - name: GetObject
    description: The API reference of the operation that reads an object.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

EXAMPLES = r"""
- name: Download an object regardless of its encryption
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: reports/2026.json
    dest: /tmp/2026.json
    mode: '0600'

- name: Download an object that is encrypted with SSE-C
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    dest: /tmp/secret.txt
    mode: '0600'
    customer_key_file: ~/amzn-s3-demo-bucket.key

- name: Download an object only if it is encrypted on the client side under this KMS key and context
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: contracts/2.txt
    dest: /tmp/2.txt
    encryption: CSE-KMS
    kms_key: alias/client-side
    encryption_context:
      project: blue

- name: Download an object of an S3 Encryption Client of version 1, which is not authenticated
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: archive/2012.txt
    dest: /tmp/2012.txt
    encryption: CSE-KMS
    kms_key: alias/client-side
    legacy_formats: [v2, v1, v1_cbc]

- name: Download an object into a directory, but do not replace an existing file
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: hosts.txt
    dest: /tmp/
    overwrite: never
"""

RETURN = r"""
dest:
  description: The path of the file.
  returned: when the options are valid
  type: str
  sample: /tmp/2026.json
object:
  description: The object as S3 reports it. V(null) if it could not be read.
  returned: when the options are valid
  type: dict
  contains:
    # generated: downloaded object
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
      returned: always
      type: str
      sample: null
    size:
      description:
        - The size in bytes, as S3 stores the object. Under client-side encryption, it is that of the ciphertext.
      returned: always
      type: int
      sample: 13
    etag:
      description:
        - The ETag, including its quotation marks. Under SSE-KMS, DSSE-KMS, SSE-C and client-side encryption it is not
          a checksum of the content.
      returned: always
      type: str
      sample: '"d41d8cd98f00b204e9800998ecf8427e"'
    last_modified:
      description:
        - When the object was written.
      returned: always
      type: str
      sample: '2026-11-23T12:00:00+00:00'
    content_type:
      description:
        - The media type of the content.
      returned: always
      type: str
      sample: application/json
    cache_control:
      description:
        - The header C(Cache-Control). V(null) if the object has none.
      returned: always
      type: str
      sample: null
    content_disposition:
      description:
        - The header C(Content-Disposition). V(null) if the object has none.
      returned: always
      type: str
      sample: null
    content_encoding:
      description:
        - The header C(Content-Encoding). V(null) if the object has none.
      returned: always
      type: str
      sample: null
    content_language:
      description:
        - The header C(Content-Language). V(null) if the object has none.
      returned: always
      type: str
      sample: null
    metadata:
      description:
        - The user metadata, without the envelope of client-side encryption.
      returned: always
      type: dict
      sample: {}
    tags:
      description:
        - Always V(null), because this module does not read tags.
      returned: always
      type: dict
      sample: null
    storage_class:
      description:
        - The storage class.
      returned: always
      type: str
      sample: STANDARD
    object_lock:
      description:
        - The lock that protects this version from deletion, if it is in force. V(null) if S3 reports none.
        - S3 reports it only with C(s3:GetObjectRetention) and C(s3:GetObjectLegalHold).
      returned: always
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
      returned: always
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
            - The ARN of the KMS key. V(null) if there is none.
          returned: always
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description:
            - Whether the object uses an S3 bucket key. V(null) under any encryption other than SSE-KMS.
          returned: always
          type: bool
        customer_key_md5:
          description:
            - The MD5 of the customer key in base64. V(null) under any encryption other than SSE-C and CSE-C.
          returned: always
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
    # end of generated
# generated: actions of a download
actions:
  description:
    - V(GetObject) if the object was downloaded, or would be in check mode.
    - V(SetFileAttributes) if the mode, owner, group or other attributes of an existing file were changed, or would be
      in check mode. Those of a new file are part of V(GetObject).
    - Empty if nothing differs.
  returned: when the options are valid
  type: list
  elements: str
  sample:
    - GetObject
# end of generated
# generated: buckets that do not exist yet
not_there_yet:
  description:
    - The names of the buckets that the task needs, that do not exist yet, and that an earlier task of the play may
      create. The real run fails unless they exist then.
    - Always empty in a real run. C(docs/check_mode.md) explains it.
  returned: when the options are valid
  type: list
  elements: str
  sample: []
# end of generated
# generated: diff of a download
diff:
  description:
    - >-
      The parts of the file that change: its path, size and checksum. For an existing file also its mode, owner, group
      and other attributes.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description:
        - The current state.
      returned: always
      type: dict
      sample: {}
    after:
      description:
        - The resulting state.
      returned: always
      type: dict
      sample:
        path: '/tmp/2026.json'
        size: 13
# end of generated
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object_download


def main() -> None:
    """Run the module."""
    s3_encrypted_object_download.main()


if __name__ == "__main__":
    main()
