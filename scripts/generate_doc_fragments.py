#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Write the documentation that has its source elsewhere.

The options, choices and tables of encryption kinds follow from plugins/module_utils/model/kinds. The return values that
several modules share are in return_blocks.py.

generate_doc_fragments.py            writes three files of plugins/doc_fragments, the tables in README.md,
                                     docs/encryption_kinds.md and docs/reencryption.md, docs/permissions.md,
                                     docs/rules.md, and the parts of modules that are marked as generated
generate_doc_fragments.py --check    writes nothing, and fails if one of them is out of date

The marks in a module are

    choices:  # generated: NAME

with the choices of an option below it, and, around return values,

    # generated: NAME
    # end of generated

A new shared return value is a member of BLOCKS in return_blocks.py, and these two lines in each module.
"""

from __future__ import annotations

import importlib
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import reencryption_tables
import role_policies
import rules_guide
from return_blocks import BLOCKS, Field

ROOT = Path(__file__).resolve().parent.parent
FRAGMENTS = ROOT / "plugins" / "doc_fragments"
GUIDE = ROOT / "docs" / "encryption_kinds.md"
REENCRYPTION = ROOT / "docs" / "reencryption.md"
README = ROOT / "README.md"
PERMISSIONS = ROOT / "docs" / "permissions.md"
RULES = ROOT / "docs" / "rules.md"
MODULES = ROOT / "plugins" / "modules"
WIDTH = 118

# The model imports only the standard library, so it can be imported from its folder, without Ansible.
sys.path.insert(0, str(ROOT / "plugins" / "module_utils"))
_registry = importlib.import_module("model.kinds.registry")
KINDS = _registry.KINDS
OBJECT_KINDS: tuple[str, ...] = _registry.OBJECT_KINDS
BUCKET_DEFAULT_KINDS: tuple[str, ...] = _registry.BUCKET_DEFAULT_KINDS
BLOCKABLE_KINDS: tuple[str, ...] = _registry.BLOCKABLE_KINDS
CIPHERTEXT_KINDS: tuple[str, ...] = _registry.CIPHERTEXT_KINDS
with_wire_words = _registry.with_wire_words

_envelope = importlib.import_module("model.envelope")

CLIENT_SIDE_KINDS = tuple(kind.name for kind in KINDS if kind.is_client_side)
KMS_CLIENT_SIDE_KINDS = tuple(kind.name for kind in KINDS if kind.is_client_side and "kms_key" in kind.options)
OWN_KEY_KINDS = tuple(kind.name for kind in KINDS if "customer_key" in kind.options)
OWN_KEY_CLIENT_SIDE_KINDS = tuple(name for name in OWN_KEY_KINDS if name in CLIENT_SIDE_KINDS)

# The permissions are in the tests, which run tasks with them.
sys.path.insert(0, str(ROOT / "tests" / "contract"))
_permissions = importlib.import_module("permissions")

Option = dict[str, Any]
Options = dict[str, Option]

_KEY_FORMS = "A key ID, key ARN, alias name (V(alias/NAME)) or alias ARN."
_KEY_CHECK = (
    "The key is checked before a write that uses it. It has to exist, be enabled and symmetric, and be in the region "
    "of the bucket."
)
_KEY_PERMISSION = (
    "Needs C(kms:DescribeKey). If that is denied, a key ARN is used without the check and the task warns. The other "
    "forms fail."
)
_CONTEXT_TRAP = (
    "With a bucket key, the encryption context that KMS receives is the ARN of the bucket instead of the ARN of the "
    "object. Policies with a condition on C(kms:EncryptionContext:aws:s3:arn) have to allow both."
)
_CUSTOMER_KEY_FORMS = (
    "256 bits, as 44 characters of base64, 64 of hexadecimal, or 32 of ASCII text. The length decides the format. "
    "Quote the value, so that YAML does not read digits as a number."
)
_NEVER_SHOWN = (
    "The key is never shown in a result, diff, error or log. Results identify it by its MD5. "
    "Ansible itself prints the items of a C(loop), also with a C(label). So do not loop over keys: loop over names and "
    "look up the key in the task, use O(customer_key_file), or set C(no_log: true)."
)
_KEY_OF_STORE = (
    "At a store without a key service, without C(kms_endpoint_url), name the key as the store does. The name is used "
    "as it is written, also in the form C(arn:aws:kms:NAME) that some stores report, and the task warns."
)
_KEY_FILE_MODE = (
    "The task warns about a file that other users can write, or that all users can read. A value that has the form of "
    "a key is refused without showing it; a file with such a name is written with its folder, such as C(./NAME)."
)
_KEY_FILE_FORMS = (
    "A file with the customer key on the target, the host that runs the task. It contains 32 raw bytes, or one of the "
    "formats of O(customer_key). The file is not read from the controller."
)


def _supported_by(option: str, among: Iterable[str]) -> str:
    """Return the kinds that support the option, as a sentence."""
    names = set(among)
    return _only_with(f"O(encryption={kind.name})" for kind in KINDS if kind.name in names and option in kind.options)


def _supported_inside(option: str) -> str:
    """Return the kinds that support a suboption of server_side, as a sentence."""
    return _only_with(
        f"O(server_side.encryption={kind.name})"
        for kind in KINDS
        if kind.name in CIPHERTEXT_KINDS and option in kind.options
    )


def _only_with(kinds: Iterable[str]) -> str:
    *others, last = kinds
    return f"Only with {', '.join(others)} or {last}." if others else f"Only with {last}."


def _either(names: Iterable[str]) -> str:
    """Return kinds as alternatives, for a sentence."""
    return " or ".join(f"V({name})" for name in names)


def _as_values(names: Iterable[str]) -> str:
    """Return kinds as values, for a sentence."""
    return " and ".join(f"V({name})" for name in names)


def _summaries(names: Iterable[str]) -> list[str]:
    chosen = set(names)
    return [f"V({kind.name}) - {kind.summary}" for kind in KINDS if kind.name in chosen]


def _wire_words(names: Iterable[str]) -> str:
    """Return the sentence about AWS's own words, which are choices too."""
    pairs = [f"V({kind.wire}) is V({kind.name})" for kind in KINDS if kind.name in names and kind.wire]
    return f"AWS's own words are accepted, too: {', '.join(pairs)}. Results have the names of this collection."


