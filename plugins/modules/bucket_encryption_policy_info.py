#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_encryption_policy_info
short_description: Get what the policies of S3 buckets say about TLS and encryption
version_added: 0.2.0
description:
  - Returns what the policy of one bucket or of many says about TLS and encryption, in the terms of
    M(sealed.s3.bucket_encryption_policy).
  - With O(expected), also reports which buckets comply, and how the others differ.
  - If a bucket cannot be read, the task fails and names it, but still returns the results of all other buckets.
  - C(docs/bucket_policies.md) describes the rules, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
    permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  expected:
    description:
      - The rules that the policy of each bucket should have. RV(buckets) then reports whether a bucket complies and, if
        not, how it differs and which AWS control it fails. The task does not fail because of findings, unless
        O(fail_on_findings=true).
      - Options that are omitted are not checked. The options have the same meaning as for
        M(sealed.s3.bucket_encryption_policy), and a bucket complies exactly if that module would change nothing.
      - With O(expected.allow_encryption) or O(expected.allow_kms_keys), there is also a finding if the default
        encryption of the bucket itself is not in the list. This costs one GetBucketEncryption for each bucket.
    type: dict
    suboptions:
      require_tls:
        description: Whether requests without TLS are denied. V(false) expects no statement of this collection for it.
        type: bool
      minimum_tls_version:
        description: The oldest version of TLS that is not denied. It implies O(expected.require_tls=true).
        type: str
        choices:
          - '1.2'
          - '1.3'
      allow_encryption:
        description: The encryption that uploads may name. Others are denied.
        type: list
        elements: str
      allow_kms_keys:
        description:
          - The KMS keys that uploads may name, in any of their four forms. An alias is resolved in the region of each
            bucket.
          - The policy has to contain their ARNs. Uploads are compared with them as they are sent, so a key by another
            name is a finding.
        type: list
        elements: str
      deny_customer_keys:
        description: Whether uploads with a customer key are denied.
        type: bool
      require_encryption_header:
        description: Whether uploads that name no encryption are denied.
        type: bool
      exempt_principals:
        description: The users, roles and accounts that are exempt from the rules about encryption.
        type: list
        elements: str
      exempt_services:
        description: The AWS services that are exempt from the rules about encryption.
        type: list
        elements: str
      remove_rules:
        description: The rules that the policy should not have in statements of this collection.
        type: list
        elements: str
        choices:
          - require_tls
          - minimum_tls_version
          - allow_encryption
          - allow_kms_keys
          - deny_customer_keys
          - require_encryption_header
          - exempt_principals
          - exempt_services
      minimum:
        description: Whether the other options are a minimum. Policies that are equally strict or stricter comply.
        type: bool
        default: false
      overrides:
        description:
          - Exceptions for some of the buckets, as in O(sealed.s3.bucket_encryption_policy#module:overrides). The same
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
          require_tls:
            description: As O(expected.require_tls), or V(null).
            type: bool
          minimum_tls_version:
            description: As O(expected.minimum_tls_version), or V(null).
            type: str
          allow_encryption:
            description: As O(expected.allow_encryption), or V(null).
            type: list
            elements: str
          allow_kms_keys:
            description: As O(expected.allow_kms_keys), or V(null).
            type: list
            elements: str
          deny_customer_keys:
            description: As O(expected.deny_customer_keys), or V(null).
            type: bool
          require_encryption_header:
            description: As O(expected.require_encryption_header), or V(null).
            type: bool
          exempt_principals:
            description: As O(expected.exempt_principals), or V(null).
            type: list
            elements: str
          exempt_services:
            description: As O(expected.exempt_services), or V(null).
            type: list
            elements: str
          remove_rules:
            description: As O(expected.remove_rules). V(null) is the same as omitted.
            type: list
            elements: str
          minimum:
            description: As O(expected.minimum). V(null) is the same as omitted.
            type: bool
          state:
            description: With V(absent), the policies should have no statement of this collection.
            type: str
  include_policy:
    description:
      - Whether each bucket is returned with its whole policy.
      - If omitted, the policies are returned for a task of up to 100 buckets, so that the result stays small for a
        fleet. O(results_file) has them for any number.
      - A policy is returned as it is. Set V(false) if policies contain values that must not be shown, such as a token
        that a condition on C(aws:Referer) compares.
    type: bool
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
  - module: sealed.s3.bucket_encryption_policy
  - module: sealed.s3.bucket_default_encryption_info
  - name: Example of an audit
    description: Variables for the playbook C(sealed.s3.audit), which reports the findings, and fails in CI.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/audit
  - name: GetBucketPolicy
    description: The API reference of the operation that reads the policy.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
"""

EXAMPLES = r"""
- name: Get what the policies of two buckets say about TLS and encryption
  sealed.s3.bucket_encryption_policy_info:
    buckets:
      - amzn-s3-demo-bucket1
      - amzn-s3-demo-bucket2
  register: found

- name: Check that all buckets require TLS 1.2, and deny uploads under other encryption than with KMS keys
  sealed.s3.bucket_encryption_policy_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      minimum_tls_version: '1.2'
      allow_encryption: [SSE-KMS, DSSE-KMS]
      minimum: true
      overrides:
        - names: [amzn-s3-demo-logs]
          allow_encryption: null
  register: audit

- name: Report the buckets that do not comply, and why
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.findings | map(attribute='message') | join(' ') }}"
  loop: "{{ audit.buckets | rejectattr('compliant') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Require TLS for those buckets
  sealed.s3.bucket_encryption_policy:
    buckets: "{{ audit.buckets | selectattr('findings') | map(attribute='name') }}"
    minimum_tls_version: '1.2'

