#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

DOCUMENTATION = r"""
module: encryption_report
short_description: Write a report about the encryption of S3 buckets, KMS keys and objects
version_added: 0.2.0
description:
  - Writes one file with what C(_info) modules of this collection found, as a page for people, or for machines.
  - It runs on the controller, whatever the hosts of the play are. It calls nothing of AWS, so it needs no credentials
    and no boto3.
  - C(docs/report.md) describes the formats and what is in them.
author:
  - The sealed.s3 authors (@sealed-s3)
options:
  results:
    description:
      - What tasks of C(_info) modules returned, as registered by the play. Also results of tasks with C(loop), and of
        tasks that failed because some of the resources could not be read. A single result is a list of one.
      - The modules are M(sealed.s3.bucket_default_encryption_info), M(sealed.s3.bucket_encryption_policy_info),
        M(sealed.s3.kms_key_for_s3_info), M(sealed.s3.s3_encrypted_object_info) and
        M(sealed.s3.bucket_reencryption_info). Only with their option C(expected), a report can say whether a resource
        passes.
      - One of O(results) and O(results_files) is required. An empty list is refused.
    type: list
    elements: dict
  results_files:
    description:
      - Files on the controller that tasks of these modules wrote with their option C(results_file). They can be larger
        than the memory.
      - A relative path is relative to the directory of the playbook. A name is no pattern; the lookup
        P(ansible.builtin.fileglob#lookup) finds files by a pattern.
      - A file that Ansible Vault has encrypted is decrypted.
    type: list
    elements: path
  compare_to:
    description:
      - An earlier report on the controller with the format V(json), which may have any title. The report then says
        which of its findings are new, which were there before, and which are gone.
      - The file has to exist. Write the first report without this option. It cannot be the same file as O(dest),
        because the next run would compare the report with itself.
    type: path
  dest:
    description:
      - The file to write, on the controller. A relative path is relative to the directory of the playbook. The
        directory has to exist.
      - It is replaced in one step, and only if its content differs. A symbolic link is replaced itself.
      - Tasks for several hosts need C(run_once), or a name for each host.
    type: path
    required: true
  format:
    description:
      - What the file is.
      - V(html) is a page that needs no other file and no network. V(json) has everything, and is what O(compare_to)
        reads. V(csv) has a line for each finding and each resource without one. CI systems show V(junit) as tests,
        and GitHub and other viewers show V(sarif) as alerts.
      - If omitted, it follows from the name of O(dest), which then has to end with C(.html), C(.htm), C(.json),
        C(.csv), C(.xml) (for V(junit)), C(.sarif) or C(.sarif.json).
    type: str
    choices:
      - html
      - json
      - csv
      - junit
      - sarif
  title:
    description:
      - The title of the report. One line of text.
    type: str
    default: S3 encryption report
  mode:
    description:
      - The mode of the file, as in M(ansible.builtin.copy). The file has it from the beginning, and it is repaired
        where it differs.
      - By default only the user who runs Ansible can read the file, because the IDs of accounts and ARNs are in it.
    type: raw
    default: '0600'
attributes:
  check_mode:
    description: Can run in check mode and report what it would change, without writing anything.
    support: full
    details:
      - A check run makes the whole report, compares it with the file, and writes nothing. The directory of O(dest) may
        be missing, because an earlier task may create it.
  diff_mode:
    description: Returns details on what has changed, or would change in check mode, when in diff mode.
    support: full
    details:
      - The diff has the contents of both files, unless one of them is larger than
        C(max_diff_size) in the configuration of Ansible.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
    details:
      - The time of a report is that of the newest result, so equal results give an equal file.
  action:
    description: Has a corresponding action plugin, so that parts of it run on the controller.
    support: full
    details:
      - All of it runs on the controller. No connection to the host is made, and C(become) and C(delegate_to) have no
        effect.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  vault:
    description: Can automatically decrypt files that Ansible Vault has encrypted.
    support: full
    details:
      - Those of O(results_files) and O(compare_to).
seealso:
  - module: sealed.s3.bucket_default_encryption_info
  - module: sealed.s3.bucket_encryption_policy_info
  - module: sealed.s3.kms_key_for_s3_info
  - module: sealed.s3.s3_encrypted_object_info
  - module: sealed.s3.bucket_reencryption_info
  - name: Reports
    description: The formats, and what CI systems make of them.
    link: https://github.com/sealed-s3/sealed.s3/blob/main/docs/report.md
"""

EXAMPLES = r"""
- name: Get the default encryption of all buckets
  sealed.s3.bucket_default_encryption_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      encryption: SSE-KMS
      minimum: true
  register: buckets

- name: Get what the bucket policies say about TLS
  sealed.s3.bucket_encryption_policy_info:
    select:
      names: [amzn-s3-demo-*]
    expected:
      require_tls: true
    results_file: policies.jsonl
  register: policies

- name: Get the keys
  sealed.s3.kms_key_for_s3_info:
  register: keys

- name: Write a page about all of them
  sealed.s3.encryption_report:
    results:
      - "{{ buckets }}"
      - "{{ policies }}"
      - "{{ keys }}"
    dest: report.html
    title: Encryption of production

- name: Write a page that others may read
  sealed.s3.encryption_report:
    results: "{{ buckets }}"
    dest: buckets.html
    mode: '0644'

- name: Write the report of this month, with which later ones are compared
  sealed.s3.encryption_report:
    results: "{{ buckets }}"
    dest: 2026-11.json

- name: Write a page with what is new since then, from files in place of variables
  sealed.s3.encryption_report:
    results: "{{ buckets }}"
    results_files: "{{ query('ansible.builtin.fileglob', '*.jsonl') }}"
    compare_to: 2026-11.json
    dest: report.html
  register: report

- name: Show what is new
  ansible.builtin.debug:
    msg: "{{ report.comparison.new }} new findings, {{ report.comparison.absent }} are gone."

- name: Write a report in each format for CI
  sealed.s3.encryption_report:
    results: "{{ [buckets, keys] }}"
    dest: "{{ item }}"
  loop:
    - encryption.xml
    - encryption.sarif
    - encryption.csv
  register: reports

- name: Show the numbers, of which CI can fail for some
  ansible.builtin.debug:
    var: reports.results[0].summary
"""

