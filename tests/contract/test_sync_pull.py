# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with `dest`: the objects of a prefix become the files of a directory."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import Transport
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import OBJECT_KINDS

from .conftest import Result, Task
from .encryption_client import EncryptionClient, seal
from .kind_rows import ALIASES, ROWS, KindRow
from .sdk_calls import SdkCalls

MIB = 1024**2
OWN_KEY = "0123456789abcdef0123456789abcdef"
SSE_C: dict[str, Any] = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY}
Calls = Callable[[], list[str]]


def snapshot(root: Path) -> dict[str, str]:
    """All that is below a directory, with modes, times, links and contents. Nothing is followed."""
    found: dict[str, str] = {}
    for folder, names, files in os.walk(root):
        for name in (*names, *files):
            path = Path(folder) / name
            status = path.lstat()
            content = os.readlink(path) if path.is_symlink() else path.read_bytes().hex() if path.is_file() else ""
            found[str(path.relative_to(root))] = f"{status.st_mode:o} {status.st_mtime_ns} {content}"
    return found


def mode_of(path: Path) -> str:
    """The mode of a file, such as 0600."""
    return f"{stat.S_IMODE(path.stat().st_mode):04o}"


@dataclass
class Place:
    """A bucket, and a directory `dest` in a directory with nothing else in it."""

    task: Task
    s3: Any
    bucket: str
    parent: Path

    @property
    def dest(self) -> Path:
        """The directory."""
        return self.parent / "dest"

    def put(self, *keys: str, body: bytes = b"content", **more: Any) -> None:
        """Write objects below the prefix `p/`."""
        for key in keys:
            self.s3.put_object(Bucket=self.bucket, Key=f"p/{key}", Body=body, **more)

    def run(self, *, check: bool = False, **options: Any) -> Result:
        """The result of a pull."""
        options = {"bucket": self.bucket, "prefix": "p", "dest": str(self.dest), "results": "all", **options}
        return self.task("s3_encrypted_sync", check=check, **options)

    def pull(self, **options: Any) -> Result:
        """The result of a pull that succeeds, as a check run predicts it without a change. Another run has none."""
        before = snapshot(self.parent)
        predicted = self.run(check=True, **options)
        assert snapshot(self.parent) == before
        done = self.run(**options)
        assert not done.get("failed"), done["msg"]
        same_result(predicted, done)
        after = snapshot(self.parent)
        again = self.run(**options)
        assert (again["changed"], again["diff"], snapshot(self.parent)) == (False, {"before": {}, "after": {}}, after)
        return done


def same_result(predicted: Result, done: Result) -> None:
    """A check run says what the real run does."""
    for name in ("changed", "objects", "failed_objects", "diff", "failed", "msg", "not_there_yet"):
        assert predicted.get(name) == done.get(name), (name, predicted, done)
    for name in done["summary"].keys() - {"api_calls", "seconds"}:
        assert predicted["summary"][name] == done["summary"][name], name


@pytest.fixture
def place(task: Task, s3: Any, open_bucket: str, tmp_path: Path) -> Place:
    """A place whose directory does not exist yet."""
    parent = tmp_path / "parent"
    parent.mkdir()
    return Place(task, s3, open_bucket, parent)


@pytest.mark.usefixtures("at_aws")
def test_objects_become_files(place: Place) -> None:
    """With their directories, for their owner only. What is below another prefix, and the mark of a folder, do not."""
    place.put("a", "b/c.txt", "b/d/e", "année 1+%.txt", "-rf", ".hidden")
    place.put("b/", "empty", body=b"")
    place.s3.put_object(Bucket=place.bucket, Key="p-other/x", Body=b"other")
    done = place.pull()
    files = {path for path in snapshot(place.dest) if (place.dest / path).is_file()}
    assert files == {"a", "b/c.txt", "b/d/e", "année 1+%.txt", "-rf", ".hidden", "empty"}
    assert {(place.dest / path).read_bytes() for path in files} == {b"content", b""}
    assert {mode_of(place.dest / path) for path in files} == {"0600"}
    assert {mode_of(path) for path in (place.dest, place.dest / "b", place.dest / "b/d")} == {"0700"}
    assert (done["summary"]["matched"], done["summary"]["changed"], done["summary"]["bytes"]) == (7, 7, 6 * 7)
    assert done["unfinished_uploads"] == []
    row = {"key": "p/b/d/e", "changed": True, "actions": ["GetObject"], "error": None}
    assert row in done["objects"]


