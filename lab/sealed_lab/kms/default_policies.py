# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The key policies that KMS itself writes."""

from __future__ import annotations

from ..partitions import domain_of, partition_of


def default_policy(account: str, partition: str) -> str:
    """Return the policy of a key that is created without one (KMS Developer Guide, "Default key policy")."""
    return (
        '{\n  "Version" : "2012-10-17",\n  "Id" : "key-default-1",\n  "Statement" : [ {\n'
        '    "Sid" : "Enable IAM User Permissions",\n    "Effect" : "Allow",\n    "Principal" : {\n'
        f'      "AWS" : "arn:{partition}:iam::{account}:root"\n    }},\n    "Action" : "kms:*",\n'
        '    "Resource" : "*"\n  } ]\n}'
    )


def aws_managed_key_policy(account: str, region: str, service: str) -> str:
    """Return the policy of an AWS managed key: all principals of the account may use it, through that service only."""
    via = f"{service}.{region}.{domain_of(region)}"
    return (
        '{\n  "Version" : "2012-10-17",\n  "Id" : "auto-' + service + '-2",\n  "Statement" : [ {\n'
        f'    "Sid" : "Allow access through S3 for all principals in the account that are authorized to use S3",\n'
        '    "Effect" : "Allow",\n    "Principal" : {\n      "AWS" : "*"\n    },\n'
        '    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", '
        '"kms:DescribeKey" ],\n'
        '    "Resource" : "*",\n    "Condition" : {\n      "StringEquals" : {\n'
        f'        "kms:CallerAccount" : "{account}",\n        "kms:ViaService" : "{via}"\n'
        "      }\n    }\n  }, {\n"
        '    "Sid" : "Allow direct access to key metadata to the account",\n    "Effect" : "Allow",\n'
        f'    "Principal" : {{\n      "AWS" : "arn:{partition_of(region)}:iam::{account}:root"\n    }},\n'
        '    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],\n    "Resource" : "*"\n  } ]\n}'
    )
