#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_for_s3
short_description: Provision a KMS key for S3
version_added: 0.1.0
description:
  - Holds a symmetric KMS key for S3 in the region of the task, with its alias, description, policy, rotation and
    tags.
  - The key is known by its alias, so a second run makes no second key. A new key carries the tag
    C(sealed.s3:unfinished), with the alias as its value, until it has that alias. By the tag, a run after one that was
    cut off between CreateKey and CreateAlias finds the key and finishes it. The index of AWS's tagging API, which is
    asked for the tag, lags behind. So it is asked three times within three seconds before a key is made, also in check
    mode. Only a run that begins so soon that the index still does not know the key makes a second one. The first one
    then keeps the tag.
  - The policy is built from O(administrators), O(users), O(services), O(allowed_accounts) and O(buckets), or given
    whole in O(policy). Statements of this module are known by their C(Sid), and all other statements stay. The diff
    shows the policy, so a check run with C(--diff) is its preview.
  - A policy that would lock out the caller, or leave nobody able to change it, is refused before any write.
  - A user or role that KMS does not know yet, as it was just made, is waited for, for a minute at most. The error then
    names all that the policy newly names, with services and accounts.
  - A key that is as asked costs four API calls, which are DescribeKey, ListAliases, GetKeyRotationStatus and
    ListResourceTags, and where an option of the policy is named a fifth, GetKeyPolicy. Only a key that is older than
    O(rotate_if_older_than_days) costs one more, ListKeyRotations. A change costs one more for
    each thing that differs, and one of the policy also GetCallerIdentity. A new key costs nine, which are DescribeKey,
    three times GetResources, GetCallerIdentity, CreateKey, CreateAlias, EnableKeyRotation and UntagResource. What was
    changed is then read back, with three calls for each part of the key.
  - CreateKey is sent once only and never retried, as every key is paid for. Where its answer is lost, the key that it
    made is looked for by the tag, and taken. An alias that another key has got meanwhile is not taken away from it.
  - Needs C(kms:DescribeKey), C(kms:ListAliases) and C(kms:GetKeyRotationStatus), and wants C(kms:ListResourceTags),
    without which a mark of a run that was cut off is not seen. A new key needs C(kms:CreateKey),
    C(kms:CreateAlias), C(kms:TagResource), C(kms:UntagResource), C(kms:EnableKeyRotation) and C(tag:GetResources).
    Where the tagging API cannot be used, C(kms:ListKeys) and C(kms:ListResourceTags) do instead, with a call for each
    key of the region. The options say what else they need.
  - A key that is scheduled for deletion is taken back by O(state=present), with CancelKeyDeletion and EnableKey, before
    all other changes. Where it gets enabled, its rotation is written, too, which needs C(kms:EnableKeyRotation), or
    with O(rotation_enabled=false) C(kms:DisableKeyRotation). A new key that an earlier run left without its alias, and
    that was scheduled for deletion since, is left to go, and another is made.
  - With O(state=absent) it looks at what needs the key, which costs DescribeKey, ListAliases, one ListBuckets for every
    thousand buckets of the region, one GetBucketEncryption for each of them, and GetKeyLastUsage. For a multi-Region
    key, the buckets in the regions of its replicas are looked at too. Then comes one ScheduleKeyDeletion for each
    replica, and one for the key, and three DescribeKey in each region until KMS tells of it. A key that is gone costs
    one call. One that is scheduled for deletion costs two, and one more for each of its replicas.
author:
  - The sealed.s3 authors (!UNKNOWN)
