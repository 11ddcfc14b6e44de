# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the lookup s3_object reads, and what it refuses, without Ansible around it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.object_lookup import Controller, look_up
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError, invalid_input

from .conftest import ACCOUNT, REGION, TestClock
from .encryption_client import EncryptionClient, seal_v2
from .kind_rows import CUSTOMER_KEYS, ROWS, KindRow
from .test_client_side_secrets import debug_levels, forms
from .test_secrets import everything_logged
from .version_1_objects import version_1_object

__all__ = ["debug_levels", "everything_logged"]  # fixtures

TEXT = "Grüße, {{ not.a.template }}\n"
MIB = 1024 * 1024
# What Ansible gives to the plugin for options that a play does not set.
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("version_id", "expected_bucket_owner", "request_payer", "encryption", "kms_key")),
    **dict.fromkeys(("encryption_context", "customer_key", "customer_key_file", "kms_endpoint_url")),
    **dict.fromkeys(("access_key", "secret_key", "session_token", "profile", "endpoint_url", "assume_role_arn")),
    "legacy_formats": ["v2"],
    "max_size": "1MiB",
    "base64": False,
    "region": REGION,
}


@dataclass
class Lookup:
    """Lookups in one bucket."""

    bucket: str
    warnings: list[str] = field(default_factory=list)

    def read(self, *keys: Any, **options: Any) -> list[str]:
        """The results."""
        named = {**DEFAULTS, "bucket": self.bucket, **options}
        return look_up(list(keys), named, Controller(_plain_file, self.warnings.append), TestClock())

    def refuse(self, kind: str, words: str, *keys: Any, **options: Any) -> str:
        """The message of a lookup that fails."""
        with pytest.raises(OperationError) as error:
            self.read(*(keys or ("a",)), **options)
        assert error.value.failure.kind.value == kind, error.value
        assert words in str(error.value)
        return str(error.value)


@contextmanager
def _plain_file(name: str) -> Iterator[Path]:
    if not Path(name).exists():
        raise invalid_input(f"customer_key_file {name} does not exist on the controller.")
    yield Path(name)


@pytest.fixture
def lookup(open_bucket: str) -> Lookup:
    """Lookups in the bucket of the test."""
    return Lookup(open_bucket)


@pytest.fixture
def arns(kms: Any, key_arn: str) -> dict[str, str]:
    """The KMS keys of the rows, by their aliases."""
    other = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/other", TargetKeyId=other)
    return {"alias/app": key_arn, "alias/other": other}


@pytest.fixture
def client(s3: Any, kms: Any) -> EncryptionClient:
    """Another client of client-side encryption."""
    return EncryptionClient(s3, kms)


EVERY_ROW = [pytest.param(row, id=row.title) for rows in ROWS.values() for row in rows]


@pytest.mark.parametrize("row", EVERY_ROW)
def test_the_plaintext_of_every_kind(lookup: Lookup, client: EncryptionClient, arns: Any, row: KindRow) -> None:
    """What another client wrote, with the key alone, and with everything that a task may name."""
    row = replace(row, key_arn=arns.get(row.kms_key, ""))
    row.write(client, lookup.bucket, "a", TEXT.encode())
    key = {"customer_key": row.customer_key} if row.customer_key else {}
    assert lookup.read("a", **key) == [TEXT]
    named = {"encryption": row.reported, **key, **({"kms_key": row.kms_key} if row.kms_key else {})}
    assert lookup.read("a", **named, encryption_context=row.context or None) == [TEXT]
    assert lookup.read("a", **named, base64=True) == [base64.b64encode(TEXT.encode()).decode()]
    other = "SSE-S3" if row.reported != "SSE-S3" else "DSSE-KMS"
    if row.reported == "SSE-C":  # S3 returns it only with its key, which no other kind sends
        lookup.refuse("wrong_key", "SSE-C", encryption=other)
    else:
        lookup.refuse("non_compliant", f"accepts only encryption: {other}", encryption=other)


