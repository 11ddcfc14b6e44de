# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The lookup plugin s3_object: the content of small objects as variables."""

from __future__ import annotations

DOCUMENTATION = r"""
name: s3_object
short_description: Read small objects from S3 regardless of their encryption
version_added: 0.2.0
author:
  - The sealed.s3 authors (@sealed-s3)
description:
  - Returns the plaintext of objects, which the controller reads, decrypts and verifies in memory.
  - The encryption is detected, and only an object under SSE-C or CSE-C needs its customer key.
  - B(Set C(no_log=true) on every task that uses the lookup,) because Ansible shows and logs the values of a task.
  - C(docs/lookup.md) describes the details, C(docs/api_calls.md) the API calls, and C(docs/permissions.md) the
    permissions.
options:
  _terms:
    description:
      - The keys of the objects. Each gives one result. The lookup fails if one of the objects does not exist.
    type: list
    elements: str
    required: true
  bucket:
    description:
      - The name of the bucket.
    type: str
    required: true
    aliases:
      - bucket_name
  version_id:
    description:
      - The version of the object, for a lookup with one key. If omitted, the current version is read. Needs
        C(s3:GetObjectVersion).
    type: str
    aliases:
      - version
  expected_bucket_owner:
    description:
      - The ID of the account that owns the bucket. S3 refuses every call if the bucket belongs to another account.
    type: str
  max_size:
    description:
      - The largest plaintext that is read, such as V(64KiB) or a number of bytes. Units are multiples of 1024. The size
        of an object is checked before it is downloaded.
    type: str
    default: 1MiB
  base64:
    description:
      - Whether to return the bytes in base64. If V(false), an object has to be text in UTF-8.
    type: bool
    default: false
  kms_endpoint_url:
    description:
      - The URL of the key management service, for stores that have separate endpoints for keys and objects. If omitted,
        it is O(endpoint_url).
    type: str
extends_documentation_fragment:
  - sealed.s3.encryption.lookup
  - sealed.s3.encryption.legacy_formats
  - sealed.s3.aws.request_payer
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
requirements:
  - python >= 3.10
  - boto3 >= 1.41.0
  - botocore >= 1.41.0
  - cryptography >= 3.4 (only for client-side encryption)
notes:
  - The lookup runs on the controller, with the credentials, environment and files of the controller, also for a task
    that runs on another host. The connection options of C(module_defaults) do not apply to it.
  - The lookup writes nothing and logs nothing. A variable is read again each time that it is used, so use
    M(ansible.builtin.set_fact) with C(no_log=true) for a value that many tasks need.
  - The text is returned as it is, with the line end that a file often has. The filter P(ansible.builtin.trim#filter)
    removes it.
  - An option that does not exist is refused, while Ansible ignores it in other lookups.
  - TLS certificates are checked as the AWS SDK is configured, by C(AWS_CA_BUNDLE) or C(ca_bundle).
seealso:
  - module: sealed.s3.s3_encrypted_object_download
  - module: sealed.s3.s3_encrypted_object
"""

EXAMPLES = r"""
- name: Write a password from S3 into a file of the target
  ansible.builtin.copy:
    content: "{{ lookup('sealed.s3.s3_object', 'orders/password.txt', bucket='amzn-s3-demo-bucket') }}"
    dest: /tmp/password.txt
    mode: '0600'
  no_log: true

- name: Read a password that is encrypted with SSE-C, without its line end
  ansible.builtin.set_fact:
    orders_password: >-
      {{ lookup('sealed.s3.s3_object', 'orders/secret.txt', bucket='amzn-s3-demo-bucket',
                customer_key_file='~/amzn-s3-demo-bucket.key') | trim }}
  no_log: true

- name: Read an object only if it is encrypted on the client side under this KMS key and context
  ansible.builtin.set_fact:
    orders_token: >-
      {{ lookup('sealed.s3.s3_object', 'orders/token.txt', bucket='amzn-s3-demo-bucket', encryption='CSE-KMS',
                kms_key='alias/client-side', encryption_context={'project': 'blue'}, max_size='4KiB') }}
  no_log: true

- name: Read several objects as a list
  ansible.builtin.set_fact:
    certificates: "{{ query('sealed.s3.s3_object', 'tls/a.pem', 'tls/b.pem', bucket='amzn-s3-demo-bucket') }}"
  no_log: true

- name: Upload the bytes of an object under another encryption
  sealed.s3.s3_encrypted_object:
    bucket: amzn-s3-demo-bucket
    key: copies/keystore.p12
    content_base64: "{{ lookup('sealed.s3.s3_object', 'tls/keystore.p12', bucket='amzn-s3-demo-bucket', base64=true) }}"
    encryption: SSE-KMS
  no_log: true

- name: Use a default value if the object does not exist or cannot be read
  ansible.builtin.set_fact:
    banner: >-
      {{ lookup('sealed.s3.s3_object', 'optional/banner.txt', bucket='amzn-s3-demo-bucket', errors='ignore')
         | default('Welcome', true) }}
  no_log: true
"""

RETURN = r"""
_raw:
  description:
    - The plaintext of each object, in the order of the keys. It is text, or base64 with O(base64=true).
  type: list
  elements: str
"""

from ansible_collections.sealed.s3.plugins.plugin_utils.object_lookup import ObjectLookup


class LookupModule(ObjectLookup):
    """Read the objects."""
