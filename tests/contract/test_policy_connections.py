# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Requests over each connection against the rules of bucket_encryption_policy about TLS."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping

import pytest
from sealed_lab import Transport

from . import policy_refusals as documented
from .policy_world import BUCKET, SSE, World, new_world
from .signed_requests import Requester

__all__ = ["new_world"]  # the fixture `world`


CONNECTIONS = documented.read_table(documented.CONNECTIONS)
EVERY_REQUEST: Mapping[str, tuple[str, str, bytes]] = {
    "PutObject": ("PUT", f"/{BUCKET}/tls", b"content"),
    "GetObject": ("GET", f"/{BUCKET}/tls", b""),
    "HeadObject": ("HEAD", f"/{BUCKET}/tls", b""),
    "DeleteObject": ("DELETE", f"/{BUCKET}/absent", b""),
    "ListObjectsV2": ("GET", f"/{BUCKET}?list-type=2", b""),
    "GetBucketVersioning": ("GET", f"/{BUCKET}?versioning=", b""),
}


@pytest.fixture(scope="module")
def connections(world: World) -> Iterator[Mapping[str, Callable[[], Requester]]]:
    """A connection of each row. TLS 1.1 is a setting of the lab, as the TLS library of most systems refuses it."""
    user = world.credentials["another user of the bucket's account"]
    context = ssl.create_default_context(cafile=world.lab.ca_file)
    older = ssl.create_default_context(cafile=world.lab.ca_file)
    older.maximum_version = ssl.TLSVersion.TLSv1_2

    def plain(transport: Transport) -> Requester:
        world.lab.transport = transport
        return world.writer

    with Requester(world.lab.tls_url, user, older) as tls12, Requester(world.lab.tls_url, user, context) as tls13:
        yield {
            "http": lambda: plain(Transport("http")),
            "https with TLS 1.1": lambda: plain(Transport("https", "1.1")),
            "https with TLS 1.2": lambda: tls12,
            "https with TLS 1.3": lambda: tls13,
        }
    world.lab.transport = Transport()


@pytest.mark.parametrize("rule", documented.TLS_RULES)
def test_connections(
    world: World, connections: Mapping[str, Callable[[], Requester]], rule: str, request: pytest.FixtureRequest
) -> None:
    """Every request, of the bucket and of its objects, over each connection."""
    request.addfinalizer(lambda: setattr(world.lab, "transport", Transport()))
    # The default of this bucket needs KMS, which S3 does not use over http, whatever the policy says.
    world.apply(**documented.TLS_RULES[rule])
    world.s3.put_object(Bucket=BUCKET, Key="tls", Body=b"content", ServerSideEncryption="AES256")
    found = {
        (row, name): connect().send(method, path, body, {SSE: "AES256"} if body else {}).is_refused
        for row, connect in connections.items()
        for name, (method, path, body) in EVERY_REQUEST.items()
    }
    assert found == {(row, name): CONNECTIONS[row][rule] for row in CONNECTIONS for name in EVERY_REQUEST}


def test_a_version_alone_would_let_plain_http_pass(world: World, request: pytest.FixtureRequest) -> None:
    """The reason why a version implies TLS: over http there is no version to compare."""
    request.addfinalizer(lambda: setattr(world.lab, "transport", Transport()))
    policy = json.loads(world.apply(minimum_tls_version="1.3"))
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != "SealedS3RequireTls"]
    world.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    world.lab.transport = Transport("http")
    assert not world.writer.send("GET", f"/{BUCKET}?list-type=2").is_refused


def test_the_owner_reads_and_deletes_the_policy_over_any_connection(
    world: World, request: pytest.FixtureRequest
) -> None:
    """So that no rule locks the owner of the bucket out."""
    request.addfinalizer(lambda: setattr(world.lab, "transport", Transport()))
    world.apply(require_tls=True)
    world.lab.transport = Transport("http")
    with Requester(world.lab.url, world.credentials["the root user of the bucket's account"]) as root:
        assert root.send("GET", f"/{BUCKET}?list-type=2").is_refused
        assert not root.send("DELETE", f"/{BUCKET}?policy=").is_refused
