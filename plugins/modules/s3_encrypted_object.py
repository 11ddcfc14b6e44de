#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_encrypted_object
short_description: Put an object into S3 under a chosen encryption
version_added: 0.1.0
description:
  - Holds an object in S3 with this content, these properties and this encryption.
  - The object is compared with what HeadObject reports. Content that differs is uploaded. Otherwise an encryption or
    property that differs is changed in place or by copying the object onto itself (see O(change_method)), and tags
    that differ are written alone. What is not named is kept.
  - Content is compared by its size and the checksum that S3 stores, of the whole object or composed of those of its
    parts. Under SSE-S3 the ETag does where there is none. At last the object is read and its bytes are compared. The
    module uploads with a SHA-256, and in parts with a CRC64NVME of the whole, or a CRC32 where C(awscrt) is not
    installed, so objects of its own are never read for that.
  - An upload and a copy are conditional, and S3 refuses them if somebody else has changed the object since it was
    read.
  - A change that is told to have failed for want of an answer, or because the object has changed meanwhile, is looked
    at again. Where the object is what was planned, the change had been carried out, and counts as such.
  - An object that is as asked costs one API call, HeadObject. A new object costs four, which are HeadObject,
    GetObject to tell a missing object from a missing bucket, PutObject, and HeadObject to verify what was written. A
    change costs three, and one that writes the object anew one more, GetObjectAcl. A write with O(kms_key) costs one
    DescribeKey besides, a write under SSE-C one GetBucketEncryption, and the tags of an object that has some one
    GetObjectTagging. C(docs/api_calls.md) has them all.
  - Needs C(s3:GetObject) and C(s3:ListBucket), without which S3 does not tell a missing object from a forbidden one,
    and C(s3:GetObjectTagging), without which S3 hides that an object has tags, so that an upload, which would lose
    them, is refused. Writing needs C(s3:PutObject), and C(s3:PutObjectTagging) for an object with tags. Deleting needs
    C(s3:DeleteObject), or C(s3:DeleteObjectVersion) with O(version_id).
  - In a bucket with versioning every write makes a new version, and the earlier ones stay as they were. The diff says
    so, and a warning where the earlier one is encrypted otherwise.
  - What protects less than before is done as asked, with a warning, in check mode as well. So is an upload without
    O(encryption) over an object that was encrypted under another key or more strongly than the bucket's default is.
author:
  - The sealed.s3 authors (!UNKNOWN)
