# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The action that writes a report: what it refuses, and that nothing ends in a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.sealed.s3.plugins.plugin_utils import encryption_report
from ansible_collections.sealed.s3.plugins.plugin_utils.encryption_report import ReportAction

MESSAGE = "New objects get SSE-S3 by default, not SSE-KMS."
ROW: dict[str, Any] = {
    "name": "letters",
    "region": "us-east-1",
    "encryption": "SSE-S3",
    "kms_key": None,
    "bucket_key_enabled": False,
    "blocked_encryption_types": ["SSE-C"],
    "compliant": False,
    "findings": [
        {
            "message": MESSAGE,
            "control": "Security Hub S3.17",
            "rule": "bucket-default-encryption",
            "options": {"encryption": "SSE-KMS"},
        }
    ],
    "error": None,
}
GOOD_ROW: dict[str, Any] = {**ROW, "name": "ledgers", "encryption": "SSE-KMS", "compliant": True, "findings": []}
FOUND: dict[str, Any] = {"buckets": [ROW], "compliant": False, "inspected_at": "2026-11-27T08:00:00Z"}
GOOD: dict[str, Any] = {"buckets": [GOOD_ROW], "compliant": True, "inspected_at": "2026-11-26T08:00:00Z"}


class World:
    """A directory of a playbook on the controller, in which an action runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loader = DataLoader()
        self.loader.set_basedir(str(folder))

    def run(self, *, check: bool = False, diff: bool = False, background: int = 0, **options: Any) -> dict[str, Any]:
        """Run the action with these options, and return its result."""
        shell = SimpleNamespace(tmpdir=None)
        task = SimpleNamespace(args=options, async_val=background, check_mode=check, diff=diff, action="x")
        action: Any = ReportAction(task, SimpleNamespace(_shell=shell), None, self.loader, None, None)
        result: dict[str, Any] = action.run(task_vars={})
        json.dumps(result)
        return result

    def file(self, name: str, text: str) -> Path:
        """Write a file beside the playbook."""
        path = self.folder / name
        path.write_text(text)
        return path

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_result(world: World) -> None:
    """It has the numbers of the report, and the time of the newest result."""
    result = world.run(results=[GOOD, FOUND], dest="report.json", title="Audit")
    assert (result["changed"], result["compliant"], result["comparison"]) == (True, False, None)
    assert (result["dest"], result["format"]) == (str(world.folder / "report.json"), "json")
    assert (result["mode"], result["title"], result["time"]) == ("0600", "Audit", "2026-11-27T08:00:00Z")
    summary = result["summary"]
    assert {name: summary[name] for name in ("buckets", "passed", "failed", "findings")} == {
        "buckets": 2,
        "passed": 1,
        "failed": 1,
        "findings": 1,
    }
    assert summary["by_rule"] == {"bucket-default-encryption": 1}
    assert sum(summary["by_severity"].values()) == 1
    assert "diff" not in result
    assert not world.run(results=[GOOD, FOUND], dest="report.json", title="Audit")["changed"]


@pytest.mark.parametrize(
    ("results", "compliant", "warns"),
    [
        ([GOOD], True, False),
        ([GOOD, FOUND], False, False),
        (
            [{"buckets": [{**GOOD_ROW, "compliant": False, "error": {"message": "Denied."}}], "failed": True}],
            False,
            False,
        ),
        ([{"buckets": [], "compliant": True}], False, True),
        ([GOOD, {"failed": True, "msg": "The credentials are expired."}], False, False),
    ],
)
def test_it_is_never_compliant_without_a_look_at_everything(
    results: list[Any], compliant: bool, warns: bool, world: World
) -> None:
    """An empty report is not compliant either, and warns."""
    result = world.run(results=results, dest="report.json")
    assert (result["compliant"], bool(result["warnings"])) == (compliant, warns)


@pytest.mark.parametrize("dest", ["report.html", "report.json", "report.csv", "report.xml", "report.sarif"])
def test_each_format_is_idempotent(dest: str, world: World) -> None:
    """Nothing in it depends on the clock. A check run and a diff say what a real run does."""
    predicted = world.run(results=[FOUND], dest=dest, check=True, diff=True)
    assert world.names == []
    done = world.run(results=[FOUND], dest=dest, diff=True)
    assert done == predicted
    assert (done["changed"], world.names) == (True, [dest])
    (diff,) = done["diff"]
    assert (diff["before"], diff["after"]) == ("", (world.folder / dest).read_bytes().decode())
    assert "letters" in diff["after"]
    again = world.run(results=FOUND, dest=dest, diff=True)
    assert (again["changed"], again["diff"]) == (False, [])


def test_a_diff_of_modes_and_of_large_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ansible.builtin.copy shows them."""
    path = str(world.folder / "report.csv")
    world.run(results=[FOUND], dest="report.csv")
    (modes,) = world.run(results=[FOUND], dest="report.csv", mode="0640", diff=True)["diff"]
    headers = {"before_header": path, "after_header": path}
    assert modes == headers | {"before": {"mode": "0600"}, "after": {"mode": "0640"}}
    monkeypatch.setattr(constants, "MAX_FILE_SIZE_FOR_DIFF", 10)
    assert world.run(results=[GOOD], dest="report.csv", diff=True, check=True)["diff"][0] == {
        **headers,
        "dst_larger": 10,
    }
    assert world.run(results=[GOOD], dest="other.csv", diff=True, check=True)["diff"][0]["src_larger"] == 10
    monkeypatch.setattr(constants, "MAX_FILE_SIZE_FOR_DIFF", 0)  # no limit
    assert "ledgers" in world.run(results=[GOOD], dest="report.csv", diff=True, check=True)["diff"][0]["after"]


