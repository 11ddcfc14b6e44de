# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Runs every example of every module with Ansible, in the order of the page. In a soak each twice: it changes nothing.

The resources that the examples need are created first, by the names in the examples: buckets, IAM roles, KMS keys,
objects and files. Names that AWS reserves for documentation are replaced, because they cannot be created.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from .conftest import ACCOUNT
from .encryption_client import EncryptionClient
from .playbooks import MODULES_IN_WORKER, QUIET
from .scale import IS_SOAK
from .version_1_objects import version_1_object

PLUGINS = Path(__file__).parents[2] / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("[!_]*.py"))
LOOKUP = "s3_object"

# S3 refuses bucket names with this prefix, and this account does not exist.
REPLACED_NAMES = {"amzn-s3-demo-": "example-", "111122223333": ACCOUNT}

# Tasks that prepare an example where earlier examples of the page have changed its resources.
BEFORE: dict[str, list[dict[str, Any]]] = {
    "Schedule the deletion of the key, unless it is in use": [
        {"sealed.s3.bucket_default_encryption": {"bucket": "example-bucket", "state": "absent"}}
    ],
    "Download an object only if it is encrypted on the client side under this KMS key and context": [
        {
            "sealed.s3.s3_encrypted_object": {
                "bucket": "example-bucket",
                "key": "contracts/2.txt",
                "content": "Signed",
                "encryption": "CSE-KMS",
                "kms_key": "alias/client-side",
                "encryption_context": {"project": "blue"},
            }
        }
    ],
}

# Files that examples read from the directory of the playbook.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Everything",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
FILES = {
    "key-policy.json": json.dumps(POLICY),
    "settings.json": "{}",
    "2026-11.tar": "text",
    "2026-12.tar": "text",
    "site/index.html": "<html>",
    "site/css/style.css": "a {}",
    "contracts/1.txt": "Signed",
    "backups/2026-11.tar": "text",
}

CUSTOMER_KEY = b"12345678901234567890123456789012"


