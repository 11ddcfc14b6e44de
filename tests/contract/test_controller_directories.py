# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""`src` is a directory of the controller: read in its place, or sent in one archive that never stays on the target."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result
from .playbooks import ANSIBLE_PLAYBOOK, ELSEWHERE, HERE, Site, another_user
from .test_interruption import wait_for_the_delayed_call

SECRET = f"the secret {uuid.uuid4()}"
SYNC = "sealed.s3.s3_encrypted_sync"
PLAIN = {"site/a.html": "plain", "site/folder/é.txt": "plain", "site/link.txt": "plain", "site/secret.json": SECRET}


def push(**options: Any) -> dict[str, Any]:
    """A task that uploads the directory."""
    named = {"bucket": "example-bucket", "prefix": "site", "src": "site", "exclude": ["*.swp"], "results": "all"}
    return {SYNC: {**named, **options}}


def directory_of(site: Site) -> Path:
    """The directory below files/: with a file in a vault, and with entries that cannot be sent."""
    directory = site.files / "site"
    (directory / "folder").mkdir(parents=True)
    (directory / "a.html").write_text("plain")
    (directory / "folder" / "é.txt").write_text("plain")
    (directory / "link.txt").symlink_to("folder/é.txt")
    (directory / "secret.json").write_text(SECRET)
    site.encrypt(directory / "secret.json")
    for excluded in ("pipe.swp", "pipe"):
        os.mkfifo(directory / excluded)
    (directory / "out").symlink_to("/etc/passwd")
    (directory / "damaged").write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n")
    with open(os.fsencode(directory) + b"/\xff", "wb"):
        pass
    return directory


def site_in(folder: Path, transport: str) -> Site:
    folder.mkdir()
    made = Site(folder, transport, SECRET)
    directory_of(made)
    return made


def contents(s3: Any) -> dict[str, str]:
    """The content of every object."""
    listed = s3.list_objects_v2(Bucket="example-bucket").get("Contents", [])
    return {
        entry["Key"]: s3.get_object(Bucket="example-bucket", Key=entry["Key"])["Body"].read().decode()
        for entry in listed
    }


def comparable(result: Result) -> Result:
    """The result without what depends on the time, and on the place of the module."""
    names = ("objects", "failed_objects", "changed", "diff", "msg")
    kept: Result = {name: result[name] for name in names if name in result}
    return {**kept, "summary": {**result["summary"], "seconds": 0}}


def test_a_push_from_here_and_to_elsewhere_has_the_same_result(bucket: str, s3: Any, lab: Any, tmp_path: Path) -> None:
    """In check mode, for real, and again: the same rows, failures, counts, calls and objects.

    No archive stays, although Ansible keeps temporary files and each task fails because of some entries. Other users
    never can read the secret.
    """
    found: dict[str, list[Result]] = {}
    for transport in (HERE, ELSEWHERE):
        site = site_in(tmp_path / transport, transport)
        site.environment["ANSIBLE_KEEP_REMOTE_FILES"] = "true"
        tasks = ({**push(), "check_mode": True}, push(), push(), {**push(), "async": 60, "poll": 1})
        *results, refused = site.play(*tasks, arguments=(*site.vault, "--diff"))
        assert "would leave it on the target" in refused["msg"]
        assert [result["changed"] for result in results] == [True, True, False]
        assert contents(s3) == PLAIN
        assert s3.head_object(Bucket="example-bucket", Key="site/a.html")["ContentType"] == "text/html"
        assert site.files_with_secret() == []
        assert list(site.local.rglob("*")) == []
        assert {note["mode"] for note in site.notes if "secret" in note} == {"0o600"}
        assert site.sent == ([] if transport == HERE else ["0o600"] * 3)
        found[transport] = [comparable(result) for result in results]
        for key in PLAIN:
            s3.delete_object(Bucket="example-bucket", Key=key)
    assert found[HERE] == found[ELSEWHERE]
    predicted, created, _repeated = found[HERE]
    assert predicted["diff"] == created["diff"]
    assert created["failed_objects"] == ["site/\\xff", "site/damaged", "site/out", "site/pipe"]
    errors = {row["key"]: row["error"]["message"] for row in created["objects"] if row["error"]}
    for key, words in {
        "site/\\xff": "not UTF-8",
        "site/damaged": "cannot be decrypted on the controller",
        "site/out": "leads out of the directory",
        "site/pipe": "special file",
    }.items():
        assert words in errors[key]


def test_a_task_in_the_background(bucket: str, s3: Any, tmp_path: Path) -> None:
    """Its archive exists while it runs, and is removed after it. A directory of the target is read there."""
    site = site_in(tmp_path / "site", ELSEWHERE)
    remote = tmp_path / "on_the_target"
    remote.mkdir()
    (remote / "file").write_text("remote")
    only = {"include": ["a.html", "secret.json"]}
    waited, copied, absent, file = site.play(
        {**push(**only), "async": 60, "poll": 1},
        push(src=str(remote), remote_src=True, prefix=""),
        push(src="absent"),
        push(src="site/a.html"),
        arguments=site.vault,
    )
    assert waited["changed"], waited
    assert copied["changed"], copied
    assert contents(s3) == {"site/a.html": "plain", "site/secret.json": SECRET, "file": "remote"}
    assert "src absent does not exist on the controller" in absent["msg"]
    assert "src site/a.html is not a directory." in file["msg"]
    deadline = time.monotonic() + 30
    while site.files_with_secret() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert site.files_with_secret() == []
    assert list(site.local.rglob("*")) == []


@pytest.mark.parametrize("transport", [HERE, ELSEWHERE])
def test_a_run_that_is_ended_leaves_no_archive(s3: Any, lab: Any, tmp_path: Path, transport: str) -> None:
    """Ansible ends its workers at once then. The module has removed the name of the archive when it opened it."""
    site = site_in(tmp_path / "site", transport)
    # The module may live longer than this test. So the bucket is of this run alone, and a later test lacks it.
    name = f"ended-run-{transport}"
    s3.create_bucket(Bucket=name)
    lab.faults.add("delay", resource=f"arn:aws:s3:::{name}/*", seconds=2, times=None)
    tasks = site.written(push(bucket=name, include=["a.html", "secret.json"]))
    command = [*ANSIBLE_PLAYBOOK, *tasks, *site.vault]
    with subprocess.Popen(
        command, env={**os.environ, **site.environment}, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        wait_for_the_delayed_call(lab)
        os.killpg(process.pid, signal.SIGTERM)
    assert process.returncode
    assert site.files_with_secret() == []


def test_an_unprivileged_user(bucket: str, s3: Any, tmp_path: Path) -> None:
    """A directory that only the controller's user can read is made available to another user, and only to that one."""
    keywords, variables = another_user()
    site = site_in(tmp_path / "site", HERE)
    site.variables.update(variables)
    (site.files / "site").chmod(0o700)
    (result,) = site.play(push(include=["a.html", "secret.json"]), arguments=site.vault, **keywords)
    assert result["changed"], result
    assert contents(s3) == {"site/a.html": "plain", "site/secret.json": SECRET}
    assert len(site.sent) == 1
    assert {note["mode"] for note in site.notes if "secret" in note} <= {"0o600", "0o700"}
    assert site.files_with_secret() == []
