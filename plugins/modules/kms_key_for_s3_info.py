#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_for_s3_info
short_description: Tell KMS keys with their policy, rotation, use, and what is wrong with them
version_added: 0.1.0
description:
  - Tells of one KMS key, or of all customer managed keys of the region, in the words of M(sealed.s3.kms_key_for_s3),
    with the AWS controls that each key breaks.
  - One key costs five API calls, which are DescribeKey, ListAliases, GetKeyPolicy, ListResourceTags and
    GetKeyRotationStatus. All keys cost four calls for each customer managed key, one for each key that AWS manages, one
    ListKeys for every thousand keys, and one ListAliases for every hundred aliases. Whatever costs more than that has
    an option that begins with C(include_); without all of them, a look is as cheap as that.
  - A part of a key that these credentials may not read is V(null), with the reason in C(errors), and one warning for
    the whole task. A key that they may not even describe is listed with that reason; where it is named by O(alias) or
    O(key_id), the task fails.
  - Needs C(kms:DescribeKey), C(kms:ListAliases), C(kms:GetKeyPolicy), C(kms:ListResourceTags) and
    C(kms:GetKeyRotationStatus), and C(kms:ListKeys) for all keys.
author:
  - The sealed.s3 authors (!UNKNOWN)
options:
  alias:
    description:
      - The alias of the key, with or without C(alias/) before it. If there is no such alias, RV(kms_keys) is empty.
      - Without O(alias) and O(key_id) all customer managed keys of the region are listed.
      - Mutually exclusive with O(key_id).
    type: str
  key_id:
    description:
      - The key as a key id, key ARN, alias name or alias ARN. If there is no such key, RV(kms_keys) is empty.
      - Mutually exclusive with O(alias).
    type: str
  include_grants:
    description:
      - Count the grants of each key. Costs one ListGrants for every hundred grants of each key, and needs
        C(kms:ListGrants). AWS services make thousands of them on some keys.
    type: bool
    default: true
  include_last_used:
    description:
      - Tell when each key was last used to encrypt or decrypt, and for what. Costs one GetKeyLastUsage for each key,
        and needs C(kms:GetKeyLastUsage). With a boto3 of before 2026, and where the store does not know it, it is
        V(null), with the reason in C(errors).
    type: bool
    default: true
  include_rotations:
    description:
      - Tell when each key was rotated. Costs one ListKeyRotations for each symmetric key, and needs
        C(kms:ListKeyRotations).
    type: bool
    default: false
  include_used_by:
    description:
      - Tell which buckets of the region name each key in their default encryption, as a key id, key ARN, alias or
        alias ARN.
      - Costs one ListBuckets for every thousand buckets of the region and one GetBucketEncryption for each bucket,
        however many keys are looked at, and needs C(s3:ListAllMyBuckets) and C(s3:GetEncryptionConfiguration).
      - Buckets of other accounts are not looked at, nor what objects are encrypted under.
    type: bool
    default: true
  include_usage:
    description:
      - Tell who did what with each key lately, from CloudTrail's event history of the region, which every account has
        and which needs no trail.
      - Costs one LookupEvents for every fifty events of each key, and CloudTrail takes two of them a second. Needs
        C(cloudtrail:LookupEvents), without which RV(kms_keys[].usage.unavailable) says so.
      - CloudTrail shows an event some minutes after it happened. With an S3 bucket key, S3 asks KMS for the bucket now
        and then, and not for each object.
      - Credentials are sent to AWS, if the keys are there, or to O(cloudtrail_endpoint_url). Where O(kms_endpoint_url)
        or O(endpoint_url) is another store, no CloudTrail is asked unless it is named.
    type: bool
    default: false
  usage_days:
    description:
      - How many days O(include_usage) looks back, at most 90.
    type: int
    default: 7
  usage_max_events:
    description:
      - How many events of each key O(include_usage) reads at most, the latest first.
    type: int
    default: 1000
  cloudtrail_endpoint_url:
    description:
      - Where CloudTrail is, if it is not at AWS.
    type: str
  concurrency:
    description:
      - How many keys to look at at the same time, where all are listed.
    type: int
    default: 16
extends_documentation_fragment:
  - sealed.s3.aws
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: sealed.s3.kms_key_for_s3
  - module: sealed.s3.bucket_default_encryption_info
"""

EXAMPLES = r"""
- name: Look at one key
  sealed.s3.kms_key_for_s3_info:
    alias: alias/s3-data
  register: found

- name: Say how often it is rotated
  ansible.builtin.debug:
    msg: "{{ found.kms_keys[0].rotation.period_in_days if found.kms_keys else 'There is no such key.' }}"

- name: Look at all customer managed keys of the region
  sealed.s3.kms_key_for_s3_info:
    region: us-east-1
  register: every

