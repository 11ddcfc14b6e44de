#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_reencryption
short_description: Encrypt the existing objects of a bucket again, as its default encryption or as the task says
version_added: 0.2.0
description:
  - Ensures that the existing objects of a bucket have an encryption by S3, because a new default encryption applies to
    new objects only.
  - It lists the objects, reads the encryption of each, and changes only those that differ, in place where S3 can, and
    otherwise by a copy onto itself that keeps their properties.
  - With O(engine=batch_operations), S3 Batch Operations makes the changes, in jobs that the module creates, follows and
    reports.
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
      - V(current) - the current versions of the objects.
      - V(all) - also their noncurrent versions, which change in place or not at all. A copy of a noncurrent version
        would become the current one.
    type: str
    choices:
      - current
      - all
    default: current
  method:
    description:
      - How to change objects.
      - V(auto) - in place where S3 can, and otherwise by a copy. At a store other than AWS, always by a copy, because a
        store that does not know UpdateObjectEncryption overwrites the object.
      - V(update) - in place, with UpdateObjectEncryption. What S3 cannot change in place is skipped, with the reason
        C(not_in_place).
      - V(copy) - by a copy of the object onto itself, which is a new version in a bucket with versioning. Without it,
        a run makes at most 1,000 copies that leave a noncurrent version. Then further ones are skipped, with the
        reason C(new_versions), and the task fails at its end.
    type: str
    choices:
      - auto
      - update
      - copy
    default: auto
  engine:
    description:
      - What changes the objects.
      - V(here) - this task, with up to O(concurrency) requests at the same time.
      - V(batch_operations) - S3 Batch Operations, with O(batch). It pays off from some ten thousand objects.
    type: str
    choices:
      - here
      - batch_operations
    default: here
  on_locked:
    description:
      - What to do with an object under Object Lock whose encryption differs. S3 does not change it in place, and it is
        never copied, because the copy would not be the locked version. If it would have to be copied, and its lock
        cannot be read, it counts as locked.
      - V(skip) - skip it, with the reason C(locked).
      - V(fail) - the object fails, and so does the task at its end.
    type: str
    choices:
      - skip
      - fail
    default: skip
  minimum:
    description:
      - Whether the encryption is a minimum. Objects that are stronger are left alone. In ascending order, these are
        SSE-S3, SSE-KMS and DSSE-KMS. SSE-C has no place in this order, so such objects are changed if the task has
        their key.
    type: bool
    default: false
  max_objects:
    description:
      - Stop after so many selected objects, changed or not. RV(resume) is then where the next run goes on.
    type: int
  max_seconds:
    description:
      - Start no further object after so many seconds. RV(resume) is then where the next run goes on.
      - With O(engine=batch_operations), follow the jobs for at most so many seconds. The next run follows them.
    type: int
  max_rate:
    description:
      - The maximum number of requests per second. S3 reduces the rate by itself when it answers C(503 Slow Down).
    type: int
  start_after:
    description:
      - Go on after this key. It is the RV(resume) of an earlier run with the same options.
    type: str
  report_file:
    description:
      - A file for all failed and skipped objects, with one JSON object in each line, as in RV(failed_objects). It is on
        the target, the host that runs the task, with mode 0600, and replaces the file of an earlier run.
      - Its directory has to exist. It is written when the run ends, and not in check mode.
    type: path
  batch:
    description:
      - How S3 Batch Operations makes the changes. Required with O(engine=batch_operations).
    type: dict
    suboptions:
      role_arn:
        description:
          - The ARN of the IAM role that S3 Batch Operations uses. Before the task creates a job, it checks that the
            role can make the changes. If not, the task fails, and the message has the missing permissions as a policy.
        type: str
        required: true
      manifest:
        description:
          - Where the manifests of jobs are, which list their objects.
        type: dict
        required: true
        suboptions:
          bucket:
            description: Their bucket, which has to be in the region of the objects.
            type: str
            required: true
            aliases:
              - bucket_name
          prefix:
            description: What their keys begin with. They must not be among the objects that the task selects.
            type: str
            default: ''
          kms_key:
            description:
              - Their KMS key. If omitted, a manifest of this task is encrypted with SSE-S3, whatever the default of its
                bucket. With a key, it has the form of an inventory, because S3 reads no other list under a KMS key.
            type: str
          generated:
            description:
              - Whether S3 lists the objects, instead of this task. Then O(select.encryption) has to name the kinds and
                keys that are to be changed, and the number of objects is not known before the job is prepared.
            type: bool
            default: false
      report:
        description:
          - Where the reports of jobs are, which list the failed objects.
        type: dict
        suboptions:
          bucket:
            description: Their bucket. If omitted, O(batch.manifest.bucket).
            type: str
            aliases:
              - bucket_name
          prefix:
            description: What their keys begin with. They must not be among the objects that the task selects.
            type: str
            default: ''
      priority:
        description:
          - The priority of the jobs. Of the jobs of an account, those with a higher number run first.
        type: int
        default: 10
      confirmation_required:
        description:
          - Whether a new job waits for a confirmation before it changes anything. A later run of the task without this
            option confirms it, and so does a person in the console of S3.
        type: bool
        default: false
      wait:
        description:
          - Whether to wait until the jobs end, at most for O(max_seconds), and to read their reports.
        type: bool
        default: true
      description:
        description:
          - A text that the list of jobs shows.
        type: str
  concurrency:
    description:
      - The maximum number of objects that are processed at the same time, from V(1) to V(256).
    type: int
    default: 32
  on_error:
    description:
      - What to do if an object fails. V(continue) continues with all others. V(stop) starts no further one.
      - In both cases the task fails at the end. C(changed) reports whether anything was written.
    type: str
    choices:
      - continue
      - stop
    default: continue
  progress:
    description:
      - Whether a task that takes more than a few seconds shows its progress on standard error. On a person's terminal,
        one line is updated. Elsewhere, such as in CI, in AWX and under ansible-runner, a plain line is printed at most
        every 30 seconds.
      - The progress is shown by an action plugin on the controller. The module alone, and a task with C(async), shows
        nothing.
    type: bool
    default: true
attributes:
  idempotent:
    support: partial
    details:
      - A second run changes nothing that the first has changed. It changes what was written meanwhile, and what a limit
        left over.
      - RV(summary.seconds) and RV(summary.api_calls) may differ.
extends_documentation_fragment:
  - sealed.s3.encryption.reencryption
  - sealed.s3.object_selection
  - sealed.s3.accounts.assume_role
  - sealed.s3.aws
  - sealed.s3.aws.request_payer
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - A list does not contain the encryption. So each selected object costs one HeadObject in every run, and an object
    that is changed in place one UpdateObjectEncryption more.
  - The objects are the only state. A run that was killed, or that ended at a limit, is continued by the next one, from
    the beginning or from O(start_after).
  - A change in place keeps the version, the time, the ETag and the storage class of an object, moves no data, and works
    for archived objects. S3 offers it only to SSE-KMS under a key of the account that owns the bucket, from SSE-S3 and
    SSE-KMS.
  - A change in place is not replicated. For a bucket with replication, also run the task for the destination.
  - A copy of an object in a bucket with versioning leaves the former version as it is. It keeps needing its former key,
    and costs storage until it is deleted.
  - The instruction files of client-side encryption are objects like all others.
  - O(report_file) and O(customer_key_file) are on the target.
seealso:
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.s3_encrypted_object
  - module: sealed.s3.kms_key_for_s3
  - name: Updating server-side encryption for existing data
    description: The Amazon S3 User Guide on changes in place.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
  - name: Performing object operations in bulk with Batch Operations
    description: The Amazon S3 User Guide on jobs.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops.html
"""

EXAMPLES = r"""
- name: Find out what a run would change, and what its requests cost
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket
  check_mode: true
  register: planned

- name: Report it
  ansible.builtin.debug:
    msg: >-
      {{ item.objects }} objects under {{ item.encryption }}, of which {{ item.routes.in_place }} would be changed in
      place. All requests cost about {{ planned.estimate.price_usd }} US dollars.
  loop: "{{ planned.summary.by_encryption }}"
  loop_control:
    label: "{{ item.encryption }}"

- name: Encrypt the existing objects of a bucket as its default encryption says
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket

- name: Move everything that is under one KMS key to another one, also noncurrent versions
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket
    encryption: SSE-KMS
    kms_key: alias/s3-data
    bucket_key_enabled: true
    versions: all
    select:
      encryption: [alias/s3-former]

- name: Encrypt large objects with two layers, and accept that copies leave noncurrent versions
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket
    encryption: DSSE-KMS
    kms_key: alias/s3-data
    method: copy
    select:
      prefix: contracts/
      larger_than: 1MiB

