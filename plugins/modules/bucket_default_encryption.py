#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_default_encryption
short_description: Manage the default encryption of S3 buckets
version_added: 0.1.0
description:
  - Manages the default encryption of one bucket or of many, which applies to new objects whose upload does not request
    an encryption.
  - Options that are set are compared with the current rule of each bucket, and settings whose option is omitted are
    kept.
  - A change that reduces the protection is made with a warning, unless O(minimum=true).
  - C(docs/buckets.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
    permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  state:
    description:
      - V(present) ensures the default encryption that the other options describe. At least one of O(encryption),
        O(kms_key), O(bucket_key_enabled) and O(blocked_encryption_types) is required.
      - V(absent) resets each bucket to the default of S3, which is SSE-S3. Blocked encryption types are kept. It cannot
        be combined with the encryption options or with O(minimum).
    type: str
    choices:
      - present
      - absent
    default: present
  minimum:
    description:
      - Whether the options are a minimum. Buckets that are equally strong or stronger do not change.
      - SSE-S3 is weaker than SSE-KMS, and SSE-KMS is weaker than DSSE-KMS. If O(kms_key) is set, a bucket with the same
        O(encryption) and another key is changed to that key, unless O(kms_key) is the AWS managed key.
      - O(bucket_key_enabled) is applied only to buckets that are below the minimum.
      - O(blocked_encryption_types) are added to the types that are blocked already. No type is unblocked.
    type: bool
    default: false
  overrides:
    description:
      - Exceptions for some of the buckets. The first entry whose O(overrides[].names) and O(overrides[].accounts) match
        a bucket applies to it. All other buckets get what the options of the task say.
      - An option that an entry omits is that of the task. An option that is V(null) in an entry is not set on its
        buckets, so each keeps its own value.
      - An entry with O(overrides[].encryption), also V(null), does not use the O(kms_key) and O(bucket_key_enabled) of
        the task. An entry with O(overrides[].state=absent) uses no option of the task.
      - All entries are checked together with the options of the task before the first request. An entry that applies to
        no bucket causes a warning.
    type: list
    elements: dict
    suboptions:
      names:
        description: Shell patterns. One of them has to match the name of the bucket.
        type: list
        elements: str
      accounts:
        description:
          - Shell patterns. One of them has to match the ID or the name of the account. Only with O(accounts) or
            O(organization).
          - At least one of O(overrides[].names) and O(overrides[].accounts) is required. An entry with both applies to
            the buckets that match both.
        type: list
        elements: str
        version_added: 0.2.0
      encryption:
        description: As O(encryption), or V(null).
        type: str
      kms_key:
        description: As O(kms_key), or V(null).
        type: str
        aliases:
          - encryption_key_id
          - encryption_kms_key_id
      bucket_key_enabled:
        description: As O(bucket_key_enabled), or V(null).
        type: bool
      blocked_encryption_types:
        description: As O(blocked_encryption_types), or V(null).
        type: list
        elements: str
      minimum:
        description: As O(minimum). V(null) is the same as omitted.
        type: bool
      state:
        description: As O(state). V(null) is the same as omitted.
        type: str
      log_targets:
        description: As O(log_targets). V(null) is the same as omitted.
        type: str
        version_added: 0.2.0
  log_targets:
    description:
      - What to do with a bucket that moves to SSE-KMS or DSSE-KMS from an encryption without a KMS key, if AWS delivers
        logs to it that need SSE-S3. These are S3 server access logs, and the access logs of Application and Classic
        Load Balancers.
      - V(warn) changes the bucket and warns. V(skip) does not change it, and counts it in RV(summary.skipped).
        RV(log_target_buckets) has the names in both cases. V(ignore) does not examine buckets.
      - A bucket counts if a statement of its policy allows C(s3:PutObject) to the service or account that delivers such
        logs, by its name, or if its ACL allows the log-delivery group of S3 to write. Conditions and C(Deny) statements
        do not matter.
      - Logs that C(delivery.logs.amazonaws.com) delivers, such as those of Network Load Balancers and VPC flow logs,
        need a key of your own whose policy allows this service. A bucket with such logs is changed. The task warns if
        the new key is the AWS managed key, or if its policy is not known to allow the service.
      - If the policy or the ACL of a bucket cannot be read, the bucket is changed with a warning. C(docs/buckets.md)
        lists what is examined.
    type: str
    choices:
      - warn
      - skip
      - ignore
    default: warn
    version_added: 0.2.0
  on_error:
    description:
      - What to do if a bucket fails. V(continue) continues with all other buckets. V(stop) starts no further bucket,
        and counts the remaining ones as skipped.
      - In both cases the task fails at the end and names each failed bucket. C(changed) reports whether anything was
        written.
    type: str
    choices:
      - continue
      - stop
    default: continue
  results:
    description:
      - Which buckets to list in RV(buckets). Failed buckets are always listed, and RV(summary) counts all buckets.
      - If omitted, the changed and the failed buckets are listed, but at most 100 of them, failed ones first, and
        RV(diff) has at most 100 names, in equal shares for each change. RV(failed_buckets) has all names.
        RV(summary.not_listed) counts the others. To list them all, set V(changed) or O(results_file).
    type: str
    choices:
      - changed
      - all
      - none
attributes:
  idempotent:
    support: full
    details:
      - RV(summary.seconds) and RV(summary.api_calls) may differ.
extends_documentation_fragment:
  - sealed.s3.selection
  - sealed.s3.results_file
  - sealed.s3.encryption.bucket
  - sealed.s3.accounts
  - sealed.s3.accounts.assume_role
  - sealed.s3.aws
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: sealed.s3.bucket_default_encryption_info
  - module: sealed.s3.kms_key_for_s3
  - name: Example of a fleet
    description: A playbook for several accounts, with exceptions from inventory variables.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/fleet
  - name: Setting default server-side encryption behavior for Amazon S3 buckets
    description: The Amazon S3 User Guide on default encryption.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
  - name: PutBucketEncryption
    description: The API reference of the operation that writes the rule.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
"""

EXAMPLES = r"""
- name: Encrypt new objects in a bucket with a customer managed KMS key
  sealed.s3.bucket_default_encryption:
    bucket: amzn-s3-demo-bucket
    encryption: SSE-KMS
    kms_key: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    bucket_key_enabled: true

- name: Ensure that several buckets use the key that has this alias in their region
  sealed.s3.bucket_default_encryption:
    buckets:
      - amzn-s3-demo-bucket1
      - amzn-s3-demo-bucket2
    encryption: SSE-KMS
    kms_key: alias/s3-data
    results: all

- name: Ensure at least SSE-KMS for every production bucket, and keep DSSE-KMS
  sealed.s3.bucket_default_encryption:
    select:
      names: [amzn-s3-demo-*]
      exclude: ["*-scratch"]
      tags: {stage: production}
    encryption: SSE-KMS
    minimum: true
  register: fleet

- name: Retry the buckets that failed
  sealed.s3.bucket_default_encryption:
    buckets: "{{ fleet.failed_buckets }}"
    encryption: SSE-KMS
    minimum: true
  when: fleet.failed_buckets | length > 0

- name: Block SSE-C, and keep all other settings
  sealed.s3.bucket_default_encryption:
    bucket: amzn-s3-demo-bucket
    blocked_encryption_types:
      - SSE-C

- name: Allow SSE-C, which new buckets block
  sealed.s3.bucket_default_encryption:
    bucket: amzn-s3-demo-bucket
    blocked_encryption_types: []

- name: Ensure a baseline for all buckets of the account, with exceptions
  sealed.s3.bucket_default_encryption:
    select:
      names: ["*"]
    encryption: SSE-KMS
    kms_key: alias/s3-data
    blocked_encryption_types: [SSE-C]
    overrides:
      # S3 server access logs can only be delivered to buckets with SSE-S3. The key of the task is not used here.
      - names: [amzn-s3-demo-logs*]
        encryption: SSE-S3
      # This bucket has its own key, and all other options of the task.
      - names: [amzn-s3-demo-payments]
        kms_key: alias/s3-payments
      # These buckets keep their encryption and key. Only SSE-C is blocked.
      - names: [amzn-s3-demo-legacy-*]
        encryption: null

- name: Leave buckets with SSE-S3 that server access logs or the logs of load balancers are delivered to
  sealed.s3.bucket_default_encryption:
    select:
      names: ["*"]
    encryption: SSE-KMS
    kms_key: alias/s3-data
    log_targets: skip
  register: fleet

- name: Show the buckets that keep SSE-S3 because of their logs
  ansible.builtin.debug:
    var: fleet.log_target_buckets

- name: Reset a bucket to the default encryption of S3
  sealed.s3.bucket_default_encryption:
    bucket: amzn-s3-demo-bucket
    state: absent
"""

RETURN = r"""
buckets:
  description: The buckets that O(results) selects and the failed ones, in the order in which they were named or listed.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    # generated: account of a row
    account_id:
      description:
        - The ID of the account. V(null) for a resource that no account of the task has.
      returned: with O(accounts) or O(organization)
      type: str
      sample: '111122223333'
    account_name:
      description:
        - The name of the account. V(null) if it has none.
      returned: with O(accounts) or O(organization)
      type: str
      sample: production
    # end of generated
    # generated: name and region of a bucket
    name:
      description:
        - The name of the bucket.
      returned: always
      type: str
      sample: amzn-s3-demo-bucket
    region:
      description:
        - The region of the bucket. V(null) if it is not known.
      returned: always
      type: str
      sample: us-east-1
    # end of generated
    changed:
      description: Whether the bucket was changed, or would be changed in check mode.
      returned: always
      type: bool
    before:
      description:
        - The rule before the task. V(null) for a bucket that failed before it was read, and in check mode for one that
          does not exist yet.
      returned: always
      type: dict
      contains:
        # generated: rule of a bucket
        encryption:
          description:
            - The default encryption, as a value of O(encryption). An algorithm of another AWS service is shown as S3
              reports it.
            - V(null) if the store reports that there is no default encryption, which AWS never does.
          returned: always
          type: str
          sample: SSE-KMS
        kms_key:
          description:
            - The KMS key as the rule names it. V(null) if the rule names none.
          returned: always
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description:
            - Whether new objects under SSE-KMS use an S3 bucket key.
          returned: always
          type: bool
        blocked_encryption_types:
          description:
            - The blocked encryption types. V(null) if S3 does not report them.
          returned: always
          type: list
          elements: str
          sample:
            - SSE-C
        # end of generated
    after:
      description: The rule after the task, or in check mode after a real run. V(null) for a bucket that failed.
      returned: always
      type: dict
      contains:
        # generated: rule of a bucket
        encryption:
          description:
            - The default encryption, as a value of O(encryption). An algorithm of another AWS service is shown as S3
              reports it.
            - V(null) if the store reports that there is no default encryption, which AWS never does.
          returned: always
          type: str
          sample: SSE-KMS
        kms_key:
          description:
            - The KMS key as the rule names it. V(null) if the rule names none.
          returned: always
          type: str
          sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key_enabled:
          description:
            - Whether new objects under SSE-KMS use an S3 bucket key.
          returned: always
          type: bool
        blocked_encryption_types:
          description:
            - The blocked encryption types. V(null) if S3 does not report them.
          returned: always
          type: list
          elements: str
          sample:
            - SSE-C
        # end of generated
    error:
      description: Why the bucket failed. V(null) if it did not.
      returned: always
      type: dict
      contains:
        # generated: error of a bucket
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
          sample: >-
            There is no bucket amzn-s3-demo-bucket. Check the bucket's name, and that these credentials are its
            account's.
        code:
          description:
            - The AWS error code. Empty if AWS returned none.
          returned: always
          type: str
          sample: NoSuchBucket
        action:
          description:
            - The IAM action or API operation that was refused. Empty if there is none.
          returned: always
          type: str
          sample: s3:GetEncryptionConfiguration
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
          sample: ''
        # end of generated
# generated: accounts whose buckets change
accounts:
  description:
    - The accounts where something changed or failed. With O(results=all) all of them, and with O(results=none) those
      where something failed. If O(results) is omitted, at most 100 of them, first those where something failed. They
      are in the order of the task.
  returned: with O(accounts) or O(organization)
  type: list
  elements: dict
  contains:
    account_id:
      description:
        - The ID of the account.
      returned: always
      type: str
      sample: '111122223333'
    account_name:
      description:
        - The name of the account. V(null) if it has none.
      returned: always
      type: str
      sample: production
    matched:
      description:
        - The number of its buckets that are counted as matched in RV(summary).
      returned: always
      type: int
      sample: 1
    changed:
      description:
        - The number of its buckets that are counted as changed in RV(summary).
      returned: always
      type: int
      sample: 1
    unchanged:
      description:
        - The number of its buckets that are counted as unchanged in RV(summary).
      returned: always
      type: int
      sample: 1
    failed:
      description:
        - The number of its buckets that are counted as failed in RV(summary).
      returned: always
      type: int
      sample: 1
    skipped:
      description:
        - The number of its buckets that are counted as skipped in RV(summary).
      returned: always
      type: int
      sample: 1
    error:
      description:
        - Why the account could not be entered or listed. V(null) if it could.
      returned: always
      type: dict
      contains:
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
          sample: >-
            arn:aws:iam::444455556666:role/hub may not assume the role
            arn:aws:iam::111122223333:role/EncryptionAdministration.
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
          sample: sts:AssumeRole
        resource:
          description:
            - The resource that was to be read or written.
          returned: always
          type: str
          sample: arn:aws:iam::111122223333:role/EncryptionAdministration
        layer:
          description:
            - The type of policy that refused the action, if AWS reports it. Empty otherwise.
          returned: always
          type: str
          sample: ''
failed_accounts:
  description:
    - The IDs of the accounts that could not be entered or listed. The task fails if there are any.
  returned: with O(accounts) or O(organization)
  type: list
  elements: str
  sample: []
# end of generated
# generated: failed buckets
failed_buckets:
  description:
    - The names of the buckets that failed, to run the task again for these buckets only.
  returned: when the options are valid
  type: list
  elements: str
  sample: []
# end of generated
summary:
  description: The number of buckets by their result.
  returned: when the options are valid
  type: dict
  contains:
    # generated: counts of accounts
    accounts:
      description:
        - The number of accounts of the task.
      returned: with O(accounts) or O(organization)
      type: int
      sample: 20
    failed_accounts:
      description:
        - The number of accounts that could not be entered or listed.
      returned: with O(accounts) or O(organization)
      type: int
      sample: 0
    sts_calls:
      description:
        - The number of requests to STS, which are among RV(summary.api_calls).
      returned: with O(accounts) or O(organization)
      type: int
      sample: 20
    # end of generated
    # generated: counts of changed buckets
    matched:
      description:
        - The number of buckets that O(buckets) names or O(select) matches.
      returned: always
      type: int
      sample: 2
    failed:
      description:
        - The number of failed buckets.
      returned: always
      type: int
      sample: 0
    api_calls:
      description:
        - The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 3
    seconds:
      description:
        - The duration in seconds.
      returned: always
      type: float
      sample: 0.214
    # end of generated
    changed:
      description: The number of changed buckets.
      returned: always
      type: int
      sample: 1
    unchanged:
      description: The number of buckets that already complied.
      returned: always
      type: int
      sample: 1
    skipped:
      description:
        - The number of buckets that were not started, because the task ended early after a failure. With O(select),
          also of those that were deleted while the task ran.
        - With O(log_targets=skip), also of those that were not changed because of their logs.
      returned: always
      type: int
      sample: 0
    not_listed:
      description: The number of changed and failed buckets that are not in RV(buckets). See O(results).
      returned: always
      type: int
      sample: 0
log_target_buckets:
  description:
    - The names of the buckets that O(log_targets) is about. They allow AWS to deliver logs that need SSE-S3, and move
      to a KMS key, or would without O(log_targets=skip).
  returned: when the options are valid
  type: list
  elements: str
  sample: []
  version_added: 0.2.0
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
    - For one changed bucket, the parts of its rule that differ. For several, a text that groups equal changes and lists
      the names of the buckets after each group.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description: The current state.
      returned: with at most one changed bucket
      type: dict
      sample:
        encryption: SSE-S3
    after:
      description: The resulting state.
      returned: with at most one changed bucket
      type: dict
      sample:
        encryption: SSE-KMS
    prepared:
      description: The groups, as diff mode shows them.
      returned: with several changed buckets
      type: str
      sample: |-
        412 buckets:
          - SSE-S3, bucket key off
          + SSE-KMS, key alias/aws/s3, bucket key on
            amzn-s3-demo-bucket1
            amzn-s3-demo-bucket2
# generated: error of a bucket task
error:
  description:
    - Why the task failed, in parts that a playbook can test.
  returned: when the task fails for a reason that concerns no single bucket
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
      sample: s3:ListAllMyBuckets
    resource:
      description:
        - The resource that was to be read or written.
      returned: always
      type: str
      sample: ''
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets import bucket_default_encryption


def main() -> None:
    """Run the module."""
    bucket_default_encryption.main()


if __name__ == "__main__":
    main()
