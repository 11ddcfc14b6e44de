#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_encrypted_object_download
short_description: Have a local file that equals an object in S3
version_added: 0.1.0
description:
  - Holds a file on the host that runs the task that has the plaintext of an object. How the object is encrypted is
    found out by itself, and only an object under SSE-C needs its customer key.
  - The object goes to a temporary file beside O(dest), is compared with the size and checksum that S3 reports, and
    takes its place in one step. The file is there whole and verified, or not at all.
  - A file that equals the object costs one API call, HeadObject, and the digest of the file. A download costs two,
    HeadObject and GetObject, and a GetObject for each range of an object that is larger than O(part_size).
  - The checksum may be one of the whole, one composed of those of the parts of an upload, or an ETag that is one. Sizes
    of parts that are not known cost a call or a few. Where S3 stores no checksum that can be computed here, a file of
    the same size is compared with the bytes of the object, in check mode too, as far as they are the same.
  - Every range is asked for under the condition that the object is still the same. If somebody writes it meanwhile, the
    task fails, and the file stays as it was.
  - Where the connection breaks within a range, what is left of it is asked for again, up to four times for each range.
    Where no answer comes at all, the retries are those of the SDK, see O(aws_config).
  - Needs C(s3:GetObject), and C(kms:Decrypt) on the KMS key of the object. Without C(s3:ListBucket) a missing object
    is told as a forbidden one.
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
      - The key of the object. The task fails if there is no such object.
    type: str
    required: true
    aliases:
      - object
  dest:
    description:
      - The file to have, on the host that runs the task. Its folder has to exist.
      - In a folder, or with V(/) at its end, the file gets the last part of O(key) as its name.
    type: path
    required: true
  encryption_context:
    description:
      - The encryption context of an object under SSE-KMS or DSSE-KMS, so that a task can name what the upload named.
      - Neither sent nor compared. S3 keeps the context that the object was written with, hands it to KMS by itself with
        every read, takes no other with GetObject, and reports it nowhere. Another context alone changes nothing.
      - Its place is client-side encryption, where the reader names the context. Such objects are refused so far.
      - An object under an encryption that has no context is downloaded all the same, and the task warns.
    type: dict
  overwrite:
    description:
      - What to do with a file that exists already.
      - V(different) replaces a file that does not equal the object.
      - V(always) downloads in every run.
      - V(never) leaves the file as it is. The object has to exist all the same.
    type: str
    choices:
      - different
      - always
      - never
    default: different
  part_size:
    description:
      - An object that is larger than this is read in ranges of this size, from V(5MiB) to V(5GiB). Units are of 1024.
    type: str
    default: 16MiB
  concurrency:
    description:
      - How many ranges to read at the same time, from V(1) to V(256). Each takes a few MiB of memory, whatever
        O(part_size) is.
    type: int
    default: 8
  version_id:
    description:
      - The version of the object. Omitted, the current one. Needs C(s3:GetObjectVersion).
    type: str
  expected_bucket_owner:
    description:
      - The id of the account that owns the bucket. S3 refuses every call if another one does.
    type: str
attributes:
  idempotent:
    support: partial
    details:
      - With O(overwrite=always) the object is downloaded in every run.
extends_documentation_fragment:
  - sealed.s3.encryption.customer_key
  - sealed.s3.aws
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - ansible.builtin.files
notes:
  - A file that is replaced keeps its mode and, where the task may set it, its owner, unless the task names others.
    Named ones are set before the file is in its place. If that fails, nothing has changed.
  - On a file whose content stays, the named attributes are set where they differ. If one of them cannot be set, the
    task fails, and others may have been set before.
  - A mode that is none is refused before any call, and so is, but in check mode, an O(owner) or O(group) that the host
    that runs the task does not know.
  - An object in C(GLACIER), C(DEEP_ARCHIVE) or an archive tier that is not restored is refused, in check mode too.
  - O(unsafe_writes) concerns the attributes of the file only. Its content is always replaced in one step.
  - An object that was encrypted on the client side is refused, as S3 has its ciphertext only.
seealso:
  - module: sealed.s3.s3_encrypted_object
  - module: sealed.s3.s3_encrypted_object_info
  - name: GetObject
    description: The API reference of the call that reads.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

EXAMPLES = r"""
- name: Download an object, however S3 has encrypted it
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: reports/2026.json
    dest: /tmp/2026.json
    mode: '0600'

- name: Download an object under SSE-C
  sealed.s3.s3_encrypted_object_download:
    bucket: amzn-s3-demo-bucket
    key: secret.txt
    dest: /tmp/secret.txt
    mode: '0600'
    customer_key_file: ~/amzn-s3-demo-bucket.key

- name: Download into a folder, and leave a file alone that is there
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
  description:
    - The object, in the shape of RV(sealed.s3.s3_encrypted_object#module:object), with C(tags) V(null).
    - V(null) where it could not be looked at.
  returned: when the options are valid
  type: dict
  sample:
    bucket: amzn-s3-demo-bucket
    key: reports/2026.json
    size: 13
    encryption:
      type: SSE-KMS
      kms_key_arn: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
      bucket_key_enabled: true
      customer_key_md5: null
actions:
  description:
    - V(GetObject) if the object was downloaded, or would be in check mode.
    - V(SetFileAttributes) if mode, owner, group or other attributes of an existing file were changed, or would be in
      check mode. Those of a new file are part of V(GetObject).
    - Empty if nothing differs.
  returned: when the options are valid
  type: list
  elements: str
  sample:
    - GetObject
diff:
  description: What changes of the file. For an existing file that includes its mode, owner, group and other attributes.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description: What is.
      returned: always
      type: dict
      sample: {}
    after:
      description: What is to be.
      returned: always
      type: dict
      sample:
        path: /tmp/2026.json
        size: 13
error:
  description: Why the task failed, in the shape of RV(sealed.s3.s3_encrypted_object#module:error).
  returned: failure
  type: dict
  sample:
    kind: absent
    message: There is no object 'a' in the bucket amzn-s3-demo-bucket. Check bucket, key and version_id.
    code: ""
    action: ""
    resource: amzn-s3-demo-bucket/a
    layer: ""
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object_download


def main() -> None:
    """Run the module."""
    s3_encrypted_object_download.main()


if __name__ == "__main__":
    main()