@pytest.mark.parametrize("kind", ["SSE-C", "CSE-C"])
def test_a_missing_and_a_wrong_key(lookup: Lookup, client: EncryptionClient, kind: str) -> None:
    """The message does not contain the key."""
    row = ROWS[kind][0]
    row.write(client, lookup.bucket, "a", TEXT.encode())
    lookup.refuse("wrong_key", "the task has none")
    message = lookup.refuse("wrong_key", "customer key", customer_key=CUSTOMER_KEYS["wrong"])
    assert not any(form in message for form in forms(CUSTOMER_KEYS["wrong"].encode()))


def test_another_kms_key_or_context_is_refused(lookup: Lookup, client: EncryptionClient, arns: Any) -> None:
    """Of server-side and of client-side kinds."""
    for kind in ("SSE-KMS", "CSE-KMS"):
        replace(ROWS[kind][0], key_arn=arns["alias/app"]).write(client, lookup.bucket, kind, b"text")
    assert lookup.read("SSE-KMS", "CSE-KMS", kms_key="alias/app") == ["text", "text"]
    lookup.refuse("non_compliant", "accepts only", "SSE-KMS", kms_key="alias/other")
    lookup.refuse("wrong_key", "KMS key", "CSE-KMS", kms_key=arns["alias/other"])
    lookup.refuse("invalid", "is not that of the object", "CSE-KMS", encryption_context={"a": "b"})
    lookup.refuse("invalid", "kms_key is empty", kms_key="")
    assert lookup.warnings == []


def test_a_context_that_has_no_effect_is_warned_about(lookup: Lookup, s3: Any) -> None:
    """As by the download."""
    s3.put_object(Bucket=lookup.bucket, Key="a", Body=b"text")
    assert lookup.read("a", encryption_context={"a": "b"}) == ["text"]
    assert ["encryption_context has no effect" in warning for warning in lookup.warnings] == [True]


def test_older_formats_have_to_be_accepted(lookup: Lookup, s3: Any, kms: Any, key_arn: str) -> None:
    """Version 2 is by default, version 1 only if it is named, also where its envelope is in a file."""
    own = CUSTOMER_KEYS["first"]
    seal_v2(b"text", own.encode()).put(s3, lookup.bucket, "v2")
    seal_v2(b"text", own.encode(), in_file=True).put(s3, lookup.bucket, "file")
    for name in ("v1", "v1_cbc"):
        made = version_1_object(kms, key_arn, b"text", cbc=name == "v1_cbc")
        s3.put_object(Bucket=lookup.bucket, Key=name, **made)
    assert lookup.read("v2", "file", customer_key=own, encryption="CSE-C") == ["text", "text"]
    lookup.refuse("unsupported", "legacy_formats", "v2", customer_key=own, legacy_formats=[])
    for name in ("v1", "v1_cbc"):
        lookup.refuse("unsupported", f"Add {name} to legacy_formats", name)
        assert lookup.read(name, legacy_formats=[name]) == ["text"]
    lookup.refuse("invalid", "legacy_formats: 'v3' is not a format", "v1", legacy_formats=["v3"])


