#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_for_s3
short_description: Manage KMS keys for S3
version_added: 0.1.0
description:
  - Manages a symmetric KMS key for S3, with its alias, policy, rotation, tags and replicas, in the region of the task,
    or, with O(accounts) or O(organization), in each account and each of O(regions).
  - The key is identified by its alias, so a second run, or a run after a lost answer, does not create a second key.
  - Statements of the key policy that do not belong to this module are kept, and a policy that would lock out the caller
    is refused before any write.
  - C(docs/kms_keys.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
    permissions.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  alias:
    description:
      - The alias that identifies the key, with or without the prefix C(alias/). If the alias does not exist, a key is
        created.
      - With O(key_id), an alias that this key also gets. If the alias belongs to another key, it is moved to this key,
        which needs C(kms:UpdateAlias). The task then warns, and RV(diff) shows the other key as C(alias_stands_for).
        Other aliases of the key are kept.
      - At least one of O(alias) and O(key_id) is required. With O(accounts) or O(organization), it is O(alias), and
        one key in each account and region has this alias.
    type: str
    aliases:
      - key_alias
  key_id:
    description:
      - The key as a key ID, key ARN, alias name or alias ARN. It has to exist, because KMS chooses the IDs of new keys.
      - Refused with O(accounts) and O(organization), because the key of each account has an ID of its own.
    type: str
    aliases:
      - key_arn
  state:
    description:
      - V(present) ensures the key that the other options describe.
      - V(absent) schedules the deletion of the key, after the deletion of its replicas. Its alias is deleted with it.
        Until RV(kms_key.deletion_date) the key cannot be used, and V(present) can cancel the deletion.
      - When a key is deleted, everything that is encrypted under it becomes unreadable. So V(absent) is refused if the
        default encryption of a bucket in the region names the key or cannot be read, and if the key was used within
        O(unused_days). Neither check proves that no object is encrypted under the key.
      - The replicas of a multi-Region key are deleted first, and their use is checked in each of their regions. KMS
        keeps the key in the state C(PendingReplicaDeletion) until the last replica is deleted. Only then does its
        O(deletion_window_in_days) start. V(present) cancels the deletion of all of them, including replicas that
        O(replica_regions) does not name. If the task names a replica itself, only this replica is deleted, and its
        primary key is kept.
      - V(absent) ignores the options that describe the key. It needs C(kms:DescribeKey), C(kms:ListAliases),
        C(kms:GetKeyLastUsage), C(kms:ScheduleKeyDeletion), C(s3:ListAllMyBuckets) and
        C(s3:GetEncryptionConfiguration).
    type: str
    choices:
      - present
      - absent
    default: present
  description:
    description:
      - The description of the key. If omitted, a key keeps its description. Changing it needs
        C(kms:UpdateKeyDescription).
    type: str
  enabled:
    description:
      - Whether the key can be used. While it is disabled, data that is encrypted under it cannot be read.
      - If omitted, a key keeps its state, and a key that is scheduled for deletion is enabled. Changing it needs
        C(kms:EnableKey), C(kms:DisableKey) or C(kms:CancelKeyDeletion).
      - If omitted, the task warns about a key that stays disabled. A run that is interrupted between CancelKeyDeletion
        and EnableKey leaves a disabled key, and the next run cannot distinguish it from a key that was disabled on
        purpose.
      - V(true) is refused for a key that EnableKey cannot enable, because its key material or its key store is missing.
        Such a key cannot be used, so V(false) changes nothing.
    type: bool
  administrators:
    description:
      - The ARNs of the IAM principals that can manage the key. They can neither encrypt or decrypt with it, nor create
        grants. They are in the statement C(S3KeyAdministrators).
      - With O(accounts) or O(organization), V(role/NAME) and V(user/NAME), with the path if there is one, are the role
        and the user of this name in the account of each key, and V(root) is that account.
      - If omitted, this statement is kept. V([]) removes it.
      - Needs C(kms:GetKeyPolicy), and C(kms:PutKeyPolicy) for a change.
    type: list
    elements: str
  users:
    description:
      - The ARNs of the IAM principals that can encrypt and decrypt with the key. They are in the statements
        C(S3KeyUsers), with C(kms:Decrypt), C(kms:Encrypt), C(kms:GenerateDataKey*) and C(kms:ReEncrypt*), and
        C(S3KeyDescribe), with C(kms:DescribeKey).
      - S3 calls KMS as the principal that calls S3, so name that principal. Names without an account are as in
        O(administrators).
      - If omitted, these statements are kept. V([]) removes them.
      - Needs C(kms:GetKeyPolicy), and C(kms:PutKeyPolicy) for a change.
      - If the task sets any option of the policy, a new key does not get the default policy of KMS, which lets the IAM
        policies of the account allow every use. The account can then only administer the key, see O(account_statement).
        If the task sets no option of the policy, a new key gets the default policy of KMS.
    type: list
    elements: str
  services:
    description:
      - The AWS service principals that can use the key to deliver to buckets by themselves, such as
        C(cloudtrail.amazonaws.com), C(delivery.logs.amazonaws.com) for VPC flow logs, or C(s3.amazonaws.com) for
        inventories. The services are in the statement C(S3KeyServices), with C(kms:Decrypt), C(kms:DescribeKey) and
        C(kms:GenerateDataKey*). The condition C(aws:SourceAccount) limits it to resources of the account of the key.
      - For a bucket that takes server access logs, AWS documents SSE-S3 only.
      - If omitted, this statement is kept. V([]) removes it.
    type: list
    elements: str
  allowed_accounts:
    description:
      - The IDs of other accounts whose IAM policies can allow the use of the key. They are in the statements
        C(S3KeyOtherAccounts) and C(S3KeyOtherAccountsDescribe), with the actions of O(users).
      - Principals of these accounts also need IAM policies of their own. They name the key by its ARN.
      - If omitted, these statements are kept. V([]) removes them.
    type: list
    elements: str
  buckets:
    description:
      - The names of the buckets that O(users) and O(allowed_accounts) are limited to, by a condition on the encryption
        context that S3 sends. This context is the ARN of the object, or with a bucket key the ARN of the bucket. Both
        are allowed.
      - Objects that are uploaded with an C(encryption_context) of their own still work, because S3 adds its context to
        it.
      - If omitted, the statements keep their buckets, even if the operator of the condition was changed manually. A new
        statement gets the buckets of the other one. V([]) allows all buckets.
      - Refused without O(users) or O(allowed_accounts), and with O(through_s3_only=false), because a principal that
        calls KMS directly can send any encryption context.
    type: list
    elements: str
  through_s3_only:
    description:
      - Whether O(users) and O(allowed_accounts) can use the key only through S3 in its region, and only from their own
        accounts. This is done by the conditions C(kms:ViaService) and C(kms:CallerAccount). The statements that allow
        C(kms:DescribeKey) have no such condition, because resolving an alias is a direct call.
      - Use V(false) for principals that call KMS directly, as client-side encryption does
        (O(sealed.s3.s3_encrypted_object#module:encryption=CSE-KMS)).
      - It has no effect without O(users) and O(allowed_accounts).
    type: bool
    default: true
  policy:
    description:
      - The complete key policy, instead of a policy that is built from the other options. No other statement is kept.
        With O(accounts) or O(organization), it is written unchanged in each account.
      - It is compared with the policy of the key by its meaning. The order of statements and lists, single values or
        lists, the letter case of actions, and the ARN of the root user or the ID of the account make no difference.
      - Mutually exclusive with O(administrators), O(users), O(services), O(allowed_accounts) and O(buckets).
      - Needs C(kms:GetKeyPolicy), and C(kms:PutKeyPolicy) for a change.
    type: json
  purge_policy_statements:
    description:
      - Whether to remove statements that do not belong to this module. If one of them puts the account in charge of the
        key, the account keeps the administration by the statement C(S3KeyAccount), see O(account_statement).
      - Refused with O(policy), and if the task sets no option that grants access.
    type: bool
    default: false
  account_statement:
    description:
      - Whether the statement C(S3KeyAccount) lets the IAM policies of the account administer the key. It does not allow
        anyone to encrypt or decrypt.
      - V(if_needed) adds it to the policy of a new key, instead of the default policy of KMS, which allows the account
        more. It adds it to an existing policy only if no principal of the account could change that policy otherwise.
        The task then warns. The statement is removed with the last other statement of this module, unless no principal
        of the account could then change the policy.
      - V(never) does not add it, and removes it. A policy that the caller could not change again is then refused,
        unless O(bypass_policy_lockout_safety_check) is set.
      - V(never) is refused with O(policy), and if the task sets no option that grants access.
    type: str
    choices:
      - if_needed
      - never
    default: if_needed
  bypass_policy_lockout_safety_check:
    description:
      - Whether to write a policy that the caller of the task could not change again, for example because another role
        is to manage the key. Neither this module nor KMS then checks for a lockout, and the task warns.
      - What is lost is the protection against a key that nobody can manage. If no principal that the policy names
        exists or has the permission, only AWS Support can regain control of the key.
      - The policy is then written as the last step. Later runs with the same credentials can fail, because the policy
        may also forbid them to read the key.
      - Refused if the task sets nothing of the policy.
    type: bool
    default: false
  rotation_enabled:
    description:
      - Whether KMS rotates the key material regularly. Encrypted data stays readable.
      - If omitted, it is V(true) for a key that KMS can rotate automatically, which is a key with O(origin=AWS_KMS).
        Any other key does not change, and V(true) is refused for it.
      - KMS rotates only enabled keys, and changes the rotation only of enabled keys. So the rotation of a key that
        stays disabled does not change. The task warns if it differs from the desired one.
      - KMS does not report the rotation of a key that is scheduled for deletion. When the deletion is cancelled, the
        rotation is read and written, and a period that the task does not set is kept.
      - Changing it needs C(kms:EnableKeyRotation) or C(kms:DisableKeyRotation).
    type: bool
    aliases:
      - enable_key_rotation
  rotation_period_in_days:
    description:
      - The number of days between two rotations, V(90) to V(2560). If omitted, a key keeps its period. A key that was
        not rotated before gets V(365).
      - Refused with O(rotation_enabled=false), and for a key that KMS does not rotate automatically.
    type: int
  rotate_if_older_than_days:
    description:
      - Rotates the key on demand if its newest key material is older than this number of days. The first key material
        is as old as the key. Encrypted data stays readable, and O(rotation_period_in_days) does not change.
      - KMS allows 25 rotations on demand during the life of a key. Automatic rotations do not count. If none remains,
        the task is refused before any write. So use this option for rare events, and O(rotation_period_in_days) for
        regular rotation.
      - No rotation is started while another one is in progress, or within 20 minutes of an automatic rotation. KMS
        creates the key material shortly after its answer.
      - Imported key material is replaced by key material that was imported for this purpose and is pending
        (C(PENDING_ROTATION)). The task is refused if none is pending, and for keys in a key store, whose key material
        KMS cannot replace.
      - If the key is older than that, it needs C(kms:ListKeyRotations), and C(kms:RotateKeyOnDemand) to rotate.
        Imported key material also needs C(kms:GetKeyRotationStatus), and an SDK of 2025 or newer.
    type: int
  multi_region:
    description:
      - Whether the key is a multi-Region primary key. Such a key can have replicas in other regions with the same key
        ID and key material. S3 treats each of them as a separate key of its region, and does not copy objects by
        itself.
      - The first multi-Region key of an account needs C(iam:CreateServiceLinkedRole), because KMS then creates the role
        that it uses to synchronize such keys.
      - This property of a key cannot be changed. If omitted, a new key is a single-Region key unless O(replica_regions)
        names a region, and an existing key is accepted. A value that differs from an existing key is refused.
    type: bool
  replica_regions:
    description:
      - The regions that have a replica of the key. The key is then a multi-Region key. If omitted, its replicas are not
        changed and not read. A replica in a region that is not listed, or not listed any more, is kept, because the
        buckets of that region need it to read their objects. To delete a replica, name it with O(state=absent) and its
        own region as the region of the task.
      - A new replica gets the alias, description, tags and policy of the key, even if the task does not set them. What
        the policy allows through S3 in the region of the key, it allows through S3 in the region of the replica. An
        existing replica is compared with the options that the task sets, in the same way as the key. O(policy) is
        written unchanged to each replica.
      - All replicas share the rotation of the key, which can be changed only in the region of the key.
      - If the alias belongs to another key in the region of a replica, the task is refused and names both key IDs. With
        O(key_id), the alias is moved.
      - KMS replicates only enabled keys. A key for imported key material gets its replicas in the first run after the
        import. The same key material has to be imported into each replica.
      - A region that fails is named, and the other regions are still processed. The next run completes it.
      - Each region costs three API calls, which are DescribeKey, ListAliases and ListResourceTags. If the task sets an
        option of the policy, it costs a fourth, GetKeyPolicy. A new replica costs DescribeKey for its alias,
        ReplicateKey, CreateAlias, DescribeKey until KMS has created it, for one minute at most, and three calls to read
        it back.
      - Needs C(kms:ReplicateKey) and C(kms:GetKeyPolicy) on the key. In the regions of the replicas, it needs
        C(kms:CreateKey), C(kms:TagResource) if there are tags, and the permissions that the key needs in its own
        region.
      - A new key with replicas also needs C(iam:CreateServiceLinkedRole) if it is the first multi-Region key of the
        account.
      - Refused with O(multi_region=false), for a replica, and if the region of the task is listed.
    type: list
    elements: str
  origin:
    description:
      - The source of the key material. V(AWS_KMS) is KMS itself. V(EXTERNAL) is a key whose key material you import.
        V(AWS_CLOUDHSM) is the CloudHSM cluster, and V(EXTERNAL_KEY_STORE) the external key manager, of
        O(custom_key_store_id).
      - A key for imported key material is created without key material, in the state C(PendingImport). It is neither
        rotated nor enabled. Until the import, every run warns and describes what to do.
      - This property of a key cannot be changed. If omitted, a new key is V(AWS_KMS), and an existing key is accepted.
        A value that differs from an existing key is refused.
    type: str
    choices:
      - AWS_KMS
      - EXTERNAL
      - AWS_CLOUDHSM
      - EXTERNAL_KEY_STORE
  custom_key_store_id:
    description:
      - The ID of the key store that stores the key material. It has to be connected when the key is created.
      - Required with O(origin=AWS_CLOUDHSM) and O(origin=EXTERNAL_KEY_STORE). Refused with any other O(origin) and with
        O(multi_region=true), because KMS does not create multi-Region keys in key stores. Refused with O(accounts) and
        O(organization), because a key store belongs to one account and region.
      - This property of a key cannot be changed. A value that differs from an existing key is refused.
    type: str
  xks_key_id:
    description:
      - The ID of the external key, as the proxy of the external key store knows it. Each key of a key store needs an
        external key of its own.
      - Required with O(origin=EXTERNAL_KEY_STORE). Refused with any other O(origin).
      - This property of a key cannot be changed. A value that differs from an existing key is refused.
    type: str
  tags:
    description:
      - The tags of the key. If omitted, a key keeps its tags.
      - Needs C(kms:ListResourceTags), and C(kms:TagResource) and C(kms:UntagResource) for a change.
    type: dict
    aliases:
      - resource_tags
  deletion_window_in_days:
    description:
      - With O(state=absent), the waiting period in days until KMS deletes the key, V(7) to V(30). It does not change
        for a key that is already scheduled for deletion.
    type: int
    default: 30
    aliases:
      - pending_window
      - deletion_delay
  unused_days:
    description:
      - With O(state=absent), the number of days that the key has to be unused. V(0) disables this check.
      - The last use is read with GetKeyLastUsage. If the installed boto3 or the service does not support it, the task
        warns instead.
    type: int
    default: 30
  force:
    description:
      - With O(state=absent), whether to schedule the deletion even if the key is in use. RV(diff) then lists the
        buckets whose default encryption names the key as C(unreadable_buckets), and the buckets whose default
        encryption could not be read as C(buckets_not_looked_at). The reasons against the deletion become a warning.
    type: bool
    default: false
  purge_tags:
    description:
      - Whether to remove tags that O(tags) does not contain. Tags that begin with C(aws:) are never removed. It has no
        effect without O(tags).
    type: bool
    default: true
  regions:
    description:
      - With O(accounts) or O(organization), the regions in which each account has the key. Regions that an account
        names itself, in O(accounts[].regions), are used for it instead.
      - If omitted, it is the region of the task.
      - The keys of several regions are independent of each other, also with O(multi_region=true). O(replica_regions)
        makes one key with replicas instead, so it is refused if an account has more than one region.
      - Refused without O(accounts) and O(organization).
    type: list
    elements: str
    version_added: 0.2.0
  concurrency:
    description:
      - With O(accounts) or O(organization), the maximum number of keys to work on at the same time.
    type: int
    default: 16
    version_added: 0.2.0
extends_documentation_fragment:
  - sealed.s3.accounts
  - sealed.s3.accounts.assume_role
  - sealed.s3.results_file
  - sealed.s3.aws
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - KMS needs some time until all of its reads show a change. So changed parts are read until three reads in a row show
    the change, for one minute at most. After that, the task fails. A part that the task may not read is assumed to be
    written.
  - The key policy is checked by this module, and again by KMS, which also considers the IAM policies of the caller.
  - If a policy names a user or role that was deleted, AWS shows its unique ID, such as C(AROADBQP57FF2AEXAMPLE). KMS
    refuses to write the ARN of a principal that does not exist. So if such an ID stands for a principal that the task
    names, the ID is kept and the task warns. KMS also refuses to write the ID. So a policy that is written for another
    reason is written without such IDs. A warning and the diff show the removed IDs, and the statements that named no
    other principal. The next run writes the missing ARNs, and fails if such a principal does not exist. A statement
    that is limited to some buckets and names no other principal is not removed, because its buckets would be lost. The
    task is then refused, and O(buckets) is required.
  - The key has to be in the region of the task. An ARN of another region is refused before any call.
  - For a key with imported key material (C(EXTERNAL)), the module manages alias, description, policy, tags and rotation
    on demand. It does not import key material.
  - A key that AWS manages is refused, because it cannot be changed. A key that S3 cannot use is refused too. S3 can use
    only symmetric keys for C(ENCRYPT_DECRYPT).
seealso:
  - module: sealed.s3.kms_key_for_s3_info
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.s3_encrypted_object
  - name: Example of a key beside a deployment
    description: A playbook with a key, and the bucket of an application.
    link: https://github.com/sealed-s3/sealed.s3/tree/main/examples/key_beside_deployment
  - name: Using server-side encryption with AWS KMS keys
    description: The Amazon S3 User Guide on SSE-KMS, with the permissions that a user of a key needs.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
  - name: Key policies in AWS KMS
    description: The KMS Developer Guide on key policies.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

EXAMPLES = r"""
- name: Ensure that a key for S3 exists
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    description: What the application keeps in S3
    tags:
      department: finance
  register: provisioned

- name: Encrypt new objects in a bucket with this key
  sealed.s3.bucket_default_encryption:
    bucket: amzn-s3-demo-bucket
    encryption: SSE-KMS
    kms_key: "{{ provisioned.kms_key.arn }}"

- name: Define who can manage the key and who can use it through S3
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    administrators:
      - arn:aws:iam::111122223333:role/key-admin
    users:
      - arn:aws:iam::111122223333:role/application
      - arn:aws:iam::111122223333:role/deploy

- name: Allow the application to use the key for one bucket only, and CloudTrail to deliver to it
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    users:
      - arn:aws:iam::111122223333:role/application
    buckets:
      - amzn-s3-demo-bucket
    services:
      - cloudtrail.amazonaws.com

- name: Allow another account to use the key through S3
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    allowed_accounts:
      - "444455556666"

- name: Set the complete key policy
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    policy: "{{ lookup('ansible.builtin.file', 'key-policy.json') }}"

- name: Rotate the key every 180 days
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    rotation_period_in_days: 180

- name: Rotate the key on demand if its key material is older than two years
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    rotate_if_older_than_days: 730

- name: Create a key that can have replicas in other regions
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-everywhere
    multi_region: true

- name: Ensure that the key has replicas in two regions, with the same settings
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-everywhere
    users:
      - arn:aws:iam::111122223333:role/application
    replica_regions:
      - eu-west-1
      - ap-southeast-2

- name: Ensure a key in two regions of each account, which the role platform of that account manages
  sealed.s3.kms_key_for_s3:
    accounts:
      - account_id: "111122223333"
        role_name: EncryptionAdministration
      - account_id: "444455556666"
        role_name: EncryptionAdministration
    regions:
      - us-east-1
      - eu-west-1
    alias: alias/s3-data
    administrators:
      - role/platform
    users:
      - role/application
  register: provisioned

- name: Report the key of each account and region
  ansible.builtin.debug:
    msg: "{{ item.account_id }} {{ item.region }}: {{ item.arn }}"
  loop: "{{ provisioned.kms_keys }}"
  loop_control:
    label: "{{ item.account_id }} {{ item.region }}"

- name: Create a key in a CloudHSM key store
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-hsm
    origin: AWS_CLOUDHSM
    custom_key_store_id: cks-1234567890abcdef0

- name: Disable the key, so that data under it cannot be read
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    enabled: false

- name: Schedule the deletion of the key, unless it is in use
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    state: absent
    deletion_window_in_days: 14
    unused_days: 90
"""

RETURN = r"""
kms_key:
  description: The key, or in check mode the key after a real run. V(null) if the task failed.
  returned: when the options are valid, without O(accounts) and O(organization)
  type: dict
  contains:
    # generated: managed key
    key_id:
      description:
        - The ID of the key.
        - In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run), or
          V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in check
          mode only.
      returned: always
      type: str
      sample: '1234abcd-12ab-34cd-56ef-1234567890ab'
    arn:
      description:
        - The ARN of the key.
        - In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run), or
          V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in check
          mode only.
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
        - V(null) if the task names no option of the policy.
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
            - V(null) also in check mode for a key that is scheduled for deletion, because KMS does not report its
              rotation.
          returned: always
          type: int
          sample: 365
    tags:
      description:
        - The tags.
        - V(null) for a key that already existed, if the task does not name O(tags).
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
        - V(null) in check mode for a key that would be created.
      returned: always
      type: str
      sample: '2026-11-23T12:00:00+00:00'
    deletion_date:
      description:
        - When KMS deletes the key. V(null) for a key that is not scheduled for deletion, and for a primary key whose
          replicas have to be deleted first.
        - V(null) also in check mode.
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
        - For any other key it is set only in the run, or check run, that schedules the deletion. V(null) otherwise,
          because KMS then reports only RV(kms_key.deletion_date).
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
        - All fields except C(region) and C(arn) are V(null) for a replica that O(replica_regions) does not name.
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
            - In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run),
              or V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in
              check mode only.
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
    last_used:
      description:
        - When the key was last used, as recorded by KMS. V(null) for a key that was not used.
        - Only O(state=absent) with O(unused_days) reads it. V(null) otherwise. M(sealed.s3.kms_key_for_s3_info) reads
          it too.
      returned: always
      type: str
      sample: '2026-11-22T12:00:00+00:00'
    # end of generated
# generated: keys of accounts
kms_keys:
  description:
    - The keys, in the order of the accounts and of their regions. All fields about the key itself, except C(alias),
      are V(null) for a key that failed or does not exist.
    - An account that could not be entered has no keys here. See RV(failed_accounts).
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
        - The region of the key.
      returned: always
      type: str
      sample: us-east-1
    changed:
      description:
        - Whether the key was changed, or would be in check mode.
      returned: always
      type: bool
      sample: true
    actions:
      description:
        - The AWS operations that changed the key, or would in check mode, in their order.
      returned: always
      type: list
      elements: str
      sample:
        - CreateKey
        - CreateAlias
        - EnableKeyRotation
        - UntagResource
    error:
      description:
        - Why this key failed. V(null) if it did not.
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
    key_id:
      description:
        - The ID of the key.
        - In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run), or
          V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in check
          mode only.
      returned: always
      type: str
      sample: '1234abcd-12ab-34cd-56ef-1234567890ab'
    arn:
      description:
        - The ARN of the key.
        - In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run), or
          V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in check
          mode only.
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
        - V(null) if the task names no option of the policy.
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
            - V(null) also in check mode for a key that is scheduled for deletion, because KMS does not report its
              rotation.
          returned: always
          type: int
          sample: 365
    tags:
      description:
        - The tags.
        - V(null) for a key that already existed, if the task does not name O(tags).
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
        - V(null) in check mode for a key that would be created.
      returned: always
      type: str
      sample: '2026-11-23T12:00:00+00:00'
    deletion_date:
      description:
        - When KMS deletes the key. V(null) for a key that is not scheduled for deletion, and for a primary key whose
          replicas have to be deleted first.
        - V(null) also in check mode.
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
        - For any other key it is set only in the run, or check run, that schedules the deletion. V(null) otherwise,
          because KMS then reports only RV(kms_key.deletion_date).
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
        - All fields except C(region) and C(arn) are V(null) for a replica that O(replica_regions) does not name.
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
            - In check mode, for a key that would be created, a placeholder with the ID V(known-after-the-real-run),
              or V(mrk-known-after-the-real-run) for a multi-Region key. The modules of this collection accept it in
              check mode only.
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
    last_used:
      description:
        - When the key was last used, as recorded by KMS. V(null) for a key that was not used.
        - Only O(state=absent) with O(unused_days) reads it. V(null) otherwise. M(sealed.s3.kms_key_for_s3_info) reads
          it too.
      returned: always
      type: str
      sample: '2026-11-22T12:00:00+00:00'
# end of generated
# generated: accounts whose keys change
accounts:
  description:
    - The accounts where something changed or failed, at most 100, first those where something failed. They are in the
      order of the task.
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
        - The number of its keys that are counted as matched in RV(summary).
      returned: always
      type: int
      sample: 1
    changed:
      description:
        - The number of its keys that are counted as changed in RV(summary).
      returned: always
      type: int
      sample: 1
    unchanged:
      description:
        - The number of its keys that are counted as unchanged in RV(summary).
      returned: always
      type: int
      sample: 1
    failed:
      description:
        - The number of its keys that are counted as failed in RV(summary).
      returned: always
      type: int
      sample: 1
    skipped:
      description:
        - The number of its keys that are counted as skipped in RV(summary).
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
# generated: counts of keys
summary:
  description:
    - The number of keys by their result.
  returned: with O(accounts) or O(organization)
  type: dict
  contains:
    matched:
      description:
        - The number of keys, one in each region of each account that was entered.
      returned: always
      type: int
      sample: 40
    changed:
      description:
        - The number of changed keys.
      returned: always
      type: int
      sample: 2
    unchanged:
      description:
        - The number of keys that already complied.
      returned: always
      type: int
      sample: 38
    failed:
      description:
        - The number of failed keys.
      returned: always
      type: int
      sample: 0
    skipped:
      description:
        - The number of keys that were not started, because the credentials of the task itself were refused.
      returned: always
      type: int
      sample: 0
    api_calls:
      description:
        - The number of requests that were sent, including retries and redirects.
      returned: always
      type: int
      sample: 310
    seconds:
      description:
        - The duration in seconds.
      returned: always
      type: float
      sample: 2.5
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
# generated: actions on a key
actions:
  description:
    - The AWS operations that changed something, or would in check mode, in their order.
  returned: when the options are valid, without O(accounts) and O(organization)
  type: list
  elements: str
  sample:
    - CreateKey
    - CreateAlias
    - EnableKeyRotation
    - UntagResource
# end of generated
# generated: keys that do not exist yet
not_there_yet:
  description:
    - The names of the KMS keys that the task needs, that do not exist yet, and that an earlier task of the play may
      create. The real run fails unless they exist then.
    - Always empty in a real run. C(docs/check_mode.md) explains it.
  returned: when the options are valid
  type: list
  elements: str
  sample: []
# end of generated
# generated: diff of a key
diff:
  description:
    - The parts of the key that change. The statements of its policy are listed by their Sid, those that do not change
      are omitted, and so are empty parts of a new key.
    - >-
      With O(accounts) or O(organization), several keys have only the text C(prepared): each change once, with the
      accounts and regions in which it is made. C(<account_id>) and C(<region>) stand for those of each.
  returned: when the options are valid
  type: dict
  contains:
    before:
      description:
        - The current state.
      returned: always
      type: dict
      sample:
        description: ''
    after:
      description:
        - The resulting state.
      returned: always
      type: dict
      sample:
        description: What the application keeps in S3
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys import kms_key_for_s3


def main() -> None:
    """Run the module."""
    kms_key_for_s3.main()


if __name__ == "__main__":
    main()