options:
  bucket:
    description:
      - The name of the bucket.
    type: str
    required: true
  key:
    description:
      - The key of the object.
    type: str
    required: true
    aliases:
      - object
  state:
    description:
      - V(present) holds the object as the other options ask for.
      - V(absent) deletes it. In a bucket with versioning that is a delete marker, unless O(version_id) names a
        version. No O(encryption) and none of its options can be named with it, and the key of an object under SSE-C
        is not needed.
    type: str
    choices:
      - present
      - absent
    default: present
  src:
    description:
      - A file of the controller, whose content the object is to have. With O(remote_src=true) it is one of the target.
      - It is found as M(ansible.builtin.copy) finds its own. A relative path is looked for in C(files/) of the role and
        of the playbook, and beside them.
      - A file under Ansible Vault is decrypted.
      - The content is streamed, not read into memory. Where the target is the controller, the file is read where it
        lies. Elsewhere it is copied to the temporary folder of the task first, readable for its user alone, also in
        check mode and where the object turns out to be the same, as which checksum S3 has is known there only.
      - Without O(src), O(content) and O(content_base64) the object has to exist, and keeps its content.
      - Mutually exclusive with O(content) and O(content_base64).
    type: path
  remote_src:
    description:
      - Whether O(src) is a file on the target, as it lies there. Ansible Vault is not looked for.
    type: bool
    default: false
  content:
    description:
      - The content as text, which is encoded in UTF-8. It is not shown in logs or results.
      - Mutually exclusive with O(src) and O(content_base64).
    type: str
  content_base64:
    description:
      - The content in base64, for bytes that are no text. It is not shown in logs or results.
      - Mutually exclusive with O(src) and O(content).
    type: str
  overwrite:
    description:
      - What to do with an object that exists already.
      - V(different) uploads content that differs, and brings the rest to what is asked.
      - V(always) uploads the content in every run.
      - V(never) leaves the object alone, its encryption, properties and tags too.
    type: str
    choices:
      - different
      - always
      - never
    default: different
  change_method:
    description:
      - How the encryption of an object that exists is changed, where its content stays.
      - V(update) encrypts it in place with C(UpdateObjectEncryption), which moves no data, whatever the size, and keeps
        the version, the ETag, the last modification and all else. S3 does so for objects under SSE-S3 and SSE-KMS, and
        towards SSE-KMS with a O(kms_key) only. It does not take O(encryption_context), other properties in the same
        task, nor an object under Object Lock. What S3 cannot do in place is refused.
      - V(copy) copies the object onto itself, which makes a new version. Object Lock and ACL, which S3 would not carry
        over, are given to the copy again.
      - V(auto) encrypts in place at AWS where S3 can, and copies otherwise, also where boto3 is too old to know
        C(UpdateObjectEncryption).
      - S3 does not encrypt in place under a KMS key of another account than the bucket's, unless AWS Support has
        approved that for the organization. With O(expected_bucket_owner) V(auto) knows the bucket's account, and
        copies. Without it, V(auto) copies when S3 refuses it, which has written nothing by then. A warning and
        RV(actions) say so.
      - B(At other stores than AWS,) be it by O(endpoint_url) or by configuration, V(auto) copies always. A store that
        does not know C(UpdateObjectEncryption) takes the request for an upload, and overwrites the object with it. Ask
        for V(update) there only if the store is known to have it. The ETag, the size and the last modification are
        compared with those of before directly after it, and the task fails if one has changed, before it writes tags.
    type: str
    choices:
      - auto
      - update
      - copy
    default: auto
  content_type:
    description:
      - The media type of the content.
      - Omitted, an object keeps its own. A new object gets the one that goes with the file name of O(src) or else
        with O(key), or V(binary/octet-stream).
    type: str
  cache_control:
    description:
      - The header C(Cache-Control) that S3 sends with the object. Omitted, an object keeps its own.
    type: str
  content_disposition:
    description:
      - The header C(Content-Disposition) that S3 sends with the object. Omitted, an object keeps its own.
    type: str
  content_encoding:
    description:
      - The header C(Content-Encoding) that S3 sends with the object. Omitted, an object keeps its own. Nothing is
        compressed.
    type: str
  content_language:
    description:
      - The header C(Content-Language) that S3 sends with the object. Omitted, an object keeps its own.
    type: str
  storage_class:
    description:
      - The storage class, such as V(STANDARD_IA). Omitted, an object keeps its own, and a new object gets
        V(STANDARD).
    type: str
  metadata:
    description:
      - The whole user metadata. Names are in lower case, as S3 keeps them, and values are text.
      - Omitted, an object keeps its own. V({}) takes all away.
    type: dict
  tags:
    description:
      - The tags of the object. Omitted, an object keeps its own.
      - Comparing them costs one GetObjectTagging if the object has any.
    type: dict
    aliases:
      - resource_tags
  purge_tags:
    description:
      - Whether to take away the tags that O(tags) does not name. It has no effect without O(tags).
    type: bool
    default: true
  part_size:
    description:
      - Content that is larger is uploaded in parts of this size, as a multipart upload, V(5MiB) to V(5GiB). The units
        are of 1024, so that V(16MB) and V(16M) are the same.
      - Where there would be more than the 10,000 parts that S3 takes, the parts are larger.
      - The object is whole or not there at all. An upload that fails or is interrupted is aborted, and S3 checks the
        checksum of each part and of the whole.
    type: str
    default: 16MiB
  concurrency:
    description:
      - How many parts to send, or to have copied, at the same time, up to 256. They are read from the file as they are
        sent, so that memory does not grow with O(part_size).
    type: int
    default: 8
  version_id:
    description:
      - With O(state=absent) the version to delete, for good. Refused with O(state=present), as a write always makes
        the current version.
    type: str
  expected_bucket_owner:
    description:
      - The id of the account that owns the bucket. S3 refuses every call if another one does.
    type: str
attributes:
  idempotent:
    support: partial
    details:
      - With O(overwrite=always) the content is uploaded in every run.
      - O(encryption_context) is sent and not compared, as S3 does not report it.