@pytest.mark.usefixtures("at_aws")
def test_the_size_is_checked_before_the_download(
    lookup: Lookup, client: EncryptionClient, arns: Any, s3: Any, calls: Callable[[], list[str]]
) -> None:
    """By the size of the plaintext. No content and no KMS key is requested for an object that is too large."""
    s3.put_object(Bucket=lookup.bucket, Key="SSE-S3", Body=b"x" * 1000)
    replace(ROWS["CSE-KMS"][0], key_arn=arns["alias/app"]).write(client, lookup.bucket, "CSE-KMS", b"x" * 1000)
    s3.put_object(Bucket=lookup.bucket, Key="large", Body=b"x" * (MIB + 1))
    calls()
    for key in ("SSE-S3", "CSE-KMS"):
        for size in ("999", 999, "0.9KiB"):
            lookup.refuse("invalid", "has 1000 bytes, and max_size is", key, max_size=str(size))
        assert calls() == ["HeadObject"] * 3
    lookup.refuse("invalid", "and max_size is 1048576 bytes", "large")
    assert calls() == ["HeadObject"]
    assert lookup.read("SSE-S3", max_size="1000") == ["x" * 1000]
    assert calls() == ["HeadObject", "GetObject"]
    assert lookup.read("CSE-KMS", max_size="1K") == ["x" * 1000]
    assert calls() == ["HeadObject", "Decrypt", "GetCallerIdentity", "GetObject"]
    assert len(lookup.read("large", max_size="2MB")[0]) == MIB + 1
    for text, words in (("1 mile", "max_size: '1 mile' is not a size"), ("0", "max_size is 0"), ("", "is not a size")):
        lookup.refuse("invalid", words, "large", max_size=text)


def test_the_size_that_padding_hides_is_checked_after_decryption(
    lookup: Lookup, s3: Any, kms: Any, key_arn: str, calls: Callable[[], list[str]]
) -> None:
    """CBC: of a ciphertext of 32 bytes, the plaintext has 16 to 31."""
    s3.put_object(Bucket=lookup.bucket, Key="a", **version_1_object(kms, key_arn, b"x" * 20, cbc=True))
    accepted = {"legacy_formats": ["v1_cbc"]}
    assert lookup.read("a", max_size="20", **accepted) == ["x" * 20]
    calls()
    lookup.refuse("invalid", "has at least 16 bytes", max_size="15", **accepted)
    assert "GetObject" not in calls()
    lookup.refuse("invalid", "has 20 bytes", max_size="19", **accepted)


def test_bytes_that_are_not_text(lookup: Lookup, s3: Any) -> None:
    """They are an error that shows none of them, and are returned in base64. UTF-8 with any character is text."""
    secret = b"secret \xff\xfe"
    for key, body in (("bytes", secret), ("empty", b""), ("nul", "\0\N{GRINNING FACE}".encode())):
        s3.put_object(Bucket=lookup.bucket, Key=key, Body=body)
    message = lookup.refuse("invalid", "is not text in UTF-8: see the byte at 7", "bytes")
    assert ("base64=true" in message, "secret" in message, "xff" in message) == (True, False, False)
    assert [base64.b64decode(text) for text in lookup.read("bytes", "empty", base64=True)] == [secret, b""]
    assert lookup.read("empty", "nul") == ["", "\0\N{GRINNING FACE}"]


def test_each_key_gives_one_result(lookup: Lookup, s3: Any) -> None:
    """In their order. One that fails is a failure of the lookup, and no key gives no result."""
    for key in ("a", "b c/d", "5"):
        s3.put_object(Bucket=lookup.bucket, Key=key, Body=key.encode())
    assert lookup.read("b c/d", "a", 5, "a") == ["b c/d", "a", "5", "a"]
    assert lookup.read() == []
    lookup.refuse("absent", f"There is no object 'x' in the bucket {lookup.bucket}.", "a", "x")
    not_keys: list[tuple[Any, str]] = [
        ("", "key is empty"),
        (None, "is not a text"),
        ({}, "is not a text"),
        ("\0", "NUL"),
    ]
    for key, words in not_keys:
        lookup.refuse("invalid", words, key)
    lookup.refuse("absent", "example-nowhere", bucket="example-nowhere")
    lookup.refuse("invalid", "bucket", bucket="Not A Bucket")


def test_a_version_and_an_owner(lookup: Lookup, s3: Any) -> None:
    """A version belongs to one key."""
    s3.put_bucket_versioning(Bucket=lookup.bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=lookup.bucket, Key="a", Body=b"old")["VersionId"]
    s3.put_object(Bucket=lookup.bucket, Key="a", Body=b"new")
    assert lookup.read("a", version_id=old, expected_bucket_owner=ACCOUNT) == ["old"]
    lookup.refuse("forbidden", "222222222222", expected_bucket_owner="222222222222")
    lookup.refuse("invalid", "version_id names a version of one object", "a", "b", version_id=old)


