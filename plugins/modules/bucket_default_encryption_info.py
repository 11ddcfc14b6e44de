#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_default_encryption_info
short_description: Get information about the default encryption of S3 buckets
version_added: 0.1.0
description:
  - Returns the default encryption of one bucket or of many, in the terms of M(sealed.s3.bucket_default_encryption).
  - With O(expected), also reports which buckets comply, and how the others differ.
  - If a bucket cannot be read, the task fails and names it, but still returns the results of all other buckets.
  - C(docs/buckets.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
    permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  expected:
    description:
      - The default encryption that each bucket should have. RV(buckets) then reports whether a bucket complies and, if
        not, how it differs and which AWS control it fails. The task does not fail because of findings, unless
        O(fail_on_findings=true).
      - Options that are omitted are not checked. The options have the same meaning as for
        M(sealed.s3.bucket_default_encryption).
    type: dict
    suboptions:
      encryption:
        description: The default encryption.
        type: str
        choices:  # generated: kinds of a bucket's default
          - SSE-S3
          - SSE-KMS
          - DSSE-KMS
          - AES256
          - aws:kms
          - aws:kms:dsse
      kms_key:
        description: The KMS key, in any of its four forms. An alias is resolved in the region of each bucket.
        type: str
        aliases:
          - encryption_key_id
          - encryption_kms_key_id
      bucket_key_enabled:
        description: Whether S3 bucket keys are enabled.
        type: bool
      blocked_encryption_types:
        description: The blocked encryption types.
        type: list
        elements: str
        choices:  # generated: kinds that a bucket can block
          - SSE-C
      minimum:
        description: Whether the other options are a minimum. Buckets that are equally strong or stronger comply.
        type: bool
        default: false
      overrides:
        description:
          - Exceptions for some of the buckets, as in O(sealed.s3.bucket_default_encryption#module:overrides). The same
            list can be used for both modules.
          - The first entry that matches a bucket applies to it. An option that an entry omits is that of
            O(expected). An option that is V(null) is not compared.
        type: list
        elements: dict
        suboptions:
          names:
            description: Shell patterns. One of them has to match the name of the bucket.
            type: list
            elements: str
          accounts:
            description:
              - Shell patterns. One of them has to match the ID or the name of the account.
            type: list
            elements: str
            version_added: 0.2.0
          encryption:
            description: As O(expected.encryption), or V(null).
            type: str
          kms_key:
            description: As O(expected.kms_key), or V(null).
            type: str
            aliases:
              - encryption_key_id
              - encryption_kms_key_id
          bucket_key_enabled:
            description: As O(expected.bucket_key_enabled), or V(null).
            type: bool
          blocked_encryption_types:
            description: As O(expected.blocked_encryption_types), or V(null).
            type: list
            elements: str
          minimum:
            description: As O(expected.minimum). V(null) is the same as omitted.
            type: bool
          state:
            description: With V(absent), the buckets should have S3's own default, which is SSE-S3.
            type: str
          log_targets:
            description:
              - No effect. It is accepted, so that the same list can be used in M(sealed.s3.bucket_default_encryption).
            type: str
            version_added: 0.2.0
  fail_on_findings:
    description:
      - Whether the task fails if a bucket does not comply with O(expected), such as in a CI pipeline. The result is the
        same. RV(error.kind) is V(non_compliant), unless a bucket could not be read.
      - If no bucket matches O(select), the task warns and does not fail. In a pipeline, also check RV(summary.matched).
    type: bool
    default: false
extends_documentation_fragment:
  - sealed.s3.selection
  - sealed.s3.accounts
  - sealed.s3.accounts.assume_role
  - sealed.s3.results_file
  - sealed.s3.aws
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.s3_encrypted_object_info
  - name: Example of an audit
    description: Variables for the playbook C(sealed.s3.audit), which reports the findings, and fails in CI.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/audit
  - name: GetBucketEncryption
    description: The API reference of the operation that reads the rule.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
"""

EXAMPLES = r"""
- name: Get the default encryption of two buckets
  sealed.s3.bucket_default_encryption_info:
    buckets:
      - amzn-s3-demo-bucket1
      - amzn-s3-demo-bucket2
  register: found

- name: Check that all buckets have at least SSE-KMS
  sealed.s3.bucket_default_encryption_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      encryption: SSE-KMS
      minimum: true
  register: audit

- name: Report the buckets that do not comply, and why
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.findings | map(attribute='message') | join(' ') }}"
  loop: "{{ audit.buckets | rejectattr('compliant') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Ensure the baseline for all buckets, with exceptions
  sealed.s3.bucket_default_encryption:
    select:
      names: [amzn-s3-demo-*]
    encryption: SSE-KMS
    overrides:
      - names: [amzn-s3-demo-logs]
        encryption: SSE-S3