@dataclass
class World:
    """Another client for all kinds of encryption, with their KMS keys."""

    client: EncryptionClient
    arns: dict[str, str]

    def write(self, row: KindRow, bucket: str, key: str, content: bytes) -> None:
        """Write an object of this kind."""
        row = KindRow(**{**vars(row), "key_arn": self.arns.get(row.kms_key, "")})
        row.write(self.client, bucket, key, content)


@pytest.fixture
def world(s3: Any, kms: Any) -> World:
    """The client, and the keys."""
    arns = {alias: kms.create_key()["KeyMetadata"]["Arn"] for alias in ALIASES.values()}
    for alias, arn in arns.items():
        kms.create_alias(AliasName=alias, TargetKeyId=arn)
    return World(EncryptionClient(s3, kms), arns)


IN_FILE = [next(row for row in ROWS[name] if row.in_file) for name in ("CSE-KMS", "CSE-C")]
TESTED = [*(ROWS[name][0] for name in OBJECT_KINDS), *IN_FILE]


@pytest.mark.parametrize("where", ["at AWS", "elsewhere"])
@pytest.mark.parametrize("row", TESTED, ids=lambda row: row.title)
def test_each_kind(request: pytest.FixtureRequest, place: Place, world: World, row: KindRow, where: str) -> None:
    """Pulled, unchanged, changed on either side, and deleted; and refused where the task names another kind."""
    if where == "at AWS":
        request.getfixturevalue("at_aws")
    for key in ("a", "b/c", "d"):
        world.write(row, place.bucket, f"p/{key}", f"the content of {key}".encode())
    options = row.read_options
    done = place.pull(**options)
    assert [entry["key"] for entry in done["objects"]] == ["p/a", "p/b/c", "p/d"]
    assert {path.read_bytes() for path in (place.dest / "a", place.dest / "b/c")} == {
        b"the content of a",
        b"the content of b/c",
    }
    assert done["diff"]["prepared"].count(row.reported or "") == 1, "equal changes are one group"
    (place.dest / "a").write_bytes(b"a local change")
    world.write(row, place.bucket, "p/b/c", b"another content")
    done = place.pull(**options, delete=True)
    assert [entry["changed"] for entry in done["objects"]] == [True, True, False]
    assert (place.dest / "a").read_bytes() == b"the content of a"
    assert (place.dest / "b/c").read_bytes() == b"another content"
    for key in ("p/d", "p/d.instruction"):
        place.s3.delete_object(Bucket=place.bucket, Key=key)
    done = place.pull(**options, delete=True)
    assert (done["summary"]["deleted"], (place.dest / "d").exists(), (place.dest / "a").exists()) == (1, False, True)
    other = next(name for name in OBJECT_KINDS if name != row.options["encryption"])
    own_key: dict[str, Any] = {"customer_key": OWN_KEY} if "customer_key" in ROWS[other][0].options else {}
    refused = place.run(encryption=other, **own_key)
    assert refused["failed"]
    assert refused["summary"]["failed"] == 2
    assert not refused["changed"]


BAD_KEYS = {
    "leads out": "../evil",
    "leads out later": "a/../../evil",
    "leads out at the end": "a/..",
    "this directory": "./a",
    "this directory inside": "a/./b",
    "only dots": "..",
    "absolute": "/etc/evil",
    "empty part": "a//b",
    "ends with a slash": "a/",
    "NUL": "a\0b",
    "long part": "n" * 256,
    "long part of other letters": "é" * 128,
}


@pytest.mark.parametrize("where", ["at AWS", "elsewhere"])
def test_no_key_writes_outside_of_the_directory(request: pytest.FixtureRequest, place: Place, where: str) -> None:
    """Each is a failed row before anything of it is written, and hinders no other."""
    if where == "at AWS":
        request.getfixturevalue("at_aws")
    place.put(*BAD_KEYS.values())
    place.dest.mkdir()
    before = snapshot(place.parent)
    predicted, done = place.run(check=True), place.run()
    assert snapshot(place.parent) == before
    same_result(predicted, done)
    assert (done["failed"], done["changed"]) == (True, False)
    assert set(done["failed_objects"]) == {f"p/{key}" for key in BAD_KEYS.values()}
    assert {entry["error"]["kind"] for entry in done["objects"]} == {"invalid"}
    place.put("good")
    assert place.run()["changed"]
    assert list(snapshot(place.parent)) == ["dest", "dest/good"]