def test_files_of_results(world: World) -> None:
    """Also one that Ansible Vault has encrypted, whose time is that of the file. No decrypted copy is left."""
    plain = world.file("a.jsonl", json.dumps(GOOD_ROW) + "\n")
    secret = world.file("b.jsonl", json.dumps(ROW) + "\n")
    vault = VaultLib([("default", VaultSecret(b"open sesame"))])
    secret.write_bytes(vault.encrypt(secret.read_bytes()))
    os.utime(plain, (1_700_000_000, 1_700_000_000))
    os.utime(secret, (1_800_000_000, 1_800_000_000))
    refused = world.run(results_files=["a.jsonl", "b.jsonl"], dest="report.json")
    assert refused["msg"].startswith("results_files b.jsonl cannot be read on the controller: ")
    world.loader.set_vault_secrets(vault.secrets)
    result = world.run(results_files=["a.jsonl", "b.jsonl"], dest="report.json")
    assert (result["summary"]["buckets"], result["time"]) == (2, "2027-01-15T08:00:00Z")
    assert world.loader._tempfiles == set()
    assert world.names == ["a.jsonl", "b.jsonl", "report.json"]


def test_a_comparison(world: World) -> None:
    """With an earlier report of another title, and of a report with itself."""
    world.run(results=[GOOD, FOUND], dest="old.json", title="Old")
    new = world.run(results=[GOOD], dest="new.json", compare_to="old.json")["comparison"]
    assert {name: new[name] for name in ("new", "unchanged", "absent", "title", "time")} == {
        "new": 0,
        "unchanged": 0,
        "absent": 1,
        "title": "Old",
        "time": "2026-11-27T08:00:00Z",
    }
    assert new["before"] == world.run(results=[GOOD, FOUND], dest="old.json", title="Old")["summary"]
    same = world.run(results=[GOOD, FOUND], dest="new.json", compare_to="old.json")["comparison"]
    assert (same["new"], same["unchanged"], same["absent"]) == (0, 1, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"results_files": ["absent.jsonl"]}, "results_files absent.jsonl does not exist on the controller."),
        ({"results_files": ["."]}, "results_files . is a directory on the controller."),
        ({"results_files": ["pipe"]}, "results_files pipe is not a regular file on the controller."),
        (
            {"results_files": ["a.csv"], "dest": "a.csv"},
            "results_files a.csv is also dest, so the report would replace",
        ),
        ({"results_files": ["a.csv"], "dest": "./to-a.csv"}, "results_files a.csv is also dest"),
        ({"results_files": ["a.csv"]}, "results_files a.csv, line 1"),
        ({"results_files": ["x" * 300]}, "cannot be read on the controller: File name too long."),
        (
            {"compare_to": "absent.json"},
            "compare_to absent.json does not exist on the controller. The first report has",
        ),
        ({"compare_to": "report.json", "dest": "report.json"}, "compare_to report.json"),
        ({"compare_to": "a.csv"}, "compare_to a.csv"),
        ({"dest": "absent/report.json"}, "/absent of dest does not exist on the controller. Create it first."),
        ({"results": {"changed": False}}, "results[0] is not"),
        ({"results": [{"buckets": 1}]}, "results[0]"),
        ({"results": [{"buckets": [{}]}]}, "results[0]"),
        ({"results": [{"skipped": True, "changed": False}]}, "skipped tasks"),
        ({"background": 60}, "encryption_report cannot be combined with async. Leave it out."),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str, world: World) -> None:
    """With a sentence, and without a file."""
    world.file("a.csv", "a,b\n")
    os.mkfifo(world.folder / "pipe")
    os.link(world.folder / "a.csv", world.folder / "to-a.csv")
    before = world.names
    failed = world.run(**{"results": [FOUND], "dest": "report.html", **options})
    assert (failed["failed"], failed["error"]["kind"]) == (True, "invalid")
    assert message in failed["msg"]
    assert world.names == before


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (RuntimeError("secret"), "failed", "sealed.s3 met a case that it does not handle: RuntimeError in "),
        (AnsibleError("secret"), "failed", "sealed.s3 met a case that it does not handle: AnsibleError in "),
        (RecursionError("secret"), "failed", "sealed.s3 met a case that it does not handle: RecursionError in "),
    ],
)
def test_a_bug_is_a_sentence(
    error: Exception, kind: str, message: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the file that exists stays."""
    world.file("report.html", "before")

    def fail(_report: object) -> Iterator[str]:
        yield "a"
        raise error

    monkeypatch.setattr(encryption_report, "page", fail)
    failed = world.run(results=[FOUND], dest="report.html")
    assert (failed["failed"], failed["error"]["kind"]) == (True, kind)
    assert failed["msg"].startswith(message)
    assert "secret" not in failed["msg"]
    assert (world.folder / "report.html").read_text() == "before"


def test_a_directory_that_an_earlier_task_would_create(world: World) -> None:
    """A check run goes on, and warns."""
    result = world.run(results=[FOUND], dest="new/report.json", check=True)
    assert result["changed"]
    assert "The real run fails unless an earlier task creates it." in result["warnings"][0]
    assert world.names == []