def test_an_archived_object(lookup: Lookup, s3: Any, calls: Callable[[], list[str]]) -> None:
    """It is not requested."""
    s3.put_object(Bucket=lookup.bucket, Key="a", Body=b"x", StorageClass="GLACIER")
    calls()
    lookup.refuse("invalid", "cannot be read: it is archived in GLACIER")
    assert calls() == ["HeadObject"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"customer_key": "x" * 32, "customer_key_file": "f"}, "mutually exclusive"),
        ({"customer_key": "too short"}, "customer_key is 9 characters long"),
        ({"customer_key_file": "x" * 32}, "has the form of a key, so it is not shown"),
        ({"customer_key_file": ""}, "customer_key_file is empty"),
        ({"customer_key_file": "/none/file"}, "customer_key_file /none/file does not exist on the controller"),
        ({"encryption": "SSE-S3", "customer_key": "x" * 32}, "customer_key"),
        ({"encryption": "SSE-C", "kms_key": "alias/app"}, "kms_key"),
        ({"kms_key": "alias/"}, "alias/"),
        ({"profile": "p", "access_key": "AKIA"}, "Passing both a profile and access tokens is not supported"),
        ({"region": "us east 1"}, "us east 1"),
    ],
)
def test_invalid_options_are_refused_before_any_call(
    lookup: Lookup, calls: Callable[[], list[str]], options: dict[str, Any], words: str
) -> None:
    """Without the key."""
    message = lookup.refuse("invalid", words, **options)
    assert "x" * 32 not in message
    assert calls() == []


def test_a_key_file(lookup: Lookup, client: EncryptionClient, tmp_path: Path) -> None:
    """In any format. One that others can read causes a warning."""
    ROWS["SSE-C"][0].write(client, lookup.bucket, "a", TEXT.encode())
    path = tmp_path / "own.key"
    path.write_text(CUSTOMER_KEYS["first"].encode().hex() + "\n")
    path.chmod(0o600)
    assert lookup.read("a", customer_key_file=str(path)) == [TEXT]
    assert lookup.warnings == []
    path.chmod(0o644)
    assert lookup.read("a", customer_key_file=str(path), encryption="SSE-C") == [TEXT]
    assert [str(path) in warning and "0644" in warning for warning in lookup.warnings] == [True]
    lookup.refuse("invalid", "is a directory", customer_key_file=str(tmp_path))


def test_a_role_is_assumed(lookup: Lookup, lab: Any, s3: Any, calls: Callable[[], list[str]]) -> None:
    """Its credentials read the object. A role that may not be assumed is named."""
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    caller = iam.create_user(UserName="caller")["User"]["Arn"]
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    trust = {"Effect": "Allow", "Principal": {"AWS": caller}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy)
    s3.put_object(Bucket=lookup.bucket, Key="a", Body=b"text")
    own = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
    calls()
    lab.enforcing = True
    lookup.refuse("forbidden", "s3:GetObject", **own)
    assert lookup.read("a", **own, assume_role_arn=role) == ["text"]
    assert "AssumeRole" in calls()
    message = lookup.refuse("forbidden", "sts:AssumeRole", **own, assume_role_arn=f"{role}-of-others")
    assert f"{role}-of-others" in message