def test_a_path_that_is_too_long_fails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that we could write by its parts, and that no other program could open."""
    deep = place.parent
    for _number in range(13):
        deep /= "d" * 250
        deep.mkdir()
    place.put("/".join(["k" * 240] * 4), "short")
    done = place.run(dest=str(deep / "dest"))
    assert (done["failed_objects"], done["summary"]["changed"]) == ([f"p/{'/'.join(['k' * 240] * 4)}"], 1)
    assert "4095 bytes" in done["msg"]


@pytest.mark.usefixtures("at_aws")
def test_a_file_and_a_directory_of_the_same_name(place: Place) -> None:
    """The longer keys fail, in whatever order they are listed: `a-b` is between `a` and `a/b`."""
    place.put("a", "a-b", "a/b", "a/b/c", "d/e", "d")
    done = place.run()
    assert done["failed_objects"] == ["p/a/b", "p/a/b/c", "p/d/e"]
    assert sorted(snapshot(place.dest)) == ["a", "a-b", "d"]
    same_result(place.run(check=True), place.run())
    options = {"dest": str(place.parent / "other"), "exclude": ["a", "d", "a/b"]}
    assert place.pull(**options)["summary"]["matched"] == 3
    assert (place.parent / "other/a/b/c").exists()


PLANTED: dict[str, tuple[str, Callable[[Place], object]]] = {
    "a directory is a link outside": ("sub/a", lambda p: (p.dest / "sub").symlink_to(p.parent / "outside")),
    "a directory is a link inside": ("sub/a", lambda p: (p.dest / "sub").symlink_to("real")),
    "a directory is a dangling link": ("sub/a", lambda p: (p.dest / "sub").symlink_to("nothing")),
    "a directory is a file": ("sub/a", lambda p: (p.dest / "sub").write_bytes(b"a file")),
    "a deeper directory is a link": ("real/x/a", lambda p: (p.dest / "real/x").symlink_to(p.parent / "outside")),
    "the file is a link to a file outside": ("a", lambda p: (p.dest / "a").symlink_to(p.parent / "outside/secret")),
    "the file is a link inside": ("a", lambda p: (p.dest / "a").symlink_to("real/file")),
    "the file is a dangling link": ("a", lambda p: (p.dest / "a").symlink_to(p.parent / "outside/new")),
    "the file is a directory": ("a", lambda p: (p.dest / "a").mkdir()),
    "the file is a pipe": ("a", lambda p: os.mkfifo(p.dest / "a")),
}


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize("planted", PLANTED)
def test_nothing_is_written_through_what_is_in_the_way(place: Place, calls: Calls, planted: str) -> None:
    """A failed row, without any call for the object. Other objects are pulled."""
    (place.parent / "outside").mkdir()
    (place.parent / "outside/secret").write_bytes(b"secret")
    (place.dest / "real").mkdir(parents=True)
    (place.dest / "real/file").write_bytes(b"a local file")
    key, plant = PLANTED[planted]
    plant(place)
    place.put(key)
    before = snapshot(place.parent)
    calls()
    predicted, done = place.run(check=True, mode="0644"), place.run(mode="0644")
    assert set(calls()) == {"ListObjectsV2"}
    assert snapshot(place.parent) == before
    same_result(predicted, done)
    assert done["failed_objects"] == [f"p/{key}"]
    assert "Remove it, or exclude the object." in done["msg"]
    done = place.run(delete=True, exclude=["real/*"])
    assert (place.parent / "outside/secret").read_bytes() == b"secret"
    assert snapshot(place.parent / "outside").keys() == {"secret"}
    assert (place.dest / "real/file").read_bytes() == b"a local file"


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize("exists", [False, True], ids=["a new file", "an existing file"])
def test_a_link_that_is_made_during_the_run_leads_nowhere(
    place: Place, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    """Another process swaps the directory for a link after the plan has found it, before the content arrives."""
    outside = place.parent / "outside"
    (outside / "deep").mkdir(parents=True)
    (place.dest / "sub/deep").mkdir(parents=True)
    if exists:
        (place.dest / "sub/deep/a").write_bytes(b"old")
        (outside / "deep/a").write_bytes(b"old")
    place.put("sub/deep/a", body=b"a new content")

    def swap() -> None:
        (place.dest / "sub").rename(place.parent / "moved")
        (place.dest / "sub").symlink_to(outside)

    SdkCalls(monkeypatch).before("GetObject", swap)
    before = snapshot(outside)
    done = place.run()
    assert snapshot(outside) == before
    assert (done["failed_objects"], done["changed"]) == (["p/sub/deep/a"], False)
    assert "is a symbolic link" in done["msg"]


@pytest.mark.usefixtures("at_aws")
def test_a_link_in_the_place_of_the_file_is_not_followed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It appears after the plan has found a file, or nothing."""
    (place.parent / "secret").write_bytes(b"secret")
    place.dest.mkdir()
    (place.dest / "old").write_bytes(b"old")
    place.put("new", "old")

    def plant() -> None:
        (place.dest / "old").unlink()
        for name in ("old", "new"):
            (place.dest / name).symlink_to(place.parent / "secret")

    SdkCalls(monkeypatch).before("GetObject", plant)
    done = place.run(concurrency=1)
    assert (place.parent / "secret").read_bytes() == b"secret"
    assert set(done["failed_objects"]) == {"p/new", "p/old"}
    assert sorted(os.listdir(place.dest)) == ["new", "old"]


