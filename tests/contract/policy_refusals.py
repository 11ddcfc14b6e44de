# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What each rule of bucket_encryption_policy refuses: the source of the section "What is refused" of
docs/bucket_policies.md.

tests/contract/test_policy_matrix.py sends each request of these tables to a lab that enforces policies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REFUSED = "refused"

# The columns of the table of uploads. KEY is one KMS key, and the list of the second column about keys also has the
# AWS managed key of S3.
UPLOAD_RULES: Mapping[str, Mapping[str, Any]] = {
    "SSE-S3 allowed": {"allow_encryption": ["SSE-S3"]},
    "SSE-KMS allowed": {"allow_encryption": ["SSE-KMS"]},
    "SSE-KMS, DSSE-KMS allowed": {"allow_encryption": ["SSE-KMS", "DSSE-KMS"]},
    "SSE-C allowed": {"allow_encryption": ["SSE-C"]},
    "KEY allowed": {"allow_kms_keys": ["KEY"]},
    "KEY, aws/s3 allowed": {"allow_kms_keys": ["KEY", "alias/aws/s3"]},
    "no customer keys": {"deny_customer_keys": True},
    "header required": {"require_encryption_header": True},
}

UPLOADS = """
| The upload names | SSE-S3 allowed | SSE-KMS allowed | SSE-KMS, DSSE-KMS allowed | SSE-C allowed | KEY allowed | KEY, aws/s3 allowed | no customer keys | header required |
|---|---|---|---|---|---|---|---|---|
| nothing | | | | | | | | refused |
| `AES256` | | refused | refused | refused | | | | |
| `aws:kms`, and no key | refused | | | refused | refused | | | |
| `aws:kms`, and KEY by its key ARN | refused | | | refused | | | | |
| `aws:kms`, and KEY by its key ID | refused | | | refused | refused | refused | | |
| `aws:kms`, and KEY by its alias name | refused | | | refused | refused | refused | | |
| `aws:kms`, and KEY by its alias ARN | refused | | | refused | refused | refused | | |
| `aws:kms`, and aws/s3 by its key ARN | refused | | | refused | refused | | | |
| `aws:kms`, and another key by its key ARN | refused | | | refused | refused | refused | | |
| `aws:kms:dsse`, and no key | refused | refused | | refused | refused | | | |
| `aws:kms:dsse`, and KEY by its key ARN | refused | refused | | refused | | | | |
| `aws:kms:dsse`, and KEY by its key ID | refused | refused | | refused | refused | refused | | |
| `aws:kms:dsse`, and KEY by its alias name | refused | refused | | refused | refused | refused | | |
| `aws:kms:dsse`, and KEY by its alias ARN | refused | refused | | refused | refused | refused | | |
| `aws:kms:dsse`, and aws/s3 by its key ARN | refused | refused | | refused | refused | | | |
| `aws:kms:dsse`, and another key by its key ARN | refused | refused | | refused | refused | refused | | |
| a customer key (SSE-C) | refused | refused | refused | | | | refused | |
"""  # noqa: E501

OTHER_REQUESTS = """
| The request | SSE-S3 allowed | SSE-KMS allowed | SSE-KMS, DSSE-KMS allowed | SSE-C allowed | KEY allowed | KEY, aws/s3 allowed | no customer keys | header required |
|---|---|---|---|---|---|---|---|---|
| UpdateObjectEncryption, to KEY | refused | | | refused | | | | |
| UpdateObjectEncryption, to another key | refused | | | refused | refused | refused | | |
| PutObjectTagging, PutObjectAcl, RestoreObject | | | | | | | | |
| GetObject, ListObjectsV2, DeleteObject | | | | | | | | |
"""  # noqa: E501

# The columns of the table of connections. A version implies TLS.
TLS_RULES: Mapping[str, Mapping[str, Any]] = {
    "`require_tls: true`": {"require_tls": True},
    "`minimum_tls_version: '1.2'`": {"minimum_tls_version": "1.2"},
    "`minimum_tls_version: '1.3'`": {"minimum_tls_version": "1.3"},
}

CONNECTIONS = """
| Every request over | `require_tls: true` | `minimum_tls_version: '1.2'` | `minimum_tls_version: '1.3'` |
|---|---|---|---|
| http | refused | refused | refused |
| https with TLS 1.1 | | refused | refused |
| https with TLS 1.2 | | | refused |
| https with TLS 1.3 | | | |
"""

# The columns of the table of exemptions, beside an encryption rule that the request breaks. ROLE, ACCOUNT and SERVICE
# are names.
EXEMPTIONS: Mapping[str, Mapping[str, Any]] = {
    "no exemption": {},
    "the role ROLE": {"exempt_principals": ["ROLE"]},
    "the account ACCOUNT": {"exempt_principals": ["ACCOUNT"]},
    "the service SERVICE": {"exempt_services": ["SERVICE"]},
    "all three": {"exempt_principals": ["ROLE", "ACCOUNT"], "exempt_services": ["SERVICE"]},
}

