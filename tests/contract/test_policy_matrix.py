# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every writer against every rule of bucket_encryption_policy, in a lab that enforces policies.

The expected refusals are the tables of policy_refusals.py, which docs/bucket_policies.md shows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sealed_lab import Transport
from sealed_lab.policy_language import Principal

from . import policy_refusals as documented
from .conftest import ACCOUNT
from .policy_world import BUCKET, KEY_ID, SSE, World, build_policy, encryption_headers, is_denied, new_world
from .signed_requests import Answer

__all__ = ["new_world"]  # the fixture `world`

# ---------------------------------------------------------------- uploads


def put(world: World, headers: dict[str, str]) -> Answer:
    """PutObject."""
    return world.writer.send("PUT", f"/{BUCKET}/put", b"content", headers)


def copy(world: World, headers: dict[str, str]) -> Answer:
    """CopyObject."""
    return world.writer.send("PUT", f"/{BUCKET}/copy", b"", {"x-amz-copy-source": f"{BUCKET}/source", **headers})


def post(world: World, headers: dict[str, str]) -> Answer:
    """The form of a browser."""
    fields = world.post.generate_presigned_post(BUCKET, "form", headers, [{name: headers[name]} for name in headers])
    return world.writer.post_form(BUCKET, fields["fields"], b"content")


def upload_in_parts(world: World, headers: dict[str, str]) -> Answer:
    """CreateMultipartUpload, and if it passes a part, a copied part and the completion, which have to pass, too."""
    place = f"/{BUCKET}/parts"
    created = world.writer.send("POST", f"{place}?uploads=", b"", headers)
    if created.is_refused:
        return created
    upload = f"uploadId={created.elements['UploadId']}"
    own_key = {name: value for name, value in headers.items() if "customer" in name}
    tags = [world.writer.send("PUT", f"{place}?partNumber=1&{upload}", b"a" * (5 << 20), own_key).headers["etag"]]
    source = {"x-amz-copy-source": f"{BUCKET}/source", **own_key}
    copied = world.writer.send("PUT", f"{place}?partNumber=2&{upload}", b"", source)
    tags.append(copied.elements["ETag"])
    parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in enumerate(tags, 1))
    document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    completed = world.writer.send("POST", f"{place}?{upload}", document, own_key)
    assert not completed.is_refused
    return completed


WRITERS: Mapping[str, Callable[[World, dict[str, str]], Answer]] = {
    "PutObject": put,
    "CopyObject": copy,
    "POST": post,
    "multipart upload": upload_in_parts,
}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "bucket_policies.md"
UPLOADS = documented.read_table(documented.UPLOADS)
OTHER_REQUESTS = documented.read_table(documented.OTHER_REQUESTS)


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES)
def test_uploads(world: World, rule: str) -> None:
    """Each way to upload is refused for the same headers."""
    world.apply(**documented.UPLOAD_RULES[rule])
    found = {
        (row, way): writer(world, encryption_headers(row, world.keys)).is_refused
        for row in UPLOADS
        for way, writer in WRITERS.items()
    }
    assert found == {(row, way): UPLOADS[row][rule] for row in UPLOADS for way in WRITERS}


def test_combined_rules_refuse_what_one_of_them_refuses(world: World) -> None:
    """Each rule has statements of its own, so that no rule weakens another one."""
    combined = ("SSE-KMS, DSSE-KMS allowed", "KEY allowed", "no customer keys", "header required")
    for rules in (combined[:2], combined[:3], combined[1:], combined):
        world.apply(
            require_tls=True,
            minimum_tls_version="1.2",
            **{name: value for rule in rules for name, value in documented.UPLOAD_RULES[rule].items()},
        )
        found = {row: put(world, encryption_headers(row, world.keys)).is_refused for row in UPLOADS}
        assert found == {row: any(UPLOADS[row][rule] for rule in rules) for row in UPLOADS}


def test_an_upload_that_names_nothing_gets_the_default_of_the_bucket(world: World) -> None:
    """Which is under KEY. Only a rule that requires a header refuses it."""
    world.apply(allow_encryption=["SSE-KMS"], allow_kms_keys=["KEY"], deny_customer_keys=True, require_tls=True)
    for writer in WRITERS.values():
        headers = writer(world, {}).headers
        assert (headers[SSE], headers[KEY_ID]) == ("aws:kms", world.keys["KEY"])