def test_a_file_that_appears_meanwhile_is_not_replaced(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan found nothing, so the run has no right to what another process wrote."""
    place.put("a")
    place.dest.mkdir()
    SdkCalls(monkeypatch).before("GetObject", lambda: (place.dest / "a").write_bytes(b"of another process"))
    done = place.run()
    assert (done["objects"][0]["error"]["kind"], done["changed"]) == ("conflict", False)
    assert (place.dest / "a").read_bytes() == b"of another process"
    assert os.listdir(place.dest) == ["a"]


def test_names_that_differ_only_in_case(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Different files, unless the file system has one for them: then all after the first fail, and nothing is lost."""
    directory = "ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.directory.TargetDirectory"
    asked: list[bool] = []

    def ignores_case(_directory: object) -> bool:
        asked.append(True)
        return True

    place.put("a", "b/c")
    monkeypatch.setattr(f"{directory}.ignores_case", ignores_case)
    place.run()
    assert asked == [], "only about names that may be one file"
    place.put("A", "B/C", "b/c/d")
    done = place.run()
    assert done["failed_objects"] == ["p/a", "p/b/c", "p/b/c/d"]
    assert asked == [True]
    (place.dest / "extra").write_bytes(b"x")
    place.s3.delete_object(Bucket=place.bucket, Key="p/a")
    assert place.run(delete=True)["summary"]["deleted"] == 1, "a is the file of A there"
    monkeypatch.undo()
    monkeypatch.setenv("AWS_ENDPOINT_URL", os.environ.get("AWS_ENDPOINT_URL", ""))


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize(
    ("written", "options", "first"),
    [
        pytest.param({}, {}, 0, id="SSE-S3"),
        pytest.param({"ServerSideEncryption": "aws:kms"}, {}, 0, id="SSE-KMS"),
        pytest.param(SSE_C, {"encryption": "SSE-C", "customer_key": OWN_KEY}, 0, id="SSE-C, named"),
        pytest.param(SSE_C, {"customer_key": OWN_KEY}, 1, id="SSE-C, found out with the first object"),
    ],
)
def test_each_object_costs_one_call(
    place: Place, calls: Calls, written: dict[str, Any], options: dict[str, Any], first: int
) -> None:
    """GetObject for a new file, HeadObject for one that is there, and the list. `first` is found out once."""
    place.put(*(f"{number:03}" for number in range(40)), **written)
    calls()
    # The SDK follows up on a refused HeadObject, because it may be a redirect.
    runs = ((True, "HeadObject", 4 * first), (False, "GetObject", first), (False, "HeadObject", 4 * first))
    for check, operation, more in runs:
        done = place.run(check=check, **options)
        made = Counter(calls())
        assert made.pop("ListObjectsV2") == 1
        assert made[operation] >= 40
        assert sum(made.values()) == 40 + more
        assert done["summary"]["matched"] == 40


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize(("local", "heads"), [(b"of another length, much longer", 0), (b"CONTENT", 1)])
def test_a_changed_file_costs_one_call_if_its_size_shows_it(
    place: Place, calls: Calls, local: bytes, heads: int
) -> None:
    """Otherwise it is compared first."""
    place.put("a")
    place.dest.mkdir()
    (place.dest / "a").write_bytes(local)
    calls()
    assert place.run()["changed"]
    assert Counter(calls()) == Counter({"ListObjectsV2": 1, "HeadObject": heads, "GetObject": 1})


@pytest.mark.usefixtures("at_aws")
def test_client_side_objects_cost_one_call_more_each(place: Place, world: World, calls: Calls) -> None:
    """KMS for a data key, and S3 for an instruction file, which is read once.

    Whether a key is one of the caller's account is asked once.
    """
    for number in range(4):
        world.write(IN_FILE[0], place.bucket, f"p/{number}", b"content")
    calls()
    done = place.run()
    made = Counter(calls())
    assert made == {"ListObjectsV2": 1, "GetObject": 8, "Decrypt": 4, "GetCallerIdentity": 1}
    assert sorted(os.listdir(place.dest)) == ["0", "1", "2", "3"]
    assert done["summary"]["matched"] == 4


@pytest.mark.usefixtures("at_aws")
def test_objects_go_the_direct_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is larger by then than it was in the list."""
    sent: list[str] = []
    send = Transport.send

    def recorded(transport: Transport, method: str, request: bytes, **options: Any) -> Any:
        sent.append(method)
        return send(transport, method, request, **options)

    monkeypatch.setattr(Transport, "send", recorded)
    data = os.urandom(300 * 1024)
    place.put("empty", body=b"")
    place.put("large", body=data)
    assert place.run()["summary"]["changed"] == 2
    assert sent.count("GET") == 1 + 2
    assert (place.dest / "large").read_bytes() == data


@pytest.mark.usefixtures("at_aws")
def test_an_object_that_has_grown_since_it_was_listed_is_read_as_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.urandom(300 * 1024)
    place.put("a", "empty", body=b"")
    SdkCalls(monkeypatch).before("GetObject", lambda: place.put("a", body=data))
    assert place.run(concurrency=1)["summary"]["changed"] == 2
    assert (place.dest / "a").read_bytes() == data
    assert (place.dest / "empty").read_bytes() == b""


@pytest.mark.usefixtures("at_aws")
def test_a_large_object_is_read_in_ranges(place: Place, calls: Calls) -> None:
    """HeadObject and the ranges; and none of it a second time."""
    data = os.urandom(11 * MIB)
    place.put("large", body=data)
    place.put("exact", body=data[: 5 * MIB])
    calls()
    place.run(part_size="5MiB")
    assert Counter(calls()) == {"ListObjectsV2": 1, "HeadObject": 1, "GetObject": 4}
    assert (place.dest / "large").read_bytes() == data
    assert (place.dest / "exact").read_bytes() == data[: 5 * MIB]
    assert not place.run(part_size="5MiB")["changed"]


@pytest.mark.usefixtures("at_aws")
def test_size_and_time_decide_without_the_content(place: Place) -> None:
    """A file of the same size that is newer than its object is as it should be; an older one is compared."""
    place.put("a", "b", "c")
    place.pull(compare="size_mtime")
    (place.dest / "a").write_bytes(b"CONTENT")
    (place.dest / "b").write_bytes(b"CONTENT")
    os.utime(place.dest / "b", (1, 1))
    os.utime(place.dest / "c", (1, 1))
    (place.dest / "a").chmod(0o640)
    done = place.run(compare="size_mtime", mode="0600")
    assert [entry["actions"] for entry in done["objects"]] == [["SetFileAttributes"], ["GetObject"], []]
    assert [(place.dest / name).read_bytes() for name in "abc"] == [b"CONTENT", b"content", b"content"]
    assert place.run(compare="size_mtime", encryption="SSE-KMS")["summary"]["failed"] == 3


@pytest.mark.usefixtures("at_aws")
def test_modes_and_owners(place: Place) -> None:
    """As in ansible.builtin.copy: of files always, of directories when they are created."""
    place.put("a", "b/c", "b/d")
    place.pull()
    done = place.pull(mode="u=rw,g=r", directory_mode="0750", owner=str(os.getuid()), group=str(os.getgid()))
    assert {entry["actions"][0] for entry in done["objects"]} == {"SetFileAttributes"}
    assert "0640" in done["diff"]["prepared"]
    assert [mode_of(place.dest / path) for path in ("a", "b", "b/c")] == ["0640", "0700", "0640"]
    (place.dest / "a").write_bytes(b"other")
    place.put("e/f/g")
    done = place.pull(directory_mode="0750")
    assert [mode_of(place.dest / path) for path in ("a", "e", "e/f", "e/f/g")] == ["0640", "0750", "0750", "0600"]
    assert [entry["actions"] for entry in done["objects"] if entry["changed"]] == [["GetObject"], ["GetObject"]]
    done = place.run(mode="0999")
    assert (done["failed"], done["error"]["kind"]) == (True, "invalid")
    done = place.run(owner="nobody-has-this-name")
    assert (done["failed"], done["error"]["kind"]) == (True, "invalid")
    assert place.run(owner="nobody-has-this-name", check=True)["summary"]["changed"] == 4


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_another_owner(place: Place) -> None:
    """The owner of new files, of new directories, and of files that are there."""
    place.put("a/b")
    place.pull(owner="1", group="1", mode="04750")
    status = (place.dest / "a/b").stat()
    assert (status.st_uid, status.st_gid, mode_of(place.dest / "a/b")) == (1, 1, "4750")
    assert ((place.dest / "a").stat().st_uid, place.dest.stat().st_gid) == (1, 1)
    place.put("a/b", body=b"other")
    place.pull()
    status = (place.dest / "a/b").stat()
    assert (status.st_uid, mode_of(place.dest / "a/b")) == (1, "4750"), "what is not named stays"
    place.pull(owner="2")
    assert ((place.dest / "a/b").stat().st_uid, (place.dest / "a").stat().st_uid) == (2, 1)


@pytest.mark.usefixtures("at_aws")
def test_delete_removes_only_what_is_selected(place: Place) -> None:
    """Files and links, never what a link leads to, never a directory."""
    (place.parent / "outside").mkdir()
    (place.parent / "outside/secret").write_bytes(b"secret")
    place.put("a", "b/c", "kept.log")
    place.pull()
    (place.dest / "b/extra").write_bytes(b"x")
    (place.dest / "x.log").write_bytes(b"x")
    (place.dest / "link").symlink_to(place.parent / "outside/secret")
    (place.dest / "to_directory").symlink_to(place.parent / "outside")
    (place.dest / "empty").mkdir()
    (place.dest / "name \udcff").write_bytes(b"x")
    done = place.pull(delete=True, exclude=["*.log"])
    assert done["summary"]["deleted"] == 4
    assert [entry["actions"] for entry in done["objects"] if entry["changed"]] == [["DeleteFile"]] * 4
    assert sorted(path for path in snapshot(place.dest)) == ["a", "b", "b/c", "empty", "kept.log", "x.log"]
    assert (place.parent / "outside/secret").read_bytes() == b"secret"


@pytest.mark.usefixtures("at_aws")
def test_delete_is_refused_where_the_source_is_empty(place: Place) -> None:
    """A wrong prefix would empty the directory. A mark of a folder is no object."""
    place.dest.mkdir()
    (place.dest / "a").write_bytes(b"x")
    place.put("", body=b"")
    place.put("b")
    for options in ({"prefix": "typo"}, {"include": ["nothing*"]}):
        for check in (True, False):
            done = place.run(delete=True, check=check, **options)
            assert (done["failed"], done["changed"]) == (True, False)
            assert "delete_all: true" in done["msg"]
    assert (place.dest / "a").exists()
    assert place.pull(delete=True, delete_all=True, prefix="typo")["summary"]["deleted"] == 1


def test_delete_needs_an_object_that_can_be_a_file(place: Place) -> None:
    """An object without a valid path is no reason to delete all files."""
    place.dest.mkdir()
    (place.dest / "a").write_bytes(b"x")
    place.put("b//c")
    for check in (True, False):
        done = place.run(delete=True, check=check)
        assert (done["failed_objects"], done["summary"]["deleted"]) == (["p/b//c"], 0)
        assert any("No file was deleted" in warning for warning in done["warnings"])
    assert place.run(delete=True, delete_all=True)["summary"]["deleted"] == 1


@pytest.mark.parametrize("is_link", [False, True])
@pytest.mark.parametrize("delete", [True, False])
def test_a_customer_key_is_neither_deleted_nor_replaced(
    place: Place, calls: Calls, delete: bool, is_link: bool
) -> None:
    """Without it, nobody can read the objects. Its file may be inside the directory, if it is excluded."""
    place.dest.mkdir()
    file = place.dest / "my.key"
    if is_link:
        file.symlink_to(place.parent / "outside.key")
    file.write_text(OWN_KEY)
    file.chmod(0o600)
    place.put("a", "my.key", **SSE_C)
    options: dict[str, Any] = {"encryption": "SSE-C", "customer_key_file": str(file), "delete": delete}
    calls()
    assert "customer_key_file is inside dest" in place.run(**options)["msg"]
    assert calls() == []
    assert place.pull(**options, exclude=["my.key"])["summary"]["changed"] == 1
    assert file.read_text() == OWN_KEY


@pytest.mark.parametrize("fault", ["fails", "ends early"])
def test_a_list_that_is_not_complete_deletes_and_writes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Nothing is known of the rest."""
    place.put("a")
    place.dest.mkdir()
    (place.dest / "b").write_bytes(b"x")
    sdk = SdkCalls(monkeypatch)
    if fault == "ends early":
        sdk.change_response("ListObjectsV2", lambda answer: answer.update(IsTruncated=True))
    else:
        place.bucket = "a-bucket-that-does-not-exist"
    done = place.run(delete=True, delete_all=True)
    assert (done["failed"], done["changed"], os.listdir(place.dest)) == (True, False, ["b"])
    assert done["error"]["action"] == "s3:ListObjectsV2" or done["error"]["kind"] == "absent"


def test_a_key_that_is_listed_twice_is_one_object(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it is written between two pages."""
    place.put("a", "b")
    SdkCalls(monkeypatch).change_response(
        "ListObjectsV2", lambda answer: answer["Contents"].append(answer["Contents"][0])
    )
    assert place.run()["summary"]["changed"] == 2


def test_a_bucket_that_does_not_exist_yet_is_a_warning_in_check_mode(place: Place) -> None:
    """An earlier task may create it."""
    place.bucket = "a-bucket-of-an-earlier-task"
    done = place.run(check=True)
    assert (done.get("failed"), done["not_there_yet"], done["objects"]) == (None, [place.bucket], [])


def test_many_deletions_are_a_warning_in_check_mode(place: Place) -> None:
    """With their number."""
    place.put("a")
    place.pull()
    for number in range(11):
        (place.dest / f"b{number}").write_bytes(b"x")
    assert any("11 files" in warning for warning in place.run(delete=True, check=True)["warnings"])
    assert place.run(delete=True)["summary"]["deleted"] == 11


def test_what_cannot_be_deleted_is_a_failed_row(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that is swapped for a link meanwhile is not followed."""
    outside = place.parent / "outside"
    outside.mkdir()
    (outside / "extra").write_bytes(b"secret")
    place.put("a")
    place.pull()
    (place.dest / "sub").mkdir()
    (place.dest / "sub/extra").write_bytes(b"x")
    place.put("a", body=b"another")

    def swap() -> None:
        (place.dest / "sub").rename(place.parent / "moved")
        (place.dest / "sub").symlink_to(outside)

    SdkCalls(monkeypatch).before("HeadObject", swap)
    done = place.run(delete=True, concurrency=1)
    assert done["failed_objects"] == ["p/sub/extra"]
    assert ((outside / "extra").read_bytes(), (place.parent / "moved/extra").read_bytes()) == (b"secret", b"x")


@pytest.mark.usefixtures("at_aws")
def test_a_damaged_object_leaves_no_file(place: Place) -> None:
    """Not even a directory for it. The others are pulled."""
    sealed = seal(b"the plaintext", OWN_KEY.encode())
    body = bytes([sealed.body[0] ^ 1]) + sealed.body[1:]
    place.put("sub/damaged", body=body, Metadata=sealed.metadata)
    place.put("good", body=sealed.body, Metadata=sealed.metadata)
    done = place.run(customer_key=OWN_KEY)
    assert (done["failed_objects"], done["changed"]) == (["p/sub/damaged"], True)
    (row,) = [entry for entry in done["objects"] if entry["error"]]
    assert (row["error"]["kind"], row["changed"]) == ("not_authentic", False)
    assert list(snapshot(place.dest)) == ["good"]
    (place.dest / "sub").mkdir()
    (place.dest / "sub/damaged").write_bytes(b"the plaintext of before")
    assert place.run(customer_key=OWN_KEY)["failed"]
    assert (place.dest / "sub/damaged").read_bytes() == b"the plaintext of before"
    assert os.listdir(place.dest / "sub") == ["damaged"]


@pytest.mark.usefixtures("at_aws")
def test_a_name_like_that_of_an_instruction_file(place: Place) -> None:
    """What an object is, its content says: a file of the user is pulled, an instruction file without use is not."""
    in_file = seal(b"the plaintext", OWN_KEY.encode(), in_file=True)
    place.put("own.instruction", body=b"of the user")
    place.put("a")
    place.put("a.instruction", body=b"{}")
    place.put("b")
    place.put("b.instruction", "c.instruction", body=in_file.file or b"")
    done = place.run()
    assert sorted(os.listdir(place.dest)) == ["a", "a.instruction", "b", "own.instruction"]
    assert any("b.instruction is not downloaded" in warning for warning in done["warnings"])
    assert any("p/c.instruction" in warning for warning in done["warnings"])
    (place.dest / "b.instruction").write_bytes(b"x")
    assert place.run(delete=True)["summary"]["deleted"] == 0, "the prefix has an object of this name"


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize("kind", ["internal_error", "reset_answer", "cut_answer"])
def test_an_interrupted_response_is_continued(place: Place, lab: Any, calls: Calls, kind: str) -> None:
    """With one more GetObject, for the rest of the bytes or for all of them."""
    place.put("a", body=bytes(range(256)) * 1024)
    lab.faults.add(kind, operation="GetObject", times=1)
    calls()
    assert place.run()["changed"]
    assert Counter(calls()) == {"ListObjectsV2": 1, "GetObject": 2}
    assert (place.dest / "a").read_bytes() == bytes(range(256)) * 1024


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize("kind", ["corrupt_answer", "reset_answer"])
def test_a_response_that_stays_wrong_leaves_no_file(place: Place, lab: Any, kind: str) -> None:
    """Nor a directory. An existing file stays as it is."""
    place.put("a/b", "c")
    place.dest.mkdir()
    (place.dest / "c").write_bytes(b"of before")
    lab.faults.add(kind, operation="GetObject", times=None)
    before = snapshot(place.parent)
    done = place.run()
    assert (done["failed_objects"], done["changed"]) == (["p/a/b", "p/c"], False)
    assert snapshot(place.parent) == before


@pytest.mark.usefixtures("at_aws")
def test_an_archived_object_fails_alone(place: Place) -> None:
    """It cannot be read, in check mode neither."""
    place.put("cold", StorageClass="GLACIER")
    place.put("warm")
    predicted, done = place.run(check=True), place.run()
    assert predicted["failed_objects"] == done["failed_objects"] == ["p/cold"]
    assert "estore" in done["msg"]
    assert os.listdir(place.dest) == ["warm"]


def test_an_object_that_is_deleted_meanwhile_is_skipped(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was listed a moment ago. One that is overwritten is downloaded as it is then."""
    place.put("a", "b")
    sdk = SdkCalls(monkeypatch)
    sdk.before("GetObject", lambda: place.s3.delete_object(Bucket=place.bucket, Key="p/a"))
    done = place.run(concurrency=1)
    assert (done.get("failed"), done["summary"]["skipped"], os.listdir(place.dest)) == (None, 1, ["b"])
    place.put("a")
    sdk.before("GetObject", lambda: place.put("a", body=b"of another client"))
    assert place.run(concurrency=1)["changed"]
    assert (place.dest / "a").read_bytes() == b"of another client"


def test_a_wrong_customer_key_is_explained(place: Place) -> None:
    """By the same sentences as for one object, and no form of a key is in any result."""
    place.put("a", **SSE_C)
    assert "the task has none" in place.run()["msg"]
    wrong, right = place.run(customer_key=OWN_KEY[::-1]), place.pull(customer_key=OWN_KEY)
    assert "with another customer key" in wrong["msg"]
    assert right["changed"]
    shown = json.dumps([wrong, right])
    for key in (OWN_KEY, OWN_KEY[::-1]):
        assert not any(form in shown for form in (key, key.encode().hex(), base64.b64encode(key.encode()).decode()))


def test_mixed_kinds_with_one_customer_key(place: Place) -> None:
    """The key that opened the last object is only tried first."""
    place.put("a", "c", **SSE_C)
    place.put("b", "d")
    place.pull(customer_key=OWN_KEY)
    assert sorted(os.listdir(place.dest)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("dest", ["missing/dest", "file", "dangling"])
def test_a_destination_that_is_no_directory(place: Place, dest: str) -> None:
    """Refused before any call."""
    (place.parent / "file").write_bytes(b"x")
    (place.parent / "dangling").symlink_to("nothing")
    done = place.run(dest=str(place.parent / dest))
    assert (done["failed"], done["error"]["kind"]) == (True, "invalid")


def test_the_destination_may_be_a_link(place: Place) -> None:
    """The link is the user's own word."""
    (place.parent / "real").mkdir()
    place.dest.symlink_to("real")
    place.put("a")
    place.pull()
    assert (place.parent / "real/a").read_bytes() == b"content"