def object_options() -> Options:
    """Return the options for the encryption of an object that is written."""

    def supported_by(option: str) -> str:
        return _supported_by(option, OBJECT_KINDS)

    return {
        "encryption": {
            "description": [
                "The encryption of the object.",
                *_summaries(OBJECT_KINDS),
                _wire_words(OBJECT_KINDS),
                "If omitted, new content is uploaded without an encryption header, so the bucket's default encryption "
                "applies. An object whose content does not change keeps its encryption.",
                "If set, it is compared with what HeadObject reports, and with the envelope of client-side encryption. "
                "If only the encryption differs, the object is encrypted again, in place or by a copy onto itself. See "
                "O(change_method).",
                f"{_either(CLIENT_SIDE_KINDS)} is client-side encryption, in the format of the Amazon S3 Encryption "
                "Client. S3 gets only the ciphertext. C(docs/client_side_encryption.md) describes it. It needs the "
                "Python package C(cryptography), and content of less than 64 GiB.",
                "S3 cannot change an object to client-side encryption or back. Then the object is read and uploaded "
                "again. Its plaintext is in a temporary file without a name meanwhile, on the host that runs the task.",
                f"The bucket has to allow {_as_values(BLOCKABLE_KINDS)}. New buckets block it since April 2026. See "
                "O(sealed.s3.bucket_default_encryption#module:blocked_encryption_types). The module checks this "
                "before the write with one GetBucketEncryption, which needs C(s3:GetEncryptionConfiguration). "
                "Without that permission, S3 answers the write with an AccessDenied that does not name the cause.",
            ],
            "type": "str",
            "choices": list(with_wire_words(OBJECT_KINDS)),
            "aliases": ["encryption_mode"],
        },
        "kms_key": {
            "description": [
                f"The KMS key. {supported_by('kms_key')}",
                f"{_KEY_FORMS} It is resolved to a key ARN in the region of the bucket. Only key ARNs are compared and "
                "sent to S3 or KMS.",
                "If omitted, an object that already has the same O(encryption) keeps its key. Otherwise S3 uses the "
                "AWS managed key C(alias/aws/s3). Client-side encryption cannot use that key, so the key of a new "
                "object has to be named.",
                f"{_KEY_CHECK} The check costs one DescribeKey. A form other than a key ARN costs it in every run.",
                _KEY_OF_STORE,
                _KEY_PERMISSION,
                "Writing also needs C(kms:GenerateDataKey) on the key. Reading needs C(kms:Decrypt), and so does "
                "HeadObject, because it returns checksums.",
                f"Under {_either(KMS_CLIENT_SIDE_KINDS)}, this module calls KMS itself, so the key policy must not "
                "allow the use through S3 only. See O(sealed.s3.kms_key_for_s3#module:through_s3_only). Comparing and "
                "reading need C(kms:Decrypt), new content C(kms:GenerateDataKey), and a change of the key or of the "
                "context C(kms:Encrypt).",
            ],
            "type": "str",
            "aliases": ["encryption_key_id", "encryption_kms_key_id"],
        },
        "bucket_key_enabled": {
            "description": [
                "Whether S3 uses an S3 bucket key for the object, which reduces the number of KMS requests. "
                f"{supported_by('bucket_key_enabled')}",
                "If omitted, an object under SSE-KMS keeps its setting. Any other object gets the setting of the "
                "bucket's default encryption.",
                _CONTEXT_TRAP,
            ],
            "type": "bool",
        },
        "encryption_context": {
            "description": [
                "Names and values that are passed to KMS whenever the key is used. "
                f"{supported_by('encryption_context')}",
                "CloudTrail logs it in plain text.",
                "Under server-side encryption, S3 passes it to KMS. It is sent with every write and never compared, "
                "because S3 does not report it. A different context alone changes nothing. A write from a task that "
                "omits it has no context of its own. Set it in every task that may write the object.",
                f"Under {_either(KMS_CLIENT_SIDE_KINDS)}, it is bound to the data key, stored in the envelope in plain "
                "text, and compared. A different context encrypts the data key again. If it is omitted or empty, an "
                "object keeps its context. It has to be ASCII, and names that begin with C(aws:) are reserved.",
            ],
            "type": "dict",
        },
        "customer_key": {
            "description": [
                f"The customer key. {supported_by('customer_key')}",
                _CUSTOMER_KEY_FORMS,
                f"Under {_as_values(BLOCKABLE_KINDS)}, S3 gets the key with every request, and it is compared by its "
                f"MD5, which S3 reports. Under {_either(OWN_KEY_CLIENT_SIDE_KINDS)}, the key never leaves the host "
                "that runs the task. Then the object is under this key if the key decrypts its data key.",
                _NEVER_SHOWN,
                "Mutually exclusive with O(customer_key_file).",
            ],
            "type": "str",
        },
        "customer_key_file": {
            "description": [
                f"{_KEY_FILE_FORMS} {supported_by('customer_key_file')}",
                _KEY_FILE_MODE,
                "Mutually exclusive with O(customer_key).",
            ],
            "type": "path",
        },
        "customer_key_generate": {
            "description": [
                "Whether to create O(customer_key_file) with a random key if the file does not exist. The key is "
                f"written in base64, with mode 0600. {supported_by('customer_key_generate')}",
                "The file is written just before the object, and not in check mode. Its directory has to exist.",
                "Keep the file safe. Without the key, neither you nor AWS can read the object.",
            ],
            "type": "bool",
            "default": False,
        },
        "previous_customer_key": {
            "description": [
                "The customer key that the object is currently encrypted with. Use it to change the object to another "
                "O(customer_key) or another O(encryption). It has the formats of O(customer_key).",
                "It is tried after O(customer_key), so it can stay in the task after the change. S3 gets it only for "
                "an object that it does not return without a key. This costs four more requests.",
                f"Under {_either(OWN_KEY_CLIENT_SIDE_KINDS)}, a change of the key keeps the content. If the envelope "
                "is in an instruction file, only this small file is written. Otherwise S3 copies the object onto "
                "itself.",
                "Mutually exclusive with O(previous_customer_key_file).",
            ],
            "type": "str",
        },
        "previous_customer_key_file": {
            "description": [
                "A file on the target with the previous customer key, in the formats of O(customer_key_file).",
                "Mutually exclusive with O(previous_customer_key).",
            ],
            "type": "path",
        },
        "envelope": {
            "description": [
                f"Where the envelope of client-side encryption is, which has the encrypted data key. "
                f"{supported_by('envelope')}",
                "V(metadata) - in the metadata of the object.",
                "V(instruction_file) - in an object of its own, whose key is that of the object with C(.instruction) "
                "appended. The key or the context can then be changed without writing the object again.",
                "If omitted, new content gets a new data key and V(metadata). An object whose content does not change "
                "keeps its envelope where it is.",
                "With V(instruction_file), new content is encrypted with the data key of the instruction file, if "
                "there is one. So anyone who had that data key can read the new content too.",
                "An instruction file is deleted with the last version of its object. If that cannot be found out, it "
                "stays, and the task warns.",
            ],
            "type": "str",
            "choices": [place.value for place in _envelope.EnvelopePlace],
        },
        "server_side": {
            "description": [
                f"The encryption that S3 applies to the ciphertext. {supported_by('server_side')}",
                "If omitted, new content gets the bucket's default encryption, and an object whose content does not "
                "change keeps its own. An instruction file that is written gets the same.",
            ],
            "type": "dict",
            "suboptions": {
                "encryption": {
                    "description": ["The encryption by S3, as for an object without client-side encryption."],
                    "type": "str",
                    "choices": list(with_wire_words(CIPHERTEXT_KINDS)),
                },
                "kms_key": {
                    "description": [
                        f"The KMS key that S3 uses, in the forms of O(kms_key). {_supported_inside('kms_key')}",
                    ],
                    "type": "str",
                },
                "bucket_key_enabled": {
                    "description": [f"Whether S3 uses an S3 bucket key. {_supported_inside('bucket_key_enabled')}"],
                    "type": "bool",
                },
            },
        },
    }


