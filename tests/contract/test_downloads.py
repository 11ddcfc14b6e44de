# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Downloads in ranges, interrupted downloads, and the attributes of the file."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from sealed_lab import faults

from .conftest import Task, TestClock
from .sdk_calls import SdkCalls
from .test_interruption import HANG_SECONDS, start, wait_for_the_delayed_call

OWN_KEY = "0123456789abcdef0123456789abcdef"
Calls = Callable[[], list[str]]
MIB = 1024**2
DATA = random.Random(6).randbytes(12 * MIB + 1)
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY}
RANGES = 3  # of 5 MiB


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize(
    ("written", "given"),
    [
        pytest.param({}, {}, id="SSE-S3"),
        pytest.param({"ServerSideEncryption": "aws:kms"}, {}, id="SSE-KMS"),
        pytest.param(SSE_C, {"customer_key": OWN_KEY}, id="SSE-C"),
        pytest.param({}, {"customer_key": OWN_KEY}, id="a key that is not needed"),
    ],
)
def test_a_large_object_is_downloaded_in_ranges(
    task: Task,
    open_bucket: str,
    s3: Any,
    calls: Calls,
    tmp_path: Path,
    written: dict[str, Any],
    given: dict[str, Any],
) -> None:
    """HeadObject, and one GetObject for each range. The second run needs no range.

    With a customer key, one more GetObject finds out what it is for: whether S3 says that the object needs a key, and
    if not, whether there is an instruction file.
    """
    first = ["GetObject"] if given else []

    def gets() -> list[str]:
        return [call for call in calls() if call not in ("HeadObject", "HeadBucket")]

    s3.put_object(Bucket=open_bucket, Key="a", Body=DATA, **written)
    options = {"bucket": open_bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": "5MiB", **given}
    calls()
    check = task("s3_encrypted_object_download", check=True, **options)
    assert check["changed"]
    assert gets() == first
    real = task("s3_encrypted_object_download", **options)
    assert (real["diff"], real["actions"]) == (check["diff"], ["GetObject"])
    assert gets() == [*first, *["GetObject"] * RANGES]
    assert (tmp_path / "a").read_bytes() == DATA
    assert os.listdir(tmp_path) == ["a"]
    assert not task("s3_encrypted_object_download", **options)["changed"]
    assert gets() == first


@pytest.mark.parametrize("versioned", [False, True], ids=["not versioned", "versioned"])
def test_an_object_that_is_overwritten_during_the_download_is_a_failure(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path, versioned: bool
) -> None:
    """The file never mixes two objects."""
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    (tmp_path / "a").write_bytes(b"old")
    lab.faults.add("delay", operation="GetObject", seconds=6, after=1, times=1)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": "5MiB", "concurrency": 1}
    process = start("s3_encrypted_object_download", **options)
    wait_for_the_delayed_call(lab)
    s3.put_object(Bucket=bucket, Key="a", Body=DATA[::-1])
    printed, _errors = process.communicate(timeout=60)
    assert "The object was changed by another client during the run: run the task again." in printed
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_an_old_version_is_downloaded_after_an_overwrite(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """Each range is read from the named version."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="a", Body=DATA)["VersionId"]
    s3.put_object(Bucket=bucket, Key="a", Body=DATA[::-1])
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": "5MiB", "version_id": version}
    assert task("s3_encrypted_object_download", **options)["changed"]
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_download_in_ranges_leaves_no_file(
    bucket: str, s3: Any, lab: Any, tmp_path: Path, number: int
) -> None:
    """The process ends at once, although ranges are still being downloaded."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    lab.faults.add("delay", operation="GetObject", seconds=20, after=1, times=None)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": "5MiB"}
    process = start("s3_encrypted_object_download", **options)
    wait_for_the_delayed_call(lab)
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(HANG_SECONDS) != 0
    assert time.monotonic() - began < 15
    assert os.listdir(tmp_path) == []


BAD = [
    ({"mode": "rubbish"}, "mode: 'rubbish' is not a valid file mode. Give an octal number in quotes"),
    ({"attributes": "zz"}, "attributes: 'zz' are not file system attributes."),
    ({"attributes": "+i -a"}, "attributes: '+i -a' are not file system attributes."),
    ({"mode": "0999"}, "mode: '0999' is not a valid file mode."),
    ({"mode": "77777"}, "mode: '77777' is not a valid file mode."),
    ({"mode": 99999}, "mode: 99999 is not a valid file mode."),
    ({"mode": "u=rw,z=r"}, "mode: 'u=rw,z=r' is not a valid file mode."),
    (
        {"owner": "nobody-of-this-name"},
        "owner: the user nobody-of-this-name does not exist on the host that",
    ),
    ({"group": "nogroup-of-this-name"}, "group: the group nogroup-of-this-name does not exist on the host"),
    ({"part_size": "1MiB"}, "part_size: 1MiB is out of bounds."),
    ({"concurrency": 0}, "concurrency: 0 is out of bounds."),
]


@pytest.mark.parametrize(("bad", "message"), BAD, ids=[str(bad) for bad, _message in BAD])
def test_invalid_options_are_refused_before_any_call(
    task: Task, bucket: str, s3: Any, calls: Calls, tmp_path: Path, bad: dict[str, Any], message: str
) -> None:
    """Nothing is written, either."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    calls()
    result = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(tmp_path / "a"), **bad)
    assert result["failed"]
    assert message in result["msg"]
    assert calls() == []
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("mode", ["0640", "640", 0o640, "u=rw,g=r,o=", "a=r,u+w,o-rwx", "o=,ug=r,u+w"])
def test_every_format_of_a_mode_is_accepted(task: Task, bucket: str, s3: Any, tmp_path: Path, mode: str | int) -> None:
    """The new file has the mode, and a second run changes nothing."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "mode": mode}
    assert task("s3_encrypted_object_download", **options)["changed"]
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert not task("s3_encrypted_object_download", **options)["changed"]


def test_the_diff_of_a_replaced_file_has_its_mode(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """In a check run, too, and if only the mode changes."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o600)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "mode": "0640"}
    check = task("s3_encrypted_object_download", check=True, **options)
    real = task("s3_encrypted_object_download", **options)
    assert check["diff"] == real["diff"]
    assert (real["diff"]["before"]["mode"], real["diff"]["after"]["mode"]) == ("0600", "0640")
    (tmp_path / "a").chmod(0o600)
    again = task("s3_encrypted_object_download", **options)
    assert (again["changed"], again["actions"]) == (True, ["SetFileAttributes"])
    assert (again["diff"]["before"]["mode"], again["diff"]["after"]["mode"]) == ("0600", "0640")


ATTRIBUTES = [
    pytest.param(None, "0640", ["GetObject"], id="new file"),
    pytest.param(b"text", "0640", ["SetFileAttributes"], id="same content, other mode"),
    pytest.param(b"text", "u=rw,g=r,o=", ["SetFileAttributes"], id="same content, symbolic mode"),
    pytest.param(b"old", "0640", ["GetObject", "SetFileAttributes"], id="other content, other mode"),
    pytest.param(b"old", "0600", ["GetObject"], id="other content, same mode"),
    pytest.param(b"text", "0600", [], id="nothing differs"),
]


@pytest.mark.parametrize(("old", "mode", "actions"), ATTRIBUTES)
def test_attributes_are_in_actions_and_diff(
    task: Task, bucket: str, s3: Any, tmp_path: Path, old: bytes | None, mode: str, actions: list[str]
) -> None:
    """A check run reports what the real run does, and a second run changes nothing."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    path = tmp_path / "a"
    if old is not None:
        path.write_bytes(old)
        path.chmod(0o600)
    options = {"bucket": bucket, "key": "a", "dest": str(path), "mode": mode}
    check = task("s3_encrypted_object_download", check=True, **options)
    assert (path.read_bytes() if path.exists() else None) == old
    assert old is None or stat.S_IMODE(path.stat().st_mode) == 0o600
    real = task("s3_encrypted_object_download", **options)
    for result in (check, real):
        assert (result["actions"], result["changed"]) == (actions, bool(actions))
    assert check["diff"] == real["diff"]
    modes = [real["diff"][side].get("mode") for side in ("before", "after")]
    assert modes == (["0600", "0640"] if "SetFileAttributes" in actions else [None, None])
    assert path.read_bytes() == b"text"
    assert stat.S_IMODE(path.stat().st_mode) == (0o600 if mode == "0600" else 0o640)
    again = task("s3_encrypted_object_download", **options)
    assert (again["changed"], again["actions"], again["diff"]) == (False, [], {"before": {}, "after": {}})


@pytest.mark.parametrize("function", ["chmod", "lchown"])
@pytest.mark.parametrize("old", [None, b"text", b"old"], ids=["new file", "same content", "other content"])
def test_a_file_whose_attributes_cannot_be_set_does_not_change(
    task: Task, bucket: str, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None, function: str
) -> None:
    """The task fails, and reports no change."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    path = tmp_path / "a"
    if old is not None:
        path.write_bytes(old)
        path.chmod(0o600)

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, function, refuse)
    attributes: dict[str, Any] = {"mode": "0640"} if function == "chmod" else {"owner": str(os.getuid() + 1)}
    result = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(path), **attributes)
    assert result["failed"]
    assert (result["changed"], result["actions"]) == (False, [])
    assert f"The attributes of {path} cannot be set" in result["msg"]
    assert os.listdir(tmp_path) == ([] if old is None else ["a"])
    if old is not None:
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (old, 0o600)


@pytest.fixture
def _immutable_files(tmp_path: Path) -> Iterator[None]:
    """Skip where a file cannot be made immutable; make all files of the test mutable again."""
    probe = tmp_path / "probe"
    probe.touch()
    chattr = shutil.which("chattr")
    if not chattr or subprocess.run([chattr, "+i", str(probe)], capture_output=True, check=False).returncode:
        pytest.skip("no file can be made immutable here")
    subprocess.run([chattr, "-i", str(probe)], check=True)
    probe.unlink()
    yield
    subprocess.run([chattr, "-R", "-i", str(tmp_path)], capture_output=True, check=False)


@pytest.mark.usefixtures("_immutable_files")
@pytest.mark.parametrize("old", [None, b"text", b"old"], ids=["new file", "same content", "other content"])
def test_an_immutable_file_becomes_so_in_its_place(
    task: Task, bucket: str, s3: Any, tmp_path: Path, old: bytes | None
) -> None:
    """An immutable file cannot be renamed, and no immutable temporary file remains."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    path = tmp_path / "a"
    if old is not None:
        path.write_bytes(old)
    options = {"bucket": bucket, "key": "a", "dest": str(path), "attributes": "+i"}
    check = task("s3_encrypted_object_download", check=True, **options)
    real = task("s3_encrypted_object_download", **options)
    for name in ("changed", "actions", "diff"):
        assert check[name] == real[name]
    assert (real["changed"], real.get("msg")) == (True, None)
    assert os.listdir(tmp_path) == ["a"]
    assert path.read_bytes() == b"text"
    with pytest.raises(PermissionError):
        path.write_bytes(b"other")


def test_attributes_are_set_after_the_file_is_renamed(
    task: Task, bucket: str, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File system attributes only on the file in its place: one such as `i` would forbid to rename it."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    path, calls = tmp_path / "a", []

    def record(_module: AnsibleModule, arguments: dict[str, Any], *_others: Any, **_named: Any) -> bool:
        calls.append((arguments["path"] == str(path), arguments["mode"], arguments["attributes"]))
        return True

    monkeypatch.setattr(AnsibleModule, "set_fs_attributes_if_different", record)
    options = {"bucket": bucket, "key": "a", "dest": str(path), "attributes": "+i", "mode": "0600"}
    assert "msg" not in task("s3_encrypted_object_download", **options)
    assert calls == [(False, "0600", None), (True, "0600", "+i")]


def test_an_owner_that_an_earlier_task_would_create_is_a_change(
    task: Task, bucket: str, s3: Any, tmp_path: Path
) -> None:
    """In check mode, for an existing file as for a new one."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    path = tmp_path / "a"
    options = {"bucket": bucket, "key": "a", "dest": str(path), "owner": "user-of-an-earlier-task", "mode": "0640"}
    assert task("s3_encrypted_object_download", check=True, **options)["actions"] == ["GetObject"]
    path.write_bytes(b"text")
    path.chmod(0o600)
    result = task("s3_encrypted_object_download", check=True, **options)
    assert (result["changed"], result["actions"]) == (True, ["SetFileAttributes"])
    assert result["diff"] == {
        "before": {"mode": "0600", "owner": path.stat().st_uid},
        "after": {"mode": "0640", "owner": "user-of-an-earlier-task"},
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_folder_that_cannot_be_listed(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """The file is written into it all the same."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o333)
        os.seteuid(65534)
        options = {"bucket": bucket, "key": "a", "dest": str(folder / "a")}
        result = task("s3_encrypted_object_download", **options)
    finally:
        os.seteuid(0)
        content = (folder / "a").read_bytes()
        shutil.rmtree(folder)
    assert (result["changed"], result.get("msg"), content) == (True, None, b"text")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_file_that_cannot_be_read_is_named_by_its_option(task: Task, bucket: str, s3: Any) -> None:
    """It is the `dest` of the task, and not a `src`."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "a").write_bytes(b"else")
        (folder / "a").chmod(0o600)
        folder.chmod(0o777)
        os.seteuid(65534)
        result = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(folder / "a"))
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["msg"].startswith(f"dest {folder / 'a'} cannot be read: Permission denied.")


@pytest.mark.parametrize("check", [True, False])
def test_a_link_into_a_folder_that_does_not_exist_is_refused(
    task: Task, bucket: str, s3: Any, tmp_path: Path, check: bool
) -> None:
    """Before any call, and in both modes."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    (tmp_path / "link").symlink_to("missing/a")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "link")}
    result = task("s3_encrypted_object_download", check=check, **options)
    assert result["msg"] == f"The folder {tmp_path / 'missing'} of dest does not exist. Create it first."


@pytest.mark.parametrize("check", [True, False])
def test_a_file_that_is_never_overwritten_gets_its_mode(
    task: Task, bucket: str, s3: Any, tmp_path: Path, check: bool
) -> None:
    """`overwrite` applies only to the content."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o600)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "overwrite": "never", "mode": "0640"}
    result = task("s3_encrypted_object_download", check=check, **options)
    assert (result["changed"], result["actions"]) == (True, ["SetFileAttributes"])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == (0o600 if check else 0o640)


@pytest.mark.parametrize("part_size", ["5MiB", "16MiB"], ids=["ranges", "whole"])
@pytest.mark.parametrize("kind", ["internal_error", "reset_after", "cut_answer"])
def test_an_interrupted_response_is_continued(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path, kind: str, part_size: str
) -> None:
    """The SDK does not retry a response whose body breaks off. The module requests the rest."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    lab.faults.add(kind, operation="GetObject", times=2)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": part_size}
    result = task("s3_encrypted_object_download", **options)
    assert result["changed"], result
    assert not result.get("failed"), result
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize("size", [12 * MIB + 1, 300 * 1024, 5], ids=["ranges", "less than a chunk", "a few bytes"])
@pytest.mark.parametrize("times", [1, 4])
def test_a_response_that_breaks_off_early_is_continued(
    task: Task,
    bucket: str,
    s3: Any,
    calls: Calls,
    lab: Any,
    tmp_path: Path,
    size: int,
    times: int,
) -> None:
    """Each interruption costs one more GetObject, also before the first chunk is complete."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA[:size])
    lab.faults.add("reset_answer", operation="GetObject", times=times)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": "5MiB"}
    calls()
    result = task("s3_encrypted_object_download", **options)
    assert (result["changed"], result.get("msg")) == (True, None)
    assert (tmp_path / "a").read_bytes() == DATA[:size]
    assert calls().count("GetObject") == -(-size // (5 * MIB)) + times


def test_a_response_that_stalls_is_continued(
    task: Task, bucket: str, lab: Any, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read timeout within a body is handled as an interruption."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    monkeypatch.setattr(faults, "RESET_DELAY", 3)
    lab.faults.add("reset_answer", operation="GetObject")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "aws_config": {"read_timeout": 1}}
    result = task("s3_encrypted_object_download", **options)
    assert (result["changed"], result.get("msg")) == (True, None)
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_response_that_always_breaks_off_is_a_failure(
    task: Task, bucket: str, s3: Any, calls: Calls, lab: Any, tmp_path: Path, clock: TestClock
) -> None:
    """The retries end, and no file is written."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    lab.faults.add("reset_answer", operation="GetObject", times=None)
    calls()
    result = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(tmp_path / "a"))
    assert result["failed"]
    assert (result["changed"], result["error"]["kind"]) == (False, "unreachable")
    assert calls().count("GetObject") == 5
    assert clock.slept == [0.5, 1, 2, 4]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("part_size", ["5MiB", "16MiB"], ids=["ranges", "whole"])
@pytest.mark.parametrize("kind", ["internal_error", "reset_after", "lost_answer"])
def test_a_download_that_fails_has_changed_nothing(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path, kind: str, part_size: str
) -> None:
    """A read changes nothing, also if its response is lost."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    lab.faults.add(kind, operation="GetObject", times=None)
    once = {"retries": {"mode": "standard", "total_max_attempts": 1}}
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": part_size, "aws_config": once}
    result = task("s3_encrypted_object_download", **options)
    assert result["failed"]
    assert (result["changed"], result["actions"]) == (False, [])
    assert "carried out" not in result["msg"]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("part_size", ["5MiB", "16MiB"], ids=["ranges", "whole"])
def test_a_corrupt_response_is_detected(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path, part_size: str
) -> None:
    """By the checksum of the whole object. No file is written."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    lab.faults.add("corrupt_answer", operation="GetObject", times=1)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "part_size": part_size}
    result = task("s3_encrypted_object_download", **options)
    assert result["failed"]
    assert result["changed"] is False
    assert "checksum" in result["msg"]
    assert os.listdir(tmp_path) == []


CONTEXT = {"project": "blue"}


@pytest.mark.parametrize("given", [CONTEXT, {"project": "another"}, {}], ids=["the same", "another", "empty"])
@pytest.mark.parametrize("kind", ["SSE-KMS", "DSSE-KMS"])
def test_an_encryption_context_does_not_affect_a_download(
    task: Task, bucket: str, key_arn: str, calls: Calls, tmp_path: Path, kind: str, given: dict[str, str]
) -> None:
    """S3 has stored the context of the upload and uses that: no more calls, the same result, no warning."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="x", encryption=kind, kms_key=key_arn, encryption_context=CONTEXT)
    options = {**where, "dest": str(tmp_path / "a"), "encryption_context": given}
    calls()
    result = task("s3_encrypted_object_download", **options)
    assert (result["changed"], result.get("warnings")) == (True, None), result
    assert calls() == ["HeadObject", "GetObject"]
    assert (tmp_path / "a").read_text() == "x"
    assert not task("s3_encrypted_object_download", **options)["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_an_encryption_context_of_an_object_without_one_is_a_warning(
    task: Task, bucket: str, s3: Any, tmp_path: Path, check: bool
) -> None:
    """A task that names a context expects an encryption that the object does not have."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a")}
    result = task("s3_encrypted_object_download", check=check, **options, encryption_context=CONTEXT)
    assert result["changed"]
    assert result["warnings"] == [
        f"encryption_context has no effect: the object 'a' in the bucket {bucket} is under SSE-S3, which has none."
    ]
    assert "warnings" not in task("s3_encrypted_object_download", check=check, **options, encryption_context={})


