# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The tasks that mend findings: Ansible reads them back with exactly the values, and the modules accept the options."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets import (
    bucket_default_encryption,
    bucket_encryption_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys import kms_key_for_s3
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption import bucket_reencryption
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DesiredBucketDefault,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.compliance import findings as default_findings
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.compliance import (
    findings as policy_findings,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Finding, Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_report import KeyReport, key_findings
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_KMS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.expected_encryption import (
    ExpectedEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.expected_encryption import (
    findings as object_findings,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.mending import mending_task
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import Resource, ResourceKind
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import FindingGroup
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES

ARN = "arn:aws:s3:::data"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = DesiredPolicy(
    require_tls=True,
    minimum_tls_version="1.2",
    allow_encryption=("SSE-KMS",),
    allow_kms_keys=(KEY_ARN,),
    deny_customer_keys=True,
    require_encryption_header=True,
    exempt_principals=("arn:aws:iam::111122223333:role/backup",),
)
CHANGED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": f"SealedS3{name}",
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": f"{ARN}/*",
            "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        }
        for name, action in (("DenyCustomerKeys", "s3:PutObject"), ("RequireTls", "s3:GetObject"))
    ],
}
KEY = KeyState("one", KEY_ARN, rotation=Rotation(enabled=False))


def _found() -> Iterable[Finding]:
    """Findings of all rules that an option mends."""
    default = DesiredBucketDefault(SSE_KMS, KEY_ARN, bucket_key_enabled=True, blocked=("SSE-C",))
    yield from default_findings(default, BucketDefault("SSE-S3"), "alias/app")
    yield from default_findings(replace(default, minimum=True), BucketDefault("SSE-KMS"), "alias/app")
    yield from default_findings(replace(default, kind=None), BucketDefault("SSE-S3"), "alias/app")
    yield from default_findings(DesiredBucketDefault(absent=True), BucketDefault("SSE-KMS", bucket_key_enabled=True))
    changed = read_policy_state(json.dumps(CHANGED), ARN)
    for desired in (POLICY, replace(POLICY, minimum=True), DesiredPolicy(absent=True)):
        for state in (read_policy_state(None, ARN), changed):
            yield from policy_findings(desired, state, ARN, BucketDefault("SSE-S3"), ("alias/app",))
    removed = DesiredPolicy(require_tls=False, removed=frozenset({"deny_customer_keys"}))
    yield from policy_findings(removed, changed, ARN)
    yield from policy_findings(DesiredPolicy(exempt_services=("logging.s3.amazonaws.com",)), changed, ARN)
    for key in (KEY, replace(KEY, state="PendingDeletion"), replace(KEY, state="Disabled")):
        yield from key_findings(KeyReport("one", key, references=("data",)))
    objects = ExpectedEncryption(SSE_KMS, "alias/app", KEY_ARN, bucket_key_enabled=True)
    for actual in (ObjectEncryption("SSE-S3"), ObjectEncryption("SSE-KMS", "another", False)):
        yield from object_findings(objects, actual)
        yield from object_findings(replace(objects, kind=None), actual)
        yield from object_findings(replace(objects, minimum=True), actual)


FOUND = tuple(dict.fromkeys(each for each in _found() if each.options))
KINDS = {
    "sealed.s3.kms_key_for_s3": ResourceKind.KMS_KEY,
    "sealed.s3.bucket_reencryption": ResourceKind.OBJECT,
}
NAMES = {ResourceKind.KMS_KEY: "alias/app", ResourceKind.OBJECT: "data/logs/1.txt", ResourceKind.BUCKET: "data"}


def resource_of(rule: Rule, **values: str) -> Resource:
    kind = KINDS.get(RULES[rule].module or "", ResourceKind.BUCKET)
    return Resource(kind, **{"name": NAMES[kind], **values})


def group_of(
    rule: Rule, options: dict[str, Any], *names: Resource, resources: int | None = None, accounts: int = 0
) -> FindingGroup:
    number = len(names) if resources is None else resources
    return FindingGroup(rule, None, json.dumps(options), number, number, accounts, (), 0, names)


def options_of(finding: Finding) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in finding.options}


def read(text: str) -> list[dict[str, Any]]:
    """The tasks as Ansible reads them."""
    tasks: list[dict[str, Any]] = DataLoader().load(text)
    return tasks


@pytest.fixture
def accept(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, Any]], list[str]]:
    """What the argument spec of a module says against options; empty if it accepts them."""
    mains = {
        "sealed.s3.bucket_default_encryption": bucket_default_encryption,
        "sealed.s3.bucket_encryption_policy": bucket_encryption_policy,
        "sealed.s3.kms_key_for_s3": kms_key_for_s3,
        "sealed.s3.bucket_reencryption": bucket_reencryption,
    }

    def validate(module: str, options: dict[str, Any]) -> list[str]:
        specs: list[dict[str, Any]] = []
        monkeypatch.setattr(mains[module], "run_module", lambda spec, *job, **others: specs.append(spec))
        mains[module].main()
        validator = ArgumentSpecValidator({**specs[0], "region": {"type": "str"}})
        messages: list[str] = validator.validate(options).error_messages
        return messages

    return validate


def test_every_rule_that_an_option_mends_is_tested() -> None:
    assert {each.rule for each in FOUND} == {rule for rule, about in RULES.items() if about.module}


@pytest.mark.parametrize("finding", FOUND, ids=lambda each: f"{each.rule.value} {dict(each.options)}")
def test_the_module_accepts_the_options_of_a_finding(
    finding: Finding, accept: Callable[[str, dict[str, Any]], list[str]]
) -> None:
    options, module = options_of(finding), RULES[finding.rule].module
    assert module
    for account in ("", "111122223333"):
        named = resource_of(finding.rule, account_id=account, region="eu-west-1")
        (task,) = read(mending_task(group_of(finding.rule, options, named)))
        assert set(task) == {"name", module}
        assert accept(module, task[module]) == []
        assert {name: task[module][name] for name in options} == options


def test_the_buckets_of_several_accounts() -> None:
    names = [resource_of(Rule.TLS, name=f"data-{number:02}", account_id=str(number % 3 or "")) for number in range(20)]
    text = mending_task(group_of(Rule.TLS, {"require_tls": True}, *names, resources=1234, accounts=5))
    (task,) = read(text)
    options = task["sealed.s3.bucket_encryption_policy"]
    assert options["buckets"] == [each.name for each in names]
    assert options["accounts"] == [{"account_id": "1"}, {"account_id": "2"}]
    assert [line.strip() for line in text.splitlines() if "#" in line] == [
        "# And 1,214 more buckets of the report.",
        "# Add the role_name or the role_arn with which the task enters each account.",
        "# And 3 more accounts of the report.",
    ]


def test_each_key_and_each_bucket_with_objects_has_a_task() -> None:
    keys = [resource_of(Rule.KEY_ROTATION, name=name, region="eu-west-1") for name in ("alias/one", "two", *"34567")]
    text = mending_task(group_of(Rule.KEY_ROTATION, {"rotation_enabled": True}, *keys))
    tasks = [task["sealed.s3.kms_key_for_s3"] for task in read(text)]
    assert tasks[:2] == [
        {"alias": "alias/one", "region": "eu-west-1", "rotation_enabled": True},
        {"key_id": "two", "region": "eu-west-1", "rotation_enabled": True},
    ]
    assert (len(tasks), text.splitlines()[-1]) == (5, "# And 2 more keys of the report.")
    point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/logs"
    objects = [
        resource_of(Rule.OBJECT_KEY, name=name, account_id="111122223333")
        for name in ("data/a/b", "data/c", f"{point}/a/b")
    ]
    text = mending_task(group_of(Rule.OBJECT_KEY, {"encryption": "SSE-KMS", "kms_key": "alias/app"}, *objects))
    assert [task["sealed.s3.bucket_reencryption"]["bucket"] for task in read(text)] == ["data", point]
    assert text.splitlines()[0] == "# With credentials of the account 111122223333."


def test_objects_that_are_only_counted_have_the_task_of_their_bucket() -> None:
    """Their finding is one of the bucket."""
    names = [Resource(ResourceKind.BUCKET, "a/b"), resource_of(Rule.OBJECT_KEY, name="data/c")]
    text = mending_task(group_of(Rule.OBJECT_KEY, {"encryption": "SSE-KMS"}, *names))
    assert [task["sealed.s3.bucket_reencryption"]["bucket"] for task in read(text)] == ["a/b", "data"]


def test_a_key_of_another_account_is_named_by_its_alias() -> None:
    key = resource_of(Rule.KEY_ROTATION, account_id="111122223333", region="eu-west-1")
    (task,) = read(mending_task(group_of(Rule.KEY_ROTATION, {"rotation_enabled": True}, key)))
    assert task["sealed.s3.kms_key_for_s3"] == {
        "alias": "alias/app",
        "accounts": [{"account_id": "111122223333"}],
        "regions": ["eu-west-1"],
        "rotation_enabled": True,
    }


@pytest.mark.parametrize("rule", [rule for rule, about in RULES.items() if about.module is None])
def test_what_no_module_mends_has_no_task(rule: Rule) -> None:
    assert mending_task(group_of(rule, {"policy": "a"}, resource_of(rule))) == ""


def test_without_options_there_is_no_task() -> None:
    assert mending_task(group_of(Rule.KEY_UNUSABLE, {}, resource_of(Rule.KEY_UNUSABLE))) == ""


HOSTILE = [
    "{{ lookup('pipe', 'id') }}",
    "{% if true %}a{% endif %}",
    "{# a #}",
    "a: b",
    "a\n- b: c",
    "# a",
    "quotes \" and \\ and '",
    "!unsafe a",
    "*a",
    "&a",
    "- a",
    "? a",
    "%YAML 1.1",
    "---",
    " a ",
    "",
    "no",
    "Null",
    "0o7",
    "1.2",
    "1e3",
    "2026-11-27",
    "1:30",
    "=",
    "<<",
    "tab\t, NUL \x00, DEL \x7f, NEL \x85, LS \u2028, BOM \ufeff, RLO \u202e",
    "Gr\u00fc\u00dfe \u6771\u4eac \U0001f511 \U000e0001",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_read_back_unchanged(text: str) -> None:
    """As the name of a bucket, of an account, of a key, and as a value, also inside of what no module returns."""
    named = resource_of(Rule.TLS, name=text, account_id=text or "1")
    options = {"require_tls": True, "rules": [text], "inner": {"a": [text, {"b": text}]}, f"x{text}": text}
    yaml = mending_task(group_of(Rule.TLS, options, named))
    (task,) = read(yaml)
    assert task["sealed.s3.bucket_encryption_policy"] == {
        "buckets": [text],
        "accounts": [{"account_id": text or "1"}],
        **options,
    }
    assert all(line.isprintable() for line in yaml.splitlines())
    for line in yaml.splitlines():
        assert "{{" not in line or "!unsafe" in line
    key = resource_of(Rule.KEY_ROTATION, name=text, account_id=text or "1")
    (task,) = read(mending_task(group_of(Rule.KEY_ROTATION, {"rotation_enabled": True}, key)))
    assert task["sealed.s3.kms_key_for_s3"] == {"key_id": text, "rotation_enabled": True}


def test_half_a_character_is_replaced() -> None:
    (task,) = read(mending_task(group_of(Rule.TLS, {"require_tls": True}, resource_of(Rule.TLS, name="a\ud800"))))
    assert task["sealed.s3.bucket_encryption_policy"]["buckets"] == ["a\ufffd"]