def kind_options() -> Options:
    """Return the options for the encryption that an object has to have when it is read."""
    return {
        "encryption": {
            "description": [
                "The encryption that the object has to have. If it has another one, or none, the task fails with the "
                "kind C(non_compliant).",
                "If omitted, the encryption is detected, and an object of any kind is downloaded. This does not prove "
                "who wrote it.",
                f"Name {_either(CLIENT_SIDE_KINDS)} for an object of the older formats whose envelope is in an "
                "instruction file. Its metadata may not show this. Without this option and without a customer key, its "
                "ciphertext would be downloaded.",
                f"With {_as_values(BLOCKABLE_KINDS)}, the customer key is sent with the first request. With "
                f"{_either(OWN_KEY_CLIENT_SIDE_KINDS)}, it is never sent. If omitted, S3 gets it only after it has "
                "refused the object without a key, which costs four more requests.",
                _wire_words(OBJECT_KINDS),
            ],
            "type": "str",
            "choices": list(with_wire_words(OBJECT_KINDS)),
            "aliases": ["encryption_mode"],
        },
        "kms_key": {
            "description": [
                "The KMS key that the object has to be encrypted with. If it is encrypted with another one, or without "
                "one, the task fails.",
                f"{_KEY_FORMS} It is resolved to a key ARN in the region of the bucket. A form other than a key ARN "
                "costs one DescribeKey.",
                f"If omitted, every KMS key is accepted. Under {_either(KMS_CLIENT_SIDE_KINDS)}, it then has to belong "
                "to the account of the caller or to O(expected_bucket_owner), because anyone who can write to the "
                "bucket can put an object there under a key of their own.",
            ],
            "type": "str",
            "aliases": ["encryption_key_id", "encryption_kms_key_id"],
        },
        "encryption_context": {
            "description": [
                "The encryption context of the object. It allows a task to use the same options as the upload.",
                f"Under {_either(KMS_CLIENT_SIDE_KINDS)}, it has to equal the context of the object, and otherwise the "
                "task fails before it calls KMS. If omitted, the stored context is used.",
                "Under SSE-KMS and DSSE-KMS, it is neither sent nor compared. S3 stores the context that the object "
                "was written with, and passes it to KMS with every read. A different context alone changes nothing.",
                "If the encryption of the object has no context, the object is downloaded and the task warns.",
            ],
            "type": "dict",
        },
    }


def legacy_options() -> Options:
    """Return the option for the older formats of client-side encryption."""
    return {
        "legacy_formats": {
            "description": [
                "The older formats of client-side encryption that the task accepts, in addition to V3, the format that "
                "is written. An object in another format is refused.",
                "V(v2) - the content is authenticated, but the envelope does not commit to the data key.",
                "V(v1) - V1 with AES-GCM. The content is authenticated, but the data key is not bound to the "
                "algorithm.",
                "V(v1_cbc) - V1 with AES-CBC. B(The content is not authenticated:) anyone who can write to the bucket "
                "may have changed it, and no reader can find that out.",
                "V([]) accepts V3 only.",
            ],
            "type": "list",
            "elements": "str",
            "choices": [each.value for each in _envelope.Format if each is not _envelope.Format.V3],
            "default": [_envelope.Format.V2.value],
        },
    }


