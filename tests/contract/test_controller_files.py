# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""`src` is a file of the controller, even if the module runs remotely: it is found, decrypted, sent, and deleted."""

from __future__ import annotations

import os
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from .playbooks import ELSEWHERE, HERE, MODULES_IN_WORKER, Site, another_user

SECRET = f"the secret {uuid.uuid4()}"  # not that of another run: the tests search /var/tmp
UPLOAD = "sealed.s3.s3_encrypted_object"

EVERYWHERE = pytest.mark.parametrize("transport", [HERE, ELSEWHERE])


@pytest.fixture
def site(tmp_path: Path, transport: str, bucket: str) -> Site:
    """A playbook's folder with a vault-encrypted file, and its target."""
    made = Site(tmp_path, transport, SECRET)
    (made.files / "plain.txt").write_text("plain")
    (made.files / "secret.json").write_text(SECRET)
    made.encrypt(made.files / "secret.json")
    return made


def upload(src: str, key: str = "a", **options: Any) -> dict[str, Any]:
    """A task that uploads this file."""
    return {UPLOAD: {"bucket": "example-bucket", "key": key, "src": src, **options}}


def content(s3: Any, key: str = "a") -> str:
    """The content of the object."""
    text: str = s3.get_object(Bucket="example-bucket", Key=key)["Body"].read().decode()
    return text


@EVERYWHERE
def test_files_are_found_as_copy_finds_them_and_decrypted(site: Site, transport: str, s3: Any) -> None:
    """In files/ of the role and of the playbook, and beside it. Check mode returns the same as the real run.

    Decrypted content is only in files that no other user can read, and these are deleted afterwards.
    """
    role = site.folder / "roles" / "ours"
    for path, text in (
        (role / "files" / "of_role.html", "of the role"),
        (role / "tasks" / "main.yml", yaml.safe_dump([upload("of_role.html", "role")])),
        (site.folder / "beside.txt", "beside"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found, beside, predicted, created, repeated = site.play(
        upload("plain.txt", "found"),
        upload("beside.txt", "beside"),
        {**upload("secret.json", "secret"), "check_mode": True},
        upload("secret.json", "secret"),
        upload("secret.json", "secret"),
        arguments=(*site.vault, "--diff", "-vvv"),
        roles=["ours"],
    )
    assert [result["changed"] for result in (found, beside, predicted, created, repeated)] == [True] * 4 + [False]
    assert predicted["diff"] == created["diff"]
    contents = {key: content(s3, key) for key in ("role", "found", "beside", "secret")}
    assert contents == {"role": "of the role", "found": "plain", "beside": "beside", "secret": SECRET}
    types = [s3.head_object(Bucket="example-bucket", Key=key)["ContentType"] for key in ("role", "secret")]
    assert types == ["text/html", "application/json"]
    shown = set(re.findall(r'"src": "([^"]*)"', site.printed))
    assert shown == {"of_role.html", "plain.txt", "beside.txt", "secret.json"}
    assert site.sent == ([] if transport == HERE else ["0o600"] * 6)
    secrets = [note for note in site.notes if "secret" in note]
    assert {note["mode"] for note in secrets} == {"0o600"}
    assert len({note["secret"] for note in secrets}) == (3 if transport == HERE else 6)
    assert site.files_with_secret() == []


@EVERYWHERE
def test_a_decrypted_file_is_deleted_if_the_task_fails(site: Site, transport: str) -> None:
    """Even if temporary folders are kept for debugging."""
    site.environment["ANSIBLE_KEEP_REMOTE_FILES"] = "true"
    (failed,) = site.play(
        {UPLOAD: {"bucket": "example-absent", "key": "a", "src": "secret.json"}}, arguments=site.vault
    )
    assert failed["error"]["kind"] == "absent"
    assert [note for note in site.notes if "secret" in note]
    assert site.files_with_secret() == []


@EVERYWHERE
def test_a_task_in_the_background(site: Site, transport: str, s3: Any) -> None:
    """Its file exists while it runs. Ansible checks every five seconds whether it has ended, and cleans up."""
    started, waited = site.play(
        {**upload("secret.json"), "async": 60, "poll": 0},
        {
            "ansible.builtin.async_status": {"jid": "{{ result_0.ansible_job_id }}"},
            "until": "result_1.finished",
            "retries": 60,
            "delay": 0.5,
        },
        arguments=site.vault,
    )
    assert not started.get("failed")
    assert waited["changed"], waited
    assert content(s3) == SECRET
    deadline = time.monotonic() + 30
    while site.files_with_secret() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert site.files_with_secret() == []


@EVERYWHERE
@pytest.mark.parametrize("kept", [False, True], ids=["as another user", "with temporary files kept"])
def test_a_secret_that_ansible_would_not_delete_is_refused(site: Site, transport: str, kept: bool, lab: Any) -> None:
    """Ansible does not clean up after a background task of another user, or if it keeps remote files."""
    lab.calls.clear()
    site.environment["ANSIBLE_KEEP_REMOTE_FILES"] = str(kept)
    other = {} if kept else {"become": True, "become_method": "su", "become_user": "nobody"}
    (result,) = site.play({**upload("secret.json"), **other, "async": 60, "poll": 1}, arguments=site.vault)
    assert result["failed"]
    assert "would leave it decrypted on the target" in result["msg"]
    assert site.files_with_secret() == []
    assert lab.calls.operations() == []


@EVERYWHERE
def test_a_file_that_cannot_be_read(site: Site, transport: str, lab: Any) -> None:
    """Each failure is reported before any call and without a connection to the target."""
    os.mkfifo(site.folder / "pipe")
    lab.calls.clear()
    results = site.play(*map(upload, ("absent.txt", "/absent/file", str(site.files), "pipe", "secret.json")))
    for result, words in zip(
        results,
        (
            ["src absent.txt does not exist on the controller", "remote_src"],
            ["src /absent/file does not exist on the controller"],
            ["is a directory"],
            ["src pipe is not a regular file"],
            ["src secret.json cannot be read on the controller", "vault"],
        ),
        strict=True,
    ):
        assert result["failed"]
        assert result["error"]["kind"] == "invalid"
        for word in words:
            assert word in result["msg"]
        assert result["msg"].endswith(".")
    assert lab.calls.operations() == []
    assert site.notes == []  # no command ran on the target


@pytest.mark.parametrize("transport", [ELSEWHERE])
def test_a_file_of_the_target(site: Site, s3: Any) -> None:
    """With `remote_src: true` the path is on the target. No file is sent, and none for tasks that need no file."""
    remote_file = site.folder / "remote.txt"
    remote_file.write_bytes((site.files / "secret.json").read_bytes())
    uploaded, missing, contradiction, deleted = site.play(
        upload(str(remote_file), remote_src=True),
        upload("/absent/file", remote_src=True),
        upload("plain.txt", content="other"),
        upload("absent.txt", state="absent"),
        arguments=site.vault,
    )
    assert (
        uploaded["object"]["size"] == remote_file.stat().st_size
    )  # not decrypted: the vault's password is not on the target
    assert "/absent/file does not exist on the host that runs the task" in missing["msg"]
    assert "mutually exclusive" in contradiction["msg"]
    assert deleted["changed"], deleted
    assert site.sent == []


@pytest.fixture
def unprivileged(site: Site) -> dict[str, Any]:
    """The keywords of a play that becomes an unprivileged user."""
    keywords, variables = another_user()
    site.variables.update(variables)
    return keywords


@pytest.mark.parametrize(("transport", "pipelining"), [(HERE, False), (ELSEWHERE, True)])
def test_an_unprivileged_user(site: Site, pipelining: bool, unprivileged: dict[str, Any], s3: Any) -> None:
    """A file that only the controller's user can read is made available to another user, also on the controller."""
    site.variables["ansible_pipelining"] = pipelining
    (site.files / "plain.txt").chmod(0o600)
    plain, secret = site.play(upload("plain.txt"), upload("secret.json", "b"), arguments=site.vault, **unprivileged)
    assert plain["changed"], plain
    assert secret["changed"], secret
    assert (content(s3), content(s3, "b")) == ("plain", SECRET)
    assert len(site.sent) == 2
    modes = {note["mode"] for note in site.notes if "secret" in note}
    assert modes
    assert modes <= {"0o600", "0o700"}
    assert site.files_with_secret() == []


@pytest.mark.parametrize("transport", [ELSEWHERE])
def test_a_decrypted_file_is_never_world_readable(site: Site, unprivileged: dict[str, Any], s3: Any) -> None:
    """If there is no other way, Ansible can make files world-readable for the other user. We refuse this for secrets.

    The tools that change the owner and set access control lists fail here.
    """
    failing = ["setfacl", "chown"]
    tools = site.folder / "tools"
    tools.mkdir()
    for name in failing:
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    site.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
    site.variables["ansible_shell_allow_world_readable_temp"] = True
    site.variables["ansible_admin_users"] = ["nobody-here"]
    plain, secret = site.play(upload("plain.txt"), upload("secret.json", "b"), arguments=site.vault, **unprivileged)
    assert plain["changed"], plain
    assert secret["failed"]
    assert "unprivileged" in secret["msg"]
    assert {note["mode"] for note in site.notes if "secret" in note} <= {"0o600", "0o700"}
    assert site.files_with_secret() == []


@pytest.mark.parametrize("transport", [HERE])
def test_json_content_has_the_bytes_that_copy_writes(site: Site, transport: str, s3: Any) -> None:
    """For lists and dicts, for JSON in a template, which older ansible-core turns into a dict, and for other values."""
    (site.files / "a.json").write_text('{"a": 1,\n "b": [true, null], "c": "\u00fc"}\n')
    contents: list[Any] = [
        "{{ lookup('file', 'a.json') }}",
        {"a": 1, "b": [True, None], "c": "\u00fc"},
        [{"y": 1.5}],
        12,
    ]
    tasks = []
    for number, value in enumerate(contents):
        tasks.append({"ansible.builtin.copy": {"content": value, "dest": str(site.folder / f"{number}")}})
        tasks.append({UPLOAD: {"bucket": "example-bucket", "key": f"{number}", "content": value}})
    results = site.play(*tasks, arguments=("-v",), program=MODULES_IN_WORKER)
    assert [result.get("msg") for result in results] == [None] * len(tasks)
    for number, value in enumerate(contents):
        assert content(s3, f"{number}") == (site.folder / f"{number}").read_text(), value
    assert content(s3, "1") == '{"a": 1, "b": [true, null], "c": "\\u00fc"}'
