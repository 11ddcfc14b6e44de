#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_default_encryption_info
short_description: Tell the default encryption of S3 buckets
version_added: 0.1.0
description:
  - Tells the default encryption of one bucket or of many, in the words of M(sealed.s3.bucket_default_encryption).
  - Each bucket costs one API call, GetBucketEncryption. Needs C(s3:GetEncryptionConfiguration).
  - If a bucket cannot be read, the task fails and names it, and still returns what it found of the others.
author:
  - The sealed.s3 authors (!UNKNOWN)
options:
  buckets:
    description:
      - The names of the buckets. A bucket that is named twice counts once.
    type: list
    elements: str
    required: true
    aliases:
      - bucket
      - name
  concurrency:
    description:
      - How many buckets are read at the same time.
    type: int
    default: 32
extends_documentation_fragment:
  - sealed.s3.aws
  - sealed.s3.attributes.info
  - sealed.s3.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: sealed.s3.bucket_default_encryption
  - module: sealed.s3.s3_encrypted_object_info
  - name: GetBucketEncryption
    description: The API reference of the call that reads.
    link: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
"""

EXAMPLES = r"""
- name: Look at the default encryption of two buckets
  sealed.s3.bucket_default_encryption_info:
    buckets:
      - amzn-s3-demo-bucket1
      - amzn-s3-demo-bucket2
  register: found

- name: Require SSE-KMS of each
  ansible.builtin.assert:
    that: item.encryption in ['SSE-KMS', 'DSSE-KMS']
    fail_msg: "{{ item.name }} is under {{ item.encryption }}"
  loop: "{{ found.buckets }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
buckets:
  description: The buckets, in the order in which they were named.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    name:
      description: The name of the bucket.
      returned: always
      type: str
      sample: amzn-s3-demo-bucket1
    region:
      description: The region of the bucket. V(null) where it did not become known.
      returned: always
      type: str
      sample: us-east-1
    encryption:
      description:
        - The algorithm, in the words of O(sealed.s3.bucket_default_encryption#module:encryption). An algorithm of
          another service is told as S3 tells it.
        - V(null) where the store says that there is no default encryption, which AWS never does, and for a bucket
          that could not be read.
      returned: always
      type: str
      sample: SSE-KMS
    kms_key:
      description: The KMS key as it stands in the rule. V(null) where the rule names none.
      returned: always
      type: str
      sample: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    bucket_key_enabled:
      description: Whether new objects under SSE-KMS use an S3 bucket key.
      returned: always
      type: bool
    blocked_encryption_types:
      description: The blocked encryption types. V(null) where S3 reports nothing about them.
      returned: always
      type: list
      elements: str
      sample:
        - SSE-C
    error:
      description:
        - Why the bucket could not be read, in the shape of
          RV(sealed.s3.bucket_default_encryption#module:buckets[].error).
        - V(null) if it could.
      returned: always
      type: dict
      sample: null
failed_buckets:
  description: The names of the buckets that could not be read.
  returned: when the options are valid
  type: list
  elements: str
  sample: []
summary:
  description: What became of the buckets.
  returned: when the options are valid
  type: dict
  contains:
    matched:
      description: The number of buckets that the task is about.
      returned: always
      type: int
      sample: 2
    failed:
      description: The number of buckets that could not be read.
      returned: always
      type: int
      sample: 0
    api_calls:
      description: The number of requests that were sent, retries and redirects included.
      returned: always
      type: int
      sample: 2
    seconds:
      description: How long it took.
      returned: always
      type: float
      sample: 0.121
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend import bucket_default_encryption


def main() -> None:
    """Run the module."""
    bucket_default_encryption.main_info()


if __name__ == "__main__":
    main()
