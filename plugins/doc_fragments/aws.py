# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The connection options, requirements and notes of all modules that amazon.aws does not document."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kms_endpoint_url:
    description:
      - The URL of the key management service, for stores that have separate endpoints for keys and objects.
      - Set it for each module. Do not set it in C(module_defaults) for C(group/sealed.s3.aws) in a play that also runs
        modules of amazon.aws. The group contains them too, and they do not support this option.
      - If omitted, O(endpoint_url) is used for both S3 and KMS. Without O(endpoint_url), AWS is used.
    type: str
requirements:
  - python >= 3.10
  - boto3 >= 1.41.0
  - botocore >= 1.41.0
notes:
  - The region is required. Set O(region), an environment variable or a configuration file. A bucket can be in another
    region than the task, which costs one more request. A KMS key for a bucket is resolved in the region of the bucket.
  - An endpoint is AWS's own if it is used over https with a check of certificates, and if it is a host name that the
    SDK's rules have for the service, or an interface endpoint of the service. All others are treated as other stores,
    also servers in the domains of AWS, such as a load balancer, and all endpoints with O(validate_certs=false).
  - The SDK retries failed requests that can succeed later, with increasing delays and at most six attempts. Nothing
    else retries failed requests.
  - Older releases of boto3 do not support the blocked encryption types of a bucket, nor the number of tags in
    HeadObject. A write with them could lose both.
"""

    # Who pays for the requests of a module that reads or writes objects.
    REQUEST_PAYER = r"""
options:
  request_payer:
    description:
      - V(requester) states that your account pays for requests and data transfer, if the bucket has Requester Pays. S3
        refuses requests of other accounts to such a bucket without it, with C(AccessDenied).
      - It is sent with every request for an object and with every listing. It has no effect on a bucket without
        Requester Pays.
    type: str
    choices:
      - requester
    version_added: 0.2.0
"""