options:
  alias:
    description:
      - The alias that the key is known by, with or without C(alias/) before it. If there is no such alias, the key is
        made.
      - With O(key_id) the alias that this key is to have besides. If it stands for another key, it moves to this one,
        which needs C(kms:UpdateAlias), is warned about, and told in RV(diff) as C(alias_stands_for). Another alias of
        the key stays.
      - At least one of O(alias) and O(key_id) has to be named.
    type: str
  key_id:
    description:
      - The key as a key id, key ARN, alias name or alias ARN. It has to exist, as KMS chooses the ids of new keys
        itself.
    type: str
  state:
    description:
      - V(present) holds the key as the other options ask for.
      - V(absent) schedules the deletion of the key, after the deletion of its replicas. Its alias goes with it. Until
        RV(kms_key.deletion_date), nobody can use the key, and V(present) takes it back.
      - With the key goes everything that is encrypted under it. So V(absent) is refused while the default encryption of
        any bucket in the region names the key, or could not be read, and when the key was used within O(unused_days).
        Neither proves that no object is left under it.
      - The replicas of a multi-Region key go first, and what needs them is looked at in each of their regions. KMS
        keeps the key in the state C(PendingReplicaDeletion) until the last of them is gone, and only then begins its
        O(deletion_window_in_days). V(present) takes all of them back, also those that O(replica_regions) does not name.
        A replica that is named itself goes alone, and its primary key stays.
      - V(absent) takes no notice of the options that describe the key. It needs C(kms:DescribeKey),
        C(kms:ListAliases), C(kms:GetKeyLastUsage), C(kms:ScheduleKeyDeletion), C(s3:ListAllMyBuckets) and
        C(s3:GetEncryptionConfiguration).
    type: str
    choices:
      - present
      - absent
    default: present
  description:
    description:
      - What the key is for. Omitted, a key keeps its own. Changing it needs C(kms:UpdateKeyDescription).
    type: str
  enabled:
    description:
      - Whether the key can be used. While it is disabled, nobody can read what is encrypted under it.
      - Omitted, a key keeps its state, and one that is scheduled for deletion gets enabled. Changing it needs
        C(kms:EnableKey), C(kms:DisableKey) or C(kms:CancelKeyDeletion).
      - Omitted, a key that stays disabled is warned about. A run that is cut off between CancelKeyDeletion and
        EnableKey leaves a key disabled, and the next run cannot tell it from one that somebody has disabled.
      - V(true) is refused for a key that EnableKey does not help, as it waits for its key material or its key store. No
        such key can be used, so V(false) changes nothing of it.
    type: bool
  administrators:
    description:
      - The ARNs of the IAM principals that may manage the key, but not encrypt or decrypt with it, nor create grants.
        They are the statement C(S3KeyAdministrators).
      - Omitted, that statement stays as it is. V([]) removes it.
      - Needs C(kms:GetKeyPolicy), and C(kms:PutKeyPolicy) to change anything.
    type: list
    elements: str
  users:
    description:
      - The ARNs of the IAM principals that may encrypt and decrypt with the key. They are the statements
        C(S3KeyUsers), with C(kms:Decrypt), C(kms:Encrypt), C(kms:GenerateDataKey*) and C(kms:ReEncrypt*), and
        C(S3KeyDescribe), with C(kms:DescribeKey).
      - S3 calls KMS as the principal that calls S3, so it is that one that has to be named.
      - Omitted, those statements stay as they are. V([]) removes them.
      - Needs C(kms:GetKeyPolicy), and C(kms:PutKeyPolicy) to change anything.
      - With any option of the policy a new key gets no default policy, which lets the account's IAM policies
        allow every use. The account keeps the administration of the key by the statement C(S3KeyAccount), unless
        another statement lets it change the policy. So the key can never become unmanageable. With no option of the
        policy, a new key gets KMS's default policy.
    type: list
    elements: str
  services:
    description:
      - The service principals of AWS that may use the key to deliver into buckets by themselves, such as
        C(logging.s3.amazonaws.com) for server access logs, C(s3.amazonaws.com) for inventories, or
        C(cloudtrail.amazonaws.com). They are the statement C(S3KeyServices), with C(kms:Decrypt),
        C(kms:DescribeKey) and C(kms:GenerateDataKey*), for resources of the key's own account only, by
        C(aws:SourceAccount).
      - Omitted, that statement stays as it is. V([]) removes it.
    type: list
    elements: str
  allowed_accounts:
    description:
      - The ids of other accounts whose IAM policies may allow the use of the key. They are the statements
        C(S3KeyOtherAccounts) and C(S3KeyOtherAccountsDescribe), with the actions of O(users).
      - Principals there need IAM policies of their own besides, and name the key by its ARN.
      - Omitted, those statements stay as they are. V([]) removes them.
    type: list
    elements: str
  buckets:
    description:
      - The names of the only buckets that O(users) and O(allowed_accounts) may use the key for, by the encryption
        context that S3 sends. It is the ARN of the object, or with a bucket key that of the bucket, and both are
        allowed.
      - Objects that are uploaded with an C(encryption_context) of their own keep working, as S3 adds its own to it.
      - Omitted, the buckets in those statements stay, also where somebody has changed the operator of the condition.
        A statement that is new takes the buckets of the other one. V([]) allows all.
      - Refused without O(users) or O(allowed_accounts), and with O(through_s3_only=false), as a principal that calls
        KMS directly can name any encryption context.
    type: list
    elements: str
  through_s3_only:
    description:
      - Whether O(users) and O(allowed_accounts) may use the key only through S3 in its region and only from their own
        accounts, by C(kms:ViaService) and C(kms:CallerAccount). The statements that allow C(kms:DescribeKey) have no
        such condition, as an alias is resolved by a direct call.
      - V(false) is for principals that call KMS directly, such as clients that encrypt by themselves.
      - It has no effect without O(users) and O(allowed_accounts).
    type: bool
    default: true
  policy:
    description:
      - The whole key policy, instead of a built one. No other statement stays.
      - It is compared with what the key has by its meaning. The order of statements and lists, single values or lists,
        the letter case of actions, and the root's ARN or the account's id make no difference.
      - Mutually exclusive with O(administrators), O(users), O(services), O(allowed_accounts) and O(buckets).
      - Needs C(kms:GetKeyPolicy), and C(kms:PutKeyPolicy) to change anything.
    type: json
  purge_policy_statements:
    description:
      - Whether to drop the statements that are not this module's own. The account then keeps the administration of the
        key by the statement C(S3KeyAccount).
      - Refused with O(policy), and where no option says who may do what.
    type: bool
    default: false
  rotation_enabled:
    description:
      - Whether KMS makes new key material from time to time. What is encrypted stays readable.
      - Omitted, it is V(true) for a key that KMS can rotate by itself, which is one with O(origin=AWS_KMS). Any other
        key is left alone, and V(true) is refused for it.
      - KMS changes the rotation of enabled keys only, and rotates no other. So the rotation of a key that is and stays
        disabled is left, with a warning where it is another than asked.
      - KMS hides the rotation of a key that is scheduled for deletion. When the key is taken back, it is read and
        written, and a period that is not named is kept.
      - Changing it needs C(kms:EnableKeyRotation) or C(kms:DisableKeyRotation).
    type: bool
  rotation_period_in_days:
    description:
      - The days between two rotations, V(90) to V(2560). Omitted, a key keeps its own. A key that was not rotated so
        far gets V(365).
      - Refused with O(rotation_enabled=false), and for a key that KMS does not rotate by itself.
    type: int
  rotate_if_older_than_days:
    description:
      - Rotate the key on demand when its newest key material is older than so many days. The first material is as old
        as the key. What is encrypted stays readable, and O(rotation_period_in_days) is not touched by it.
      - KMS allows a key 25 such rotations in its life, and its own do not count. Where none is left, the task is
        refused before any write. So this is for what happens seldom, and O(rotation_period_in_days) for what happens
        often.
      - A rotation that is under way is not begun again, and neither is one within 20 minutes of a rotation by KMS
        itself. KMS makes the material some moments after its answer.
      - Imported key material is replaced by what was imported for it and waits (C(PENDING_ROTATION)). Where nothing
        waits, and for keys in a key store, whose material KMS cannot replace, the task is refused.
      - Where the key is older than that, it needs C(kms:ListKeyRotations), and C(kms:RotateKeyOnDemand) to rotate.
        Imported material also needs C(kms:GetKeyRotationStatus), and an SDK of 2025.
    type: int
  multi_region:
    description:
      - Whether the key is a multi-Region primary key, which can have replicas in other regions with the same id and key
        material. S3 treats each of them as a key of its own region, and does not copy objects by itself.
      - The first multi-Region key of an account needs C(iam:CreateServiceLinkedRole), as KMS then makes the role by
        which it keeps such keys alike.
      - A key keeps for ever what it was made with. Omitted, a new key is of one region unless O(replica_regions) names
        any, and a key that is there is taken as it is. Another value than it was made with is refused.
    type: bool
  replica_regions:
    description:
      - The regions that are to have a replica of the key, which is then a multi-Region key. Omitted, its replicas stay
        as they are, and are not looked at. So does a replica in a region that is not named (any more), as with a
        replica goes the use of all that its region's buckets have under it. To delete one, name it with
        O(state=absent) and its own region as the region of the task.
      - A new replica gets the alias, description, tags and policy of the key, also where the task does not name them.
        What the policy allows through S3 in the region of the key, it allows through S3 in the region of the replica. A
        replica that is there is compared with what the task names, just as the key is. O(policy) is written as it is to
        each of them.
      - Rotation is that of the key for all replicas, and is changed in its region only.
      - An alias that stands for another key in the region of a replica is refused with both ids, or moved with
        O(key_id).
      - KMS replicates enabled keys only. A key for imported key material gets its replicas by the first run after the
        import, and each replica needs the same key material to be imported too.
      - A region that fails is named, and the others are done all the same. What is missing is done by the next run.
      - It costs three API calls for each region, which are DescribeKey, ListAliases and ListResourceTags, and where an
        option of the policy is named a fourth, GetKeyPolicy. A new replica costs DescribeKey for its alias,
        ReplicateKey, CreateAlias, DescribeKey until KMS has made it, for a minute at most, and three to read it back.
      - Needs C(kms:ReplicateKey) on the key, C(kms:CreateKey) and with tags C(kms:TagResource) in the regions of the
        replicas, C(kms:GetKeyPolicy) on the key, and there what the key needs here.
      - A new key with replicas also needs C(iam:CreateServiceLinkedRole), where it is the first multi-Region key of the
        account.
      - Refused with O(multi_region=false), for a replica, and with the region of the task among them.
    type: list
    elements: str
  origin:
    description:
      - Where the key material comes from. V(AWS_KMS) is KMS itself. V(EXTERNAL) is a key that waits for key material
        that you import. V(AWS_CLOUDHSM) is the CloudHSM cluster and V(EXTERNAL_KEY_STORE) the external key manager
        behind O(custom_key_store_id).
      - A key for imported key material is made without it, in the state C(PendingImport), and so is neither rotated nor
        enabled. A warning of every run says what to do until the material is there.
      - A key keeps for ever what it was made with. Omitted, a new key is V(AWS_KMS), and a key that is there is taken
        as it is. Another value than it was made with is refused.
    type: str
    choices:
      - AWS_KMS
      - EXTERNAL
      - AWS_CLOUDHSM
      - EXTERNAL_KEY_STORE
  custom_key_store_id:
    description:
      - The id of the key store that holds the key material. It has to be connected when the key is made.
      - Required with O(origin=AWS_CLOUDHSM) and O(origin=EXTERNAL_KEY_STORE), and refused with any other O(origin) and
        with O(multi_region=true), as KMS makes no multi-Region keys in key stores.
      - A key keeps for ever what it was made with. Another value than that is refused.
    type: str
  xks_key_id:
    description:
      - The id of the external key, as the proxy of the external key store has it. Each key of a key store needs an
        external key of its own.
      - Required with O(origin=EXTERNAL_KEY_STORE), and refused with any other.
      - A key keeps for ever what it was made with. Another value than that is refused.
    type: str
  tags:
    description:
      - The tags of the key. Omitted, a key keeps its own.
      - Needs C(kms:ListResourceTags), and C(kms:TagResource) and C(kms:UntagResource) to change anything.
    type: dict
    aliases:
      - resource_tags
  deletion_window_in_days:
    description:
      - With O(state=absent), the days until KMS deletes the key, V(7) to V(30). They are not changed for a key that is
        scheduled for deletion already.
    type: int
    default: 30
  unused_days:
    description:
      - With O(state=absent), how many days the key has to be unused. V(0) does not ask for it.
      - KMS tells the last use by GetKeyLastUsage. Where the installed boto3 or the service does not know that, there is
        a warning instead.
    type: int
    default: 30
  force:
    description:
      - With O(state=absent), whether to schedule the deletion also of a key that is needed. RV(diff) then lists the
        buckets as C(unreadable_buckets), and those whose default encryption could not be read as
        C(buckets_not_looked_at). What stands against the deletion becomes a warning.
    type: bool
    default: false
  purge_tags:
    description:
      - Whether to take away the tags that O(tags) does not name. Those that begin with C(aws:) are not taken away. It
        has no effect without O(tags).
    type: bool
    default: true
extends_documentation_fragment:
  - sealed.s3.aws
  - sealed.s3.attributes
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - KMS takes a while until all its reads show a change. What was changed is therefore read until three reads in a row
    tell it, for a minute at most, and then the task fails. A part that may not be read is taken as written.
  - The key policy is checked here, and again by KMS, which knows the caller's IAM policies.
  - AWS shows a unique id, such as C(AROADBQP57FF2AEXAMPLE), where a policy names a user or role that was deleted. Such
    an id in place of a principal that the task names is warned about and left, as KMS refuses to write the ARN of a
    principal that does not exist. A policy that is written for another reason is written without such ids, as KMS
    refuses them, too. A warning and the diff tell which go, with the statements that named nobody else. The run after
    that writes the ARNs that are missing, and fails if there is no such principal. A statement that is for some buckets
    and names nobody else does not go, as the buckets would go with it. The task is refused then, and O(buckets) has to
    be named.
  - The key has to be in the region of the task. An ARN of another region is refused before any call.
  - Of a key with imported material (C(EXTERNAL)), alias, description, policy, tags and rotation on demand are held. Its
    material is imported by other means.
  - A key that AWS manages is refused, as nobody can change it. So is a key that S3 cannot use, which is any but a
    symmetric key for C(ENCRYPT_DECRYPT).
