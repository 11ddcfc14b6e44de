# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Random input for every option of every module, from the argument specs: each task ends with a result or a sentence.

A new option is part of it without a line here. An input that ever failed is a row of `ONCE_FAILED`.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object

from .conftest import ENTRIES, Task
from .scale import SEED, number

SECRET = "Zm9yLXRoZS1mdXp6LW9ubHktMzItYnl0ZXMtbG9uZyE="
TEXTS = (
    ["", " ", "a", "example-bucket", "alias/app", "NONE", "*", "a" * 300, "a/" * 40, "/", "..", "/nowhere/file", "{}"]
    + ["null", "true", "-1", "0", "1e999", "a\0b", "\ud800", "é", "日本", "\u202e", "a\nb", "a\r\nX: y", "s3://a/b"]
    + ["%", "arn:aws:kms:us-east-1:123456789012:key/1", "arn:aws:iam::123456789012:root", "arn:", ":::::"]
    + ["16MiB", "0B", "eu-west-1", "<a>", "{{ a }}", "'", '"', "\\", "u=rw", "[1]", '{"Version": "2012-10-17"}']
)  # fmt: skip
NUMBERS = [0, 1, -1, 2, 7, 90, 2**31, 2**63, 2**70, -(2**70)]
ODD: list[Any] = [
    None,
    True,
    False,
    1.5,
    float("inf"),
    float("nan"),
    [],
    {},
    [None],
    {"a": None},
    {"a": {"b": [1]}},
    [[]],
]
# These decide where requests go and how long they take; the servers of other tests cover them.
LEFT_OUT = {"endpoint_url", "kms_endpoint_url", "cloudtrail_endpoint_url", "aws_config", "access_key", "secret_key"} | {
    "session_token",
    "profile",
    "debug_botocore_endpoint_logs",
}
# Without these, most tasks would end at the first check.
USUAL = {"bucket": "example-bucket", "buckets": ["example-bucket"], "key": "a", "alias": "app", "content": "x"}


class _SpecFound(BaseException):
    pass