def bucket_options() -> Options:
    """Return the options for the default encryption of a bucket."""

    def supported_by(option: str) -> str:
        return _supported_by(option, BUCKET_DEFAULT_KINDS)

    return {
        "encryption": {
            "description": [
                "The encryption of new objects whose upload does not request an encryption.",
                *_summaries(BUCKET_DEFAULT_KINDS),
                _wire_words(BUCKET_DEFAULT_KINDS),
                "If omitted, each bucket keeps its algorithm.",
            ],
            "type": "str",
            "choices": list(with_wire_words(BUCKET_DEFAULT_KINDS)),
        },
        "kms_key": {
            "description": [
                f"The KMS key. {supported_by('kms_key')} Without O(encryption), the buckets already have to use one "
                "of these.",
                f"{_KEY_FORMS} It is resolved to a key ARN in the region of each bucket. Only key ARNs are compared "
                "and sent to S3.",
                "An alias works for buckets of several regions if it exists in each of them. The ARN of a multi-Region "
                "key selects its replica in the region of the bucket. Any other ARN of another region is refused for "
                "that bucket.",
                "If omitted, a bucket keeps its key if it has one. Otherwise S3 uses the AWS managed key "
                "C(alias/aws/s3).",
                f"{_KEY_CHECK} The check costs one DescribeKey for each region, regardless of the number of buckets. "
                "A form other than a key ARN costs it in every run.",
                _KEY_OF_STORE,
                _KEY_PERMISSION,
            ],
            "type": "str",
            "aliases": ["encryption_key_id", "encryption_kms_key_id"],
        },
        "bucket_key_enabled": {
            "description": [
                "Whether new objects under SSE-KMS use an S3 bucket key, which reduces the number of KMS requests. "
                f"{supported_by('bucket_key_enabled')} V(false) is accepted with every O(encryption).",
                "If omitted, each bucket keeps its setting, and a bucket that changes to SSE-KMS gets V(true).",
                "Under DSSE-KMS it is neither set nor compared, because S3 accepts it there but does not apply it.",
                _CONTEXT_TRAP,
            ],
            "type": "bool",
        },
        "blocked_encryption_types": {
            "description": [
                "The encryption types that S3 refuses for new objects in the bucket. S3 can block only "
                f"{_as_values(BLOCKABLE_KINDS)}.",
                "V([]) allows all types. It is sent to S3 as C(NONE).",
                "If omitted, the blocked types that S3 reports are kept, and sent again with every write.",
            ],
            "type": "list",
            "elements": "str",
            "choices": list(BLOCKABLE_KINDS),
        },
    }


def reencryption_options() -> Options:
    """Return the options for the encryption that objects that exist already are to have."""

    def supported_by(option: str) -> str:
        return _supported_by(option, BUCKET_DEFAULT_KINDS)

    return {
        "encryption": {
            "description": [
                "The encryption by S3 that all selected objects are to have.",
                *_summaries(BUCKET_DEFAULT_KINDS),
                _wire_words(BUCKET_DEFAULT_KINDS),
                "If this, O(kms_key) and O(bucket_key_enabled) are omitted, it is the default encryption of the "
                "bucket, with its key.",
                "For an object under client-side encryption, it is the encryption of its ciphertext. Its envelope and "
                "its data key do not change.",
            ],
            "type": "str",
            "choices": list(with_wire_words(BUCKET_DEFAULT_KINDS)),
        },
        "kms_key": {
            "description": [
                f"The KMS key. {supported_by('kms_key')}",
                f"{_KEY_FORMS} It is resolved to a key ARN in the region of the bucket. Only key ARNs are compared and "
                "sent to S3.",
                "If omitted, an object that already has the same O(encryption) keeps its key, whichever it is. Any "
                "other object gets the AWS managed key C(alias/aws/s3), by a copy, because S3 cannot change an object "
                "in place to that key. So name the key.",
                f"{_KEY_CHECK} The check costs one DescribeKey.",
                "S3 changes objects in place only to a key of the account that owns the bucket.",
                _KEY_OF_STORE,
                _KEY_PERMISSION,
            ],
            "type": "str",
            "aliases": ["encryption_key_id", "encryption_kms_key_id"],
        },
        "bucket_key_enabled": {
            "description": [
                "Whether S3 uses S3 bucket keys for the objects, which reduces the number of KMS requests. "
                f"{supported_by('bucket_key_enabled')}",
                "If omitted, objects that are under the key already keep their setting. Those that are changed get the "
                "setting of the bucket's default encryption if that is SSE-KMS, and otherwise V(true). The setting is "
                "part of every request and of every job, because S3 would take V(false).",
                _CONTEXT_TRAP,
            ],
            "type": "bool",
        },
        "customer_key": {
            "description": [
                f"The customer key of the objects under {_either(BLOCKABLE_KINDS)}. S3 gets it only for an object that "
                "it does not return without a key. Without it, such objects are skipped and counted.",
                "All of them have to be under this key. One under another key fails.",
                _CUSTOMER_KEY_FORMS,
                _NEVER_SHOWN,
                "Mutually exclusive with O(customer_key_file).",
            ],
            "type": "str",
        },
        "customer_key_file": {
            "description": [_KEY_FILE_FORMS, _KEY_FILE_MODE, "Mutually exclusive with O(customer_key)."],
            "type": "path",
        },
    }