seealso:
  - module: sealed.s3.kms_key_for_s3_info
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.s3_encrypted_object
  - name: Using server-side encryption with AWS KMS keys
    description: The Amazon S3 User Guide on SSE-KMS, with the permissions that a user of a key needs.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
  - name: Key policies in AWS KMS
    description: The KMS Developer Guide on key policies.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

EXAMPLES = r"""
- name: Provision a key for S3
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    description: What the application keeps in S3
    tags:
      department: finance
  register: provisioned

- name: Make it the default of a bucket
  sealed.s3.bucket_default_encryption:
    bucket: amzn-s3-demo-bucket
    encryption: SSE-KMS
    kms_key: "{{ provisioned.kms_key.arn }}"

- name: Say who may manage the key, and who may use it through S3
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    administrators:
      - arn:aws:iam::111122223333:role/key-admin
    users:
      - arn:aws:iam::111122223333:role/application
      - arn:aws:iam::111122223333:role/deploy

- name: Let the application use the key for one bucket only, and S3 deliver access logs
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    users:
      - arn:aws:iam::111122223333:role/application
    buckets:
      - amzn-s3-demo-bucket
    services:
      - logging.s3.amazonaws.com

- name: Let another account read and write through S3
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    allowed_accounts:
      - "444455556666"

- name: Hold the whole policy
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    policy: "{{ lookup('ansible.builtin.file', 'key-policy.json') }}"

- name: Rotate every half year
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    rotation_period_in_days: 180

- name: Replace key material that is older than two years, which KMS does 25 times for a key
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    rotate_if_older_than_days: 730

- name: Provision a key that is to have replicas in other regions
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-everywhere
    multi_region: true

- name: Provision it with its replicas at once, and hold them alike
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-everywhere
    users:
      - arn:aws:iam::111122223333:role/application
    replica_regions:
      - eu-west-1
      - ap-southeast-2

- name: Provision a key in a CloudHSM key store
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-hsm
    origin: AWS_CLOUDHSM
    custom_key_store_id: cks-1234567890abcdef0

- name: Disable the key, so that nobody can read what is under it
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    enabled: false

- name: Let the key go, unless a bucket or somebody needs it
  sealed.s3.kms_key_for_s3:
    alias: alias/s3-data
    state: absent
    deletion_window_in_days: 14
    unused_days: 90
"""

RETURN = r"""
kms_key:
  description: The key, or in check mode the key after a real run. V(null) if the task failed.
  returned: when the options are valid
  type: dict
  contains:
    # generated: managed key
    key_id:
      description:
        - The ID of the key.
        - V(null) in check mode for a key that would be created.
      returned: always
      type: str
      sample: '1234abcd-12ab-34cd-56ef-1234567890ab'
    arn:
      description:
        - The ARN of the key.
        - V(null) in check mode for a key that would be created.
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
            - V(null) in check mode for a key that would be created.
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
# generated: actions on a key
actions:
  description:
    - The AWS operations that changed something, or would in check mode, in their order.
  returned: when the options are valid
  type: list
  elements: str
  sample:
    - CreateKey
    - CreateAlias
    - EnableKeyRotation
    - UntagResource
# end of generated
# generated: diff of a key
diff:
  description:
    - The parts of the key that change, including its policy.
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys import kms_key_for_s3


def main() -> None:
    """Run the module."""
    kms_key_for_s3.main()


if __name__ == "__main__":
    main()