RETURN = r"""
dest:
  description: The path of the file.
  returned: when the options are valid
  type: str
  sample: /home/audit/report.html
format:
  description: The format of the file.
  returned: when the options are valid
  type: str
  sample: html
mode:
  description: The mode of the file.
  returned: when the file could be written
  type: str
  sample: '0600'
title:
  description: The title of the report.
  returned: when the options are valid
  type: str
  sample: S3 encryption report
time:
  description:
    - The time of the newest result, in UTC. For a file of O(results_files), that is when it was written.
    - V(null) if no result says it, such as those of releases before 0.2.0.
  returned: when the file could be written
  type: str
  sample: '2026-11-27T08:30:00Z'
compliant:
  description:
    - Whether there is no finding, everything could be read, and there is at least one resource.
    - Resources of which nothing was expected do not count. RV(summary.not_compared) is their number.
  returned: when the file could be written
  type: bool
  sample: false
summary:
  description: The numbers of the report.
  returned: when the file could be written
  type: dict
  contains:
    accounts:
      description: The number of accounts in the results. V(0) if the results name none.
      returned: always
      type: int
      sample: 3
    unread_accounts:
      description: The number of accounts that could not be entered or listed.
      returned: always
      type: int
      sample: 0
    buckets:
      description: The number of buckets.
      returned: always
      type: int
      sample: 12
    keys:
      description: The number of KMS keys.
      returned: always
      type: int
      sample: 4
    objects:
      description: The number of objects that have a row of their own in the results.
      returned: always
      type: int
      sample: 0
    counted_objects:
      description: The number of objects that M(sealed.s3.bucket_reencryption_info) counted, also by a sample.
      returned: always
      type: int
      sample: 0
    passed:
      description: The number of resources that are as expected.
      returned: always
      type: int
      sample: 13
    failed:
      description: The number of resources with findings.
      returned: always
      type: int
      sample: 3
    not_available:
      description: The number of resources that could not be read, or not all of them.
      returned: always
      type: int
      sample: 0
    not_compared:
      description: The number of resources of which nothing was expected.
      returned: always
      type: int
      sample: 0
    findings:
      description: The number of findings.
      returned: always
      type: int
      sample: 4
    by_severity:
      description: The number of findings by their severity, for each of the words of Security Hub.
      returned: always
      type: dict
      sample:
        CRITICAL: 0
        HIGH: 1
        MEDIUM: 3
        LOW: 0
        INFORMATIONAL: 0
    by_rule:
      description: The number of findings by their rule, for each rule that has any.
      returned: always
      type: dict
      sample:
        bucket-default-encryption: 3
        bucket-policy-tls: 1
comparison:
  description: The difference from the earlier report. V(null) without O(compare_to).
  returned: when the file could be written
  type: dict
  contains:
    new:
      description: The number of findings that the earlier report does not have.
      returned: always
      type: int
      sample: 1
    unchanged:
      description: The number of findings that both reports have.
      returned: always
      type: int
      sample: 3
    absent:
      description: The number of findings that only the earlier report has.
      returned: always
      type: int
      sample: 2
    not_read:
      description:
        - The number of absent findings that may be there still, because what they are about could not be read now.
      returned: always
      type: int
      sample: 0
    title:
      description: The title of the earlier report.
      returned: always
      type: str
      sample: S3 encryption report
    time:
      description: The time of the earlier report. V(null) if it has none.
      returned: always
      type: str
      sample: '2026-10-27T08:30:00Z'
    before:
      description: The numbers of the earlier report, as in RV(summary).
      returned: always
      type: dict
error:
  description: Why the task failed, in parts that a playbook can test.
  returned: when the task fails
  type: dict
  contains:
    kind:
      description: The kind of failure. C(docs/errors.md) lists all kinds.
      returned: always
      type: str
      sample: invalid
    code:
      description: The name of the error of the operating system. Empty if there is none.
      returned: always
      type: str
      sample: ''
    action:
      description: Empty, because no request is made.
      returned: always
      type: str
      sample: ''
    resource:
      description: Empty, because the message names the file or the result.
      returned: always
      type: str
      sample: ''
    layer:
      description: Empty, because no policy refuses anything.
      returned: always
      type: str
      sample: ''
"""

from ansible_collections.sealed.s3.plugins.module_utils.frontend import payload

payload.compile_once()

from ansible_collections.sealed.s3.plugins.module_utils.frontend.report import encryption_report


def main() -> None:
    """Run the module."""
    encryption_report.main()


if __name__ == "__main__":
    main()