- name: Name those that break a control of AWS, and say which
  ansible.builtin.debug:
    msg: "{{ item.alias or item.key_id }}: {{ item.findings | map(attribute='message') | join(' ') }}"
  loop: "{{ every.kms_keys | selectattr('findings') }}"
  loop_control:
    label: "{{ item.key_id }}"

- name: Look for keys that no bucket names and nobody uses, and do not count their grants
  sealed.s3.kms_key_for_s3_info:
    include_grants: false
  register: used

- name: Name them
  ansible.builtin.debug:
    msg: "{{ used.kms_keys | rejectattr('used_by') | rejectattr('last_used') | map(attribute='arn') }}"

- name: See who used a key in the last month
  sealed.s3.kms_key_for_s3_info:
    alias: alias/s3-data
    include_usage: true
    usage_days: 30
  register: audit

- name: Say who, and with which buckets
  ansible.builtin.debug:
    msg: "{{ item.principal }}: {{ item.count }} x {{ item.operation }}, last at {{ item.last }}, {{ item.buckets }}"
  loop: "{{ audit.kms_keys[0].usage.users | selectattr('cryptographic') if audit.kms_keys else [] }}"
  loop_control:
    label: "{{ item.principal }}"
"""

RETURN = r"""
kms_keys:
  description: The keys, in the order in which KMS lists them. Empty if there are none.
  returned: success
  type: list
  elements: dict
  contains:
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
      description: How many grants the key has. V(null) without O(include_grants).
      returned: always
      type: int
      sample: 2
    last_used:
      description:
        - When the key was last used to encrypt or decrypt. V(null) where it was not since
          RV(kms_keys[].last_used_tracked_since), and without O(include_last_used).
      returned: always
      type: str
      sample: '2026-11-20T08:15:00+00:00'
    last_used_operation:
      description: What it was last used for.
      returned: always
      type: str
      sample: GenerateDataKey
    last_used_tracked_since:
      description: Since when KMS has recorded the uses of the key. V(null) without O(include_last_used).
      returned: always
      type: str
      sample: '2026-04-01T00:00:00+00:00'
    rotations:
      description:
        - The rotations that are done. V(null) without O(include_rotations), and for a key that KMS does not rotate.
      returned: always
      type: list
      elements: dict
      contains:
        date:
          description: When it was done.
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
      description: Who did what with the key lately. V(null) without O(include_usage).
      returned: always
      type: dict
      contains:
        since:
          description: From when on all events are counted.
          returned: always
          type: str
          sample: '2026-11-16T12:00:00+00:00'
        until:
          description: When CloudTrail was asked.
          returned: always
          type: str
          sample: '2026-11-23T12:00:00+00:00'
        events:
          description: How many events there are in all.
          returned: always
          type: int
          sample: 42
        complete:
          description: Whether these are all events of O(usage_days), and not only the latest O(usage_max_events).
          returned: always
          type: bool
          sample: true
        unavailable:
          description: Why CloudTrail told nothing, or no more. V(null) where it told what was asked for.
          returned: always
          type: str
          sample: null
        users:
          description: The events by principal, operation, way and error. Whoever did most comes first.
          returned: always
          type: list
          elements: dict
          contains:
            principal:
              description: The ARN of the user, or of the role whatever its session; or the service, or another account.
              returned: always
              type: str
              sample: arn:aws:iam::111122223333:role/application
            operation:
              description: The operation of KMS.
              returned: always
              type: str
              sample: GenerateDataKey
            cryptographic:
              description: Whether the operation uses the key, and does not only look at it or manage it.
              returned: always
              type: bool
              sample: true
            via:
              description: What called KMS for the principal, in the words of CloudTrail. V(null) for a direct call.
              returned: always
              type: str
              sample: AWS Internal
            error:
              description: The error of events that failed. V(null) for those that did not.
              returned: always
              type: str
              sample: null
            count:
              description: How many such events there are.
              returned: always
              type: int
              sample: 42
            first:
              description: When the first of them was.
              returned: always
              type: str
              sample: '2026-11-17T09:30:00+00:00'
            last:
              description: When the last of them was.
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
        - What is wrong with a customer managed key. It is not rotated, though KMS could; it is scheduled for deletion;
          its policy lets everybody in; its policy names users or roles that were deleted; or buckets name it, and it
          cannot be used.
        - A policy lets everybody in by a statement that allows something to C(*), or to all but some, unless a
          condition bounds by fixed values who calls or from where. A Deny elsewhere in the policy is not weighed.
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
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys import kms_key_for_s3_info


def main() -> None:
    """Run the module."""
    kms_key_for_s3_info.main()


if __name__ == "__main__":
    main()