extends_documentation_fragment:
  - sealed.s3.encryption
  - sealed.s3.aws
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - Only O(src) is a file of the controller. O(customer_key_file) and O(previous_customer_key_file) are files on the
    target.
  - With C(become) to a user without privileges, the target's copy of O(src) is given to that user in the way that
    Ansible gives its modules. A decrypted one is never made readable for all, whatever
    C(allow_world_readable_tmpfiles) says. With C(async) such a task is refused, as nobody could remove the file.
  - A copy onto itself of an object of more than 5 GiB is made in parts, which S3 copies by itself. It keeps what a
    copy keeps, but no annotations, so that an object that has some is not copied in parts. Whether it has some takes
    C(s3:ListObjectAnnotations) and a boto3 that knows it. Where that cannot be told, a warning says so.
  - A run that is killed without a signal that it can see, or whose host goes down, leaves the parts of its upload
    behind, which cost like objects. A lifecycle rule of the bucket with C(AbortIncompleteMultipartUpload) removes them.
  - A copy or upload is refused for an object that is encrypted on the client side, which it would make unreadable.
  - A copy keeps content headers, metadata, tags, storage class, website redirect, annotations, the algorithm of the
    checksum, ACL and Object Lock. What changes are the version, the last modification and mostly the ETag.
  - An object under SSE-C can have no annotations, so that an object that has some is not moved there, with the same
    warning where that cannot be told.
  - New content keeps the same, but for annotations, checksum and Object Lock. A lock is for what has been written. It
    stays on the former version, and a warning says so. The new version gets the default retention of the bucket, if
    it has one.
  - The ACL of an object is read before it is written anew, and its grants are written with it, which needs
    C(s3:PutObjectAcl) where it is not private. A grant that no write takes (C(WRITE)) is a refusal. Where the ACL may
    not be read, a warning says so, unless the bucket has ACLs disabled.
  - A lock is kept by a copy as far as HeadObject tells of it, which takes C(s3:GetObjectRetention) and
    C(s3:GetObjectLegalHold). In a bucket with Object Lock a warning says which of them is missing. A retention that is
    over is not carried over. An object without one gets the default retention of its bucket with a copy, which a
    warning tells. A version that is locked is not deleted.
seealso:
  - module: sealed.s3.s3_encrypted_object_info
  - module: sealed.s3.s3_encrypted_object_download
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.kms_key_for_s3
  - name: Protecting data with server-side encryption
    description: The Amazon S3 User Guide on the encryption of objects.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

EXAMPLES = r"""
- name: Upload a file of the controller, from files/ of the role, under the bucket's default encryption
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: settings.json
    src: settings.json

- name: Upload a file of the target
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: hosts.txt
    src: /etc/hosts
    remote_src: true

- name: Upload text under SSE-S3
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: motd.txt
    content: Welcome
    encryption: SSE-S3
    content_type: text/plain
    cache_control: max-age=3600

- name: Upload under SSE-KMS, with a key of our own and a bucket key
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: reports/2026.json
    content: '{"total": 42}'
    encryption: SSE-KMS
    kms_key: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    bucket_key_enabled: true
    tags:
      department: finance

- name: Upload under DSSE-KMS, with an encryption context for the audit trail
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: contracts/1.txt
    content: Agreed
    encryption: DSSE-KMS
    kms_key: alias/s3-data
    encryption_context:
      project: blue

- name: Upload under SSE-C, with a key that is made in the first run
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    content: For your eyes only
    encryption: SSE-C
    customer_key_file: ~/amzn-s3-demo-bucket.key
    customer_key_generate: true

- name: Move the object to another customer key, without its content at hand
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    encryption: SSE-C
    customer_key_file: ~/amzn-s3-demo-bucket-2.key
    customer_key_generate: true
    previous_customer_key_file: ~/amzn-s3-demo-bucket.key

- name: Bring an object under SSE-KMS that exists already
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: hosts.txt
    encryption: SSE-KMS
    kms_key: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab

- name: Bring a large object under another KMS key in place, without moving its data
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: backups/2026.tar
    encryption: SSE-KMS
    kms_key: alias/s3-data
    change_method: update

- name: Upload a large file in parts, sixteen at the same time
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: backups/2026-11.tar
    src: 2026-11.tar
    encryption: SSE-KMS
    kms_key: alias/s3-data
    part_size: 64MiB
    concurrency: 16

- name: Delete an object
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: motd.txt
    state: absent
"""