# ---------------------------------------------------------------- other requests


def change_in_place(world: World, key: str) -> Answer:
    """UpdateObjectEncryption."""
    key_element = f"<KMSKeyArn>{world.keys[key]}</KMSKeyArn>"
    document = f"<ObjectEncryption><SSE-KMS>{key_element}</SSE-KMS></ObjectEncryption>"
    return world.writer.send("PUT", f"/{BUCKET}/source?encryption=", document.encode())


OTHER_WRITERS: Mapping[str, Callable[[World], Answer]] = {
    "UpdateObjectEncryption, to KEY": lambda world: change_in_place(world, "KEY"),
    "UpdateObjectEncryption, to another key": lambda world: change_in_place(world, "another"),
    "PutObjectTagging": lambda world: world.writer.send(
        "PUT", f"/{BUCKET}/source?tagging=", b"<Tagging><TagSet></TagSet></Tagging>"
    ),
    "PutObjectAcl": lambda world: world.writer.send("PUT", f"/{BUCKET}/source?acl=", b"", {"x-amz-acl": "private"}),
    "RestoreObject": lambda world: world.writer.send(
        "POST", f"/{BUCKET}/archived?restore=", b"<RestoreRequest><Days>1</Days></RestoreRequest>"
    ),
    "GetObject": lambda world: world.writer.send("GET", f"/{BUCKET}/source"),
    "ListObjectsV2": lambda world: world.writer.send("GET", f"/{BUCKET}?list-type=2"),
    "DeleteObject": lambda world: world.writer.send("DELETE", f"/{BUCKET}/absent"),
}


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES)
def test_other_requests(world: World, rule: str) -> None:
    """Rules about uploads refuse no tags, no ACL, no read and no deletion; and changes in place as documented."""
    world.s3.delete_bucket_policy(Bucket=BUCKET)
    world.s3.put_object(Bucket=BUCKET, Key="archived", Body=b"content", StorageClass="GLACIER")
    world.apply(**documented.UPLOAD_RULES[rule])
    expected = {
        name: row[rule]
        for title, row in OTHER_REQUESTS.items()
        for name in ([title] if title.startswith("Update") else title.split(", "))
    }
    assert {name: send(world).is_refused for name, send in OTHER_WRITERS.items()} == expected


def _refused(document: str, keys: Mapping[str, str]) -> dict[str, bool]:
    """What a policy refuses, by the policy engine of the lab."""
    user = Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:user/writer")
    found = {row: is_denied(document, user, encryption_headers(row, keys)) for row in UPLOADS}
    for key in ("KEY", "another"):
        target = {SSE: "aws:kms", KEY_ID: keys[key]}
        found[f"in place, to {key}"] = is_denied(document, user, target, "s3:UpdateObjectEncryption")
    for transport in (Transport("http"), Transport("https", "1.1"), Transport("https", "1.2")):
        found[f"{transport}"] = is_denied(document, user, {}, "s3:GetObject", transport)
    return found


@pytest.mark.parametrize("options", [*documented.UPLOAD_RULES.values(), *documented.TLS_RULES.values()], ids=str)
def test_each_statement_refuses_what_no_other_one_does(world: World, options: Mapping[str, Any]) -> None:
    """So that the tables above test every statement."""
    policy = json.loads(build_policy(world.keys, **options))
    complete = _refused(json.dumps(policy), world.keys)
    own = [each for each in policy["Statement"] if each["Sid"].startswith("SealedS3")]
    assert own
    for statement in own:
        others = [each for each in policy["Statement"] if each is not statement]
        assert _refused(json.dumps({**policy, "Statement": others}), world.keys) != complete, statement["Sid"]


def test_the_documentation_has_these_tables() -> None:
    """UPDATE=1 writes them."""
    before, start, rest = PAGE.read_text().partition(documented.START)
    _old, end, after = rest.partition(documented.END)
    assert start
    assert end
    page = f"{before}{start}\n\n{documented.render_section()}\n\n{end}{after}"
    if os.environ.get("UPDATE"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page