@pytest.mark.usefixtures("at_aws")
def test_the_calls_of_each_case(
    lookup: Lookup, client: EncryptionClient, arns: Any, s3: Any, calls: Callable[[], list[str]]
) -> None:
    """As in docs/api_calls.md. An alias is resolved once for all keys."""
    row = replace(ROWS["SSE-KMS"][0], key_arn=arns["alias/app"])
    for key in ("a", "b"):
        row.write(client, lookup.bucket, key, b"text")
    calls()
    each = ["HeadObject", "GetObject"]
    assert lookup.read("a", "b") == ["text", "text"]
    assert calls() == [*each, *each]
    lookup.read("a", "b", encryption="SSE-KMS", kms_key="alias/app")
    assert sorted(calls()) == sorted([*each, *each, "DescribeKey", "GetObject", "GetObject"])
    lookup.refuse("non_compliant", "SSE-S3", encryption="SSE-S3")
    assert calls() == ["HeadObject", "GetObject"]
    lookup.refuse("absent", "There is no object", "none")
    assert calls() == ["HeadObject", "GetObject"]


@pytest.mark.usefixtures("at_aws")
def test_certificates_are_checked_as_the_sdk_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No option says how, and a request that the SDK does not send has to know it, too."""
    clients = Clients(Connection(region=REGION, options={"verify": None}))
    assert clients.verify == os.environ["AWS_CA_BUNDLE"]
    config = tmp_path / "config"
    config.write_text("[default]\nca_bundle = /etc/our.pem\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_CA_BUNDLE")
    assert Clients(Connection(region=REGION, options={"verify": None})).verify == "/etc/our.pem"
    config.write_text("")
    assert Clients(Connection(region=REGION, options={"verify": None})).verify is True


def test_no_message_and_no_log_has_a_secret(
    lookup: Lookup, client: EncryptionClient, arns: Any, everything_logged: Any, debug_levels: None
) -> None:
    """With every logger at DEBUG: neither the key nor the content of an object."""
    content = "the plaintext that must stay secret"
    messages: list[str] = []
    for kind in ("SSE-C", "CSE-C", "CSE-KMS", "SSE-KMS"):
        row = replace(ROWS[kind][0], key_arn=arns["alias/app"] if "KMS" in kind else "")
        row.write(client, lookup.bucket, kind, content.encode())
        key = {"customer_key": row.customer_key} if row.customer_key else {}
        everything_logged.truncate(0)  # what the other client sent
        assert lookup.read(kind, **key) == [content]
        messages += [lookup.refuse("invalid", "max_size", kind, **key, max_size="3")]
        if key:
            messages += [lookup.refuse("wrong_key", "key", kind, customer_key=CUSTOMER_KEYS["wrong"])]
        output = "".join(messages) + everything_logged.getvalue()
        assert "Registering S3 region redirector handler" in output, "the SDK's logs are at DEBUG"
        for secret in (content.encode(), *(each.encode() for each in CUSTOMER_KEYS.values())):
            assert [form for form in forms(secret) if form in output] == []


def test_an_exception_that_nothing_handles_is_one_sentence(
    lookup: Lookup, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text and its traceback could contain secrets."""
    own = CUSTOMER_KEYS["first"]
    s3.put_object(Bucket=lookup.bucket, Key="a", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey=own)

    def fail(*_arguments: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr("ansible_collections.sealed.s3.plugins.module_utils.aws.session.is_aws_endpoint", fail)
    message = lookup.refuse("failed", "sealed.s3 met a case that it does not handle: KeyError in", customer_key=own)
    assert "a secret" not in message


def test_a_refusal_of_the_operating_system_is_one_sentence(lookup: Lookup) -> None:
    """Such as for a key file on a disk that fails."""

    def fail(_name: str) -> AbstractContextManager[Path]:
        raise OSError(5, "Input/output error", "/own.key")

    controller = Controller(fail, lookup.warnings.append)
    options = {**DEFAULTS, "bucket": lookup.bucket, "customer_key_file": "own.key"}
    with pytest.raises(OperationError, match="refused an operation for '/own.key': Input/output error"):
        look_up(["a"], options, controller)


def test_a_missing_sdk_is_named(lookup: Lookup, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the version that is needed."""
    monkeypatch.setattr("ansible_collections.sealed.s3.plugins.module_utils.aws.session.SDK_VERSION", "1.40.0")
    lookup.refuse("invalid", "Failed to import the required Python library (boto3>=1.41.0)")
