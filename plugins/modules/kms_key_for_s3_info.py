#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_for_s3_info
short_description: Get information about KMS keys for S3
version_added: 0.1.0
description:
  - Returns the policy, rotation, tags and use of one KMS key, or of all customer managed keys of the region, in the
    terms of M(sealed.s3.kms_key_for_s3).
  - Also returns findings, with the AWS controls that each key fails.
  - A part of a key that the credentials may not read is V(null), and the reason is in C(errors).
  - C(docs/api_calls.md) describes the API calls, and C(docs/permissions.md) the permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  alias:
    description:
      - The alias of the key, with or without the prefix C(alias/). If the alias does not exist, RV(kms_keys) is empty.
      - Without O(alias) and O(key_id), all customer managed keys of the region are listed.
      - Mutually exclusive with O(key_id).
    type: str
    aliases:
      - key_alias
  key_id:
    description:
      - The key as a key ID, key ARN, alias name or alias ARN. If the key does not exist, RV(kms_keys) is empty.
      - Mutually exclusive with O(alias), and refused with O(accounts) and O(organization).
    type: str
    aliases:
      - key_arn
  include_grants:
    description:
      - Whether to count the grants of each key. Costs one ListGrants for every 100 grants of each key, and needs
        C(kms:ListGrants). AWS services create thousands of grants for some keys.
    type: bool
    default: true
  include_last_used:
    description:
      - Whether to return when each key was last used to encrypt or decrypt, and by which operation. Costs one
        GetKeyLastUsage for each key, and needs C(kms:GetKeyLastUsage). If boto3 is older than 2026, or the store does
        not support it, the value is V(null), with the reason in C(errors).
    type: bool
    default: true
  include_rotations:
    description:
      - Whether to return the rotations of each key. Costs one ListKeyRotations for each symmetric key, and needs
        C(kms:ListKeyRotations).
    type: bool
    default: false
  include_used_by:
    description:
      - Whether to return the buckets of the region whose default encryption names the key, as a key ID, key ARN, alias
        or alias ARN.
      - Costs one ListBuckets for every 1000 buckets of the region and one GetBucketEncryption for each bucket,
        regardless of the number of keys. Needs C(s3:ListAllMyBuckets) and C(s3:GetEncryptionConfiguration).
      - Buckets of other accounts, and the encryption of objects, are not checked.
    type: bool
    default: true
  include_usage:
    description:
      - Whether to return who used each key recently, and how. The source is the CloudTrail event history of the region,
        which every account has and which needs no trail.
      - Costs one LookupEvents for every 50 events of each key. CloudTrail accepts two of these requests per second.
        Needs C(cloudtrail:LookupEvents). Without it, RV(kms_keys[].usage.unavailable) reports that.
      - CloudTrail shows an event a few minutes after it happened. With an S3 bucket key, S3 calls KMS for the bucket
        from time to time, and not for each object.
      - Credentials are sent to AWS if the keys are there, or to O(cloudtrail_endpoint_url). If O(kms_endpoint_url) or
        O(endpoint_url) is another store, CloudTrail is called only if O(cloudtrail_endpoint_url) is set.
    type: bool
    default: false
  usage_days:
    description:
      - With O(include_usage), the number of days to search, at most 90.
    type: int
    default: 7
  usage_max_events:
    description:
      - With O(include_usage), the maximum number of events to read for each key. The latest events are read first.
    type: int
    default: 1000
  cloudtrail_endpoint_url:
    description:
      - The URL of CloudTrail, if it is not that of AWS.
    type: str
  concurrency:
    description:
      - The maximum number of keys to read at the same time, if all keys are listed. With O(accounts) or
        O(organization), the maximum number over all accounts and regions.
    type: int
    default: 16
  regions:
    description:
      - With O(accounts) or O(organization), the regions to read in each account. Regions that an account names itself,
        in O(accounts[].regions), are used for it instead.
      - If omitted, it is the region of the task. Refused without O(accounts) and O(organization).
    type: list
    elements: str
    version_added: 0.2.0
