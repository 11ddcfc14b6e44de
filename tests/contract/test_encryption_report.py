# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report of what the `_info` modules found in an account, in a playbook: every format, and what is new."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.sealed.s3.plugins.modules import encryption_report

from .conftest import Task
from .playbooks import ELSEWHERE, Site

FORMATS = {"html": "html", "json": "json", "csv": "csv", "junit": "xml", "sarif": "sarif"}
# Ansible would take it for a template, and a page for a script.
HOSTILE = "{{ 1 + 1 }}<script>alert(1)</script>"


def report(dest: str, **options: Any) -> dict[str, Any]:
    """A task that writes a report about all results, unless it names something else."""
    options = options if {"results", "results_files"} & set(options) else {"results": "{{ found }}", **options}
    return {"sealed.s3.encryption_report": {"dest": dest, **options}}


def make_account(s3: Any, kms: Any) -> None:
    """Two buckets, of which one differs, and a key with a hostile name."""
    for name in ("letters", "ledgers"):
        s3.create_bucket(Bucket=name)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="ledgers", ServerSideEncryptionConfiguration={"Rules": [rule]})
    statement = {"Sid": HOSTILE, "Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "arn:aws:s3:::letters/*"}]}
    s3.put_bucket_policy(Bucket="letters", Policy=json.dumps(policy))
    kms.create_alias(AliasName="alias/app", TargetKeyId=kms.create_key(Description=HOSTILE)["KeyMetadata"]["KeyId"])


def test_a_report_of_an_account(s3: Any, kms: Any, task: Task, tmp_path: Path, calls: Callable[[], list[str]]) -> None:
    """In every format, twice: the second run changes nothing. What is new is known from the first report.

    It calls nothing, and opens no connection to the host of the play.
    """
    make_account(s3, kms)
    buckets = ["letters", "ledgers", "absent"]
    found = [
        task("bucket_default_encryption_info", buckets=buckets[:2], expected={"encryption": "SSE-KMS"}),
        task("bucket_encryption_policy_info", buckets=buckets, expected={"require_tls": True}),
        task("kms_key_for_s3_info"),
    ]
    (tmp_path / "found.json").write_text(json.dumps(found))
    (tmp_path / "policies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found[1]["buckets"]))
    calls()
    site = Site(tmp_path, ELSEWHERE)
    loop = [{"dest": f"report.{name}", "format": format_} for format_, name in FORMATS.items()]
    every_format = {**report("{{ item.dest }}", format="{{ item.format }}"), "loop": loop}
    done, again, checked, compared, from_file, hidden, absent = site.play(
        every_format,
        every_format,
        {**report("checked.html"), "check_mode": True, "diff": True},
        report("compared.json", results="{{ found[2] }}", compare_to="report.json"),
        report("files.csv", results_files=["policies.jsonl"], mode="g+r"),
        report("x.json", results=["{{ result_0 }}"]),
        report("x.json", compare_to="absent.json"),
        vars={"found": "{{ lookup('ansible.builtin.file', 'found.json') | from_json }}"},
    )
    assert (calls(), site.notes) == ([], [])
    assert [each["changed"] for each in done["results"]] == [True] * 5
    assert [each["changed"] for each in again["results"]] == [False] * 5
    first = done["results"][0]
    assert (first["compliant"], first["summary"]["buckets"], first["summary"]["keys"]) == (False, 3, 1)
    assert first["summary"]["by_rule"]["bucket-default-encryption"] == 1
    assert first["summary"]["by_rule"]["bucket-policy-tls"] >= 1
    assert first["summary"]["not_available"] == 1
    assert first["time"] == max(each["inspected_at"] for each in found).replace("+00:00", "Z")
    for each in FORMATS.values():
        path = tmp_path / f"report.{each}"
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text()
        assert text.endswith("\n")
        assert "letters" in text
        assert "<script>alert" not in text
    assert checked["changed"]
    assert checked["diff"][0].keys() & {"after", "src_larger"}
    difference = compared["comparison"]
    assert difference["absent"] == difference["before"]["findings"] - compared["summary"]["findings"] > 0
    assert (difference["new"], difference["before"]) == (0, first["summary"])
    assert (from_file["summary"]["buckets"], from_file["summary"]["not_available"]) == (3, 1)
    assert (from_file["mode"], (tmp_path / "files.csv").stat().st_mode & 0o777) == ("0640", 0o640)
    for refused in (hidden, absent):
        assert refused["error"]["kind"] == "invalid"
    assert "absent.json does not exist on the controller." in absent["msg"]
    assert not {"x.json", "checked.html"} & set(os.listdir(tmp_path))


def test_the_module_without_its_action(capsys: pytest.CaptureFixture[str]) -> None:
    """It writes nothing, and says why, whatever its options are."""
    with patch_module_args({"dest": "report.html"}), pytest.raises(SystemExit):
        encryption_report.main()
    failed = json.loads(capsys.readouterr().out)
    assert failed["msg"].startswith("encryption_report runs on the controller, by an action plugin,")
    assert failed["error"]["kind"] == "invalid"
