# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What every module of this collection needs beside the connection options of amazon.aws."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kms_endpoint_url:
    description:
      - The URL of the key management service, for stores whose keys live elsewhere than their objects.
      - Set it for each module, not in C(module_defaults) of C(group/sealed.s3.aws) where modules of amazon.aws run. The
        group has them too, and they do not know this option.
      - Omitted, O(endpoint_url) serves S3 and KMS alike, and without that AWS itself.
    type: str
requirements:
  - python >= 3.10
  - boto3 >= 1.41.0
  - botocore >= 1.41.0
notes:
  - The region has to be known, by O(region), the environment or a configuration file. A bucket may be in another region
    than that of the task, which costs one more request. A KMS key for a bucket is looked up in the bucket's own region.
  - The SDK retries what is worth it, up to six attempts in all, with growing pauses. Nothing else retries.
  - Older releases of boto3 do not know the blocked encryption types of a bucket, nor that HeadObject counts an object's
    tags, so a write with them could lose either.
"""