extends_documentation_fragment:
  - sealed.s3.accounts
  - sealed.s3.accounts.assume_role
  - sealed.s3.results_file
  - sealed.s3.aws
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: sealed.s3.kms_key_for_s3
  - module: sealed.s3.bucket_default_encryption_info
  - name: Example of an audit
    description: Variables for the playbook C(sealed.s3.audit), which reports the findings, and fails in CI.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/audit
"""

EXAMPLES = r"""
- name: Get information about one key
  sealed.s3.kms_key_for_s3_info:
    alias: alias/s3-data
  register: found

- name: Report how often it is rotated
  ansible.builtin.debug:
    msg: "{{ found.kms_keys[0].rotation.period_in_days if found.kms_keys else 'The key does not exist.' }}"

- name: Get information about all customer managed keys of the region
  sealed.s3.kms_key_for_s3_info:
    region: us-east-1
  register: every

- name: Report the keys with findings
  ansible.builtin.debug:
    msg: "{{ item.alias or item.key_id }}: {{ item.findings | map(attribute='message') | join(' ') }}"
  loop: "{{ every.kms_keys | selectattr('findings') }}"
  loop_control:
    label: "{{ item.key_id }}"

- name: Get the use of all keys, without counting their grants
  sealed.s3.kms_key_for_s3_info:
    include_grants: false
  register: used

- name: Report the keys that are not used and that no bucket names
  ansible.builtin.debug:
    msg: "{{ used.kms_keys | rejectattr('used_by') | rejectattr('last_used') | map(attribute='arn') }}"

- name: Get information about the keys of an alias in two accounts
  sealed.s3.kms_key_for_s3_info:
    accounts:
      - account_id: "111122223333"
        role_name: EncryptionAudit
      - account_id: "444455556666"
        role_name: EncryptionAudit
    regions:
      - us-east-1
      - eu-west-1
    alias: alias/s3-data

- name: Get the use of a key in the last 30 days
  sealed.s3.kms_key_for_s3_info:
    alias: alias/s3-data
    include_usage: true
    usage_days: 30
  register: audit