def test_an_encryption_context_does_not_complete_an_envelope(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """The download is refused, as without a context."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"cipher", Metadata={"x-amz-c": "115", "x-amz-3": "key"})
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a"), "encryption_context": CONTEXT}
    assert task("s3_encrypted_object_download", **options)["error"]["kind"] == "not_authentic"
    assert os.listdir(tmp_path) == []


def test_info_reads_tags_only_if_necessary(
    task: Task, bucket: str, s3: Any, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HeadObject of S3 returns the number of tags. With a store that does not, they are always read."""
    s3.put_object(Bucket=bucket, Key="none", Body=b"text")
    s3.put_object(Bucket=bucket, Key="some", Body=b"text", Tagging="team=a")
    tags: dict[str, dict[str, str]] = {"none": {}, "some": {"team": "a"}}
    for key, reads in (("none", 0), ("some", 1)):
        calls()
        (found,) = task("s3_encrypted_object_info", bucket=bucket, key=key)["objects"]
        assert found["tags"] == tags[key]
        assert calls() == ["HeadObject"] + ["GetObjectTagging"] * reads

    def no_count(response: dict[str, Any]) -> None:
        response.pop("TagCount", None)
        response["ResponseMetadata"]["HTTPHeaders"]["server"] = "another store"

    SdkCalls(monkeypatch).change_response("HeadObject", no_count)
    for key in tags:
        calls()
        (found,) = task("s3_encrypted_object_info", bucket=bucket, key=key)["objects"]
        assert found["tags"] == tags[key]
        assert calls() == ["HeadObject", "GetObjectTagging"]
    assert task("s3_encrypted_object", bucket=bucket, key="some", tags={})["changed"]
    assert not task("s3_encrypted_object", bucket=bucket, key="some", tags={})["changed"]
    assert s3.get_object_tagging(Bucket=bucket, Key="some")["TagSet"] == []