- name: Fail, such as in a CI pipeline, if a bucket accepts requests without TLS
  sealed.s3.bucket_encryption_policy_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      require_tls: true
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
    # generated: policy of an inspected bucket
    require_tls:
      description:
        - Whether requests without TLS are denied.
      returned: always
      type: bool
      sample: true
    minimum_tls_version:
      description:
        - The oldest version of TLS that is not denied. V(null) if the policy does not restrict it, and for a bucket
          that could not be read.
      returned: always
      type: str
      sample: '1.2'
    allow_encryption:
      description:
        - The encryption that an upload may name, as values of
          O(sealed.s3.bucket_encryption_policy#module:allow_encryption). A word of another AWS service is shown as the
          policy has it. V(null) if the policy does not restrict it, and for a bucket that could not be read.
      returned: always
      type: list
      elements: str
      sample:
        - SSE-KMS
        - DSSE-KMS
    allow_kms_keys:
      description:
        - The KMS keys that an upload may name, as the policy has them. V(null) if the policy does not restrict it,
          and for a bucket that could not be read.
      returned: always
      type: list
      elements: str
      sample:
        - arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    deny_customer_keys:
      description:
        - Whether uploads with a customer key are denied by the statement of
          O(sealed.s3.bucket_encryption_policy#module:deny_customer_keys), or by an equal one of others. A list in
          C(allow_encryption) without SSE-C denies them, too.
      returned: always
      type: bool
      sample: false
    require_encryption_header:
      description:
        - Whether uploads that name no encryption are denied.
      returned: always
      type: bool
      sample: false
    exempt_principals:
      description:
        - The users, roles and accounts that are exempt from the rules on encryption. Those of the statements of this
          collection; if it has none, those of equal statements of others.
      returned: always
      type: list
      elements: str
      sample: []
    exempt_services:
      description:
        - The AWS services that are exempt from the rules on encryption. Those of the statements of this collection;
          if it has none, those of equal statements of others.
      returned: always
      type: list
      elements: str
      sample:
        - logging.s3.amazonaws.com
    policy:
      description:
        - The whole policy, also with the statements of others. V(null) if the bucket has none.
        - Principals are always a sorted list for each type. Other lists are sorted, and a list of one value is that
          value, because S3 reports them in any order and form.
      returned: if O(include_policy=true), or if that is omitted and the task has up to 100 buckets
      type: dict
      sample:
        Version: '2012-10-17'
        Statement:
          - Sid: SealedS3RequireTls
            Effect: Deny
            Principal: '*'
            Action: 's3:*'
            Resource:
              - arn:aws:s3:::amzn-s3-demo-bucket
              - 'arn:aws:s3:::amzn-s3-demo-bucket/*'
            Condition:
              Bool:
                aws:SecureTransport: 'false'
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
        # generated: finding about a policy
        message:
          description:
            - The finding in one sentence.
          returned: always
          type: str
          sample: The bucket policy does not deny requests without TLS.
        control:
          description:
            - The AWS control that the bucket fails. V(null) if AWS has none.
          returned: always
          type: str
          sample: Security Hub S3.5
        rule:
          description:
            - What the finding is about, as an ID that never changes. C(docs/rules.md) lists them.
          returned: always
          type: str
          sample: bucket-policy-tls
        options:
          description:
            - The options of M(sealed.s3.bucket_encryption_policy) or of M(sealed.s3.bucket_default_encryption) that
              mend it, with their values. Empty if no option mends it.
          returned: always
          type: dict
          sample:
            require_tls: true
        # end of generated
    error:
      description: Why the bucket could not be read. V(null) if it could.
      returned: always
      type: dict
      contains:
        # generated: error of an inspected policy
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
            s3:GetBucketPolicy on amzn-s3-demo-bucket is forbidden (AccessDenied). Ask for that permission, or use
            other credentials.
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
          sample: s3:GetBucketPolicy
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets import bucket_encryption_policy_info


def main() -> None:
    """Run the module."""
    bucket_encryption_policy_info.main()


if __name__ == "__main__":
    main()