- name: End the use of a customer key
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket
    encryption: SSE-KMS
    kms_key: alias/s3-data
    customer_key_file: ~/amzn-s3-demo-bucket.key
    select:
      prefix: backups/
      encryption: [SSE-C]

- name: Work for at most an hour, and list what failed or was skipped in a file
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket
    max_seconds: 3600
    report_file: /tmp/reencryption.jsonl
  register: first

- name: Go on where that run ended
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket
    start_after: "{{ first.resume }}"
  when: first.resume is not none

- name: Let S3 Batch Operations do it, in a job that waits for a confirmation
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket2
    engine: batch_operations
    batch:
      role_arn: arn:aws:iam::111122223333:role/s3-batch-operations
      manifest:
        bucket: amzn-s3-demo-bucket-jobs
      confirmation_required: true

- name: Confirm that job, and wait until it ends
  sealed.s3.bucket_reencryption:
    bucket: amzn-s3-demo-bucket2
    engine: batch_operations
    batch:
      role_arn: arn:aws:iam::111122223333:role/s3-batch-operations
      manifest:
        bucket: amzn-s3-demo-bucket-jobs
"""

RETURN = r"""
summary:
  description:
    - The number of objects by what became of them, or would become of them in check mode. Each selected version counts
      as an object.
  returned: when the options are valid
  type: dict
  contains:
    # generated: counts of re-encrypted objects
    seen:
      description:
        - The number of objects that were read and that the task selects.
      returned: always
      type: int
      sample: 1250
    done:
      description:
        - The number of objects that were changed.
      returned: always
      type: int
      sample: 1199
    as_asked:
      description:
        - The number of objects that already had the encryption.
      returned: always
      type: int
      sample: 50
    skipped:
      description:
        - The number of objects that differ and were left as they are.
      returned: always
      type: int
      sample: 1
    failed:
      description:
        - The number of failed objects.
      returned: always
      type: int
      sample: 0
    vanished:
      description:
        - The number of objects that were deleted after they were listed.
      returned: always
      type: int
      sample: 0
    new_versions:
      description:
        - The number of copies that left a noncurrent version. V(null) if jobs have made some of their copies only.
      returned: always
      type: int
      sample: 0
    bytes_copied:
      description:
        - The size of the objects that were copied. S3 copies them, not this host. V(null) if jobs have made some of
          their copies only.
      returned: always
      type: int
      sample: 0
    by_route:
      description:
        - >-
          The number of changed objects by how they were changed: V(in_place), V(copied) by one request, or
          V(copied_in_parts).
      returned: always
      type: dict
      sample:
        in_place: 1199
        copied: 0
        copied_in_parts: 0
    skipped_by_reason:
      description:
        - The number of skipped objects by the reason. C(docs/reencryption.md) explains all reasons.
        - V(customer_key) - it is under SSE-C, and the task has no key. V(locked) - it is under Object Lock.
          V(archived) - it would have to be restored. V(noncurrent) - a copy would become the current version.
          V(not_in_place) - S3 can only copy it, and O(method=update). V(new_versions) - see O(method).
          V(null_version) - the copy would delete the noncurrent version C(null).
        - >-
          Only with O(engine=batch_operations): V(too_large), V(acl), V(website_redirect) and V(storage_class).
      returned: always
      type: dict
      sample:
        locked: 1
    api_calls:
      description:
        - The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 2451
    seconds:
      description:
        - The duration in seconds.
      returned: always
      type: float
      sample: 4.2
    # end of generated
    by_encryption:
      description:
        - The objects by the encryption by S3 that they had, that of most objects first. At most 1,000 different ones
          are listed. The last row has the others, with V(others) as its encryption.
      returned: always
      type: list
      elements: dict
      contains:
        encryption:
          description:
            - The encryption. V(null) for objects that could not be read.
          returned: always
          type: str
          sample: SSE-S3
        kms_key_arn:
          description: The ARN of the KMS key. V(null) under an encryption without one.
          returned: always
          type: str
          sample: null
        bucket_key_enabled:
          description: Whether the objects use an S3 bucket key. V(null) under any encryption other than SSE-KMS.
          returned: always
          type: bool
          sample: null
        objects:
          description: The number of objects.
          returned: always
          type: int
          sample: 1200
        stored_bytes:
          description: The number of bytes that S3 stores for them.
          returned: always
          type: int
          sample: 73400320
        routes:
          description:
            - What became of them, or would in check mode. With O(engine=batch_operations), what the jobs were to do
              with them. RV(summary.by_route) and RV(jobs) have what they did.
          returned: always
          type: dict
          contains:
            as_asked:
              description: The number of objects that already had the encryption.
              returned: always
              type: int
              sample: 0
            in_place:
              description: The number of objects that were changed in place.
              returned: always
              type: int
              sample: 1199
            copied:
              description: The number of objects that were copied by one request.
              returned: always
              type: int
              sample: 0
            copied_in_parts:
              description: The number of objects that were copied in parts.
              returned: always
              type: int
              sample: 0
        skipped:
          description: The number of skipped objects by their reason, as RV(summary.skipped_by_reason).
          returned: always
          type: dict
          sample:
            locked: 1
        failed:
          description: The number of failed objects.
          returned: always
          type: int
          sample: 0
