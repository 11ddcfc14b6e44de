# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The inventory sealed.s3.accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: accounts
short_description: The accounts of AWS Organizations as hosts
version_added: 0.2.0
description:
  - Lists the accounts of an organization, and adds a host for each active one. So a play, an AWX job or a limit can
    name accounts. Modules do not need it, because their option C(organization) works in all accounts in one task. See
    C(docs/accounts.md).
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  plugin:
    description: The name of this plugin. The name of the inventory file has to end with C(accounts.yml) or
      C(accounts.yaml).
    type: str
    required: true
    choices:
      - sealed.s3.accounts
  units:
    description:
      - The organizational units. An account is selected if it is in one of them, or anywhere below it.
      - Each is an ID such as V(ou-ab12-34567890), or the names from below the root on, such as V(Workloads/Prod). Each
        of the names may be a shell pattern, such as V(*/Prod). A unit that does not exist is an error.
      - If omitted, accounts in all units and in the root are selected. An empty list is refused.
    type: list
    elements: str
  tags:
    description:
      - The account has all of these tags. If omitted, tags are not compared. An empty dict is refused.
      - They cost one ListTagsForResource for each account that matches the other criteria.
    type: dict
  exclude:
    description:
      - Shell patterns of IDs and names of accounts. None of them may match.
    type: list
    elements: str
  role_name:
    description:
      - The name of the role in C(role_arn). A role with a path is named C(PATH/NAME).
    type: str
    default: OrganizationAccountAccessRole
  hostname:
    description:
      - What names the hosts. With V(account_name), two accounts of the same name are an error.
    type: str
    choices:
      - account_id
      - account_name
    default: account_id
  include_tags:
    description:
      - Whether the hosts have the variable C(account_tags). It costs one ListTagsForResource for each account, unless
        O(tags) is set.
    type: bool
    default: false
extends_documentation_fragment:
  - constructed
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
requirements:
  - python >= 3.10
  - boto3 >= 1.41.0
  - botocore >= 1.41.0
notes:
  - The calls are in C(docs/api_calls.md), and the permissions in C(docs/permissions.md).
  - Each host has the variables C(account_id), C(account_name), C(account_email), C(account_unit) and C(role_arn).
  - C(account_unit) is the path of the unit, such as C(Workloads/Prod), and empty for an account in the root. It is
    V(null) if the installed SDK is too old to know the paths of accounts.
  - C(role_arn) is the role O(role_name) of the account. It is V(null) for the account of the credentials, in which they
    work themselves.
  - A host is no machine, so its plays need C(connection=local) and C(gather_facts=false).
  - Organizations answers only to its management account and to the delegated administrators of its services.
seealso:
  - module: sealed.s3.bucket_default_encryption
"""

EXAMPLES = r"""
# prod.accounts.yml: the accounts below a unit, in groups such as unit_Workloads_Prod and stage_prod.
# In a play with connection: local, a module of this collection works in the account of the host with
#   assume_role: "{{ {'role_arn': role_arn} if role_arn else omit }}"
plugin: sealed.s3.accounts
region: eu-central-1
units:
  - Workloads
exclude:
  - sandbox-*
include_tags: true
hostname: account_name
keyed_groups:
  - key: account_unit
    prefix: unit
  - key: account_tags.stage
    prefix: stage
compose:
  ansible_connection: "'local'"
"""

from ansible_collections.sealed.s3.plugins.plugin_utils.account_inventory import AccountInventory


class InventoryModule(AccountInventory):
    """The accounts."""

    NAME = "sealed.s3.accounts"