def customer_key_options() -> Options:
    """Return the options for the customer key of an object that is only read."""
    return {
        "customer_key": {
            "description": [
                f"The customer key of an object under {_either(OWN_KEY_KINDS)}. An object under another encryption "
                "does not need it, and the properties of an object under "
                f"{_either(OWN_KEY_CLIENT_SIDE_KINDS)} can be read without it.",
                "S3 gets it only for an object that it does not return without a key, because an own key of "
                "client-side encryption must not reach S3. This costs four more requests for an object under SSE-C.",
                _CUSTOMER_KEY_FORMS,
                _NEVER_SHOWN,
                "Mutually exclusive with O(customer_key_file).",
            ],
            "type": "str",
        },
        "customer_key_file": {
            "description": [_KEY_FILE_FORMS, _KEY_FILE_MODE, "Mutually exclusive with O(customer_key)."],
            "type": "path",
        },
    }


def selection_options(*, by_encryption: bool) -> Options:
    """Return the option `select` for objects, with or without the encryption that they have now."""
    known = (
        "Everything but O(select.encryption) is known from the list" if by_encryption else "All is known from the list"
    )
    suboptions: Options = {
        "prefix": {
            "description": ["What the keys begin with. Nothing is added to it, so V(logs) also selects C(logs-old/a)."],
            "type": "str",
            "default": "",
        },
        "suffix": {
            "description": ["What the keys end with, such as V(.parquet)."],
            "type": "str",
            "default": "",
        },
        "older_than": {
            "description": [
                "The objects that were last written before this time: a date such as V(2026-01-31), a time in ISO 8601 "
                "such as V(2026-01-31T12:00:00Z), or a duration before now in weeks, days, hours, minutes or seconds, "
                "such as V(2w), V(30d), V(12h), V(90m) or V(30s). Without an offset, it is in UTC.",
                "A copy writes an object, so it is new again. A change in place keeps its time.",
            ],
            "type": "str",
        },
        "newer_than": {
            "description": ["The objects that were last written after this time, as O(select.older_than)."],
            "type": "str",
        },
        "larger_than": {
            "description": [
                "The objects that are larger than this: a number of bytes, or a number with a unit such as V(1MiB). "
                "Units are multiples of 1024.",
            ],
            "type": "str",
        },
        "smaller_than": {
            "description": ["The objects that are smaller than this, as O(select.larger_than)."],
            "type": "str",
        },
        "storage_classes": {
            "description": ["Their storage classes, such as V(STANDARD_IA). If omitted, all of them."],
            "type": "list",
            "elements": "str",
        },
    }
    if by_encryption:
        suboptions["encryption"] = {
            "description": [
                "The encryption by S3 that the objects have now. One of the elements has to match. If omitted, all "
                "match.",
                "An element is the name of a kind, as V(SSE-S3), V(SSE-KMS), V(DSSE-KMS) or V(SSE-C), or V(NONE) for "
                "objects without encryption; or a KMS key in one of its four forms; or a dictionary with "
                "C(encryption), C(kms_key) or both.",
            ],
            "type": "list",
            "elements": "raw",
        }
    return {
        "select": {
            "description": [
                "Which objects of the bucket. An object has to match all of these criteria. If omitted, all objects "
                "match.",
                f"{known}, so an object that does not match it costs no request of its own. But the list contains all "
                "objects with O(select.prefix).",
            ],
            "type": "dict",
            "suboptions": suboptions,
        },
    }


def lookup_options() -> Options:
    """Return the options of the lookup for the encryption that an object has to have, and for its customer key."""
    return {
        "encryption": {
            "description": [
                "The encryption that the objects have to have. The lookup fails for an object with another one, or "
                "none.",
                "If omitted, the encryption is detected, and objects of any kind are read. This does not prove who "
                "wrote them.",
                f"Name {_either(CLIENT_SIDE_KINDS)} for an object of the older formats whose envelope is in an "
                "instruction file. Without this option and without a customer key, its ciphertext would be returned.",
                f"With {_as_values(BLOCKABLE_KINDS)}, the customer key is sent with the first request. With "
                f"{_either(OWN_KEY_CLIENT_SIDE_KINDS)}, it is never sent. If omitted, S3 gets it only after it has "
                "refused the object without a key, which costs four more requests.",
                _wire_words(OBJECT_KINDS).partition(" Results ")[0],
            ],
            "type": "str",
            "choices": list(with_wire_words(OBJECT_KINDS)),
            "aliases": ["encryption_mode"],
        },
        "kms_key": {
            "description": [
                "The KMS key that the objects have to be encrypted with. The lookup fails for an object under another "
                "one, or without one.",
                f"{_KEY_FORMS} A form other than a key ARN costs one DescribeKey.",
                f"If omitted, every KMS key is accepted. Under {_either(KMS_CLIENT_SIDE_KINDS)}, it then has to belong "
                "to the account of the caller or to O(expected_bucket_owner).",
            ],
            "type": "str",
            "aliases": ["encryption_key_id", "encryption_kms_key_id"],
        },
        "encryption_context": {
            "description": [
                f"The encryption context. Under {_either(KMS_CLIENT_SIDE_KINDS)}, it has to equal the context of each "
                "object. If omitted, the stored context is used. Under other kinds, it is neither sent nor compared.",
            ],
            "type": "dict",
        },
        "customer_key": {
            "description": [
                f"The customer key of objects under {_either(OWN_KEY_KINDS)}. Other objects do not need it.",
                _CUSTOMER_KEY_FORMS.partition(" Quote ")[0],
                "The key is never shown in an error or a warning.",
                "Mutually exclusive with O(customer_key_file).",
            ],
            "type": "str",
        },
        "customer_key_file": {
            "description": [
                "A file of the controller with the customer key: 32 raw bytes, or one of the formats of "
                "O(customer_key). A file that is encrypted with Ansible Vault is decrypted. A relative path is "
                "searched in C(files/) of the role and of the playbook, and beside them.",
                "Mutually exclusive with O(customer_key).",
            ],
            "type": "str",
        },
    }


_ROLE_CHAIN = (
    "The ARN of an IAM role, or a list of them. Each role of a list is assumed with the session of the one before it, "
    "and the first one with the credentials of the task."
)