- name: Report the principals that used it, and the buckets
  ansible.builtin.debug:
    msg: "{{ item.principal }}: {{ item.count }} x {{ item.operation }}, last at {{ item.last }}, {{ item.buckets }}"
  loop: "{{ audit.kms_keys[0].usage.users | selectattr('cryptographic') if audit.kms_keys else [] }}"
  loop_control:
    label: "{{ item.principal }}"
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
kms_keys:
  description:
    - The keys, in the order in which KMS lists them. Empty if there are none.
    - With O(accounts) or O(organization), in the order of the accounts and of their regions.
  returned: success, and with O(accounts) or O(organization) also if the task fails
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
    # generated: inspected key
    key_id:
      description:
        - The ID of the key.
      returned: always
      type: str
      sample: '1234abcd-12ab-34cd-56ef-1234567890ab'
    arn:
      description:
        - The ARN of the key.
      returned: always
      type: str
      sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    alias:
      description:
        - The alias that the task names, otherwise the first alias of the key. V(null) if it has none.
      returned: always
      type: str
      sample: alias/s3-data
    aliases:
      description:
        - All aliases of the key.
      returned: always
      type: list
      elements: str
      sample:
        - alias/s3-data
    region:
      description:
        - The region of the key.
      returned: always
      type: str
      sample: us-east-1
    state:
      description:
        - The state of the key, as KMS reports it.
      returned: always
      type: str
      sample: Enabled
    description:
      description:
        - The description of the key.
      returned: always
      type: str
      sample: What the application keeps in S3
    policy:
      description:
        - The key policy.
        - Principals are always a sorted list for each type, although AWS reports them in any order, and a single one
          as a text.
      returned: always
      type: dict
      sample:
        Version: '2012-10-17'
        Statement:
          - Sid: S3KeyDescribe
            Effect: Allow
            Principal:
              AWS:
                - arn:aws:iam::111122223333:role/application
            Action:
              - kms:DescribeKey
            Resource: '*'
    rotation:
      description:
        - Automatic rotation. V(null) for a key that does not support it, such as a key with imported key material.
      returned: always
      type: dict
      contains:
        enabled:
          description:
            - Whether automatic rotation is enabled.
          returned: always
          type: bool
          sample: true
        period_in_days:
          description:
            - The number of days between two rotations. V(null) while automatic rotation is disabled.
          returned: always
          type: int
          sample: 365
    tags:
      description:
        - The tags.
      returned: always
      type: dict
      sample:
        department: finance
    key_spec:
      description:
        - The key spec.
      returned: always
      type: str
      sample: SYMMETRIC_DEFAULT
    key_usage:
      description:
        - The cryptographic operations that the key supports.
      returned: always
      type: str
      sample: ENCRYPT_DECRYPT
    origin:
      description:
        - The source of the key material.
      returned: always
      type: str
      sample: AWS_KMS
    manager:
      description:
        - Who manages the key, V(CUSTOMER) or V(AWS).
      returned: always
      type: str
      sample: CUSTOMER
    multi_region:
      description:
        - Whether the key is a multi-Region key.
      returned: always
      type: bool
      sample: false
    creation_date:
      description:
        - When the key was created.
      returned: always
      type: str
      sample: '2026-11-23T12:00:00+00:00'
    deletion_date:
      description:
        - When KMS deletes the key. V(null) for a key that is not scheduled for deletion, and for a primary key whose
          replicas have to be deleted first.
      returned: always
      type: str
      sample: '2026-12-23T12:00:00+00:00'
    replica_regions:
      description:
        - The regions of the replicas of a multi-Region primary key.
      returned: always
      type: list
      elements: str
      sample:
        - eu-west-1
    pending_deletion_window_in_days:
      description:
        - The waiting period in days of a primary key that is scheduled for deletion. It starts when the last replica
          is deleted.
        - V(null) for any other key.
      returned: always
      type: int
      sample: 30
    primary_region:
      description:
        - The region of the primary key of a multi-Region key. V(null) for any other key.
      returned: always
      type: str
      sample: us-east-1
    replicas:
      description:
        - The replicas of a multi-Region primary key.
        - All fields except C(region) and C(arn) are V(null), because each replica is a key of its own region.
      returned: always
      type: list
      elements: dict
      contains:
        region:
          description:
            - The region of the replica.
          returned: always
          type: str
          sample: eu-west-1
        arn:
          description:
            - The ARN of the replica.
          returned: always
          type: str
          sample: arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab
        state:
          description:
            - The state of the replica, as KMS reports it.
          returned: always
          type: str
          sample: Enabled
        description:
          description:
            - The description of the replica.
          returned: always
          type: str
          sample: What the application keeps in S3
        aliases:
          description:
            - All aliases of the replica. V(null) if it has none, or if they were not read.
          returned: always
          type: list
          elements: str
          sample:
            - alias/s3-data
        policy:
          description:
            - The key policy of the replica. V(null) also if the task names no option of the policy.
          returned: always
          type: dict
          sample:
            Version: '2012-10-17'
            Statement: []
        tags:
          description:
            - The tags of the replica.
          returned: always
          type: dict
          sample:
            department: finance
        creation_date:
          description:
            - When the replica was created.
          returned: always
          type: str
          sample: '2026-11-23T12:00:00+00:00'
        deletion_date:
          description:
            - When KMS deletes the replica. V(null) for a replica that is not scheduled for deletion.
          returned: always
          type: str
          sample: '2026-12-23T12:00:00+00:00'
    custom_key_store_id:
      description:
        - The ID of the key store that stores the key material. V(null) if KMS itself stores it.
      returned: always
      type: str
      sample: cks-1234567890abcdef0
    xks_key_id:
      description:
        - The ID of the external key of a key in an external key store. V(null) for any other key.
      returned: always
      type: str
      sample: bb8562717f809024
    # end of generated
    grants:
      description: The number of grants. V(null) without O(include_grants).
      returned: always
      type: int
      sample: 2
    last_used:
      description:
        - When the key was last used to encrypt or decrypt. V(null) if it was not used since
          RV(kms_keys[].last_used_tracked_since), and without O(include_last_used).
      returned: always
      type: str
      sample: '2026-11-20T08:15:00+00:00'
    last_used_operation:
      description: The operation of the last use.
      returned: always
      type: str
      sample: GenerateDataKey
    last_used_tracked_since:
      description: When KMS began to record the use of the key. V(null) without O(include_last_used).
      returned: always
      type: str
      sample: '2026-04-01T00:00:00+00:00'
    rotations:
      description:
        - The completed rotations. V(null) without O(include_rotations), and for a key that KMS does not rotate.
      returned: always
      type: list
      elements: dict
      contains:
        date:
          description: When the key was rotated.
          returned: always
          type: str
          sample: '2026-05-04T00:00:00+00:00'
        type:
          description: V(AUTOMATIC) or V(ON_DEMAND).
          returned: always
          type: str
          sample: AUTOMATIC
    used_by:
      description:
        - The buckets of the region whose default encryption names the key. V(null) without O(include_used_by).
      returned: always
      type: list
      elements: str
      sample:
        - amzn-s3-demo-bucket
    usage:
      description: Who used the key recently, and how. V(null) without O(include_usage).
      returned: always
      type: dict
      contains:
        since:
          description: The start of the period whose events are all counted.
          returned: always
          type: str
          sample: '2026-11-16T12:00:00+00:00'
        until:
          description: When CloudTrail was read.
          returned: always
          type: str
          sample: '2026-11-23T12:00:00+00:00'
        events:
          description: The number of events.
          returned: always
          type: int
          sample: 42
        complete:
          description: Whether these are all events of O(usage_days), not only the latest O(usage_max_events).
          returned: always
          type: bool
          sample: true
        unavailable:
          description: Why CloudTrail could not be read, or not completely. V(null) if there was no problem.
          returned: always
          type: str
          sample: null
        users:
          description: The events, grouped by principal, operation, caller and error. The largest group comes first.
          returned: always
          type: list
          elements: dict
          contains:
            principal:
              description: The ARN of the user, or of the role of a session. Otherwise the service or the account.
              returned: always
              type: str
              sample: arn:aws:iam::111122223333:role/application
            operation:
              description: The KMS operation.
              returned: always
              type: str
              sample: GenerateDataKey
            cryptographic:
              description: Whether the operation uses the key, and does not only read or manage its properties.
              returned: always
              type: bool
              sample: true
            via:
              description: What called KMS for the principal, as CloudTrail reports it. V(null) for a direct call.
              returned: always
              type: str
              sample: AWS Internal
            error:
              description: The error of failed events. V(null) for successful events.
              returned: always
              type: str
              sample: null
            count:
              description: The number of these events.
              returned: always
              type: int
              sample: 42
            first:
              description: The time of the first of these events.
              returned: always
              type: str
              sample: '2026-11-17T09:30:00+00:00'
            last:
              description: The time of the last of these events.
              returned: always
              type: str
              sample: '2026-11-23T11:45:00+00:00'
            buckets:
              description: The buckets that S3 used the key for.
              returned: always
              type: list
              elements: str
              sample:
                - amzn-s3-demo-bucket
    findings:
      description:
        - The problems of a customer managed key. Automatic rotation is disabled, although KMS supports it for the key.
          The key is scheduled for deletion. Its policy is public. Its policy names users or roles that were deleted,
          or has a statement without an effect. A run ended before the key had its alias. Or the default encryption of
          buckets names the key, and it cannot be used.
        - A policy is public if one of its statements allows an action to C(*), or to all principals except some, unless
          a condition limits the callers or their location by fixed values. C(Deny) statements are not considered.
      returned: always
      type: list
      elements: dict
      contains:
        # generated: finding about a key
        message:
          description:
            - The finding in one sentence.
          returned: always
          type: str
          sample: The key is not rotated.
        control:
          description:
            - The AWS control that the key fails. V(null) if AWS has none.
          returned: always
          type: str
          sample: Security Hub KMS.4
        rule:
          description:
            - What the finding is about, as an ID that never changes. C(docs/rules.md) lists them.
          returned: always
          type: str
          sample: kms-key-rotation
        options:
          description:
            - The options of M(sealed.s3.kms_key_for_s3) that mend it, with their values. Empty if no option mends it.
          returned: always
          type: dict
          sample:
            rotation_enabled: true
        # end of generated
    errors:
      description: Why parts of the key could not be read. These parts are V(null).
      returned: always
      type: list
      elements: dict
      contains:
        # generated: error of a part of a key
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
          sample: kms:GetKeyPolicy on 1234abcd-12ab-34cd-56ef-1234567890ab is forbidden (AccessDeniedException).
        code:
          description:
            - The AWS error code. Empty if AWS returned none.
          returned: always
          type: str
          sample: AccessDeniedException
        action:
          description:
            - The IAM action or API operation that was refused. Empty if there is none.
          returned: always
          type: str
          sample: kms:GetKeyPolicy
        resource:
          description:
            - The resource that was to be read or written.
          returned: always
          type: str
          sample: '1234abcd-12ab-34cd-56ef-1234567890ab'
        layer:
          description:
            - The type of policy that refused the action, if AWS reports it. Empty otherwise.
          returned: always
          type: str
          sample: ''
        # end of generated
