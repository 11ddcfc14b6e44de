# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A bucket whose requesters pay: every request for its objects has to say so, and the lab refuses all others."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.object_lookup import Controller, look_up

from .conftest import Task, TestClock
from .test_object_lookup import DEFAULTS

OTHER = "222222222222"
OWN_KEY = "0123456789abcdef0123456789abcdef"
PARTS = "a" * (6 * 1024**2)


@pytest.fixture
def paid_bucket(s3: Any, open_bucket: str) -> str:
    """A bucket of this account, to which the other account has access if it pays."""
    resources = [f"arn:aws:s3:::{open_bucket}", f"arn:aws:s3:::{open_bucket}/*"]
    allow = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:*", "Resource": resources}
    s3.put_bucket_policy(Bucket=open_bucket, Policy=json.dumps({"Statement": allow}))
    s3.put_bucket_request_payment(Bucket=open_bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    s3.put_object(Bucket=open_bucket, Key="own", Body=b"of the owner")
    return open_bucket


@pytest.fixture(params=["AWS", "another store"])
def as_other(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules run as the other account, in both places."""
    if request.param == "AWS":
        request.getfixturevalue("at_aws")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OTHER)


@pytest.mark.usefixtures("as_other")
def test_every_request_says_who_pays(task: Task, paid_bucket: str, tmp_path: Path) -> None:
    """Reads, uploads in one and in several parts, copies, tags, an instruction file, listings, deletions."""
    name: dict[str, Any] = {"bucket": paid_bucket, "key": "new", "request_payer": "requester"}
    parts = {"part_size": "5MiB"}
    own = {"encryption": "CSE-C", "customer_key": OWN_KEY}
    for options in (
        {"content": "text"},
        {"tags": {"a": "b"}},
        {"tags": {"c": "d"}, "purge_tags": False},
        {"encryption": "SSE-C", "customer_key": OWN_KEY},
        {"content": PARTS, **parts, "encryption": "SSE-S3", "previous_customer_key": OWN_KEY},
        {**own, "envelope": "instruction_file", **parts},
        {"copy_src": {"bucket": paid_bucket, "key": "own"}, "encryption": "SSE-S3", "previous_customer_key": OWN_KEY},
    ):
        result = task("s3_encrypted_object", **name, **options)
        assert result.get("changed"), result["msg"]
    read = task("s3_encrypted_object_download", **name, dest=str(tmp_path / "new"))
    assert read["changed"], read
    assert (tmp_path / "new").read_text() == "of the owner"
    found = task("s3_encrypted_object_info", bucket=paid_bucket, prefix="", request_payer="requester")
    assert [each["key"] for each in found["objects"] if "error" not in each] == ["new", "own"], found
    for versions in ("current", "all"):
        counted = task("bucket_reencryption_info", bucket=paid_bucket, versions=versions, request_payer="requester")
        assert counted["summary"]["read"] == 2, counted
    deleted = task("s3_encrypted_object", **name, state="absent")
    assert deleted["changed"], deleted


@pytest.mark.usefixtures("as_other")
@pytest.mark.parametrize("module", ["s3_encrypted_object", "s3_encrypted_object_info", "s3_encrypted_object_download"])
def test_without_it_s3_refuses_the_request(task: Task, paid_bucket: str, tmp_path: Path, module: str) -> None:
    more: dict[str, Any] = {
        "s3_encrypted_object": {"tags": {}},
        "s3_encrypted_object_info": {},
        "s3_encrypted_object_download": {"dest": str(tmp_path / "own")},
    }
    result = task(module, bucket=paid_bucket, key="own", **more[module])
    assert result["failed"], result
    assert result["error"]["kind"] == "forbidden"


@pytest.mark.usefixtures("as_other")
def test_directories_and_lookups_pay_as_well(task: Task, paid_bucket: str, tmp_path: Path) -> None:
    """A push, a pull with deletions, and a lookup."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.html").write_text("<html>")
    where = {"bucket": paid_bucket, "prefix": "site/", "request_payer": "requester"}
    pushed = task("s3_encrypted_sync", **where, src=str(tmp_path / "site"))
    assert (pushed["changed"], pushed.get("failed")) == (True, None), pushed
    (tmp_path / "site" / "a.html").rename(tmp_path / "site" / "b.html")
    assert task("s3_encrypted_sync", **where, src=str(tmp_path / "site"), delete=True)["changed"]
    (tmp_path / "copy").mkdir()
    pulled = task("s3_encrypted_sync", **where, dest=str(tmp_path / "copy"))
    assert (pulled["changed"], pulled.get("failed")) == (True, None), pulled
    assert (tmp_path / "copy" / "b.html").read_text() == "<html>"
    options = {**DEFAULTS, "bucket": paid_bucket, "request_payer": "requester"}
    controller = Controller(lambda name: nullcontext(Path(name)), print)
    assert look_up(["own"], options, controller, TestClock()) == ["of the owner"]