def session_options(option: str) -> Options:
    """Return the suboptions for the sessions of roles, which are in this option."""
    longest = "the maximum session duration of the role"
    if option.endswith("role_arn"):
        longest = f"{longest}. With more than one role in O({option}), AWS allows at most V(3600)"
    return {
        "external_id": {
            "description": [
                "The external ID that the trust policy of the role demands, which is not a secret. It is sent to every "
                "role of a chain. A role that does not demand one ignores it.",
            ],
            "type": "str",
        },
        "session_name": {
            "description": ["The name of the session, which CloudTrail shows in the account of the role."],
            "type": "str",
            "default": "sealed.s3",
        },
        "duration_seconds": {
            "description": [
                f"How long a session is valid, from V(900) to V(43200), and at most {longest}.",
                "If omitted, it is one hour. The task renews its sessions before they expire, so it can take longer.",
            ],
            "type": "int",
        },
    }


def assume_role_options() -> Options:
    """Return the option of every module for a role to assume."""
    return {
        "assume_role": {
            "description": [
                "A role to work with, in this account or in another one. The other connection options describe the "
                "credentials that assume it.",
                "The session is limited to the actions that this module needs, and is renewed before it expires. It "
                "costs one AssumeRole for each role, which needs C(sts:AssumeRole) and the trust policy of the role. "
                "C(docs/accounts.md) has both policies.",
                "Do not set it in C(module_defaults) for C(group/sealed.s3.aws) in a play that also runs modules of "
                "amazon.aws, which do not support it.",
            ],
            "type": "dict",
            "version_added": "0.2.0",
            "suboptions": {
                "role_arn": {"description": [_ROLE_CHAIN], "type": "list", "elements": "str", "required": True},
                **session_options("assume_role.role_arn"),
            },
        },
    }


def account_options() -> Options:
    """Return the options for many accounts in one task."""
    default_role = "OrganizationAccountAccessRole"
    regions = (
        "Limits the work to these regions. If omitted or empty, it is not limited. On AWS, a region that the installed "
        "SDK does not know is refused."
    )
    account: Options = {
        "account_id": {
            "description": [
                "The ID of the account, in quotes. If omitted, it is the account of the last role of "
                "O(accounts[].role_arn).",
                "If both are set and differ, the task fails before the first request.",
            ],
            "type": "str",
        },
        "role_arn": {
            "description": [_ROLE_CHAIN, "The last one has to be of the account to work in."],
            "type": "list",
            "elements": "str",
        },
        "role_name": {
            "description": [
                "The name of a role of the account, instead of O(accounts[].role_arn). A role with a path is named "
                f"C(PATH/NAME). If both are omitted, it is V({default_role}).",
                "The account of the task's own credentials is entered with these credentials, without a role.",
            ],
            "type": "str",
        },
        "name": {
            "description": [
                "A name for the account, for results and for patterns. Without it, the account has no name.",
            ],
            "type": "str",
        },
        "regions": {"description": [regions], "type": "list", "elements": "str"},
        **session_options("accounts[].role_arn"),
    }
    organization: Options = {
        "role_name": {
            "description": [
                "The name of a role that each account has. A role with a path is named C(PATH/NAME). If omitted, it is "
                f"V({default_role}).",
                "The account of the task's own credentials is entered with these credentials, without a role. The "
                f"management account has no V({default_role}) unless you have made it there. So run the task in the "
                "management account, or name it in O(organization.exclude).",
            ],
            "type": "str",
        },
        "units": {
            "description": [
                "The organizational units. An account is selected if it is in one of them, or anywhere below it.",
                "Each is an ID such as V(ou-ab12-34567890), or the names from below the root on, such as "
                "V(Workloads/Prod). Each of the names may be a shell pattern, such as V(*/Prod). A unit that does not "
                "exist is an error.",
                "If omitted, accounts in all units and in the root are selected. An empty list is refused.",
            ],
            "type": "list",
            "elements": "str",
        },
        "tags": {
            "description": [
                "The account has all of these tags. If omitted, tags are not compared. Neither an empty dict nor a tag "
                "without a value (null) is accepted.",
                "They cost one ListTagsForResource for each account that matches the other criteria.",
            ],
            "type": "dict",
        },
        "exclude": {
            "description": [
                "Shell patterns of IDs and names of accounts. None of them may match. A pattern that matches no "
                "account of the organization causes a warning.",
            ],
            "type": "list",
            "elements": "str",
        },
        "regions": {"description": [regions], "type": "list", "elements": "str"},
        **session_options("organization.role_name"),
    }
    return {
        "accounts": {
            "description": [
                "The accounts to work in. Each is entered by a role, with the credentials that the connection options "
                "describe. At most 16 accounts are entered at the same time.",
                "An account that cannot be entered fails, and the task goes on with the others. Then the task fails at "
                "its end, and RV(failed_accounts) names the account.",
                "Each row of the result has the C(account_id) and the C(account_name). C(docs/accounts.md) describes "
                "the roles, their policies and the results.",
                "An empty list is refused, and so is an account that is named twice.",
                "O(assume_role), O(accounts) and O(organization) are mutually exclusive.",
            ],
            "type": "list",
            "elements": "dict",
            "version_added": "0.2.0",
            "suboptions": account,
        },
        "organization": {
            "description": [
                "The accounts that AWS Organizations lists. They are entered like those of O(accounts), in the order "
                "of their IDs. Accounts that are not active, such as closed ones, are left out.",
                "The list costs one ListAccounts for every 20 accounts of the organization. It has to be read with "
                "credentials of the management account or of a delegated administrator of any service.",
                "At least one of O(organization.units), O(organization.tags) and O(organization.role_name) is "
                f"required. For all accounts of the organization, set only O(organization.role_name={default_role}).",
                "A selection that matches no account is an error.",
            ],
            "type": "dict",
            "version_added": "0.2.0",
            "suboptions": organization,
        },
    }


