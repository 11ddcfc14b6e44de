#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_encryption_policy
short_description: Manage the rules on TLS and encryption in the policies of S3 buckets
version_added: 0.2.0
description:
  - Manages statements in the policies of one bucket or of many, which deny requests without TLS, and uploads that name
    another encryption or KMS key than the allowed ones.
  - Uploads that name no encryption are not denied, unless O(require_encryption_header=true), because they get the
    default encryption of the bucket.
  - The statements of this collection have a C(Sid) that begins with C(SealedS3), and all other statements are kept as
    they are, with their order.
  - C(docs/bucket_policies.md) describes the statements and what they deny, C(docs/api_calls.md) the API calls, and
    C(docs/permissions.md) the permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  state:
    description:
      - V(present) ensures the rules that the other options name, and at least one of them is required.
      - V(absent) takes away every statement whose C(Sid) begins with C(SealedS3), and deletes the policy if no
        statement remains. It cannot be combined with the options of the rules or with O(minimum).
      - A statement of others that denies the same is kept, and causes a warning.
    type: str
    choices:
      - present
      - absent
    default: present
  require_tls:
    description:
      - V(true) denies all requests that do not use TLS. This statement is the one that the AWS Config rule
        C(s3-bucket-ssl-requests-only) and the Security Hub control S3.5 require. There are no exemptions from it.
      - V(false) takes the rule away, and O(minimum_tls_version) with it.
      - The website endpoints of S3 have no TLS. A bucket that serves a website causes a warning before the change.
      - If omitted, the rule is left as it is.
    type: bool
  minimum_tls_version:
    description:
      - Denies requests that use an older version of TLS. It implies O(require_tls=true), because a rule on the version
        alone does not stop plain HTTP. There are no exemptions from it.
      - If omitted, the rule is left as it is.
    type: str
    choices:
      - '1.2'
      - '1.3'
  allow_encryption:
    description:
      - The encryption that an upload may name, as a list of V(SSE-S3), V(SSE-KMS), V(DSSE-KMS) and V(SSE-C). The words
        of AWS for them (V(AES256), V(aws:kms), V(aws:kms:dsse)) are accepted, too. Uploads that name another one are
        denied.
      - Without V(SSE-C) in the list, uploads with a customer key are denied.
      - Client-side encryption, such as V(CSE-KMS), is refused, because S3 cannot see it.
      - It is about uploads and copies only. O(allow_kms_keys) also denies changes of existing objects in place.
      - A bucket whose own default encryption is not in the list causes a warning before the change.
      - If omitted, the rule is left as it is.
    type: list
    elements: str
  allow_kms_keys:
    description:
      - The KMS keys that an upload may name, as key IDs, key ARNs, aliases or alias ARNs. The policy contains the ARNs
        of the keys. A key ID or alias is resolved in the region of each bucket. The ARN of a key in another region is
        not used for a bucket, but each bucket needs at least one key. The ARN of a multi-Region key stands for its
        replica in the region of the bucket, which has to exist.
      - Uploads that name another key are denied. S3 compares the text that the upload sends, so clients have to name
        the key by its ARN. An upload that names it by its ID or alias is denied.
      - Uploads that name V(aws:kms) or V(aws:kms:dsse) and no key get the AWS managed key of S3, whatever the default
        key of the bucket is. They are denied, unless that key is in the list, as V(alias/aws/s3) or by its key ARN.
      - Changes of the key of an existing object in place (C(s3:UpdateObjectEncryption)) are denied unless the new key
        is in the list.
      - A key that is new in the policy has to be enabled, and usable for S3.
      - If omitted, the rule is left as it is.
    type: list
    elements: str
  deny_customer_keys:
    description:
      - V(true) denies uploads with a customer key (SSE-C). V(false) takes this rule away.
      - O(sealed.s3.bucket_default_encryption#module:blocked_encryption_types) is the better way, because S3 then
        refuses them without a policy. Use this option if some principals have to be exempt, or for a store that cannot
        block them.
      - It cannot be combined with an O(allow_encryption) that says the opposite.
      - If omitted, the rule is left as it is.
    type: bool
  require_encryption_header:
    description:
      - V(true) denies uploads that name neither a server-side encryption nor a customer key. V(false) takes this rule
        away.
      - Most clients rely on the default encryption of the bucket, and are denied then. Use it only if an auditor asks
        for it.
      - AWS does not document how S3 applies this rule to the parts of a multipart upload, and denials of parts have
        been reported. Test it with your clients.
      - If omitted, the rule is left as it is.
    type: bool
  exempt_principals:
    description:
      - Those who are exempt from all rules on encryption of this collection, as ARNs of IAM users and roles, in which
        V(*) and V(?) stand for any characters, or as account IDs or ARNs of a root user for a whole account.
      - A session is exempt if the ARN of its role is named. The ARN of a session or group is refused.
      - If omitted, the exemptions are left as they are, and a new rule gets them, too. To take them away, use
        O(remove_rules).
    type: list
    elements: str
  exempt_services:
    description:
      - AWS services that are exempt from all rules on encryption of this collection, as service principals, such as
        V(logging.s3.amazonaws.com). Services that deliver logs, inventories or backups may name an encryption, or none.
      - If omitted, the exemptions are left as they are, and a new rule gets them, too. To take them away, use
        O(remove_rules).
    type: list
    elements: str
  remove_rules:
    description:
      - The rules to take away, by the names of their options. V(require_tls) takes O(minimum_tls_version) with it.
      - A statement of others that denies the same is kept, and causes a warning.
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
    description:
      - Whether the options are a minimum. Rules that are equally strict or stricter do not change, such as a newer
        version of TLS, fewer kinds or keys, and fewer exemptions.
      - Otherwise the policy gets what both allow, such as the kinds that are in the list of the policy and in the one
        of the task. A bucket fails if that is nothing.
      - It cannot be combined with an option that takes a rule away.
    type: bool
    default: false
  overrides:
    description:
      - Exceptions for some of the buckets. The first entry whose O(overrides[].names) and O(overrides[].accounts) match
        a bucket applies to it. All other buckets get what the options of the task say.
      - An option that an entry omits is that of the task. An option that is V(null) in an entry is not set on its
        buckets, so each keeps its own rule.
      - What an entry says about a rule, also in O(overrides[].remove_rules), replaces what the task says about that
        rule. An entry whose O(overrides[].require_tls) is V(false) or V(null) does not use the O(minimum_tls_version)
        of the task. An entry with O(overrides[].state=absent) uses no option of the task.
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
      require_tls:
        description: As O(require_tls), or V(null).
        type: bool
      minimum_tls_version:
        description: As O(minimum_tls_version), or V(null).
        type: str
      allow_encryption:
        description: As O(allow_encryption), or V(null).
        type: list
        elements: str
      allow_kms_keys:
        description: As O(allow_kms_keys), or V(null).
        type: list
        elements: str
      deny_customer_keys:
        description: As O(deny_customer_keys), or V(null).
        type: bool
      require_encryption_header:
        description: As O(require_encryption_header), or V(null).
        type: bool
      exempt_principals:
        description: As O(exempt_principals), or V(null).
        type: list
        elements: str
      exempt_services:
        description: As O(exempt_services), or V(null).
        type: list
        elements: str
      remove_rules:
        description: As O(remove_rules), or V(null) for none.
        type: list
        elements: str
      minimum:
        description: As O(minimum). V(null) is the same as omitted.
        type: bool
      state:
        description: As O(state). V(null) is the same as omitted.
        type: str
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
  - sealed.s3.accounts
  - sealed.s3.accounts.assume_role
  - sealed.s3.results_file
  - sealed.s3.aws
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - S3 replaces a policy as a whole, without a condition. A change that another client makes between the read and the
    write is lost. So the policy is read again after the write, and the bucket fails if S3 reports another one.
  - A statement of others with the same meaning satisfies a rule, and no second one is added.
  - At another store than AWS, the task proves that the store keeps the policy, and not that it enforces it.
seealso:
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.kms_key_for_s3
  - name: Bucket policies for Amazon S3
    description: The Amazon S3 User Guide on bucket policies.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
  - name: PutBucketPolicy
    description: The API reference of the operation that writes the policy.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

EXAMPLES = r"""
- name: Deny requests to a bucket that do not use TLS 1.2 or newer
  sealed.s3.bucket_encryption_policy:
    bucket: amzn-s3-demo-bucket
    require_tls: true
    minimum_tls_version: '1.2'

- name: Let uploads name only SSE-KMS or DSSE-KMS with one key, by its ARN
  sealed.s3.bucket_encryption_policy:
    bucket: amzn-s3-demo-bucket
    allow_encryption: [SSE-KMS, DSSE-KMS]
    allow_kms_keys: [alias/s3-data]
    exempt_services: [logging.s3.amazonaws.com]

- name: Let the role of the backup use any encryption
  sealed.s3.bucket_encryption_policy:
    bucket: amzn-s3-demo-bucket
    exempt_principals:
      - arn:aws:iam::111122223333:role/backup

- name: Ensure at least TLS 1.2 for every production bucket, and keep stricter policies
  sealed.s3.bucket_encryption_policy:
    select:
      names: [amzn-s3-demo-*]
      tags: {stage: production}
    minimum_tls_version: '1.2'
    minimum: true
  register: fleet

- name: Retry the buckets that failed
  sealed.s3.bucket_encryption_policy:
    buckets: "{{ fleet.failed_buckets }}"
    minimum_tls_version: '1.2'
    minimum: true
  when: fleet.failed_buckets | length > 0

- name: Require TLS for all buckets of the account, with exceptions
  sealed.s3.bucket_encryption_policy:
    select:
      names: ["*"]
    minimum_tls_version: '1.2'
    deny_customer_keys: true
    overrides:
      # The website endpoints of S3 have no TLS. This bucket keeps the rule on customer keys only.
      - names: [amzn-s3-demo-website]
        require_tls: false
      # The team of these buckets brings its own keys.
      - names: [amzn-s3-demo-payments*]
        deny_customer_keys: null

- name: Take the rules on encryption away, and keep TLS
  sealed.s3.bucket_encryption_policy:
    bucket: amzn-s3-demo-bucket
    remove_rules: [allow_encryption, allow_kms_keys]

- name: Take every statement of this collection away, and keep those of others
  sealed.s3.bucket_encryption_policy:
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
      description: Whether the policy was changed, or would be changed in check mode.
      returned: always
      type: bool
    before:
      description:
        - The policy before the task. V(null) for a bucket that failed before it was read, and in check mode for one
          that does not exist yet.
      returned: always
      type: dict
      contains:
        # generated: policy of a bucket
        require_tls:
          description:
            - Whether requests without TLS are denied.
          returned: always
          type: bool
          sample: true
        minimum_tls_version:
          description:
            - The oldest version of TLS that is not denied. V(null) if the policy does not restrict it.
          returned: always
          type: str
          sample: '1.2'
        allow_encryption:
          description:
            - The encryption that an upload may name, as values of O(allow_encryption). A word of another AWS service
              is shown as the policy has it. V(null) if the policy does not restrict it.
          returned: always
          type: list
          elements: str
          sample:
            - SSE-KMS
            - DSSE-KMS
        allow_kms_keys:
          description:
            - The KMS keys that an upload may name, as the policy has them. V(null) if the policy does not restrict
              it.
          returned: always
          type: list
          elements: str
          sample:
            - arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        deny_customer_keys:
          description:
            - Whether uploads with a customer key are denied by the statement of O(deny_customer_keys), or by an equal
              one of others. A list in C(allow_encryption) without SSE-C denies them, too.
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
            - The users, roles and accounts that are exempt from the rules on encryption. Those of the statements of
              this collection; if it has none, those of equal statements of others.
          returned: always
          type: list
          elements: str
          sample: []
        exempt_services:
          description:
            - The AWS services that are exempt from the rules on encryption. Those of the statements of this
              collection; if it has none, those of equal statements of others.
          returned: always
          type: list
          elements: str
          sample:
            - logging.s3.amazonaws.com
        policy:
          description:
            - The whole policy, also with the statements of others. V(null) if the bucket has none.
            - Principals are always a sorted list for each type. Other lists are sorted, and a list of one value is
              that value, because S3 reports them in any order and form.
          returned: always
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
    after:
      description: The policy after the task, or in check mode after a real run. V(null) for a bucket that failed.
      returned: always
      type: dict
      contains:
        # generated: policy of a bucket
        require_tls:
          description:
            - Whether requests without TLS are denied.
          returned: always
          type: bool
          sample: true
        minimum_tls_version:
          description:
            - The oldest version of TLS that is not denied. V(null) if the policy does not restrict it.
          returned: always
          type: str
          sample: '1.2'
        allow_encryption:
          description:
            - The encryption that an upload may name, as values of O(allow_encryption). A word of another AWS service
              is shown as the policy has it. V(null) if the policy does not restrict it.
          returned: always
          type: list
          elements: str
          sample:
            - SSE-KMS
            - DSSE-KMS
        allow_kms_keys:
          description:
            - The KMS keys that an upload may name, as the policy has them. V(null) if the policy does not restrict
              it.
          returned: always
          type: list
          elements: str
          sample:
            - arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        deny_customer_keys:
          description:
            - Whether uploads with a customer key are denied by the statement of O(deny_customer_keys), or by an equal
              one of others. A list in C(allow_encryption) without SSE-C denies them, too.
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
            - The users, roles and accounts that are exempt from the rules on encryption. Those of the statements of
              this collection; if it has none, those of equal statements of others.
          returned: always
          type: list
          elements: str
          sample: []
        exempt_services:
          description:
            - The AWS services that are exempt from the rules on encryption. Those of the statements of this
              collection; if it has none, those of equal statements of others.
          returned: always
          type: list
          elements: str
          sample:
            - logging.s3.amazonaws.com
        policy:
          description:
            - The whole policy, also with the statements of others. V(null) if the bucket has none.
            - Principals are always a sorted list for each type. Other lists are sorted, and a list of one value is
              that value, because S3 reports them in any order and form.
          returned: always
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
    error:
      description: Why the bucket failed. V(null) if it did not.
      returned: always
      type: dict
      contains:
        # generated: error of the policy of a bucket
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
            s3:PutBucketPolicy on amzn-s3-demo-bucket is forbidden (AccessDenied). Ask for that permission, or use
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
          sample: s3:PutBucketPolicy
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
      returned: always
      type: int
      sample: 0
    not_listed:
      description: The number of changed and failed buckets that are not in RV(buckets). See O(results).
      returned: always
      type: int
      sample: 0
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
    - For one changed bucket, the rules that differ, and the whole policy before and after. For several, a text that
      groups the buckets whose rules change alike, and lists their names after each group.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description: The current state.
      returned: with at most one changed bucket
      type: dict
      sample:
        require_tls: false
        policy: null
    after:
      description: The resulting state.
      returned: with at most one changed bucket
      type: dict
      sample:
        require_tls: true
        policy:
          Version: '2012-10-17'
          Statement:
            - Sid: SealedS3RequireTls
              Effect: Deny
              Principal: '*'
              Action: s3:*
              Resource:
                - arn:aws:s3:::amzn-s3-demo-bucket
                - arn:aws:s3:::amzn-s3-demo-bucket/*
              Condition:
                Bool:
                  aws:SecureTransport: 'false'
    prepared:
      description: The groups, as diff mode shows them.
      returned: with several changed buckets
      type: str
      sample: |-
        412 buckets:
          - no rule on TLS or encryption
          + TLS 1.2 or newer
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets import bucket_encryption_policy


def main() -> None:
    """Run the module."""
    bucket_encryption_policy.main()


if __name__ == "__main__":
    main()
