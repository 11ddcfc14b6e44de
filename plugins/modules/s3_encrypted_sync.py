#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_encrypted_sync
short_description: Synchronise a directory and a prefix in S3, under any encryption
version_added: 0.2.0
description:
  - Uploads the files of a directory to the objects of a prefix (O(src)), or downloads the objects of a prefix to the
    files of a directory (O(dest)).
  - Each object is compared with its file by a checksum of the content, and with the desired encryption, and only what
    differs is written.
  - A file that fails does not stop the others.
  - C(docs/sync.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
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
  prefix:
    description:
      - What the keys of all objects begin with. A slash is added if it does not end with one, so V(logs) does not
        select C(logs-old/a). The rest of a key is the path of its file below the directory.
      - If omitted or empty, the whole bucket is meant.
    type: str
    default: ''
  src:
    description:
      - The directory to upload. It is on the controller, and found in the same way as the directories of
        M(ansible.builtin.copy). With O(remote_src=true), it is on the target.
      - If the target is the controller, the files are read in place. Otherwise the whole directory is first copied to
        the temporary directory of the task, as one archive that only the user of the task can read, and that is removed
        at the end. This also happens in check mode. For large directories, use a directory on the target.
      - Files that are encrypted with Ansible Vault are decrypted, unless O(remote_src=true).
      - O(src) may be a symbolic link. Inside of it, a symbolic link to a regular file inside of O(src) is uploaded as
        that file. Any other symbolic link, a device, a socket, a pipe, a file that cannot be read, a name that is not
        UTF-8, and a key of more than 1,024 bytes fail, unless O(exclude) excludes them.
      - An empty directory has no object. Other attributes of files than their content are not uploaded.
      - Either this or O(dest) is required.
    type: path
  dest:
    description:
      - The directory on the target to download to. It is created if it does not exist, but its parent has to exist.
      - No file is ever written outside of it. A key that is not a plain relative path, or that leads through a symbolic
        link inside of O(dest), fails before anything of it is written.
      - With it, O(encryption), O(kms_key) and O(encryption_context) name what all objects have to have. An object with
        another encryption fails. If they are omitted, any encryption is accepted, as in
        M(sealed.s3.s3_encrypted_object_download). O(customer_key) and O(customer_key_file) do not need O(encryption).
      - The options that describe what is written to S3 are refused with it.
      - Either this or O(src) is required.
    type: path
  remote_src:
    description:
      - Whether O(src) is a directory on the target. Its files are uploaded without changes. They are not decrypted with
        Ansible Vault.
    type: bool
    default: false
  include:
    description:
      - Shell patterns for the path below the directory, such as V(images/*.png). One of them has to match. V(*) matches
        any characters, also V(/), V(?) one character, and V([ab]) one of these characters.
    type: list
    elements: str
    default:
      - '*'
  exclude:
    description:
      - Shell patterns for the path below the directory. None of them may match.
    type: list
    elements: str
    default: []
  delete:
    description:
      - Whether to delete what the other side does not have. With O(src), these are objects, and with O(dest), files and
        symbolic links.
      - Only what O(include) and O(exclude) select is deleted. Versions of objects are never deleted. In a bucket with
        versioning, S3 adds a delete marker. Directories remain, and no symbolic link is followed.
      - Nothing is deleted if the list of files or of objects could not be read completely. If the bucket or O(src) does
        not exist, the task fails.
      - If the other side selects nothing at all, the task fails, unless O(delete_all=true).
      - Nothing below an entry of O(src) that failed is deleted, such as below a symbolic link to a directory.
      - An object is deleted only if it is still the one that was listed. The instruction file of client-side encryption
        is deleted with its object.
      - A check run with more than 10 deletions warns with their number.
    type: bool
    default: false
  delete_all:
    description:
      - Whether O(delete=true) may delete everything that is selected, because the other side selects nothing.
    type: bool
    default: false
  mode:
    description:
      - The mode of the files, as in M(ansible.builtin.copy). If omitted, new files get V(0600), and existing files keep
        theirs. Only with O(dest).
    type: raw
  directory_mode:
    description:
      - The mode of directories that are created, as in M(ansible.builtin.copy). If omitted, it is V(0700). Only with
        O(dest).
    type: raw
  owner:
    description:
      - The user that owns the files and the directories that are created. Only with O(dest).
    type: str
  group:
    description:
      - The group that owns the files and the directories that are created. Only with O(dest).
    type: str
  compare:
    description:
      - How the content of a file and its object are compared.
      - V(checksum) reads each file once, and compares its checksum with that of S3.
      - V(size_mtime) reads no file whose object has the same size, and was not modified before the file. The sizes are
        those of the plaintext. All other files are compared by their checksum. A file whose content changes, and
        neither its size nor its time, is not noticed.
      - The encryption, and all other options of the task, are compared in both cases.
    type: str
    choices:
      - checksum
      - size_mtime
    default: checksum
  change_method:
    description:
      - How to change the encryption of an existing object whose content does not change, as
        O(sealed.s3.s3_encrypted_object#module:change_method). Only with O(src).
    type: str
    choices:
      - auto
      - update
      - copy
    default: auto
  conditional_writes:
    description:
      - Whether a write has the condition that the object is as the task read it, or does not exist yet, as
        O(sealed.s3.s3_encrypted_object#module:conditional_writes). Only with O(src).
    type: bool
    default: true
  content_type:
    description:
      - The media type of all objects. If omitted, an existing object keeps its media type. For a new object it is
        guessed from the name of its file. If that is not possible, it is V(binary/octet-stream). Only with O(src).
    type: str
  cache_control:
    description:
      - The header C(Cache-Control) of all objects. If omitted, an object keeps its value. An empty text removes it.
        Only with O(src).
    type: str
  content_disposition:
    description:
      - The header C(Content-Disposition) of all objects. If omitted, an object keeps its value. An empty text removes
        it. Only with O(src).
    type: str
  content_encoding:
    description:
      - The header C(Content-Encoding) of all objects. If omitted, an object keeps its value. An empty text removes it.
        The module does not compress the content. Only with O(src).
    type: str
  content_language:
    description:
      - The header C(Content-Language) of all objects. If omitted, an object keeps its value. An empty text removes it.
        Only with O(src).
    type: str
  storage_class:
    description:
      - The storage class of all objects, such as V(STANDARD_IA). If omitted, an object keeps its storage class, and a
        new object gets V(STANDARD). Only with O(src).
    type: str
  metadata:
    description:
      - The complete user metadata of all objects, as O(sealed.s3.s3_encrypted_object#module:metadata). If omitted, an
        object keeps its metadata. Only with O(src).
    type: dict
  tags:
    description:
      - The tags of all objects, as O(sealed.s3.s3_encrypted_object#module:tags). If omitted, an object keeps its tags.
        Only with O(src).
      - Comparing them costs one GetObjectTagging for each object with tags.
    type: dict
    aliases:
      - resource_tags
  purge_tags:
    description:
      - Whether to remove tags that O(tags) does not contain. It has no effect without O(tags). Only with O(src).
    type: bool
    default: true
  part_size:
    description:
      - Content that is larger than this is transferred in parts of this size. From V(5MiB) to V(5GiB). Units are
        multiples of 1024.
    type: str
    default: 16MiB
  concurrency:
    description:
      - The maximum number of objects that are processed at the same time, from V(1) to V(256). Of a large object, up to
        4 parts are transferred at the same time.
    type: int
    default: 32
  on_error:
    description:
      - What to do if a file or an object fails. V(continue) continues with all others. V(stop) starts no further one,
        deletes nothing more, and counts the remaining ones as skipped.
      - In both cases the task fails at the end. C(changed) reports whether anything was written.
    type: str
    choices:
      - continue
      - stop
    default: continue
  results:
    description:
      - Which objects to list in RV(objects). Failed objects are always listed, and RV(summary) counts all objects.
      - If omitted, the changed and the failed objects are listed, but at most 100 of them, failed ones first, and
        RV(diff) has at most 100 names, in equal shares for each change. RV(failed_objects) has all keys.
        RV(summary.not_listed) counts the others. To list them all, set V(changed).
    type: str
    choices:
      - changed
      - all
      - none
  progress:
    description:
      - Whether a task that takes more than a few seconds shows its progress on standard error. On a person's terminal,
        one line is updated. Elsewhere, such as in CI, in AWX and under ansible-runner, a plain line is printed at most
        every 30 seconds.
      - The progress is shown by an action plugin on the controller. The module alone, and a task with C(async), shows
        nothing.
    type: bool
    default: true
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
      - O(encryption_context) of SSE-KMS and DSSE-KMS is sent but not compared, because S3 does not report it.
      - RV(summary.seconds) and RV(summary.api_calls) may differ.
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
  - Only O(src) is a directory on the controller. O(dest), O(customer_key_file) and O(previous_customer_key_file) are on
    the target.
  - The objects of the prefix are listed in every run, one ListObjectsV2 for every 1,000 of them, regardless of
    O(include) and of the number of files. So use a prefix of its own.
  - All objects get the same customer key. O(customer_key_generate) writes its file once, before the first object.
  - The files of customer keys have to be outside of the directory, or excluded. Otherwise the task fails before any
    call.
  - An empty object whose key ends with a slash is what the console of S3 creates for a folder. It is neither downloaded
    nor counted nor deleted. An object with content under such a key fails with O(dest).
  - The instruction files of client-side encryption belong to their objects. They are neither downloaded nor counted nor
    deleted by themselves. A file whose key would be that of an instruction file in use fails. An instruction file
    without an object remains, with a warning.
  - Names that differ only in case are different objects. A file system that does not distinguish them gets the first
    of them, and the others fail.
  - If the process is killed, or the host fails, the parts of an unfinished upload remain in the bucket and cost as much
    as objects. A later upload reports them in RV(unfinished_uploads), and aborts none, because another task may still
    be using it. A lifecycle rule with C(AbortIncompleteMultipartUpload) removes them.
seealso:
  - module: sealed.s3.s3_encrypted_object
  - module: sealed.s3.s3_encrypted_object_download
  - module: sealed.s3.kms_key_for_s3
  - name: Working with objects
    description: The Amazon S3 User Guide on keys and prefixes.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

EXAMPLES = r"""
- name: Upload a directory with SSE-KMS, and delete the objects of files that no longer exist
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: site
    src: site
    exclude: ["*.swp", ".git/*"]
    delete: true
    encryption: SSE-KMS
    kms_key: alias/s3-data
    bucket_key_enabled: true
    cache_control: max-age=300
  register: site

- name: Try only those again that failed
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: site
    src: site
    # In a pattern, [ * and ? have a meaning of their own.
    include: >-
      {{ site.failed_objects | map('regex_replace', '^site/', '') | map('regex_replace', '([*?[])', '[\\1]') }}
    encryption: SSE-KMS
    kms_key: alias/s3-data
  when: site.failed_objects | length > 0

- name: Upload a directory of the target with SSE-C and a key that the first run creates
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: backups
    src: /tmp/backups
    remote_src: true
    encryption: SSE-C
    customer_key_file: ~/amzn-s3-demo-bucket.key
    customer_key_generate: true

- name: Encrypt each file before the upload with a data key of KMS
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: contracts
    src: contracts
    encryption: CSE-KMS
    kms_key: alias/client-side

- name: Upload only what sizes and times show as changed
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: site
    src: site
    compare: size_mtime

- name: Download a prefix to a directory, delete what it no longer has, and accept only objects under this KMS key
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: site
    dest: /tmp/downloaded
    delete: true
    encryption: SSE-KMS
    kms_key: alias/s3-data
    mode: "0644"
    directory_mode: "0755"

- name: Download objects only if they are encrypted with this customer key
  sealed.s3.s3_encrypted_sync:
    bucket: amzn-s3-demo-bucket
    prefix: backups
    dest: /tmp/restored
    encryption: SSE-C
    customer_key_file: ~/amzn-s3-demo-bucket.key
"""

RETURN = r"""
objects:
  description:
    - The objects that O(results) selects and the failed ones, in the order of their keys. Deleted ones come last.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    key:
      description: The key of the object. With O(dest), it is also that of a file that has no object.
      returned: always
      type: str
      sample: site/index.html
    changed:
      description: Whether the object or the file was changed, or would be changed in check mode.
      returned: always
      type: bool
      sample: true
    actions:
      description:
        - The AWS operations that changed something, or would in check mode, in the terms of
          RV(sealed.s3.s3_encrypted_object#module:actions).
        - With O(dest), V(GetObject) is a download, V(SetFileAttributes) a change of the attributes of an existing file,
          and V(DeleteFile) a deletion.
      returned: always
      type: list
      elements: str
      sample:
        - PutObject
    error:
      description: Why the object failed. V(null) if it did not.
      returned: always
      type: dict
      contains:
        # generated: error of a synchronised object
        kind:
          description:
            - The kind of failure. C(docs/errors.md) lists all kinds.
          returned: always
          type: str
          sample: conflict
        message:
          description:
            - What is wrong and what to do, in full sentences.
          returned: always
          type: str
          sample: >-
            src site/index.html changed while it was read for the upload, so nothing was written. Run the task again
            when no other process writes to the file.
        code:
          description:
            - The AWS error code. Empty if AWS returned none.
          returned: always
          type: str
          sample: SourceChanged
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
          sample: src site/index.html
        layer:
          description:
            - The type of policy that refused the action, if AWS reports it. Empty otherwise.
          returned: always
          type: str
          sample: ''
        # end of generated
failed_objects:
  description:
    - The keys of the objects that failed.
  returned: when the options are valid
  type: list
  elements: str
  sample: []
summary:
  description: The number of objects by their result.
  returned: when the options are valid
  type: dict
  contains:
    matched:
      description: The number of files and objects that are selected on the source side, and of deletions.
      returned: always
      type: int
      sample: 3
    changed:
      description: The number of changed objects, including deleted ones.
      returned: always
      type: int
      sample: 2
    unchanged:
      description: The number of objects that were already as desired.
      returned: always
      type: int
      sample: 1
    deleted:
      description: The number of deleted objects, or with O(dest) of deleted files.
      returned: always
      type: int
      sample: 1
    failed:
      description: The number of failed objects.
      returned: always
      type: int
      sample: 0
    skipped:
      description: The number of objects that were not started, because the task ended early after a failure.
      returned: always
      type: int
      sample: 0
    not_listed:
      description: The number of changed and failed objects that are not in RV(objects). See O(results).
      returned: always
      type: int
      sample: 0
    bytes:
      description: The size of the content that was transferred, or would be in check mode.
      returned: always
      type: int
      sample: 4096
    api_calls:
      description: The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 4
    seconds:
      description: The duration in seconds.
      returned: always
      type: float
      sample: 0.214
unfinished_uploads:
  description:
    - The uploads in parts below O(prefix) that were neither completed nor aborted when the task began. They may be of a
      task that was killed, or that is still running. The task aborts none of them.
    - At most 100 are listed, and a warning has their number. Empty with O(dest), and if they cannot be listed.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    key:
      description: The key of the object that was to be uploaded.
      returned: always
      type: str
      sample: site/video.mp4
    upload_id:
      description: The ID of the upload, for AbortMultipartUpload.
      returned: always
      type: str
      sample: 2~iCw_lDY8VoBhoRrIJbPMrqqnIVJqRTd
    initiated:
      description: When the upload was begun.
      returned: always
      type: str
      sample: '2026-11-23T12:00:00+00:00'
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
diff:
  description:
    - What changes. It is the same in check mode and in the real run.
    - For one changed object, its encryption, and what else changes. For several, a text that groups equal changes and
      lists the keys of the objects after each group. The content is never shown.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description: The current state.
      returned: with at most one changed object
      type: dict
      sample:
        encryption: SSE-S3
    after:
      description: The resulting state.
      returned: with at most one changed object
      type: dict
      sample:
        encryption: SSE-KMS with key arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    prepared:
      description: The groups, as diff mode shows them.
      returned: with several changed objects
      type: str
      sample: |-
        2 objects:
          - the object does not exist yet
          + SSE-S3
            site/index.html
            site/style.css
# generated: error of a sync task
error:
  description:
    - Why the task failed, in parts that a playbook can test.
  returned: when the task fails for a reason that concerns no single object
  type: dict
  contains:
    kind:
      description:
        - The kind of failure. C(docs/errors.md) lists all kinds.
      returned: always
      type: str
      sample: forbidden
    code:
      description:
        - The AWS error code. Empty if AWS returned none.
      returned: always
      type: str
      sample: AccessDenied
    action:
      description:
        - The IAM action or API operation that was refused. Empty if there is none.
      returned: always
      type: str
      sample: s3:ListBucket
    resource:
      description:
        - The resource that was to be read or written.
      returned: always
      type: str
      sample: amzn-s3-demo-bucket/site/
    layer:
      description:
        - The type of policy that refused the action, if AWS reports it. Empty otherwise.
      returned: always
      type: str
      sample: identity-based
# end of generated
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend import payload

payload.compile_once()

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync import s3_encrypted_sync


def main() -> None:
    """Run the module."""
    s3_encrypted_sync.main()


if __name__ == "__main__":
    main()
