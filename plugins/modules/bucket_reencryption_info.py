#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_reencryption_info
short_description: Count the objects of an S3 bucket by their encryption, and report its batch jobs
version_added: 0.2.0
description:
  - Counts the objects of a bucket by their encryption by S3, their KMS key and their bucket key, and by what decides
    how M(sealed.s3.bucket_reencryption) can change them. It reads all objects, or a random sample, and then says how
    exactly it knows each number.
  - With O(jobs) or O(job_id), it reports jobs of S3 Batch Operations instead, and why tasks of them failed.
  - C(docs/reencryption.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
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
  expected_bucket_owner:
    description:
      - The ID of the account that owns the bucket. S3 refuses every call if the bucket belongs to another account.
    type: str
  versions:
    description:
      - V(current) counts the current version of each object, and V(all) all its versions. Delete markers are no
        versions with content, and are not counted.
    type: str
    choices:
      - current
      - all
    default: current
  counts:
    description:
      - Whether to count the objects. If omitted, they are counted unless O(jobs) or O(job_id) is set.
    type: bool
  sample:
    description:
      - The number of objects to read, from V(1) to V(100000). Each object of the list has the same chance to be one of
        them. If the list has no more objects, all of them are read.
      - The whole list is read in any case, one request for 1000 objects. So the number of objects and their size are
        exact, and RV(summary.by_storage_class) is that of all objects.
      - The larger the sample, the more exact are the estimates, whatever the size of the bucket. A share of one half
        is known to 10 percentage points with V(100), to 3 with V(1000), and to 1 with V(10000).
      - If omitted, all objects are read, one request for each.
    type: int
  sample_seed:
    description:
      - Repeats a sample. The same seed draws the same objects of the same list.
      - If omitted, it is a random number, which RV(sample.seed) returns.
    type: int
  jobs:
    description:
      - Whether to report the jobs of S3 Batch Operations that M(sealed.s3.bucket_reencryption) made for this bucket,
        the newest 100 at most. S3 forgets a job 90 days after its end.
      - They are recognised by their tags. Only those of the caller's account and of the region of the bucket are found.
      - Mutually exclusive with O(job_id).
    type: bool
    default: false
  job_id:
    description:
      - The ID of one job to report, also of one that another tool made. It has to be a job of the caller's account, in
        the region of O(bucket).
      - Mutually exclusive with O(jobs).
    type: str
  job_reports:
    description:
      - Whether to read the completion report of each job that has ended, as far as it lists failed tasks.
    type: bool
    default: true
  customer_key:
    description:
      - The customer key of objects under SSE-C. RV(summary.by_encryption[].customer_key_md5) then tells how many of
        them it opens. Without it, or with another one, such objects are counted, too.
      - S3 gets it only for an object that it does not return without a key, or after one that needed it.
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
  concurrency:
    description:
      - The maximum number of objects to read at the same time, from V(1) to V(256).
    type: int
    default: 32
  progress:
    description:
      - Whether a task that takes more than a few seconds shows its progress on standard error. On a person's terminal,
        one line is updated. Elsewhere, such as in CI, in AWX and under ansible-runner, a plain line is printed at most
        every 30 seconds.
      - The progress is shown by an action plugin on the controller. The module alone, and a task with C(async), shows
        nothing.
    type: bool
    default: true
extends_documentation_fragment:
  - sealed.s3.object_selection.info
  - sealed.s3.accounts.assume_role
  - sealed.s3.aws
  - sealed.s3.aws.request_payer
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - The encryption of an object under client-side encryption is that of its ciphertext by S3. Its envelope is not read.
  - Neither tags nor checksums are requested. So the task needs no C(kms:Decrypt), and each object costs one request. An
    object under SSE-C whose key the task does not have costs more, unless the two before it were such objects, too.
  - The task fails if the encryption of an object could not be read, or if the list ended early. What was read is in the
    result. An object under SSE-C whose key the task does not have is counted, and is no failure.
seealso:
  - module: sealed.s3.bucket_reencryption
  - module: sealed.s3.s3_encrypted_object_info
  - module: sealed.s3.bucket_default_encryption_info
  - name: HeadObject
    description: The API reference of the operation that reads the encryption of an object.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
  - name: S3 Batch Operations
    description: The user guide about jobs for many objects, and their completion reports.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops.html
"""

EXAMPLES = r"""
- name: Count all objects of a bucket by their encryption and KMS key
  sealed.s3.bucket_reencryption_info:
    bucket: amzn-s3-demo-bucket
  register: counted

- name: Report the counts
  ansible.builtin.debug:
    msg: >-
      {{ item.objects }} objects, {{ item.stored_bytes }} bytes: {{ item.encryption }} {{ item.kms_key_arn or '' }}
  loop: "{{ counted.summary.by_encryption }}"
  loop_control:
    label: "{{ item.encryption }}"

- name: Estimate the encryption of millions of objects from a thousand of them
  sealed.s3.bucket_reencryption_info:
    bucket: amzn-s3-demo-bucket
    sample: 1000
  register: estimated

- name: Report the estimates, and their margins
  ansible.builtin.debug:
    msg: "{{ item.encryption }} {{ item.kms_key_arn or '' }}: {{ item.estimate.text }}"
  loop: "{{ estimated.summary.by_encryption }}"
  loop_control:
    label: "{{ item.encryption }}"

- name: Count all versions below a prefix that are older than 90 days
  sealed.s3.bucket_reencryption_info:
    bucket: amzn-s3-demo-bucket
    versions: all
    select:
      prefix: logs/
      older_than: 90d

- name: Get the jobs that were made for a bucket, without counting its objects
  sealed.s3.bucket_reencryption_info:
    bucket: amzn-s3-demo-bucket
    jobs: true
  register: found

- name: Report why tasks of jobs failed
  ansible.builtin.debug:
    msg: "{{ item.id }} is {{ item.status }}: {{ item.failed_tasks }}"
  loop: "{{ found.jobs }}"
  loop_control:
    label: "{{ item.id }}"
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
summary:
  description:
    - The selected objects by their encryption, and what the task cost. With O(versions=all), an object is one version.
  returned: always
  type: dict
  contains:
    api_calls:
      description: The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 1001000
    seconds:
      description: The duration in seconds.
      returned: always
      type: float
      sample: 612.3
    # generated: sizes of all selected objects
    objects:
      description:
        - The number of objects.
      returned: when objects are counted
      type: int
      sample: 1000000
    stored_bytes:
      description:
        - The number of bytes that S3 stores for them.
      returned: when objects are counted
      type: int
      sample: 52428800000
    noncurrent:
      description:
        - How many of them are noncurrent versions. Their encryption can be changed in place only.
      returned: when objects are counted
      type: int
      sample: 0
    over_5_gib:
      description:
        - How many of them are larger than 5 GiB. A copy of them is made in parts, and a job of S3 Batch Operations
          cannot copy them.
      returned: when objects are counted
      type: int
      sample: 0
    # end of generated
    read:
      description: The number of objects whose encryption was read. With O(sample), those of the sample.
      returned: when objects are counted
      type: int
      sample: 1000000
    failed:
      description: The number of objects that could not be read. They are in no count by encryption.
      returned: when objects are counted
      type: int
      sample: 0
    vanished:
      description: The number of objects that were deleted after they were listed.
      returned: when objects are counted
      type: int
      sample: 0
    archived:
      description:
        - The number of objects that were read and are archived, in a storage class or in a tier of
          S3 Intelligent-Tiering. Their encryption can be changed in place only.
      returned: when objects are counted
      type: int
      sample: 0
    locked:
      description:
        - The number of objects that were read and are under an Object Lock that is in force. Their encryption is not
          changed.
        - V(null) if the caller may not read locks. A warning names the permissions. The lock of an object under SSE-C
          whose key the task does not have is not known, and not counted.
      returned: when objects are counted
      type: int
      sample: 0
    by_encryption:
      description:
        - The objects that were read, by their encryption, that of most objects first. At most 100 different ones are
          listed.
      returned: when objects are counted
      type: list
      elements: dict
      contains:
        encryption:
          description:
            - The encryption by S3, as a value of O(sealed.s3.s3_encrypted_object#module:encryption). V(NONE) for
              objects that are not encrypted.
          returned: always
          type: str
          sample: SSE-KMS
        kms_key_arn:
          description: The ARN of the KMS key. V(null) if there is none.
          returned: always
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description: Whether the objects use an S3 bucket key. V(null) under any encryption other than SSE-KMS.
          returned: always
          type: bool
        customer_key_md5:
          description:
            - The MD5 of the customer key in base64, for objects under SSE-C that the customer key of the task opens.
              V(null) for others.
          returned: always
          type: str
          sample: null
        # generated: sizes of counted objects
        objects:
          description:
            - The number of objects.
          returned: always
          type: int
          sample: 1000000
        stored_bytes:
          description:
            - The number of bytes that S3 stores for them.
          returned: always
          type: int
          sample: 52428800000
        noncurrent:
          description:
            - How many of them are noncurrent versions. Their encryption can be changed in place only.
          returned: always
          type: int
          sample: 0
        over_5_gib:
          description:
            - How many of them are larger than 5 GiB. A copy of them is made in parts, and a job of S3 Batch
              Operations cannot copy them.
          returned: always
          type: int
          sample: 0
        # end of generated
        archived:
          description: The number of these objects that are archived.
          returned: always
          type: int
          sample: 0
        locked:
          description: The number of these objects that are locked, as RV(summary.locked).
          returned: always
          type: int
          sample: 0
        estimate:
          description:
            - How many of all selected objects have this encryption. RV(summary.by_encryption[].objects) is the number
              in the sample.
          returned: with O(sample)
          type: dict
          contains:
            # generated: estimate of a sample
            share:
              description:
                - The share of all objects, from 0 to 1.
              returned: always
              type: float
              sample: 0.12
            share_low:
              description:
                - The lower end of the interval. Of 100 samples, at least 95 have an interval with the share of all
                  objects in it.
              returned: always
              type: float
              sample: 0.100511
            share_high:
              description:
                - The upper end of the interval.
              returned: always
              type: float
              sample: 0.141756
            objects:
              description:
                - The same as a number of objects.
              returned: always
              type: int
              sample: 120000
            objects_low:
              description:
                - The lower end as a number of objects.
              returned: always
              type: int
              sample: 100511
            objects_high:
              description:
                - The upper end as a number of objects.
              returned: always
              type: int
              sample: 141756
            text:
              description:
                - The estimate in words.
              returned: always
              type: str
              sample: >-
                About 12.0 % of 1,000,000 objects, which are 120,000. With 95 % confidence, it is 10.1 % to 14.2 %,
                which are 100,511 to 141,756.
            # end of generated
    other_encryptions:
      description: The objects whose encryption RV(summary.by_encryption) does not list.
      returned: when objects are counted
      type: dict
      contains:
        objects:
          description: The number of objects.
          returned: always
          type: int
          sample: 0
        stored_bytes:
          description: The number of bytes that S3 stores for them.
          returned: always
          type: int
          sample: 0
    by_storage_class:
      description: All selected objects by their storage class, that of most objects first.
      returned: when objects are counted
      type: list
      elements: dict
      contains:
        storage_class:
          description: The storage class.
          returned: always
          type: str
          sample: STANDARD
        # generated: sizes of counted objects
        objects:
          description:
            - The number of objects.
          returned: always
          type: int
          sample: 1000000
        stored_bytes:
          description:
            - The number of bytes that S3 stores for them.
          returned: always
          type: int
          sample: 52428800000
        noncurrent:
          description:
            - How many of them are noncurrent versions. Their encryption can be changed in place only.
          returned: always
          type: int
          sample: 0
        over_5_gib:
          description:
            - How many of them are larger than 5 GiB. A copy of them is made in parts, and a job of S3 Batch
              Operations cannot copy them.
          returned: always
          type: int
          sample: 0
        # end of generated
sample:
  description: The sample. V(null) without O(sample).
  returned: when objects are counted
  type: dict
  contains:
    size:
      description: The value of O(sample).
      returned: always
      type: int
      sample: 1000
    drawn:
      description: The number of objects in the sample.
      returned: always
      type: int
      sample: 1000
    seed:
      description: The seed, for O(sample_seed) of a task that repeats the sample.
      returned: always
      type: int
      sample: 271828182
    is_complete:
      description: Whether the sample has all selected objects, so that the numbers are exact.
      returned: always
      type: bool
      sample: false
    unseen:
      description:
        - How many of all selected objects can have an encryption that no object of the sample has. It holds for each
          such encryption on its own. V(null) if there can be none.
      returned: always
      type: dict
      contains:
        # generated: estimate of a sample
        share:
          description:
            - The share of all objects, from 0 to 1.
          returned: always
          type: float
          sample: 0.12
        share_low:
          description:
            - The lower end of the interval. Of 100 samples, at least 95 have an interval with the share of all
              objects in it.
          returned: always
          type: float
          sample: 0.100511
        share_high:
          description:
            - The upper end of the interval.
          returned: always
          type: float
          sample: 0.141756
        objects:
          description:
            - The same as a number of objects.
          returned: always
          type: int
          sample: 120000
        objects_low:
          description:
            - The lower end as a number of objects.
          returned: always
          type: int
          sample: 100511
        objects_high:
          description:
            - The upper end as a number of objects.
          returned: always
          type: int
          sample: 141756
        text:
          description:
            - The estimate in words.
          returned: always
          type: str
          sample: >-
            About 12.0 % of 1,000,000 objects, which are 120,000. With 95 % confidence, it is 10.1 % to 14.2 %, which
            are 100,511 to 141,756.
        # end of generated
failed_objects:
  description: The first 100 objects that could not be read.
  returned: when objects are counted
  type: list
  elements: dict
  contains:
    key:
      description: The key of the object.
      returned: always
      type: str
      sample: reports/2026.json
    version_id:
      description: The version ID. V(null) with O(versions=current).
      returned: always
      type: str
      sample: null
    error:
      description: Why the object could not be read.
      returned: always
      type: dict
      contains:
        # generated: error of a counted object
        kind:
          description:
            - The kind of failure. C(docs/errors.md) lists all kinds.
          returned: always
          type: str
          sample: forbidden
        message:
          description:
            - What is wrong and what to do, in full sentences.
          returned: always
          type: str
          sample: s3:GetObject on amzn-s3-demo-bucket/reports/2026.json is forbidden (AccessDenied).
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
          sample: s3:GetObject
        resource:
          description:
            - The resource that was to be read or written.
          returned: always
          type: str
          sample: amzn-s3-demo-bucket/reports/2026.json
        layer:
          description:
            - The type of policy that refused the action, if AWS reports it. Empty otherwise.
          returned: always
          type: str
          sample: resource-based
        # end of generated
jobs:
  description:
    - The jobs, newest first. Empty if there are none.
  returned: with O(jobs) or O(job_id)
  type: list
  elements: dict
  contains:
    # generated: inspected job
    id:
      description:
        - The ID of the job.
      returned: always
      type: str
      sample: '00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c'
    status:
      description:
        - The status, in the words of S3.
      returned: always
      type: str
      sample: Complete
    operation:
      description:
        - The operation, in the words of S3.
      returned: always
      type: str
      sample: S3UpdateObjectEncryption
    tasks:
      description:
        - The tasks of the job.
      returned: always
      type: dict
      contains:
        total:
          description:
            - The number of tasks, one for each object. V(null) while S3 prepares the job.
          returned: always
          type: int
          sample: 120000
        succeeded:
          description:
            - The number of tasks that succeeded.
          returned: always
          type: int
          sample: 119998
        failed:
          description:
            - The number of tasks that failed.
          returned: always
          type: int
          sample: 2
    description:
      description:
        - The description. It begins with the mark by which M(sealed.s3.bucket_reencryption) finds its jobs.
      returned: always
      type: str
      sample: sealed.s3 0123456789ab amzn-s3-demo-bucket
    priority:
      description:
        - The priority.
      returned: always
      type: int
      sample: 10
    created:
      description:
        - When the job was created.
      returned: always
      type: str
      sample: '2026-11-26T12:00:00+00:00'
    ended:
      description:
        - When the job ended. V(null) before that.
      returned: always
      type: str
      sample: '2026-11-26T13:00:00+00:00'
    failure_reasons:
      description:
        - Why the job as a whole failed, as S3 words it.
      returned: always
      type: list
      elements: str
      sample: []
    manifest:
      description:
        - The ARN of the manifest. V(null) for one that S3 made and did not store.
      returned: always
      type: str
      sample: arn:aws:s3:::amzn-s3-demo-manifests/jobs/amzn-s3-demo-bucket-0123456789abcdef.csv
    report:
      description:
        - The address of the completion report. V(null) if the job makes none.
      returned: always
      type: str
      sample: s3://amzn-s3-demo-manifests/reports/job-00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c/manifest.json
    # end of generated
    failed_tasks:
      description:
        - Why tasks failed, by the report of the job. The 20 causes of most tasks are listed.
        - V(null) if the job has not ended, if the report could not be read, about which the task warns, and with
          O(job_reports=false).
      returned: always
      type: list
      elements: dict
      contains:
        tasks:
          description: The number of tasks that failed for this cause.
          returned: always
          type: int
          sample: 2
        first_keys:
          description: The keys of the first five of their objects.
          returned: always
          type: list
          elements: str
          sample:
            - contracts/1.pdf
            - contracts/2.pdf
        error:
          description: The failure of the first of these objects. The role of the job is the caller.
          returned: always
          type: dict
          contains:
            # generated: error of a failed task
            kind:
              description:
                - The kind of failure. C(docs/errors.md) lists all kinds.
              returned: always
              type: str
              sample: forbidden
            message:
              description:
                - What is wrong and what to do, in full sentences.
              returned: always
              type: str
              sample: s3:UpdateObjectEncryption on amzn-s3-demo-bucket/contracts/1.pdf is forbidden (AccessDenied).
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
              sample: s3:UpdateObjectEncryption
            resource:
              description:
                - The resource that was to be read or written.
              returned: always
              type: str
              sample: amzn-s3-demo-bucket/contracts/1.pdf
            layer:
              description:
                - The type of policy that refused the action, if AWS reports it. Empty otherwise.
              returned: always
              type: str
              sample: ''
            # end of generated
    failed_objects:
      description:
        - The objects of the first 100 tasks that failed. V(null) as RV(jobs[].failed_tasks).
      returned: always
      type: list
      elements: dict
      contains:
        bucket:
          description: The bucket of the object.
          returned: always
          type: str
          sample: amzn-s3-demo-bucket
        key:
          description: The key of the object.
          returned: always
          type: str
          sample: contracts/1.pdf
        version_id:
          description: The version ID. V(null) if the manifest of the job names none.
          returned: always
          type: str
          sample: null
        error:
          description: Why the task failed. The role of the job is the caller.
          returned: always
          type: dict
          contains:
            # generated: error of a failed task
            kind:
              description:
                - The kind of failure. C(docs/errors.md) lists all kinds.
              returned: always
              type: str
              sample: forbidden
            message:
              description:
                - What is wrong and what to do, in full sentences.
              returned: always
              type: str
              sample: s3:UpdateObjectEncryption on amzn-s3-demo-bucket/contracts/1.pdf is forbidden (AccessDenied).
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
              sample: s3:UpdateObjectEncryption
            resource:
              description:
                - The resource that was to be read or written.
              returned: always
              type: str
              sample: amzn-s3-demo-bucket/contracts/1.pdf
            layer:
              description:
                - The type of policy that refused the action, if AWS reports it. Empty otherwise.
              returned: always
              type: str
              sample: ''
            # end of generated
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption import bucket_reencryption_info


def main() -> None:
    """Run the module."""
    bucket_reencryption_info.main()


if __name__ == "__main__":
    main()