RETURN = r"""
object:
  description:
    - The object as S3 reports it, or in check mode as S3 would report it. V(null) with O(state=absent), and if the task
      failed.
  returned: when the options are valid
  type: dict
  contains:
    # generated: written object
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
        - In check mode also V(null) if the task would write the object.
      returned: always
      type: str
      sample: null
    size:
      description:
        - The size in bytes.
      returned: always
      type: int
      sample: 13
    etag:
      description:
        - The ETag, including its quotation marks. Under SSE-KMS, DSSE-KMS and SSE-C it is not a checksum of the
          content.
        - In check mode also V(null) if the task would write the object.
      returned: always
      type: str
      sample: '"d41d8cd98f00b204e9800998ecf8427e"'
    last_modified:
      description:
        - When the object was written.
        - In check mode also V(null) if the task would write the object.
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
        - The user metadata.
      returned: always
      type: dict
      sample: {}
    tags:
      description:
        - The tags. V(null) if the task did not need to read them.
      returned: always
      type: dict
      sample:
        department: finance
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
        - In check mode also V(null) if new content would get the default retention of the bucket.
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
        - The strongest checksum that S3 stores. V(null) if it stores none.
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
            - V(null) in check mode if S3 would compute it when it copies the object, as it does if the present
              checksum is V(COMPOSITE).
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
            - The encryption, as a value of O(encryption). V(NONE) for an object that is not encrypted.
            - V(null) in check mode if the bucket's default encryption would apply.
          returned: always
          type: str
          sample: SSE-KMS
        kms_key_arn:
          description:
            - The ARN of the KMS key. V(null) if there is none.
            - In check mode also V(null) if S3 would choose the key.
          returned: always
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description:
            - Whether the object uses an S3 bucket key. V(null) under any encryption other than SSE-KMS.
            - In check mode also V(null) if the bucket's default encryption would decide.
          returned: always
          type: bool
        customer_key_md5:
          description:
            - The MD5 of the customer key in base64. V(null) under any encryption other than SSE-C.
            - In check mode also V(null) for a key that O(customer_key_generate) would create.
          returned: always
          type: str
          sample: null
    # end of generated
deleted:
  description: What the deletion did.
  returned: with O(state=absent), if something was deleted, and not in check mode
  type: dict
  contains:
    version_id:
      description:
        - The ID of the deleted version, or of the delete marker that S3 created. V(null) in a bucket without versioning.
      returned: always
      type: str
      sample: null
    delete_marker:
      description:
        - Whether S3 created a delete marker and kept the versions of the object, or whether a delete marker was removed.
      returned: always
      type: bool
      sample: false
# generated: actions on an object
actions:
  description:
    - The AWS operations that changed something, or would in check mode. C(WriteCustomerKeyFile) is the file that
      O(customer_key_generate) creates.
    - A transfer in parts is listed as C(CreateMultipartUpload), C(UploadPart) or C(UploadPartCopy), and
      C(CompleteMultipartUpload), each of them once.
  returned: when the options are valid
  type: list
  elements: str
  sample:
    - PutObject
# end of generated
# generated: diff of an object
diff:
  description:
    - The parts of the object that change. An encryption that S3 will choose is shown as the bucket's default. A
      checksum that S3 will compute is shown without its value.
    - An upload over an existing object and a copy also show C(last_modified), whose new value is V(the time of the
      write), and C(version_id) in a bucket with versioning.
    - C(acl), C(annotations) and C(object_lock) are V(unknown) before the change if the task may not read them and the
      write may lose them. A warning says so too.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description:
        - The current state.
      returned: always
      type: dict
      sample:
        encryption:
          type: SSE-S3
    after:
      description:
        - The resulting state.
      returned: always
      type: dict
      sample:
        encryption:
          type: SSE-KMS
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
    message:
      description:
        - What is wrong and what to do, in full sentences.
      returned: always
      type: str
      sample: 'There is no object ''motd.txt'' in the bucket amzn-s3-demo-bucket. Check bucket, key and version_id.'
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object


def main() -> None:
    """Run the module."""
    s3_encrypted_object.main()


if __name__ == "__main__":
    main()
