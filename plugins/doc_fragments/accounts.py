# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options for other accounts. Written by scripts/generate_doc_fragments.py; change it there."""

from __future__ import annotations


class ModuleDocFragment:
    # The accounts of a task.
    DOCUMENTATION = r"""
options:
  accounts:
    description:
      - The accounts to work in. Each is entered by a role, with the credentials that the connection options describe.
        At most 16 accounts are entered at the same time.
      - An account that cannot be entered fails, and the task goes on with the others. Then the task fails at its end,
        and RV(failed_accounts) names the account.
      - Each row of the result has the C(account_id) and the C(account_name). C(docs/accounts.md) describes the roles,
        their policies and the results.
      - An empty list is refused, and so is an account that is named twice.
      - O(assume_role), O(accounts) and O(organization) are mutually exclusive.
    type: list
    elements: dict
    version_added: 0.2.0
    suboptions:
      account_id:
        description:
          - The ID of the account, in quotes. If omitted, it is the account of the last role of
            O(accounts[].role_arn).
          - If both are set and differ, the task fails before the first request.
        type: str
      role_arn:
        description:
          - The ARN of an IAM role, or a list of them. Each role of a list is assumed with the session of the one
            before it, and the first one with the credentials of the task.
          - The last one has to be of the account to work in.
        type: list
        elements: str
      role_name:
        description:
          - The name of a role of the account, instead of O(accounts[].role_arn). A role with a path is named
            C(PATH/NAME). If both are omitted, it is V(OrganizationAccountAccessRole).
          - The account of the task's own credentials is entered with these credentials, without a role.
        type: str
      name:
        description:
          - A name for the account, for results and for patterns. Without it, the account has no name.
        type: str
      regions:
        description:
          - Limits the work to these regions. If omitted or empty, it is not limited. On AWS, a region that the
            installed SDK does not know is refused.
        type: list
        elements: str
      external_id:
        description:
          - The external ID that the trust policy of the role demands, which is not a secret. It is sent to every role
            of a chain. A role that does not demand one ignores it.
        type: str
      session_name:
        description:
          - The name of the session, which CloudTrail shows in the account of the role.
        type: str
        default: sealed.s3
      duration_seconds:
        description:
          - How long a session is valid, from V(900) to V(43200), and at most the maximum session duration of the
            role. With more than one role in O(accounts[].role_arn), AWS allows at most V(3600).
          - If omitted, it is one hour. The task renews its sessions before they expire, so it can take longer.
        type: int
  organization:
    description:
      - The accounts that AWS Organizations lists. They are entered like those of O(accounts), in the order of their
        IDs. Accounts that are not active, such as closed ones, are left out.
      - The list costs one ListAccounts for every 20 accounts of the organization. It has to be read with credentials
        of the management account or of a delegated administrator of any service.
      - At least one of O(organization.units), O(organization.tags) and O(organization.role_name) is required. For all
        accounts of the organization, set only O(organization.role_name=OrganizationAccountAccessRole).
      - A selection that matches no account is an error.
    type: dict
    version_added: 0.2.0
    suboptions:
      role_name:
        description:
          - The name of a role that each account has. A role with a path is named C(PATH/NAME). If omitted, it is
            V(OrganizationAccountAccessRole).
          - The account of the task's own credentials is entered with these credentials, without a role. The
            management account has no V(OrganizationAccountAccessRole) unless you have made it there. So run the task
            in the management account, or name it in O(organization.exclude).
        type: str
      units:
        description:
          - The organizational units. An account is selected if it is in one of them, or anywhere below it.
          - Each is an ID such as V(ou-ab12-34567890), or the names from below the root on, such as V(Workloads/Prod).
            Each of the names may be a shell pattern, such as V(*/Prod). A unit that does not exist is an error.
          - If omitted, accounts in all units and in the root are selected. An empty list is refused.
        type: list
        elements: str
      tags:
        description:
          - The account has all of these tags. If omitted, tags are not compared. Neither an empty dict nor a tag
            without a value (null) is accepted.
          - They cost one ListTagsForResource for each account that matches the other criteria.
        type: dict
      exclude:
        description:
          - Shell patterns of IDs and names of accounts. None of them may match. A pattern that matches no account of
            the organization causes a warning.
        type: list
        elements: str
      regions:
        description:
          - Limits the work to these regions. If omitted or empty, it is not limited. On AWS, a region that the
            installed SDK does not know is refused.
        type: list
        elements: str
      external_id:
        description:
          - The external ID that the trust policy of the role demands, which is not a secret. It is sent to every role
            of a chain. A role that does not demand one ignores it.
        type: str
      session_name:
        description:
          - The name of the session, which CloudTrail shows in the account of the role.
        type: str
        default: sealed.s3
      duration_seconds:
        description:
          - How long a session is valid, from V(900) to V(43200), and at most the maximum session duration of the
            role.
          - If omitted, it is one hour. The task renews its sessions before they expire, so it can take longer.
        type: int
"""

    # The role of a task.
    ASSUME_ROLE = r"""
options:
  assume_role:
    description:
      - A role to work with, in this account or in another one. The other connection options describe the credentials
        that assume it.
      - The session is limited to the actions that this module needs, and is renewed before it expires. It costs one
        AssumeRole for each role, which needs C(sts:AssumeRole) and the trust policy of the role. C(docs/accounts.md)
        has both policies.
      - Do not set it in C(module_defaults) for C(group/sealed.s3.aws) in a play that also runs modules of amazon.aws,
        which do not support it.
    type: dict
    version_added: 0.2.0
    suboptions:
      role_arn:
        description:
          - The ARN of an IAM role, or a list of them. Each role of a list is assumed with the session of the one
            before it, and the first one with the credentials of the task.
        type: list
        elements: str
        required: true
      external_id:
        description:
          - The external ID that the trust policy of the role demands, which is not a secret. It is sent to every role
            of a chain. A role that does not demand one ignores it.
        type: str
      session_name:
        description:
          - The name of the session, which CloudTrail shows in the account of the role.
        type: str
        default: sealed.s3
      duration_seconds:
        description:
          - How long a session is valid, from V(900) to V(43200), and at most the maximum session duration of the
            role. With more than one role in O(assume_role.role_arn), AWS allows at most V(3600).
          - If omitted, it is one hour. The task renews its sessions before they expire, so it can take longer.
        type: int
"""
