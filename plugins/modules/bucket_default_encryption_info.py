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
  expected:
    description:
      - What each bucket should have. RV(buckets) then says of each whether it complies and, if not, what it lacks and
        which AWS control it breaks. The task does not fail for that.
      - What is not named is not judged. The options mean what they mean for M(sealed.s3.bucket_default_encryption).
    type: dict
    suboptions:
      encryption:
        description: The default encryption.
        type: str
        choices:  # generated: kinds of a bucket's default
          - SSE-S3
          - SSE-KMS
          - DSSE-KMS
      kms_key:
        description: The KMS key, in any of its four forms. An alias stands for each region's own key.
        type: str
      bucket_key_enabled:
        description: Whether S3 bucket keys are on.
        type: bool
      blocked_encryption_types:
        description: The blocked encryption types.
        type: list
        elements: str
        choices:  # generated: kinds that a bucket can block
          - SSE-C
      minimum:
        description: Whether the rest is a floor, so that buckets that are as strong or stronger comply.
        type: bool
        default: false
extends_documentation_fragment:
  - sealed.s3.selection
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

- name: Find out which buckets are not at least under SSE-KMS
  sealed.s3.bucket_default_encryption_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      encryption: SSE-KMS
      minimum: true
  register: audit

- name: Name them, with what each lacks
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.findings | map(attribute='message') | join(' ') }}"
  loop: "{{ audit.buckets | rejectattr('compliant') }}"
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
    compliant:
      description: Whether the bucket has all that is expected. V(false) for one that could not be read.
      returned: with O(expected)
      type: bool
    findings:
      description: What the bucket lacks.
      returned: with O(expected)
      type: list
      elements: dict
      contains:
        message:
          description: One sentence.
          returned: always
          type: str
          sample: New objects get SSE-S3 by default, not SSE-KMS.
        control:
          description: The AWS control that the bucket breaks by it. V(null) where AWS has none for this.
          returned: always
          type: str
          sample: Security Hub S3.17
    error:
      description:
        - Why the bucket could not be read, in the shape of
          RV(sealed.s3.bucket_default_encryption#module:buckets[].error).
        - V(null) if it could.
      returned: always
      type: dict
      sample: null
compliant:
  description: Whether all buckets comply.
  returned: with O(expected)
  type: bool
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

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets import bucket_default_encryption


def main() -> None:
    """Run the module."""
    bucket_default_encryption.main_info()


if __name__ == "__main__":
    main()