# The options of each doc fragment of a file: what it is about, its name, and the options.
Fragments = tuple[tuple[str, str, Options], ...]


def fragment_files() -> dict[str, tuple[str, Fragments]]:
    """Return the files of plugins/doc_fragments that are generated: what each is about, and its fragments."""
    encryption: Fragments = (
        ("The encryption of an object that is written.", "DOCUMENTATION", object_options()),
        ("The default encryption of a bucket.", "BUCKET", bucket_options()),
        ("The encryption that objects that exist already are to have.", "REENCRYPTION", reencryption_options()),
        ("The customer key of an object that is only read.", "CUSTOMER_KEY", customer_key_options()),
        ("The encryption that an object that is read has to have.", "KIND", kind_options()),
        ("The older formats of client-side encryption.", "LEGACY_FORMATS", legacy_options()),
        ("The encryption of the objects that the lookup reads.", "LOOKUP", lookup_options()),
    )
    selection: Fragments = (
        ("The objects of a task that changes them.", "DOCUMENTATION", selection_options(by_encryption=True)),
        ("The objects of a task that reads them.", "INFO", selection_options(by_encryption=False)),
    )
    accounts: Fragments = (
        ("The accounts of a task.", "DOCUMENTATION", account_options()),
        ("The role of a task.", "ASSUME_ROLE", assume_role_options()),
    )
    return {
        "accounts.py": ("The options for other accounts", accounts),
        "encryption.py": ("The encryption options", encryption),
        "object_selection.py": ("The option that selects objects", selection),
    }


def render_fragment(about: str, fragments: Fragments) -> str:
    """Return the source of a file of plugins/doc_fragments."""
    licence = Path(__file__).read_text().split("\n\n", 1)[0].partition("\n")[2]
    lines = [
        licence,
        "",
        f'"""{about}. Written by scripts/generate_doc_fragments.py; change it there."""',
        "",
        "from __future__ import annotations",
        "",
        "",
        "class ModuleDocFragment:",
    ]
    for what, name, options in fragments:
        lines += [f"    # {what}", f'    {name} = r"""', "options:", *_render_options(options), '"""', ""]
    return "\n".join(lines)


def _render_options(options: Options, indent: str = "  ") -> Iterator[str]:
    inner = f"{indent}  "
    for name, option in options.items():
        yield f"{indent}{name}:"
        yield f"{inner}description:"
        for paragraph in option["description"]:
            yield from _render_paragraph(paragraph, f"{inner}  ")
        for key in ("type", "elements"):
            if key in option:
                yield f"{inner}{key}: {option[key]}"
        for key in ("aliases", "choices"):
            if key in option:
                yield from _render_value(key, option[key], inner)
        if "required" in option:
            yield from _render_value("required", option["required"], inner)
        if "default" in option:
            yield from _render_value("default", option["default"], inner)
        if "version_added" in option:
            yield f"{inner}version_added: {option['version_added']}"
        if "suboptions" in option:
            yield f"{inner}suboptions:"
            yield from _render_options(option["suboptions"], f"{inner}  ")


def _render_paragraph(text: str, indent: str) -> Iterator[str]:
    """An item of a list of paragraphs as YAML, folded if it cannot be a plain scalar."""
    folded = ": " in text or " #" in text
    if folded:
        yield f"{indent}- >-"
    yield from _wrap(text, f"{indent}  " if folded else f"{indent}- ", f"{indent}  ")


