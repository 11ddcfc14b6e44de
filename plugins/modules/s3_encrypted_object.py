#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_encrypted_object
short_description: Manage objects in S3 and their encryption
version_added: 0.1.0
description:
  - Ensures that an object in S3 has the given content, properties and encryption.
  - The object is compared with what S3 reports, and settings whose option is omitted are kept.
  - A change that reduces the protection is made with a warning, and a store other than AWS has to prove each write.
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
      - The key of the object.
    type: str
    required: true
    aliases:
      - object
      - object_name
  state:
    description:
      - V(present) ensures the object that the other options describe.
      - V(absent) deletes the object. In a bucket with versioning, S3 creates a delete marker, unless O(version_id)
        names a version. It cannot be combined with O(encryption) or its options. The customer key of an object under
        SSE-C is not needed.
    type: str
    choices:
      - present
      - absent
    default: present
  src:
    description:
      - A file on the controller with the content of the object. With O(remote_src=true), a file on the target.
      - It is found in the same way as the files of M(ansible.builtin.copy). A relative path is searched in C(files/) of
        the role and of the playbook, and next to them.
      - A file that is encrypted with Ansible Vault is decrypted.
      - The content is streamed, not read into memory. If the target is the controller, the file is read from its place.
        Otherwise it is first copied to the temporary directory of the task, readable only for the user of the task.
        This also happens in check mode, and if the object turns out to be equal, because only the target can find out
        which checksum S3 has.
      - Without O(src), O(content), O(content_base64) and O(copy_src), the object has to exist and keeps its content.
      - Mutually exclusive with O(content), O(content_base64) and O(copy_src).
    type: path
  remote_src:
    description:
      - Whether O(src) is a file on the target. Such a file is used without changes. It is not decrypted with Ansible
        Vault.
    type: bool
    default: false
  content:
    description:
      - The content as text, which is encoded in UTF-8. It is not shown in logs or results.
      - A list or dict is written as JSON, with the same bytes that M(ansible.builtin.copy) writes. Before ansible-core
        2.19, a template such as C({{ lookup('file', 'a.json') }}) becomes a list or dict. Use O(src), or the filter
        C(string), to upload the exact text of a file.
      - Mutually exclusive with O(src), O(content_base64) and O(copy_src).
    type: str
  content_base64:
    description:
      - The content in base64, for binary content. It is not shown in logs or results.
      - Mutually exclusive with O(src), O(content) and O(copy_src).
    type: str
  copy_src:
    description:
      - Another object, or an earlier version of this one, whose content the object is to have. S3 copies it, so that no
        content passes the host that runs the task, unless one of both objects is under client-side encryption.
      - The source can be in another bucket, account or region. It is read with the credentials of the task.
      - Both objects are compared by size and by the checksums that S3 stores. If these do not decide, the source is
        read in every run, in check mode too. That is so if only one of both has a checksum of the whole object, or if
        only one of both is under client-side encryption.
      - A new object gets the content headers, the metadata, the tags and the annotations of the source, as far as the
        task does not name them. An existing object keeps its own, also if its content changes.
      - A new object gets the encryption in O(encryption), and without that the bucket's default, as any new content
        does. The storage class, the ACL and the lock of the source are not copied. Nor are annotations if the copy is
        under SSE-C, has more than 5 GiB, or is uploaded from here.
      - A source under client-side encryption is copied with its envelope, and with its instruction file, without being
        decrypted. With O(encryption) and other keys, another context or another O(envelope), only its data key is
        encrypted again. If that cannot be kept, as under another kind or in an older format, the content is decrypted
        and uploaded again. It is verified before the upload ends.
      - Without O(encryption), such a source is compared as it is stored, so that no key is needed.
      - The copy is made only from the version of the source that was compared. At AWS, it is also made only over the
        object as it was read, see O(conditional_writes).
      - Tags of the source are read, unless O(tags) replaces them. This needs C(s3:GetObjectTagging) on the source. Set
        O(tags={}) for a copy without tags.
      - O(content_diff) has no effect on a copy.
      - Mutually exclusive with O(src), O(content) and O(content_base64).
    type: dict
    version_added: 0.2.0
    suboptions:
      bucket:
        description:
          - The name of the bucket of the source.
        type: str
        required: true
        aliases:
          - bucket_name
      key:
        description:
          - The key of the source.
        type: str
        required: true
        aliases:
          - object
          - object_name
      version_id:
        description:
          - The version to copy. If omitted, the current one. Needed to restore an earlier version of the object itself.
        type: str
        aliases:
          - version
      expected_bucket_owner:
        description:
          - The ID of the account that owns the bucket of the source. S3 refuses the copy if it belongs to another one.
        type: str
      customer_key:
        description:
          - The customer key of a source under SSE-C or CSE-C, in one of the forms of O(customer_key). S3 gets it only
            for a source under SSE-C.
          - Mutually exclusive with O(copy_src.customer_key_file).
        type: str
      customer_key_file:
        description:
          - A file on the target with the customer key of the source.
          - Mutually exclusive with O(copy_src.customer_key).
        type: path
  content_diff:
    description:
      - Whether the diff has the text of the object before and after an upload, as lists of lines in C(content). It
        needs diff mode, and has no effect without it.
      - B(The content is then shown, and may be logged by the controller.) By default it is not, as it may be secret.
        With C(no_log=true), Ansible hides the whole result.
      - The text is not shown if one side has more than 104,448 bytes, the limit of M(ansible.builtin.copy), if it is
        not UTF-8, or if the object is archived or cannot be read. Content under SSE-C or CSE-C is never shown, neither
        before nor after the upload.
      - It costs one GetObject, in check mode too, if the object exists and content is uploaded.
    type: bool
    default: false
  overwrite:
    description:
      - What to do with an object that already exists.
      - V(different) uploads content that differs, and changes everything else that differs.
      - V(always) uploads the content in every run.
      - V(never) does not change the object, including its encryption, properties and tags.
    type: str
    choices:
      - different
      - always
      - never
    default: different
  change_method:
    description:
      - How to change the encryption of an existing object whose content does not change.
      - V(update) encrypts it in place with C(UpdateObjectEncryption). This moves no data, regardless of the size, and
        keeps the version, the ETag, the time of the last modification and everything else. S3 supports it for objects
        under SSE-S3 and SSE-KMS, and only for a change to SSE-KMS with a O(kms_key). It cannot be combined with
        O(encryption_context) or with a change of other properties, and S3 refuses it for an object under Object Lock.
        Changes that S3 cannot make in place are refused.
      - V(copy) copies the object onto itself, which creates a new version. S3 does not copy Object Lock and ACL, so
        the module sets them again on the copy.
      - V(auto) encrypts in place on AWS if S3 can, and copies otherwise. It also copies if boto3 is too old to support
        C(UpdateObjectEncryption).
      - S3 does not encrypt in place under a KMS key of another account than the bucket's, unless AWS Support has
        approved that for the organization. With O(expected_bucket_owner), V(auto) knows the account of the bucket and
        copies. Without it, V(auto) copies after S3 has refused the change in place. Nothing is written before that. A
        warning and RV(actions) report it.
      - B(On stores other than AWS,) whether set by O(endpoint_url) or by configuration, V(auto) always copies. A store
        that does not support C(UpdateObjectEncryption) treats the request as an upload and overwrites the object with
        it. Use V(update) there only if the store is known to support it. Directly afterwards, the module compares the
        ETag, the size and the time of the last modification with the values before the change. If one of them has
        changed, the task fails before it writes tags.
    type: str
    choices:
      - auto
      - update
      - copy
    default: auto
  conditional_writes:
    description:
      - Whether a write has the condition that the object is as the task read it, or does not exist yet. AWS and most
        stores support that. A store without conditional writes refuses every upload, usually with C(NotImplemented).
      - With V(false), a write has no condition, so B(a write of another client between the reading and the writing of
        this task is lost) without an error, and two runs that create the same object at the same time both succeed.
        Use it only for stores without conditional writes.
      - A copy still names the ETag of its source.
      - B(On stores other than AWS,) a copy in one request has no condition on the object that it replaces, as few
        stores know it. A copy of O(copy_src) can then replace what another client writes at the same moment. The same
        applies at AWS with a boto3 that does not have this condition for CopyObject.
    type: bool
    default: true
  content_type:
    description:
      - The media type of the content.
      - If omitted, an existing object keeps its media type. For a new object it is guessed from the file name of
        O(src), otherwise from O(key). If that is not possible, it is V(binary/octet-stream). An empty text sets
        V(binary/octet-stream), too.
    type: str
  cache_control:
    description:
      - The header C(Cache-Control) that S3 sends with the object. If omitted, an object keeps its value. An empty
        text removes it.
    type: str
  content_disposition:
    description:
      - The header C(Content-Disposition) that S3 sends with the object. If omitted, an object keeps its value. An empty
        text removes it.
    type: str
  content_encoding:
    description:
      - The header C(Content-Encoding) that S3 sends with the object. If omitted, an object keeps its value. An empty
        text removes it. The module does not compress the content. C(aws-chunked) is removed from the value, as S3 does
        not store it.
    type: str
  content_language:
    description:
      - The header C(Content-Language) that S3 sends with the object. If omitted, an object keeps its value. An empty
        text removes it.
    type: str
  storage_class:
    description:
      - The storage class, such as V(STANDARD_IA). If omitted, an object keeps its storage class, and a new object gets
        V(STANDARD). At AWS, it has to be a class of general purpose buckets.
    type: str
  metadata:
    description:
      - The complete user metadata. Names are in lower case, because S3 stores them that way. Values are text. S3
        accepts 2 KB of names and values, which include the envelope of client-side encryption. AWS decodes an encoded
        word of RFC 2047, so one that contains only ASCII is refused. Two encoded words for the same text are the same
        metadata.
      - If omitted, an object keeps its metadata. V({}) removes all metadata.
    type: dict
  tags:
    description:
      - The tags of the object. If omitted, an object keeps its tags.
      - An object can have 10 tags, with keys of 128 and values of 256 characters. More are refused before anything is
        written, at other stores as well. Numbers and booleans become text. A tag without a value (null) is refused.
      - Comparing them costs one GetObjectTagging if the object has tags.
      - S3 has no condition for a change of tags, so that the last of several writers wins. With O(purge_tags=false),
        the tags are read again after the write, and the task fails if another client has overwritten those of the task
        by then. A client that writes later can still overwrite them.
    type: dict
    aliases:
      - resource_tags
  purge_tags:
    description:
      - Whether to remove tags that O(tags) does not contain. It has no effect without O(tags).
    type: bool
    default: true
  part_size:
    description:
      - Content that is larger than this is uploaded in parts of this size, as a multipart upload. From V(5MiB) to
        V(5GiB). Units are multiples of 1024, so V(16MB), V(16M) and V(16MiB) are equal.
      - The parts are larger if the content would otherwise have more than the 10,000 parts that S3 accepts.
      - Either the whole object is uploaded or nothing. An upload that fails or is interrupted is aborted. S3 verifies
        the checksum of each part and of the whole object.
    type: str
    default: 16MiB
  concurrency:
    description:
      - The maximum number of parts that are uploaded or copied at the same time, at most 256. Parts are read from the
        file while they are sent, so memory usage does not depend on O(part_size).
    type: int
    default: 8
  version_id:
    description:
      - With O(state=absent), the version to delete permanently. Refused with O(state=present), because a write always
        creates the current version.
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
      - With O(overwrite=always), the content is uploaded in every run.
      - O(encryption_context) of SSE-KMS and DSSE-KMS is sent but not compared, because S3 does not report it.