PRINCIPALS = """
| An upload that breaks a rule, by | no exemption | the role ROLE | the account ACCOUNT | the service SERVICE | all three |
|---|---|---|---|---|---|
| a session of ROLE | refused | | refused | refused | |
| another user of the bucket's account | refused | refused | refused | refused | refused |
| the root user of the bucket's account | refused | refused | refused | refused | refused |
| a user of ACCOUNT | refused | refused | | refused | |
| SERVICE | refused | refused | refused | | |
| another service | refused | refused | refused | refused | refused |
| nobody (an unsigned request) | refused | refused | refused | refused | refused |
"""  # noqa: E501


# What clients send, in the words of the first table. KEY has the alias `alias/app`.
CLIENTS = """
| Client | With these options | The upload names |
|---|---|---|
| sealed.s3.s3_encrypted_object and s3_encrypted_sync | none | nothing |
| | `encryption: SSE-S3` | `AES256` |
| | `encryption: SSE-KMS` | `aws:kms`, and no key |
| | `encryption: SSE-KMS`, `kms_key: alias/app` | `aws:kms`, and KEY by its key ARN |
| | `encryption: DSSE-KMS`, `kms_key: alias/app` | `aws:kms:dsse`, and KEY by its key ARN |
| | `encryption: SSE-C`, `customer_key: …` | a customer key (SSE-C) |
| | `encryption: CSE-KMS`, `kms_key: alias/app` | nothing |
| | `encryption: CSE-C`, `customer_key: …` | nothing |
| amazon.aws.s3_object | none | `AES256` |
| | `encrypt: false` | nothing |
| | `encryption_mode: aws:kms` | `aws:kms`, and no key |
| | `encryption_mode: aws:kms`, `encryption_kms_key_id: alias/app` | `aws:kms`, and KEY by its alias name |
| aws s3 cp | none | nothing |
| | `--sse` | `AES256` |
| | `--sse aws:kms` | `aws:kms`, and no key |
| | `--sse aws:kms`, `--sse-kms-key-id alias/app` | `aws:kms`, and KEY by its alias name |
| boto3's upload_file and copy | none | nothing |
| | `ServerSideEncryption="aws:kms:dsse"` | `aws:kms:dsse`, and no key |
| | `ServerSideEncryption="aws:kms"`, `SSEKMSKeyId="alias/app"` | `aws:kms`, and KEY by its alias name |
"""


def read_clients() -> dict[str, dict[str, str]]:
    """Return for each client and its options what its upload names. An empty cell repeats the one above."""
    found: dict[str, dict[str, str]] = {}
    client = ""
    for line in CLIENTS.strip().splitlines()[2:]:
        named, options, names = (cell.strip() for cell in line.strip("|").split("|"))
        client = named or client
        found.setdefault(client, {})[options] = names
    return found


def read_table(text: str) -> dict[str, dict[str, bool]]:
    """Return for each row whether each column refuses it. Raise ValueError for a cell of another text."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()]
    (_title, *columns), _rule, *rows = lines
    for row in rows:
        if len(row) != len(columns) + 1 or not {"", REFUSED} >= set(row[1:]):
            raise ValueError(f"not a row of the table: {row}")
    return {row[0]: {column: row[place] == REFUSED for place, column in enumerate(columns, 1)} for row in rows}


_SECTION = """
The columns of the tables of uploads and of other requests are these options:

{legend}

Rules together refuse what one of them refuses. What a rule refuses is an AccessDenied "with an explicit deny in a
resource-based policy". S3 does not name the statement. The default encryption of the bucket is not compared: an upload
that names nothing gets it.

{uploads}

What clients send:

{clients}

Requests that are no uploads:

{others}

AWS does not document two points, so S3 can differ from the simulation. First, UpdateObjectEncryption also needs
`s3:PutObject`. The simulation compares `allow_encryption` with the new encryption there, which is always `aws:kms`.
Second, the parts of a multipart upload have no encryption header. The simulation lets them pass if the upload did.
Users have reported that S3 refused parts under policies that require a header, so test `require_encryption_header` with
your clients.

`require_tls` and `minimum_tls_version` apply to all requests, also to reads. Only the root user of the bucket's account
can still read, replace and delete the policy over any connection.

{connections}

Exemptions are for the rules about encryption. Each of them exempts on its own. ROLE and ACCOUNT are in
`exempt_principals`, and SERVICE is in `exempt_services`:

{principals}
"""


START = "<!-- refused:begin: the tables of tests/contract/policy_refusals.py -->"
END = "<!-- refused:end -->"


def render_section() -> str:
    """The text of the section "What is refused" of docs/bucket_policies.md."""
    legend = "\n".join(f"| {column} | `{_as_yaml(rule)}` |" for column, rule in UPLOAD_RULES.items())
    return _SECTION.format(
        legend=f"| Column | Options |\n|---|---|\n{legend}",
        uploads=UPLOADS.strip(),
        clients=CLIENTS.strip(),
        others=OTHER_REQUESTS.strip(),
        connections=CONNECTIONS.strip(),
        principals=PRINCIPALS.strip(),
    ).strip()


def _as_yaml(rule: Mapping[str, Any]) -> str:
    ((option, value),) = rule.items()
    return f"{option}: {'true' if value is True else '[' + ', '.join(value) + ']'}"