def _wrap(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def render_table() -> str:
    """Return the kinds as a Markdown table."""
    rows = [
        "| `encryption` | Meaning | Key managed by | Encrypted by | Value in the API | Options |",
        "|---|---|---|---|---|---|",
    ]
    for kind in KINDS:
        name = "(omitted)" if kind.defers_to_bucket else f"`{kind.name}`"
        reported = "" if kind.choosable or kind.defers_to_bucket else ", only reported"
        wire = f"`{kind.wire}`" if kind.wire else ""
        options = ", ".join(f"`{option}`" for option in kind.options)
        summary = f"{_as_markdown(kind.summary)} [AWS]({kind.source})"
        rows.append(
            f"| {name}{reported} | {summary} | {kind.key_holder.value} | {kind.encrypted_by} | {wire} | {options} |"
        )
    return "\n".join(rows)


def _as_markdown(text: str) -> str:
    return re.sub(r"\b[A-Z]\(([^()]*)\)", r"`\1`", text)


def render_overview() -> str:
    """Return what a task can set, as a short Markdown table."""
    rows = ["| `encryption:` | Key managed by | Encrypted by | Options |", "| --- | --- | --- | --- |"]
    for kind in KINDS:
        if kind.choosable or kind.defers_to_bucket:
            name = "(omitted)" if kind.defers_to_bucket else f"`{kind.name}`"
            options = ", ".join(f"`{option}`" for option in kind.options)
            rows.append(f"| {name} | {kind.key_holder.value} | {kind.encrypted_by} | {options} |")
    return "\n".join(rows)


def _between_markers(path: Path, fresh: str, name: str = "kinds") -> str:
    """Return a document with fresh text between the markers of that name."""
    return _with_text_between_markers(path.read_text(), fresh, name)


def _with_text_between_markers(text: str, fresh: str, name: str) -> str:
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, _begin, rest = text.partition(begin)
    _old, _end, after = rest.partition(end)
    return f"{before}{begin}\n\n{fresh}\n\n{end}{after}"


def _reencryption_guide() -> str:
    """Return docs/reencryption.md with its tables."""
    text = REENCRYPTION.read_text()
    for name, table in (
        ("routes", reencryption_tables.routes),
        ("exceptions", reencryption_tables.exceptions),
        ("prices", reencryption_tables.prices),
    ):
        text = _with_text_between_markers(text, table(), name)
    return text


# The choices of suboptions, which no doc fragment reaches, by the text of their mark.
_GENERATED_CHOICES = {
    "kinds of a bucket's default": with_wire_words(BUCKET_DEFAULT_KINDS),
    "kinds that a bucket can block": BLOCKABLE_KINDS,
    "kinds of an object": with_wire_words(OBJECT_KINDS),
}

_CHOICES = re.compile(r"^(?P<indent> *)choices:  # generated: (?P<name>.+)\n(?:(?P=indent)  - .*\n)*", re.MULTILINE)
_BLOCK_END = "# end of generated"
_BLOCK = re.compile(
    rf"^(?P<indent> *)# generated: (?P<name>.+)\n(?:(?! *# generated: ).*\n)*?(?P=indent){_BLOCK_END}\n",
    re.MULTILINE,
)


def with_generated_parts(text: str) -> str:
    """Return the source of a module with its marked choices and return values replaced.

    Raises ValueError for a mark that is unknown or does not end.
    """
    text = _CHOICES.sub(_fresh_choices, text)
    fresh, blocks = _BLOCK.subn(_fresh_block, text)
    if blocks != len(re.findall(r"^ *# generated: ", text, re.MULTILINE)):
        raise ValueError(f"a generated block has no line {_BLOCK_END!r} of the same indentation")
    return fresh


def _fresh_choices(mark: re.Match[str]) -> str:
    name, indent = mark["name"], mark["indent"]
    if name not in _GENERATED_CHOICES:
        raise ValueError(f"there are no generated choices {name!r}")
    lines = [f"choices:  # generated: {name}", *(f"  - {choice}" for choice in _GENERATED_CHOICES[name])]
    return "".join(f"{indent}{line}\n" for line in lines)


def _fresh_block(mark: re.Match[str]) -> str:
    name, indent = mark["name"], mark["indent"]
    if name not in BLOCKS:
        raise ValueError(f"there is no generated block {name!r}")
    body = [f"{indent}# generated: {name}", *_render_fields(BLOCKS[name], indent), f"{indent}{_BLOCK_END}"]
    return "".join(f"{line}\n" for line in body)


def _render_fields(fields: Mapping[str, Field], indent: str) -> Iterator[str]:
    """Return values as YAML."""
    for name, value in fields.items():
        inner = f"{indent}  "
        yield f"{indent}{name}:"
        yield f"{inner}description:"
        for paragraph in value.description:
            yield from _render_paragraph(paragraph, f"{inner}  ")
        yield f"{inner}returned: {value.returned}"
        yield f"{inner}type: {value.type}"
        if value.elements:
            yield f"{inner}elements: {value.elements}"
        if value.contains:
            yield f"{inner}contains:"
            yield from _render_fields(value.contains, f"{inner}  ")
        if value.has_sample:
            yield from _render_value("sample", value.sample, inner)


def _render_value(name: str, value: Any, indent: str) -> Iterator[str]:
    """A name and its value as YAML."""
    lead = f"{indent}{name}:"
    if isinstance(value, dict) and value:
        yield lead
        for key, item in value.items():
            yield from _render_value(key, item, f"{indent}  ")
    elif isinstance(value, list) and value:
        yield lead
        for item in value:
            yield from _render_item(item, f"{indent}  ")
    elif isinstance(value, str) and len(lead) + len(value) + 3 > WIDTH:
        yield f"{lead} >-"
        yield from _wrap(value, f"{indent}  ", f"{indent}  ")
    else:
        yield f"{lead} {_render_scalar(value)}"


def _render_item(item: Any, indent: str) -> Iterator[str]:
    """An item of a list as YAML."""
    if isinstance(item, dict):
        lines = [line for key, value in item.items() for line in _render_value(key, value, f"{indent}  ")]
        yield f"{indent}- {lines[0].strip()}"
        yield from lines[1:]
    else:
        yield f"{indent}- {_render_scalar(item)}"


_PLAIN = re.compile(r"[A-Za-z](?:[\w./()@-]|:(?! )| (?!#))*(?<!:)")
_NOT_TEXT = {"null", "true", "false", "yes", "no", "on", "off"}


def _render_scalar(value: Any) -> str:
    """A scalar as YAML. Text is quoted unless it is certain to be read as text."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


def rendered() -> Iterator[tuple[Path, str]]:
    """Yield every generated file and its fresh content."""
    for name, (about, fragments) in fragment_files().items():
        yield FRAGMENTS / name, render_fragment(about, fragments)
    yield GUIDE, _between_markers(GUIDE, render_table())
    yield README, _between_markers(README, render_overview())
    yield REENCRYPTION, _reencryption_guide()
    permissions = _between_markers(PERMISSIONS, _permissions.render_permissions(), "permissions")
    yield PERMISSIONS, _with_text_between_markers(permissions, role_policies.render_role_policies(), "role")
    rules = _between_markers(RULES, rules_guide.render_rules(), "rules")
    yield RULES, _with_text_between_markers(rules, rules_guide.render_controls(), "controls")
    for module in sorted(MODULES.glob("*.py")):
        yield module, _generated_module(module)


def _generated_module(path: Path) -> str:
    try:
        return with_generated_parts(path.read_text())
    except ValueError as error:
        raise SystemExit(f"{path.relative_to(ROOT)}: {error}") from error


def main() -> int:
    """Write what is out of date, or with --check only report it."""
    check = "--check" in sys.argv[1:]
    status = 0
    for path, fresh in rendered():
        if path.exists() and path.read_text() == fresh:
            continue
        if check:
            print(f"{path.relative_to(ROOT)} is out of date: run scripts/generate_doc_fragments.py")
            status = 1
        else:
            path.write_text(fresh)
            print(f"wrote {path.relative_to(ROOT)}")
    return status


if __name__ == "__main__":
    sys.exit(main())
