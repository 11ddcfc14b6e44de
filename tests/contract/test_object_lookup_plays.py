# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The lookup s3_object in playbooks: its key file, its options, and how Ansible treats its errors and results."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from .playbooks import HERE, MODULES_IN_WORKER, Site

OWN_KEY = uuid.uuid4().hex  # 32 characters that occur in no other file
CONTENT = f"the secret {uuid.uuid4()} {{{{ not.a.template }}}}\n"
NO_OBJECT = "There is no object 'none' in the bucket example-bucket. Check bucket, key and version_id."


@pytest.fixture
def site(tmp_path: Path, open_bucket: str, s3: Any) -> Site:
    """A playbook's folder with an encrypted key file, and objects under this key."""
    made = Site(tmp_path, HERE, OWN_KEY)
    (made.files / "own.key").write_text(OWN_KEY)
    made.encrypt(made.files / "own.key")
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY}
    for key, body in (("a", CONTENT), ("b", "of b")):
        s3.put_object(Bucket=open_bucket, Key=key, Body=body.encode(), **own)
    s3.put_object(Bucket=open_bucket, Key="plain", Body=b'{"a": 1}')
    return made


def by_file(name: str = "own.key") -> str:
    """The option with a key file."""
    return f"customer_key_file='{name}'"


def call(*keys: str, plugin: str = "lookup", more: str = by_file()) -> str:
    """The expression of a lookup."""
    named = "".join(f"'{key}', " for key in keys)
    return f"{plugin}('sealed.s3.s3_object', {named}bucket='example-bucket', {more})"


def debug(expression: str, **keywords: Any) -> dict[str, Any]:
    """A task that returns the value of an expression."""
    return {"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}, **keywords}


def test_a_secret_is_in_the_file_of_the_target_and_nowhere_else(site: Site) -> None:
    """With no_log, neither the key nor the content is in the output at -vvvv, in the log, or in another file."""
    dest = site.folder / "secret.txt"
    copy = {"content": f"{{{{ {call('a')} }}}}", "dest": str(dest), "mode": "0600"}
    log = site.folder / "ansible.log"
    site.environment["ANSIBLE_LOG_PATH"] = str(log)
    failed = debug(call("a", more="customer_key=wrong_key"), no_log=True)
    (copied, refused) = site.play(
        {"ansible.builtin.copy": copy, "no_log": True},
        {**failed, "vars": {"wrong_key": OWN_KEY[::-1]}},
        arguments=(*site.vault, "-vvvv"),
        program=MODULES_IN_WORKER,
    )
    assert (copied["changed"], refused["failed"]) == (True, True)
    assert dest.read_text() == CONTENT
    shown = site.printed + site.warned + log.read_text()
    assert "the output has been hidden due to the fact that 'no_log: true' was specified" in shown
    for secret in (OWN_KEY, OWN_KEY[::-1], CONTENT.split()[2]):
        assert secret not in shown
    assert site.files_with_secret() == []
    assert [path.name for path in site.folder.iterdir() if path.is_file() and OWN_KEY in path.read_text()] == []


def test_a_play_uses_it_as_any_other_lookup(site: Site) -> None:
    """Its results are text and no template. `errors` and `default` apply, and other options are refused."""
    role = site.folder / "roles" / "ours"
    of_role = {"ansible.builtin.set_fact": {"of_role": f"{{{{ {call('b', more=by_file('of_role.key'))} }}}}"}}
    for path, text, mode in (
        (role / "files" / "of_role.key", OWN_KEY, 0o600),
        (role / "tasks" / "main.yml", yaml.safe_dump([of_role]), 0o600),
        (site.folder / "loose.key", OWN_KEY, 0o644),
        (site.files / "broken.key", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", 0o600),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
    os.mkfifo(site.folder / "pipe.key")
    key = {"own_key": OWN_KEY}
    unknown = "key is not an option of the lookup. The keys of the objects are its first arguments."
    missing = "does not exist on the controller. A relative path is searched in files/"
    expected: list[tuple[dict[str, Any], Any]] = [
        (debug(call("a")), CONTENT),
        (debug(call("b", "plain")), 'of b,{"a": 1}'),
        (debug(call("b", "plain", plugin="query")), ["of b", '{"a": 1}']),
        (debug(call("b", "plain", more=f"{by_file()}, wantlist=true")), ["of b", '{"a": 1}']),
        (
            debug(call("b", more="customer_key=own_key, max_size=4", plugin="query"), vars={"own_key": OWN_KEY}),
            ["of b"],
        ),
        (debug("of_role"), "of b"),
        (debug(call("b", more=by_file("loose.key"))), "of b"),
        (debug(call("none", more="errors='ignore'") + " | default('nothing', true)"), "nothing"),
        (debug(call("none", more="errors='warn'") + " | default('nothing', true)"), "nothing"),
        (debug(call("none", more="version_id=none")), NO_OBJECT),
        (debug(call("plain", more="key='a'")), unknown),
        (debug(call("b", more=by_file("none.key"))), f"customer_key_file none.key {missing}"),
        (debug(call("b", more=by_file("pipe.key"))), "is not a regular file"),
        (
            debug(call("b", more=by_file("broken.key"))),
            "customer_key_file broken.key cannot be read on the controller:",
        ),
        (debug(call("b", more="encryption='SSE-X'")), "SSE-X"),
        (debug(call("b", more="customer_key=[own_key]"), vars=key), "customer_key is not a text, so its value is not"),
        (
            debug(call("b", more="aws_secret_key={'a': own_key}"), vars=key),
            "aws_secret_key is not a text, so its value",
        ),
        (debug("lookup('sealed.s3.s3_object', 'b')"), "bucket"),
    ]
    tasks = [task for task, _value in expected]
    results = site.play(*tasks, arguments=site.vault, program=MODULES_IN_WORKER, roles=["ours"])
    for result, (task, value) in zip(results, expected, strict=True):
        if result.get("failed"):
            assert value in result["msg"], task
            assert OWN_KEY not in result["msg"]
        else:
            assert result["msg"] == value, task
    assert [bool(result.get("failed")) for result in results] == [False] * 9 + [True] * 9
    warned = " ".join(site.warned.split())
    assert "customer_key_file loose.key can be read by all users of the host (mode 0644)" in warned
    assert f"'sealed.s3.s3_object': {NO_OBJECT}" in warned
    assert site.files_with_secret() == []