def spec_of(task: Task, module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The argument spec that the entry point of a module gives to AnsibleModule."""
    found: dict[str, Any] = {}

    def stop(_module: object, argument_spec: dict[str, Any], **_options: Any) -> None:
        found.update(argument_spec)
        raise _SpecFound

    with monkeypatch.context() as patch:
        patch.setattr(AnsibleModule, "__init__", stop)
        with pytest.raises(_SpecFound):
            task(module)
    return {name: about for name, about in found.items() if name not in LEFT_OUT}


def value_for(about: dict[str, Any], chance: random.Random, folder: Path) -> Any:
    """A value that the spec may accept, or one of a wrong type."""
    if chance.random() < 0.12:
        return chance.choice([*ODD, *NUMBERS, *TEXTS])
    kind = about.get("type", "str")
    if about.get("choices") and kind != "list":
        return chance.choice(about["choices"])
    if kind == "bool":
        return chance.choice([True, False])
    if kind == "int":
        return chance.choice(NUMBERS)
    if kind == "path":
        name = chance.choice(TEXTS).strip("/") or "file"
        return str(folder / name)
    if kind == "list":
        inner = {**about, "type": about.get("elements", "str")}
        return [value_for(inner, chance, folder) for _number in range(chance.randrange(4))]
    if kind == "dict" and about.get("options"):
        return options_for(about["options"], chance, folder)
    if kind == "dict":
        return {chance.choice(TEXTS): chance.choice([*TEXTS, *NUMBERS, *ODD]) for _number in range(chance.randrange(3))}
    if kind == "raw":
        return chance.choice([*TEXTS, *NUMBERS, *ODD])
    return SECRET if about.get("no_log") and chance.random() < 0.5 else chance.choice(TEXTS)


def options_for(spec: dict[str, Any], chance: random.Random, folder: Path) -> dict[str, Any]:
    """A few random options, with those that a task needs."""
    names = [name for name in spec if chance.random() < 3.5 / max(len(spec), 4)]
    return {
        **{name: value for name, value in USUAL.items() if name in spec and chance.random() < 0.8},
        **{name: value_for(spec[name], chance, folder) for name in sorted(names)},
    }


def _without_shown_content(result: dict[str, Any]) -> dict[str, Any]:
    """The result without what content_diff shows on purpose, although the option content is secret otherwise."""
    diff = result.get("diff") or {}
    sides = {side: {**value, "content": ""} if isinstance(value, dict) else value for side, value in diff.items()}
    return {**result, "diff": sides}


def check(task: Task, module: str, options: dict[str, Any], *, check_mode: bool) -> None:
    """Run a task. Whatever its input is, it ends with a result, or with a sentence that explains the failure."""
    result = task(module, check=check_mode, **options)
    text = str(_without_shown_content(result) if options.get("content_diff") else result)
    described = f"{module} {options!r}: {result.get('msg')}"
    assert "does not handle" not in text, described
    assert "Traceback" not in text, described
    assert SECRET not in text, described
    if result.get("failed"):
        assert result["msg"].strip(), described
    elif check_mode and "changed" in result:
        assert isinstance(result["changed"], bool), described


@pytest.mark.parametrize("module", sorted(ENTRIES))
def test_random_options(
    task: Task, bucket: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: Any
) -> None:
    """No input reaches a case that is not handled, and no file is left in the working directory."""
    spec = spec_of(task, module, monkeypatch)
    working = tmp_path / "working"
    working.mkdir()
    monkeypatch.chdir(working)
    chance = random.Random(f"{SEED} {module}")
    for _number in range(number(12, 3000)):
        check(task, module, options_for(spec, chance, tmp_path), check_mode=chance.random() < 0.7)
    assert list(working.iterdir()) == []


OBJECT = {"bucket": "example-bucket", "key": "a"}
ONCE_FAILED = [
    pytest.param("s3_encrypted_object_download", {**OBJECT, "dest": "/tmp/a\0b"}, "NUL", id="NUL in dest"),
    pytest.param("s3_encrypted_object", {**OBJECT, "src": "a\0b"}, "NUL", id="NUL in src"),
    pytest.param(
        "s3_encrypted_object", {"bucket": "example-bucket", "key": "a\0b", "content": "x"}, "NUL", id="in key"
    ),
    pytest.param(
        "s3_encrypted_object",
        {**OBJECT, "content": "x", "encryption": "SSE-C", "customer_key_file": "/tmp/a\0b"},
        "NUL",
        id="NUL in customer_key_file",
    ),
    pytest.param("s3_encrypted_object", {**OBJECT, "content": "x", "tags": {"a\0": "b"}}, "NUL", id="NUL in a tag"),
    pytest.param("kms_key_for_s3", {"alias": "a", "description": "a\0"}, "NUL", id="NUL in a description"),
    pytest.param("s3_encrypted_object_download", {**OBJECT, "dest": "/tmp/" + "a" * 256}, "too long", id="a long name"),
    pytest.param("s3_encrypted_object_download", {**OBJECT, "dest": "/a" * 2100}, "too long", id="a long path"),
    pytest.param("s3_encrypted_object", {**OBJECT, "src": "/tmp/" + "é" * 128}, "too long", id="a long name in bytes"),
    pytest.param(
        "s3_encrypted_object_download", {**OBJECT, "dest": "/tmp/never", "mode": {"a": 1}}, "mode", id="a dict as mode"
    ),
    pytest.param("kms_key_for_s3", {"alias": "a", "deletion_window_in_days": float("inf")}, "convert", id="no end"),
    pytest.param("bucket_default_encryption", {"select": 5, "encryption": "SSE-S3"}, "is not a dict", id="no dict"),
    pytest.param("s3_encrypted_object", {**OBJECT, "src": "/tmp/\ud800"}, "name of a file", id="no name of a file"),
    pytest.param(
        "s3_encrypted_object_download", {**OBJECT, "dest": "/tmp/never", "mode": [1]}, "mode", id="a list as mode"
    ),
    pytest.param(
        "s3_encrypted_sync",
        {"bucket": "example-bucket", "dest": "/tmp/never", "directory_mode": [None]},
        "directory_mode is not a mode",
        id="a list as directory_mode",
    ),
]


def test_a_value_that_ansible_cannot_convert_hides_no_less(capsys: pytest.CaptureFixture[str]) -> None:
    """ansible-core ends before it knows which options are secret, so the result has no invocation."""
    options = {**OBJECT, "content": "x", "customer_key": SECRET, "part_size": "1", "concurrency": float("inf")}
    with patch_module_args(options), pytest.raises(SystemExit):
        s3_encrypted_object.main()
    printed = capsys.readouterr().out
    assert "concurrency has a value that Ansible cannot convert to the type of the option, int." in printed
    assert SECRET not in printed


@pytest.mark.parametrize(("module", "options", "words"), ONCE_FAILED)
def test_an_input_that_once_failed(
    task: Task, bucket: str, s3: Any, module: str, options: dict[str, Any], words: str
) -> None:
    """It is refused in a sentence, before any write, also in a check run."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    for check_mode in (False, True):
        result = task(module, check=check_mode, **options)
        assert result["failed"], result
        assert result["error"]["kind"] == "invalid"
        assert words in result["msg"]
        assert not Path("/tmp/never").exists()
    assert os.listdir(".")