# generated: regions that could not be read
failed_regions:
  description:
    - The regions of accounts whose keys could not be listed.
  returned: with O(accounts) or O(organization)
  type: list
  elements: dict
  contains:
    account_id:
      description:
        - The ID of the account. V(null) for a resource that no account of the task has.
      returned: always
      type: str
      sample: '111122223333'
    account_name:
      description:
        - The name of the account. V(null) if it has none.
      returned: always
      type: str
      sample: production
    region:
      description:
        - The region.
      returned: always
      type: str
      sample: me-south-1
    error:
      description:
        - Why the keys of the region could not be listed.
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
          sample: kms:DescribeKey on alias/s3-data in us-east-1 is forbidden (AccessDeniedException).
        code:
          description:
            - The AWS error code. Empty if AWS returned none.
          returned: always
          type: str
          sample: AccessDeniedException
        action:
          description:
            - The IAM action or API operation that was refused. Empty if there is none.
          returned: always
          type: str
          sample: kms:DescribeKey
        resource:
          description:
            - The resource that was to be read or written.
          returned: always
          type: str
          sample: alias/s3-data in us-east-1
        layer:
          description:
            - The type of policy that refused the action, if AWS reports it. Empty otherwise.
          returned: always
          type: str
          sample: identity-based
# end of generated
# generated: accounts whose keys are inspected
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
        - The number of its regions that are counted as matched in RV(summary).
      returned: always
      type: int
      sample: 1
    failed:
      description:
        - The number of its regions that are counted as failed in RV(summary).
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
# generated: counts of regions
summary:
  description:
    - The numbers of the task.
  returned: with O(accounts) or O(organization)
  type: dict
  contains:
    matched:
      description:
        - The number of regions, over all accounts that were entered.
      returned: always
      type: int
      sample: 40
    failed:
      description:
        - The number of regions whose keys could not be listed.
      returned: always
      type: int
      sample: 0
    keys:
      description:
        - The number of keys in RV(kms_keys).
      returned: always
      type: int
      sample: 120
    api_calls:
      description:
        - The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 900
    seconds:
      description:
        - The duration in seconds.
      returned: always
      type: float
      sample: 12.5
    accounts:
      description:
        - The number of accounts of the task.
      returned: always
      type: int
      sample: 20
    failed_accounts:
      description:
        - The number of accounts that could not be entered or listed.
      returned: always
      type: int
      sample: 0
    sts_calls:
      description:
        - The number of requests to STS, which are among RV(summary.api_calls).
      returned: always
      type: int
      sample: 20
# end of generated
# generated: error of a key
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
      sample: forbidden
    code:
      description:
        - The AWS error code. Empty if AWS returned none.
      returned: always
      type: str
      sample: AccessDeniedException
    action:
      description:
        - The IAM action or API operation that was refused. Empty if there is none.
      returned: always
      type: str
      sample: kms:DescribeKey
    resource:
      description:
        - The resource that was to be read or written.
      returned: always
      type: str
      sample: alias/s3-data in us-east-1
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys import kms_key_for_s3_info


def main() -> None:
    """Run the module."""
    kms_key_for_s3_info.main()


if __name__ == "__main__":
    main()