- name: Fail, such as in a CI pipeline, if a bucket does not comply with the baseline
  sealed.s3.bucket_default_encryption_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      encryption: SSE-KMS
      overrides:
        - names: [amzn-s3-demo-logs]
          encryption: SSE-S3
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
buckets:
  description: The buckets, in the order in which they were named or listed.
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
    # generated: rule of an inspected bucket
    encryption:
      description:
        - The default encryption, as a value of O(sealed.s3.bucket_default_encryption#module:encryption). An algorithm
          of another AWS service is shown as S3 reports it.
        - V(null) if the store reports that there is no default encryption, which AWS never does, and for a bucket
          that could not be read.
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
    compliant:
      description: Whether the bucket complies with O(expected). V(false) for a bucket that could not be read.
      returned: with O(expected)
      type: bool
    findings:
      description: How the bucket differs from O(expected).
      returned: with O(expected)
      type: list
      elements: dict
      contains:
        # generated: finding about a bucket
        message:
          description:
            - The finding in one sentence.
          returned: always
          type: str
          sample: 'New objects get SSE-S3 by default, not SSE-KMS.'
        control:
          description:
            - The AWS control that the bucket fails. V(null) if AWS has none.
          returned: always
          type: str
          sample: Security Hub S3.17
        rule:
          description:
            - What the finding is about, as an ID that never changes. C(docs/rules.md) lists them.
          returned: always
          type: str
          sample: bucket-default-encryption
        options:
          description:
            - The options of M(sealed.s3.bucket_default_encryption) that mend it, with their values. Empty if no
              option mends it.
          returned: always
          type: dict
          sample:
            encryption: SSE-KMS
        # end of generated
    error:
      description: Why the bucket could not be read. V(null) if it could.
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
compliant:
  description: Whether all buckets comply.
  returned: with O(expected)
  type: bool
# generated: accounts whose buckets are inspected
accounts:
  description:
    - All accounts of the task. They are in the order of the task.
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
    compliant:
      description:
        - The number of its buckets that are counted as compliant in RV(summary).
      returned: with O(expected)
      type: int
      sample: 1
    non_compliant:
      description:
        - The number of its buckets that are counted as non_compliant in RV(summary).
      returned: with O(expected)
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
    skipped:
      description:
        - The number of buckets without a result. With O(select), buckets that were deleted while the task ran are
          counted here.
      returned: always
      type: int
      sample: 0
    compliant:
      description: The number of buckets that comply with O(expected).
      returned: with O(expected)
      type: int
      sample: 1
    non_compliant:
      description: The number of buckets that were read and have findings.
      returned: with O(expected)
      type: int
      sample: 1
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
    # generated: counts of inspected buckets
    matched:
      description:
        - The number of buckets that O(buckets) names or O(select) matches.
      returned: always
      type: int
      sample: 2
    failed:
      description:
        - The number of buckets that could not be read.
      returned: always
      type: int
      sample: 0
    api_calls:
      description:
        - The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 2
    seconds:
      description:
        - The duration in seconds.
      returned: always
      type: float
      sample: 0.121
    # end of generated
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
    bucket_default_encryption.main_info()


if __name__ == "__main__":
    main()