def options_of(task: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The short name of the task's module and its options; empty for a module of another collection."""
    for name, options in task.items():
        if name.startswith("sealed.s3."):
            return name.removeprefix("sealed.s3."), options or {}
    return "", {}


def documented_examples(page: str) -> str:
    """The examples of a module, or of a lookup."""
    folder = "lookup" if page == LOOKUP else "modules"
    found: str = next(
        ast.literal_eval(node.value)
        for node in ast.parse((PLUGINS / folder / f"{page}.py").read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES"
    )
    return found


def lookups_in(text: str) -> list[tuple[list[str], dict[str, Any]]]:
    """The keys and the options of each lookup in the examples. A call in Jinja is written as in Python."""
    found = []
    for written in re.findall(rf"(?:lookup|query)(\('sealed\.s3\.{LOOKUP}'.*?\))(?=\s+[|}}])", text, re.DOTALL):
        call = ast.parse(f"call{written}", mode="eval").body
        assert isinstance(call, ast.Call)
        values = {str(each.arg): getattr(each.value, "value", None) for each in call.keywords}
        found.append(([ast.literal_eval(key) for key in call.args[1:]], values))
    return found


class ExampleResources:
    """The resources that the examples of one module need, in a lab and in a directory."""

    def __init__(self, lab: Any, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        self.accounts: set[str] = set()
        self.s3, self.kms, self.iam = (lab.client(n, region="us-east-1", account=ACCOUNT) for n in ("s3", "kms", "iam"))

    def examples(self, module: str) -> list[dict[str, Any]]:
        """The tasks of the page, with names that can be created. Creates most of the resources."""
        text = documented_examples(module)
        for documented, ours in REPLACED_NAMES.items():
            text = text.replace(documented, ours)
        text = re.sub(r"(?<![\w~.-])/tmp/", f"{self.folder}/", text)
        for key_id in sorted(set(re.findall(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", text))):
            text = text.replace(key_id, self.kms.create_key()["KeyMetadata"]["KeyId"])
        for store_id in sorted(set(re.findall(r"\bcks-[0-9a-f]+\b", text))):
            text = text.replace(store_id, self.make_key_store())
        for bucket in sorted(set(re.findall(r"(?<![\w/])example-[a-z0-9-]+(?![\w.*-])", text))):
            self.make_bucket(bucket)
        roles = sorted(set(re.findall(r"\brole/([\w-]+)", text)))
        for role in roles:
            self.make_role(self.iam, role)
        tasks: list[dict[str, Any]] = yaml.safe_load(text)
        for _module, options in map(options_of, tasks):
            self.make_accounts(options.get("accounts", ()), roles)
        self.tag_buckets(tasks)
        made_here = {str(options.get("alias")) for name, options in map(options_of, tasks) if name == "kms_key_for_s3"}
        for alias in sorted(set(re.findall(r"\balias/(?!aws/)[\w/-]+", text)) - made_here):
            self.kms.create_alias(AliasName=alias, TargetKeyId=self.kms.create_key()["KeyMetadata"]["KeyId"])
        for name, text in FILES.items():
            (self.folder / name).parent.mkdir(exist_ok=True, parents=True)
            (self.folder / name).write_text(text)
        return tasks

    def make_bucket(self, name: str) -> None:
        """Create a bucket that does not block SSE-C."""
        self.s3.create_bucket(Bucket=name)
        rule = {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
        }
        self.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def tag_buckets(self, tasks: list[dict[str, Any]]) -> None:
        """Tag all buckets with the tags that tasks select by."""
        tags = {}
        for _module, options in map(options_of, tasks):
            tags.update(options.get("select", {}).get("tags", {}))
        if tags:
            for bucket in self.s3.list_buckets()["Buckets"]:
                given = [{"Key": name, "Value": value} for name, value in tags.items()]
                self.s3.put_bucket_tagging(Bucket=bucket["Name"], Tagging={"TagSet": given})

    def make_key_store(self) -> str:
        """Create and connect a CloudHSM key store."""
        made: str = self.kms.create_custom_key_store(
            CustomKeyStoreName="hsm",
            CloudHsmClusterId="cluster-1a23b4cdefg",
            TrustAnchorCertificate="-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----",
            KeyStorePassword="kmsPswd1",
        )["CustomKeyStoreId"]
        self.kms.connect_custom_key_store(CustomKeyStoreId=made)
        return made

    def make_accounts(self, entries: Iterable[dict[str, Any]], roles: list[str]) -> None:
        """Create the role that enters each account, unless it is the account of the tasks, and the other roles."""
        for entry in entries:
            account = str(entry["account_id"])
            if account != ACCOUNT and account not in self.accounts:
                self.accounts.add(account)
                iam = self.lab.client("iam", region="us-east-1", account=account)
                for name in {entry["role_name"], *roles}:
                    self.make_role(iam, name)

    def environment(self) -> dict[str, str]:
        """The credentials of tasks for many accounts: those of a user, because a root user cannot assume roles."""
        if not self.accounts:
            return {}
        self.iam.create_user(UserName="operator")
        key = self.iam.create_access_key(UserName="operator")["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def make_role(self, iam: Any, name: str) -> None:
        """Create a role, because KMS refuses policies with principals that do not exist. Jobs and tasks can use it."""
        services = ["ec2.amazonaws.com", "batchoperations.s3.amazonaws.com"]
        trusted = {"Service": services, "AWS": ACCOUNT}
        principal = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        allowed = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)

    def make_objects(self, tasks: list[dict[str, Any]]) -> None:
        """Create the objects that a task reads, changes or deletes, and that no earlier task creates."""
        known: set[tuple[str, str]] = set()
        for task in tasks:
            module, options = options_of(task)
            prefix = options.get("select", options).get("prefix", "")
            where = (str(options.get("bucket")), str(options.get("key", f"{prefix}a.txt")))
            if not module.startswith(("s3_encrypted_object", "bucket_reencryption")) or where in known:
                continue
            known.add(where)
            if source := options.get("copy_src"):
                self.s3.put_object(
                    Bucket=source["bucket"], Key=source["key"], Body=b"text", **self._encryption(module, source)
                )
            if not {"src", "content", "content_base64", "copy_src"} & set(options):
                parameters = {"Body": b"text", **self._encryption(module, options)}
                self.s3.put_object(Bucket=where[0], Key=where[1], **parameters)

    def make_objects_of_lookups(self, text: str) -> None:
        """Create the objects that lookups read, but those that an example expects to be missing."""
        for keys, options in lookups_in(text):
            bucket = options["bucket"]
            for key in keys if options.get("errors") is None else []:
                if "kms_key" in options:
                    client = EncryptionClient(self.s3, self.kms)
                    client.write(bucket, key, b"text", kms_key=options["kms_key"], context={"project": "blue"})
                else:
                    self.s3.put_object(Bucket=bucket, Key=key, Body=b"text", **self._encryption(LOOKUP, options))

    def _encryption(self, module: str, options: dict[str, Any]) -> dict[str, Any]:
        """SSE-C for a task with a key, SSE-KMS for the module with an example that expects it, and version 1 of the S3
        Encryption Clients for a task that accepts it, under the key of a task that reads it and else another."""
        if "v1" in (accepted := options.get("legacy_formats", [])):
            key_id = self.kms.create_key()["KeyMetadata"]["Arn"]
            if module == "s3_encrypted_object_download":
                key_id = self.kms.describe_key(KeyId=options["kms_key"])["KeyMetadata"]["Arn"]
            return version_1_object(self.kms, key_id, b"text", cbc="v1_cbc" in accepted)
        if "customer_key_file" not in options:
            return {"ServerSideEncryption": "aws:kms"} if module == "s3_encrypted_object_info" else {}
        path = Path(options["customer_key_file"].replace("~", str(self.folder), 1))
        path.touch(0o600)
        path.write_bytes(CUSTOMER_KEY)
        return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": CUSTOMER_KEY}


def twice(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks, in `make soak` with each of ours followed by the same task, which must change nothing."""
    doubled: list[dict[str, Any]] = []
    for task in tasks:
        doubled += [*BEFORE.get(task["name"], []), task]
        if IS_SOAK and options_of(task)[0]:
            result = task.get("register", "repeated")
            again = {"register": result, "failed_when": f"{result} is failed or {result} is changed"}
            doubled.append({**task, **again, "name": f"{task['name']} (again)"})
    return doubled


@pytest.mark.parametrize("module", MODULES)
def test_every_example_runs(module: str, lab: Any, tmp_path: Path) -> None:
    """A user can copy any example. That a second run changes nothing is tested with every module elsewhere."""
    resources = ExampleResources(lab, tmp_path)
    tasks = resources.examples(module)
    resources.make_objects(tasks)
    assert {options_of(task)[0] for task in tasks} >= {module}
    run_examples(tasks, tmp_path, resources.environment())


def test_every_example_of_the_lookup_runs(lab: Any, tmp_path: Path) -> None:
    """Each has no_log. The values arrive."""
    resources = ExampleResources(lab, tmp_path)
    tasks = resources.examples(LOOKUP)
    text = json.dumps(tasks).replace("\\n", " ")
    assert text.count(f"'sealed.s3.{LOOKUP}'") == len(lookups_in(text)) == len(tasks)
    resources.make_objects_of_lookups(text)
    assert [task["name"] for task in tasks if task.get("no_log") is not True] == []
    values = [name for task in tasks for name in task.get("ansible.builtin.set_fact", {})]
    shown = {"ansible.builtin.debug": {"msg": [f"{name} {{{{ {name} }}}}" for name in values]}}
    printed = run_examples([*tasks, {"name": "Show them", **shown}], tmp_path)
    assert (tmp_path / "password.txt").read_text() == "text"
    for name, value in zip(values, ("text", "text", "['text', 'text']", "Welcome"), strict=True):
        assert f"{name} {value}" in printed.replace('\\"', "'")


def run_examples(
    tasks: list[dict[str, Any]], tmp_path: Path, environment: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Run the tasks in a play with these variables of the environment, and return what Ansible prints."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": twice(tasks),
    }
    (tmp_path / "examples.yml").write_text(yaml.safe_dump([play], sort_keys=False))
    done = subprocess.run(
        [*MODULES_IN_WORKER, str(tmp_path / "examples.yml")],
        env={
            **os.environ,
            "HOME": str(tmp_path),
            "ANSIBLE_PIPELINING": "1",
            **QUIET,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout
