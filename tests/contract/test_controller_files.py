# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""`src` is a file of the controller, wherever the module runs: found, decrypted, brought there and taken away again."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from .playbooks import ELSEWHERE, HERE, Site, another_user

SECRET = "the secret that only the vault may keep"
UPLOAD = "sealed.s3.s3_encrypted_object"

EVERYWHERE = pytest.mark.parametrize("transport", [HERE, ELSEWHERE])


@pytest.fixture
def site(tmp_path: Path, transport: str, bucket: str) -> Site:
    """A playbook's folder, with a file under vault, and its target."""
    made = Site(tmp_path, transport, SECRET)
    (made.files / "plain.txt").write_text("plain")
    (made.files / "secret.json").write_text(SECRET)
    made.encrypt(made.files / "secret.json")
    return made


def upload(src: str, key: str = "a", **options: Any) -> dict[str, Any]:
    """A task."""
    return {UPLOAD: {"bucket": "example-bucket", "key": key, "src": src, **options}}


def content(s3: Any, key: str = "a") -> str:
    """What is in the object."""
    text: str = s3.get_object(Bucket="example-bucket", Key=key)["Body"].read().decode()
    return text


@EVERYWHERE
def test_files_are_found_as_copy_finds_them_and_decrypted(site: Site, transport: str, s3: Any) -> None:
    """In files/ of the role and of the playbook, and beside it. A check run tells the same as the real one.

    What is decrypted is in files that nobody else can read, and gone afterwards.
    """
    role = site.folder / "roles" / "ours"
    for path, text in (
        (role / "files" / "of_role.html", "of the role"),
        (role / "tasks" / "main.yml", yaml.safe_dump([upload("of_role.html", "role")])),
        (site.folder / "beside.txt", "beside"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found, beside, foretold, made, again = site.play(
        upload("plain.txt", "found"),
        upload("beside.txt", "beside"),
        {**upload("secret.json", "secret"), "check_mode": True},
        upload("secret.json", "secret"),
        upload("secret.json", "secret"),
        arguments=(*site.vault, "--diff", "-vvv"),
        roles=["ours"],
    )
    assert [result["changed"] for result in (found, beside, foretold, made, again)] == [True] * 4 + [False]
    assert foretold["diff"] == made["diff"]
    contents = {key: content(s3, key) for key in ("role", "found", "beside", "secret")}
    assert contents == {"role": "of the role", "found": "plain", "beside": "beside", "secret": SECRET}
    types = [s3.head_object(Bucket="example-bucket", Key=key)["ContentType"] for key in ("role", "secret")]
    assert types == ["text/html", "application/json"]
    told = set(re.findall(r'"src": "([^"]*)"', site.printed))
    assert told == {"of_role.html", "plain.txt", "beside.txt", "secret.json"}
    assert site.sent == ([] if transport == HERE else ["0o600"] * 6)
    lain = [note for note in site.notes if "secret" in note]
    assert {note["mode"] for note in lain} == {"0o600"}
    assert len({note["secret"] for note in lain}) == (3 if transport == HERE else 6)
    assert site.left() == []


@EVERYWHERE
def test_a_decrypted_file_goes_when_the_task_fails(site: Site, transport: str) -> None:
    """Even where temporary folders are kept for debugging."""
    site.environment["ANSIBLE_KEEP_REMOTE_FILES"] = "true"
    (failed,) = site.play(
        {UPLOAD: {"bucket": "example-nowhere", "key": "a", "src": "secret.json"}}, arguments=site.vault
    )
    assert failed["error"]["kind"] == "absent"
    assert [note for note in site.notes if "secret" in note]
    assert site.left() == []


@EVERYWHERE
def test_a_task_in_the_background(site: Site, transport: str, s3: Any) -> None:
    """It has its file for as long as it runs. Ansible looks every five seconds whether that is over, and cleans up."""
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
    while site.left() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert site.left() == []


@EVERYWHERE
@pytest.mark.parametrize("kept", [False, True], ids=["as another user", "with temporary files kept"])
def test_a_secret_that_nobody_would_remove(site: Site, transport: str, kept: bool, lab: Any) -> None:
    """A task in the background is not cleaned up after as another user, or where nothing is."""
    lab.calls.clear()
    site.environment["ANSIBLE_KEEP_REMOTE_FILES"] = str(kept)
    other = {} if kept else {"become": True, "become_method": "su", "become_user": "nobody"}
    (result,) = site.play({**upload("secret.json"), **other, "async": 60, "poll": 1}, arguments=site.vault)
    assert result["failed"]
    assert "would leave it decrypted on the target" in result["msg"]
    assert site.left() == []
    assert lab.calls.operations() == []


@EVERYWHERE
def test_a_file_that_is_not_there_to_be_read(site: Site, transport: str, lab: Any) -> None:
    """Each is told in a sentence, before any call, and without going to the target."""
    os.mkfifo(site.folder / "pipe")
    lab.calls.clear()
    results = site.play(*map(upload, ("nowhere.txt", "/nowhere/at/all", str(site.files), "pipe", "secret.json")))
    for result, words in zip(
        results,
        (
            ["src nowhere.txt does not exist on the controller", "remote_src"],
            ["src /nowhere/at/all does not exist on the controller"],
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
    assert site.notes == []  # nothing ran on the target


@pytest.mark.parametrize("transport", [ELSEWHERE])
def test_a_file_of_the_target(site: Site, s3: Any) -> None:
    """`remote_src: true` means a path there. Nothing is brought, nor where the file is not needed."""
    there = site.folder / "there.txt"
    there.write_bytes((site.files / "secret.json").read_bytes())
    made, missing, contradiction, deleted = site.play(
        upload(str(there), remote_src=True),
        upload("/nowhere/at/all", remote_src=True),
        upload("plain.txt", content="other"),
        upload("nowhere.txt", state="absent"),
        arguments=site.vault,
    )
    assert made["object"]["size"] == there.stat().st_size  # whoever may open a vault is not on the target
    assert "/nowhere/at/all does not exist on the host that runs the task" in missing["msg"]
    assert "mutually exclusive" in contradiction["msg"]
    assert deleted["changed"], deleted
    assert site.sent == []


@pytest.fixture
def nobody(site: Site) -> dict[str, Any]:
    """How to become a user without any right."""
    keywords, variables = another_user()
    site.variables.update(variables)
    return keywords


@pytest.mark.parametrize(("transport", "pipelining"), [(HERE, False), (ELSEWHERE, True)])
def test_another_user_without_any_right(site: Site, pipelining: bool, nobody: dict[str, Any], s3: Any) -> None:
    """A file of which only the controller's user can read is brought to a user who cannot, on the controller too."""
    site.variables["ansible_pipelining"] = pipelining
    (site.files / "plain.txt").chmod(0o600)
    made, secret = site.play(upload("plain.txt"), upload("secret.json", "b"), arguments=site.vault, **nobody)
    assert made["changed"], made
    assert secret["changed"], secret
    assert (content(s3), content(s3, "b")) == ("plain", SECRET)
    assert len(site.sent) == 2
    lain = {note["mode"] for note in site.notes if "secret" in note}
    assert lain
    assert lain <= {"0o600", "0o700"}
    assert site.left() == []


@pytest.mark.parametrize("transport", [ELSEWHERE])
def test_the_last_resort_of_ansible_is_none_for_a_secret(site: Site, nobody: dict[str, Any], s3: Any) -> None:
    """Where nothing else leads to the other user, Ansible may let all read. Not so with a decrypted file.

    Run as a user who may neither give files away nor set access control lists.
    """
    error = ["setfacl", "chown"]
    tools = site.folder / "tools"
    tools.mkdir()
    for name in error:
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    site.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
    site.variables["ansible_shell_allow_world_readable_temp"] = True
    site.variables["ansible_admin_users"] = ["nobody-here"]
    plain, secret = site.play(upload("plain.txt"), upload("secret.json", "b"), arguments=site.vault, **nobody)
    assert plain["changed"], plain
    assert secret["failed"]
    assert "unprivileged" in secret["msg"]
    assert {note["mode"] for note in site.notes if "secret" in note} <= {"0o600", "0o700"}
    assert site.left() == []
