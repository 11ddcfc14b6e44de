#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_for_s3_info
short_description: Tell KMS keys with their policy, rotation and tags
version_added: 0.1.0
description:
  - Tells of one KMS key, or of all customer managed keys of the region, in the words of M(sealed.s3.kms_key_for_s3).
  - One key costs five API calls, which are DescribeKey, ListAliases, GetKeyPolicy, ListResourceTags and
    GetKeyRotationStatus. All keys cost one ListKeys for every thousand, six calls for each customer managed key, and
    one for each key that AWS manages.
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

- name: Name those that are not rotated
  ansible.builtin.debug:
    msg: "{{ every.kms_keys | rejectattr('error', 'defined') | rejectattr('rotation.enabled') | map(attribute='arn') }}"
"""

RETURN = r"""
kms_keys:
  description: The keys, in the order of KMS. Empty where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    key_id:
      description: The id of the key.
      returned: always
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    arn:
      description: The ARN of the key.
      returned: when the key could be read
      type: str
      sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    alias:
      description: The alias that the task names, or else the first one of the key. V(null) where it has none.
      returned: when the key could be read
      type: str
      sample: alias/s3-data
    aliases:
      description: All aliases of the key.
      returned: when the key could be read
      type: list
      elements: str
      sample:
        - alias/s3-data
    region:
      description: The region of the key.
      returned: when the key could be read
      type: str
      sample: us-east-1
    state:
      description: The state of the key, in the words of KMS.
      returned: when the key could be read
      type: str
      sample: Enabled
    description:
      description: What the key is for.
      returned: when the key could be read
      type: str
      sample: What the application keeps in S3
    policy:
      description: The key policy.
      returned: when the key could be read
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
      description: Automatic rotation. V(null) for a key that does not know it, such as one with imported key
        material.
      returned: when the key could be read
      type: dict
      contains:
        enabled:
          description: Whether the key is rotated.
          returned: always
          type: bool
          sample: true
        period_in_days:
          description: The days between two rotations. V(null) while the key is not rotated.
          returned: always
          type: int
          sample: 365
    tags:
      description: The tags.
      returned: when the key could be read
      type: dict
      sample:
        department: finance
    key_spec:
      description: The spec of the key.
      returned: when the key could be read
      type: str
      sample: SYMMETRIC_DEFAULT
    key_usage:
      description: What the key can be used for.
      returned: when the key could be read
      type: str
      sample: ENCRYPT_DECRYPT
    origin:
      description: Where the key material comes from.
      returned: when the key could be read
      type: str
      sample: AWS_KMS
    manager:
      description: Who manages the key, V(CUSTOMER) or V(AWS).
      returned: when the key could be read
      type: str
      sample: CUSTOMER
    multi_region:
      description: Whether it is a multi-Region key.
      returned: when the key could be read
      type: bool
      sample: false
    creation_date:
      description: When the key was made.
      returned: when the key could be read
      type: str
      sample: '2026-11-23T12:00:00+00:00'
    deletion_date:
      description:
        - When KMS deletes the key. V(null) for a key that is not scheduled for deletion, or whose replicas have to go
          first.
      returned: when the key could be read
      type: str
      sample: '2026-12-23T12:00:00+00:00'
    replica_regions:
      description: The regions of the replicas of a multi-Region primary key.
      returned: when the key could be read
      type: list
      elements: str
      sample:
        - eu-west-1
    error:
      description:
        - Why the key could not be looked at, in the shape of RV(sealed.s3.kms_key_for_s3#module:error).
      returned: where all keys are listed, for a key that could not be read
      type: dict
      sample:
        kind: forbidden
        message: kms:GetKeyPolicy on 1234abcd-12ab-34cd-56ef-1234567890ab is forbidden (AccessDeniedException).
        code: AccessDeniedException
        action: kms:GetKeyPolicy
        resource: 1234abcd-12ab-34cd-56ef-1234567890ab
        layer: ""
error:
  description: Why the task failed, in the shape of RV(sealed.s3.kms_key_for_s3#module:error).
  returned: failure
  type: dict
  sample:
    kind: forbidden
    message: kms:DescribeKey on alias/s3-data in us-east-1 is forbidden (AccessDeniedException).
    code: AccessDeniedException
    action: kms:DescribeKey
    resource: alias/s3-data in us-east-1
    layer: ""
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend import kms_key_for_s3


def main() -> None:
    """Run the module."""
    kms_key_for_s3.main_info()


if __name__ == "__main__":
    main()