extends_documentation_fragment:
  - sealed.s3.encryption
  - sealed.s3.encryption.legacy_formats
  - sealed.s3.accounts.assume_role
  - sealed.s3.aws
  - sealed.s3.aws.request_payer
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - Only O(src) is a file on the controller. O(customer_key_file) and O(previous_customer_key_file) are files on the
    target.
  - With C(become) to an unprivileged user, Ansible gives that user access to the copy of O(src) on the target in the
    same way as to its modules. A decrypted copy is never made readable for all users, even with
    C(allow_world_readable_tmpfiles). Such a task is refused with C(async), because the copy could not be removed.
  - If an object of more than 5 GiB is copied onto itself, S3 copies it in parts. Such a copy keeps what any copy keeps,
    except annotations. So an object with annotations is not copied in parts. Finding out whether an object has
    annotations needs C(s3:ListObjectAnnotations) and a boto3 that supports it. Otherwise the task warns.
  - If the process is killed, or the host fails, the parts of an unfinished upload remain in the bucket and cost as much
    as objects. A lifecycle rule with C(AbortIncompleteMultipartUpload) removes them.
  - Under client-side encryption, the user metadata and the envelope share the 2 KB that S3 accepts. A copy keeps the
    envelope, also with O(metadata={}).
  - A copy keeps content headers, metadata, tags, storage class, website redirect, annotations, the checksum algorithm,
    ACL and Object Lock. The version, the time of the last modification and usually the ETag change.
  - An object that is the instruction file of another object (its key and C(.instruction)) is not deleted, and gets no
    other content, as long as the other object needs it. This costs one HeadObject of that object.
  - An object under SSE-C cannot have annotations. So an object with annotations is not changed to SSE-C. If the module
    cannot find out whether the object has annotations, it warns as above.
  - New content keeps the same, except annotations, checksum and Object Lock. A lock protects only the version that it
    was set for. It stays on the earlier version, and the task warns. The new version gets the default retention of the
    bucket, if it has one.
  - The ACL of an object is read before the object is written again, and its grants are included in the write. This
    needs C(s3:PutObjectAcl) if the ACL is not private. A grant that cannot be included in a write (C(WRITE)) is
    refused. If the ACL cannot be read, the task warns, unless ACLs are disabled for the bucket.
  - A copy keeps the lock that HeadObject reports, which needs C(s3:GetObjectRetention) and C(s3:GetObjectLegalHold). In
    a bucket with Object Lock, the task warns if one of these permissions is missing. A retention that has expired is
    not copied. The copy of an object without a retention gets the default retention of its bucket, and the task warns.
    A version that is locked is not deleted.