estimate:
  description:
    - The requests of the run, and what they cost together by AWS's price list. In check mode, those of a real run. The
      bill is higher by what RV(estimate.not_included) says.
  returned: when the options are valid
  type: dict
  contains:
    # generated: estimate of requests
    requests:
      description:
        - The requests by type.
      returned: always
      type: list
      elements: dict
      contains:
        type:
          description:
            - V(list), V(get) (which reads an object or its properties), V(update_object_encryption), V(copy),
              V(copy_part), V(put), V(kms), V(batch_job), V(batch_job_object), or V(batch_manifest_object).
          returned: always
          type: str
          sample: update_object_encryption
        storage_class:
          description:
            - The storage class, for requests whose price depends on it. V(null) for others.
          returned: always
          type: str
          sample: null
        number:
          description:
            - The number of requests.
          returned: always
          type: int
          sample: 1199
    price_usd:
      description:
        - Their price in US dollars. V(null) at a store other than AWS.
      returned: always
      type: float
      sample: 0.0065
    prices_of:
      description:
        - The date of the price list.
      returned: always
      type: str
      sample: '2026-11-27'
    region_of_prices:
      description:
        - The region of the price list.
      returned: always
      type: str
      sample: us-east-1
    not_included:
      description:
        - What may cost more.
      returned: always
      type: list
      elements: str
      sample:
        - 'taxes, discounts, free tiers and the prices of other Regions'
    # end of generated
jobs:
  description:
    - The jobs of S3 Batch Operations that the task created or found. Empty with O(engine=here).
    - With jobs, RV(summary.done) is the number of their objects that were changed. In RV(summary.by_route), it is what
      the task has planned.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    # generated: job of S3 Batch Operations
    id:
      description:
        - The ID of the job.
        - V(null) in a check run for a new job.
      returned: always
      type: str
      sample: '00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c'
    status:
      description:
        - The status, in the words of S3.
        - V(null) in a check run for a new job.
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
        - V(null) in a check run for a new job.
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
    is_new:
      description:
        - Whether this run created it, or would.
      returned: always
      type: bool
      sample: true
    # end of generated
failed_objects:
  description:
    - The failed objects, in the order of the list, but at most 100. O(report_file) has all of them, and the skipped
      ones.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    key:
      description: The key of the object.
      returned: always
      type: str
      sample: contracts/1.pdf
    version_id:
      description: The ID of a noncurrent version. V(null) for the current one.
      returned: always
      type: str
      sample: null
    reason:
      description: V(failed). In O(report_file), a skipped object has the reason.
      returned: always
      type: str
      sample: failed
    error:
      description: Why the object failed. V(null) for a skipped object in O(report_file).
      returned: always
      type: dict
      contains:
        # generated: error of a re-encrypted object
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
          sample: identity-based
        # end of generated
resume:
  description:
    - The O(start_after) of the next run, if this one ended before the end of the list. All objects up to this key, and
      its own, are finished. V(null) if the whole list was worked on, or if not even its first object is finished.
  returned: when the options are valid
  type: str
  sample: contracts/2.pdf
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
    - The number of objects under each encryption. It is the same in check mode and in the real run.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description: The encryption that they had. Empty if nothing changes.
      returned: always
      type: dict
      sample:
        SSE-S3: 1200
    after:
      description: The encryption that they have then. Empty if nothing changes.
      returned: always
      type: dict
      sample:
        SSE-KMS arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab with a bucket key: 1200
# generated: error of a re-encryption
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
      sample: amzn-s3-demo-bucket
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption import bucket_reencryption


def main() -> None:
    """Run the module."""
    bucket_reencryption.main()


if __name__ == "__main__":
    main()