seealso:
  - module: sealed.s3.s3_encrypted_object_info
  - module: sealed.s3.s3_encrypted_object_download
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.kms_key_for_s3
  - name: Example of a directory
    description: A playbook that uploads files and templates, some of them vaulted.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/directory
  - name: Example of an own key
    description: A playbook that makes, backs up and rotates a customer key.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/own_key
  - name: Protecting data with server-side encryption
    description: The Amazon S3 User Guide on the encryption of objects.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

EXAMPLES = r"""
- name: Upload a file from the controller with the bucket's default encryption
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: settings.json
    src: settings.json

- name: Upload a file from the target
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: hosts.txt
    src: /etc/hosts
    remote_src: true

- name: Upload text with SSE-S3
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: motd.txt
    content: Welcome
    encryption: SSE-S3
    content_type: text/plain
    cache_control: max-age=3600

- name: Upload text with SSE-KMS, a customer managed key and a bucket key
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: reports/2026.json
    content: '{"total": 42}'
    encryption: SSE-KMS
    kms_key: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    bucket_key_enabled: true
    tags:
      department: finance

- name: Upload text with DSSE-KMS and an encryption context for the audit trail
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: contracts/1.txt
    content: Agreed
    encryption: DSSE-KMS
    kms_key: alias/s3-data
    encryption_context:
      project: blue

- name: Upload text with SSE-C and a key that the first run creates
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    content: For your eyes only
    encryption: SSE-C
    customer_key_file: ~/amzn-s3-demo-bucket.key
    customer_key_generate: true

- name: Change the object to another customer key without its content
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    encryption: SSE-C
    customer_key_file: ~/amzn-s3-demo-bucket-2.key
    customer_key_generate: true
    previous_customer_key_file: ~/amzn-s3-demo-bucket.key

- name: Encrypt an existing object with SSE-KMS
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: hosts.txt
    encryption: SSE-KMS
    kms_key: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab

- name: Change a large object to another KMS key in place, without moving its data
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: backups/2026.tar
    encryption: SSE-KMS
    kms_key: alias/s3-data
    change_method: update

- name: Upload a large file in parts, 16 parts at the same time
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: backups/2026-11.tar
    src: 2026-11.tar
    encryption: SSE-KMS
    kms_key: alias/s3-data
    part_size: 64MiB
    concurrency: 16

- name: Encrypt before the upload with a data key of KMS, and let S3 encrypt the ciphertext with another key
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: contracts/2.txt
    content: Signed
    encryption: CSE-KMS
    kms_key: alias/client-side
    encryption_context:
      project: blue
    server_side:
      encryption: SSE-KMS
      kms_key: alias/s3-data

- name: Encrypt before the upload with an own key that the first run creates, and that S3 never gets
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: backups/2026-12.tar
    src: 2026-12.tar
    encryption: CSE-C
    customer_key_file: ~/backups.key
    customer_key_generate: true
    envelope: instruction_file

- name: Change its key without writing the object again, because the data key is in an instruction file
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: backups/2026-12.tar
    encryption: CSE-C
    customer_key_file: ~/backups-2.key
    customer_key_generate: true
    previous_customer_key_file: ~/backups.key

- name: Change an object of an S3 Encryption Client of version 1 to another key, which encrypts it again as version 3
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: archive/2019.txt
    encryption: CSE-KMS
    kms_key: alias/client-side
    legacy_formats: [v2, v1]

- name: Copy an object of another bucket, and encrypt the copy with a KMS key
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: reports/2025.json
    copy_src:
      bucket: amzn-s3-demo-archive
      key: 2025/total.json
    encryption: SSE-KMS
    kms_key: alias/s3-data

- name: Copy an object under SSE-C, and give the copy another customer key
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: copy-of-secret.txt
    copy_src:
      bucket: amzn-s3-demo-archive
      key: secret.txt
      customer_key_file: ~/amzn-s3-demo-archive.key
    encryption: SSE-C
    customer_key_file: ~/copy-of-secret.key
    customer_key_generate: true

- name: Copy a public object whose requesters pay, without its tags
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: maps/europe.tif
    copy_src:
      bucket: amzn-s3-demo-maps
      key: europe.tif
    tags: {}
    request_payer: requester

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
        - The size in bytes, as S3 stores the object. Under client-side encryption, it is that of the ciphertext.
      returned: always
      type: int
      sample: 13
    etag:
      description:
        - The ETag, including its quotation marks. Under SSE-KMS, DSSE-KMS, SSE-C and client-side encryption it is not
          a checksum of the content.
        - In check mode also V(null) if the task would write the object.
      returned: always
      type: str
      sample: '"d41d8cd98f00b204e9800998ecf8427e"'
    last_modified:
      description:
        - When the object was written.
        - In check mode also V(null) if the task would write the object.
        - V(null) after an upload to AWS, whose answer proves the rest of the object, so that it is not read again.
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
        - Also V(null) for new content that got the default retention of the bucket, if the object was not read again,
          as after an upload to AWS and in check mode.
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
        - Also V(null) in check mode if the task would encrypt and upload a content, because the ciphertext is new
          then.
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
            - V(CSE-RSA) for client-side encryption under an RSA key, which cannot be decrypted here.
            - V(null) in check mode if the bucket's default encryption would apply.
          returned: always
          type: str
          sample: SSE-KMS
        kms_key_arn:
          description:
            - The ARN of the KMS key. V(null) if there is none, or if the data key of client-side encryption was not
              decrypted.
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
            - The MD5 of the customer key in base64. V(null) under any encryption other than SSE-C and CSE-C.
            - In check mode also V(null) for a key that O(customer_key_generate) would create.
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
            - In check mode, its type is V(null) if the bucket's default encryption would apply.
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
deleted:
  description: What the deletion did.
  returned: with O(state=absent), if something was deleted, and not in check mode
  type: dict
  contains:
    version_id:
      description:
        - The ID of the deleted version, or of the delete marker that S3 created. V(null) in a bucket without
          versioning.
      returned: always
      type: str
      sample: null
    delete_marker:
      description:
        - Whether S3 created a delete marker and kept the versions of the object, or whether a delete marker was
          removed.
      returned: always
      type: bool
      sample: false
# generated: actions on an object
actions:
  description:
    - The AWS operations that changed something, or would in check mode. C(WriteCustomerKeyFile) is the file that
      O(customer_key_generate) creates.
    - C(PutInstructionFile) and C(DeleteInstructionFile) are PutObject and DeleteObject of the instruction file of
      client-side encryption. C(GetObject) before an upload reads a content that is to be encrypted again.
    - A transfer in parts is listed as C(CreateMultipartUpload), C(UploadPart) or C(UploadPartCopy), and
      C(CompleteMultipartUpload), each of them once.
  returned: when the options are valid
  type: list
  elements: str
  sample:
    - PutObject
# end of generated
# generated: buckets and keys that do not exist yet
not_there_yet:
  description:
    - The names of the buckets and KMS keys that the task needs, that do not exist yet, and that an earlier task of
      the play may create. The real run fails unless they exist then.
    - Always empty in a real run. C(docs/check_mode.md) explains it.
  returned: when the options are valid
  type: list
  elements: str
  sample: []
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object


def main() -> None:
    """Run the module."""
    s3_encrypted_object.main()


if __name__ == "__main__":
    main()
