# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A new encryption kind is one file and one line: a server-side and a client-side kind, through the real modules.

A former version accepted a new client-side kind: the check run reported success, and the real run uploaded the
plaintext.
"""

from __future__ import annotations

import ast
import base64
import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from .conftest import Task
from .sdk_calls import before_requests

ROOT = Path(__file__).resolve().parents[2]
NEW_KINDS = Path(__file__).parent / "new_kinds"
OWN = "ansible_collections.sealed"
PLUGINS = f"{OWN}.s3.plugins"
LAST_LINE = "from .none import KIND as NONE\n"

PLAINTEXT = "the plaintext that must stay secret"
CIPHERTEXT = PLAINTEXT[::-1]
KEY, FORMER_KEY = "0123456789abcdefghijklmnopqrstuv", "vutsrqponmlkjihgfedcba9876543210"
# AWS's own words for kinds, which are choices too.
WIRE_WORDS = ["AES256", "aws:kms", "aws:kms:dsse"]
OTHER_KEY = "a key that is for S3 to see, too"
SECRETS = [
    PLAINTEXT,
    *(KEY, base64.b64encode(KEY.encode()).decode(), KEY.encode().hex()),
    *(FORMER_KEY, base64.b64encode(FORMER_KEY.encode()).decode(), FORMER_KEY.encode().hex()),
]
MARK = {"toy": "1"}
# The fields of an envelope whose data key is encrypted with an RSA key, as another client writes it.
RSA_ENVELOPE = {
    "x-amz-c": "115",
    "x-amz-d": base64.b64encode(bytes(28)).decode(),
    "x-amz-i": base64.b64encode(bytes(range(28))).decode(),
    "x-amz-3": base64.b64encode(bytes(256)).decode(),
    "x-amz-w": "22",
}


def load(name: str) -> ModuleType:
    """Import a module of the current copy of the collection."""
    return importlib.import_module(f"{PLUGINS}.{name}")


def line_of(stem: str) -> str:
    """The line of a kind in the registry."""
    return f"from .{stem} import KIND as {stem.upper()}\n"


# The pages with parts that are generated from the kinds.
PAGES = ("encryption_kinds", "permissions", "rules", "reencryption")


@pytest.fixture
def add_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Copy the collection, add a kind (one file and one line), and import that copy until the test ends.

    `wrap` is another way to encrypt data keys than that of the file, and `instead_of` a kind that is removed.
    """
    load("module_utils.frontend.arguments")  # so that the collection is imported, also if this test runs alone
    before = {name for name in sys.modules if name.startswith(OWN)}

    def add(stem: str, *, wrap: str = "RSA", instead_of: str = "") -> Path:
        copy = tmp_path / "ansible_collections" / "sealed" / "s3"
        shutil.copytree(ROOT / "plugins", copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
        names = ("generate_doc_fragments", "return_blocks", "role_policies", "reencryption_tables", "rules_guide")
        scripts = (*(f"scripts/{name}.py" for name in names), "tests/contract/permissions.py")
        for name in (*scripts, *(f"docs/{page}.md" for page in PAGES), "README.md"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        kinds = copy / "plugins" / "module_utils" / "model" / "kinds"
        source = (NEW_KINDS / f"{stem}.py").read_text().replace("KeyWrap.RSA", f"KeyWrap.{wrap}")
        (kinds / f"{stem}.py").write_text(source)
        registry = (kinds / "registry.py").read_text()
        assert registry.count(LAST_LINE) == 1
        registry = registry.replace(line_of(instead_of), "") if instead_of else registry
        (kinds / "registry.py").write_text(registry.replace(LAST_LINE, LAST_LINE + line_of(stem)))
        above = sys.modules[OWN.rpartition(".")[0]]
        monkeypatch.setattr(above, "sealed", sys.modules[OWN])
        monkeypatch.syspath_prepend(str(tmp_path))
        for name in before:
            monkeypatch.delitem(sys.modules, name)
        return copy

    yield add
    for name in [name for name in sys.modules if name.startswith(OWN) and name not in before]:
        del sys.modules[name]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records each request with its headers, and with its body if that can be read again."""
    requests: list[str] = []

    def record(method: str, url: str, headers: dict[str, str], body: Callable[[], bytes]) -> None:
        requests.append(f"{method} {url} {headers} {body()!r}")

    before_requests(monkeypatch, record)
    return requests


@pytest.fixture
def lab_with_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab accepts one more algorithm with keys of S3."""
    from sealed_lab.s3 import encryption

    monkeypatch.setattr(encryption, "S3_ALGORITHMS", (*encryption.S3_ALGORITHMS, "aws:fsx"))


def both(task: Task, module: str, **options: Any) -> dict[str, Any]:
    """The result of a real run, after a check run with the same result."""
    check = task(module, check=True, **options)
    real = task(module, **options)
    for name in ("changed", "diff", "actions", "failed", "msg", "warnings"):
        assert check.get(name) == real.get(name), name
    return real


def documented(copy: Path) -> dict[str, Any]:
    """The options in the documentation, which is generated again from the kinds."""
    script = copy / "scripts" / "generate_doc_fragments.py"
    subprocess.run([sys.executable, script], check=True, capture_output=True)
    subprocess.run([sys.executable, script, "--check"], check=True, capture_output=True)
    fragment = load("doc_fragments.encryption").ModuleDocFragment
    return {
        **{name: yaml.safe_load(getattr(fragment, name))["options"] for name in ("DOCUMENTATION", "BUCKET")},
        "EXPECTED": yaml.safe_load(load("modules.bucket_default_encryption_info").DOCUMENTATION)["options"]["expected"],
        "guide": (copy / "docs" / "encryption_kinds.md").read_text(),
        "README": (copy / "README.md").read_text(),
    }


@pytest.mark.usefixtures("lab_with_toy")
def test_a_new_server_side_kind_works_everywhere(
    add_kind: Callable[..., Path], task: Task, s3: Any, bucket: str, tmp_path: Path
) -> None:
    """Choices, documentation, upload, info, download, change and default encryption of a bucket."""
    documentation = documented(add_kind("sse_toy"))
    arguments = load("module_utils.frontend.arguments")
    choices = ["SSE-S3", "SSE-KMS", "DSSE-KMS", "SSE-C", "CSE-KMS", "CSE-C", "SSE-TOY", *WIRE_WORDS, "aws:fsx"]
    of_buckets = [*choices[:3], "SSE-TOY", *WIRE_WORDS, "aws:fsx"]
    assert arguments.object_encryption_arguments()["encryption"]["choices"] == choices
    assert documentation["DOCUMENTATION"]["encryption"]["choices"] == choices
    assert "V(SSE-TOY) - S3 encrypts with a toy." in documentation["DOCUMENTATION"]["encryption"]["description"]
    assert arguments.bucket_encryption_arguments()["encryption"]["choices"] == of_buckets
    assert documentation["BUCKET"]["encryption"]["choices"] == of_buckets
    assert documentation["EXPECTED"]["suboptions"]["encryption"]["choices"] == of_buckets
    assert "| `SSE-TOY` | S3 encrypts with a toy." in documentation["guide"]
    assert "| `SSE-TOY` | S3 | S3, for a test |" in documentation["README"]

    target = {"bucket": bucket, "key": "a"}
    upload = {**target, "content": "content", "encryption": "SSE-TOY"}
    made = both(task, "s3_encrypted_object", **upload)
    assert (made["changed"], made["actions"]) == (True, ["PutObject"])
    assert made["object"]["encryption"]["type"] == "SSE-TOY"
    assert s3.head_object(Bucket=bucket, Key="a")["ServerSideEncryption"] == "aws:fsx"
    assert both(task, "s3_encrypted_object", **upload)["changed"] is False

    (found,) = task("s3_encrypted_object_info", **target)["objects"]
    assert found["encryption"] == made["object"]["encryption"]
    dest = tmp_path / "dest"
    assert both(task, "s3_encrypted_object_download", **target, dest=str(dest))["changed"]
    assert dest.read_text() == "content"

    weaker = both(task, "s3_encrypted_object", **target, encryption="SSE-KMS")
    assert weaker["actions"] == ["CopyObject"]
    assert weaker["warnings"] == ["The encryption of 'a' becomes weaker, from SSE-TOY to SSE-KMS."]
    back = both(task, "s3_encrypted_object", **target, encryption="SSE-TOY")
    assert (back["actions"], back["object"]["encryption"]["type"]) == (["CopyObject"], "SSE-TOY")
    error = both(task, "s3_encrypted_object", **target, encryption="SSE-TOY", kms_key="alias/app")
    assert "kms_key has no effect with encryption: SSE-TOY." in error["msg"]

    default = both(task, "bucket_default_encryption", buckets=[bucket], encryption="SSE-TOY")
    assert (default["summary"]["changed"], default["buckets"][0]["after"]["encryption"]) == (1, "SSE-TOY")
    assert both(task, "bucket_default_encryption", buckets=[bucket], encryption="SSE-TOY")["changed"] is False
    floor = both(task, "bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", minimum=True)
    assert floor["changed"] is False
    report = task("bucket_default_encryption_info", buckets=[bucket], expected={"encryption": "SSE-KMS"})
    (reported_bucket,) = report["buckets"]
    assert (reported_bucket["encryption"], reported_bucket["compliant"]) == ("SSE-TOY", False)
    assert reported_bucket["findings"][0]["message"] == "New objects get SSE-TOY by default, not SSE-KMS."


def test_a_new_client_side_kind_sends_no_plaintext(
    add_kind: Callable[..., Path], task: Task, s3: Any, bucket: str, lab: Any, sent: list[str], tmp_path: Path
) -> None:
    """It can be chosen. But nothing encrypts its data keys, so both modes refuse it before any write."""
    documentation = documented(add_kind("cse_toy"))
    choices = ["SSE-S3", "SSE-KMS", "DSSE-KMS", "SSE-C", "CSE-KMS", "CSE-C", "CSE-TOY", *WIRE_WORDS]
    assert load("module_utils.frontend.arguments").object_encryption_arguments()["encryption"]["choices"] == choices
    assert documentation["DOCUMENTATION"]["encryption"]["choices"] == choices
    assert documentation["BUCKET"]["encryption"]["choices"] == [*choices[:3], *WIRE_WORDS]
    assert "| `CSE-TOY` | the caller | this collection, for a test |" in documentation["README"]

    s3.put_object(Bucket=bucket, Key="plain", Body=b"as it is", Metadata=MARK)
    s3.put_object(Bucket=bucket, Key="sealed", Body=CIPHERTEXT.encode(), Metadata=RSA_ENVELOPE)
    lab.calls.clear()
    sent.clear()
    toy = {"encryption": "CSE-TOY", "customer_key": KEY, "previous_customer_key": FORMER_KEY}
    large = tmp_path / "large"
    large.write_bytes(PLAINTEXT.encode() * 200_000)
    for key in ("new", "plain"):
        for content in ({"content": PLAINTEXT}, {"src": str(large), "part_size": "5MiB"}):
            for place in ({}, {"envelope": "instruction_file"}):
                error = both(task, "s3_encrypted_object", bucket=bucket, key=key, **content, **place, **toy)
                assert (error["error"]["kind"], error["changed"], error["actions"]) == ("unsupported", False, [])
                assert error["error"]["resource"] == f"{bucket}/{key}"
                assert "CSE-TOY encrypts before the upload, and the content is not encrypted yet" in error["msg"]
    copy = both(task, "s3_encrypted_object", bucket=bucket, key="plain", **toy)
    assert (copy["error"]["kind"], copy["changed"]) == ("unsupported", False)
    assert "CSE-TOY encrypts before the upload, and the content is not encrypted yet" in copy["msg"]

    for which, found_kind in (("plain", "SSE-S3"), ("sealed", "CSE-TOY")):
        for by in ({"key": which}, {"prefix": which[:2]}):
            (found,) = task("s3_encrypted_object_info", bucket=bucket, customer_key=KEY, **by)["objects"]
            assert found["encryption"]["type"] == found_kind, "the envelope shows the kind, and metadata is no proof"
    dest = tmp_path / "dest"
    for named in ({}, {"encryption": "CSE-TOY"}):
        read = {"bucket": bucket, "key": "sealed", "dest": str(dest), "customer_key": KEY, **named}
        ciphertext = both(task, "s3_encrypted_object_download", **read)
        assert (ciphertext["error"]["kind"], dest.exists()) == ("unsupported", False)
    for other in (toy, {"encryption": "SSE-KMS"}, {"encryption": "SSE-C", "customer_key": OTHER_KEY}):
        for content in ({}, {"content": PLAINTEXT}):
            options = {"previous_customer_key": FORMER_KEY, **other, **content}
            change = both(task, "s3_encrypted_object", bucket=bucket, key="sealed", **options)
            assert (change["error"]["kind"], change["changed"]) == ("unsupported", False)
            assert "The data key of the object is encrypted with an RSA key" in change["msg"]
    always = {"content": PLAINTEXT, "overwrite": "always", **toy}
    replaced = both(task, "s3_encrypted_object", bucket=bucket, key="sealed", **always)
    assert (replaced["error"]["kind"], replaced["changed"]) == ("unsupported", False)
    assert "the content is not encrypted yet" in replaced["msg"]
    assert (
        "value of encryption must be one of"
        in task("bucket_default_encryption", buckets=[bucket], encryption="CSE-TOY")["msg"]
    )

    assert lab.calls.writes() == []
    assert sent != []
    assert [request for request in sent if any(secret in request for secret in SECRETS)] == []


@pytest.mark.parametrize("place", ["metadata", "instruction_file"])
def test_a_new_client_side_kind_with_a_known_wrap_is_encrypted(
    add_kind: Callable[..., Path], task: Task, s3: Any, bucket: str, sent: list[str], tmp_path: Path, place: str
) -> None:
    """A kind declares how its data keys are encrypted. Its content is then encrypted, compared and read as usual."""
    add_kind("cse_toy", wrap="AES_GCM", instead_of="cse_c")
    target = {"bucket": bucket, "key": "a"}
    upload = {**target, "content": PLAINTEXT, "encryption": "CSE-TOY", "customer_key": KEY, "envelope": place}
    made = both(task, "s3_encrypted_object", **upload)
    files = ["PutInstructionFile"] if place == "instruction_file" else []
    assert (made["changed"], made["actions"]) == (True, [*files, "PutObject"])
    assert (made["object"]["encryption"]["type"], made["object"]["encryption"]["envelope"]) == ("CSE-TOY", place)
    assert PLAINTEXT.encode() not in s3.get_object(Bucket=bucket, Key="a")["Body"].read()
    assert both(task, "s3_encrypted_object", **upload)["changed"] is False
    dest = tmp_path / "dest"
    read = both(task, "s3_encrypted_object_download", **target, dest=str(dest), customer_key=KEY)
    assert (read["changed"], dest.read_text()) == (True, PLAINTEXT)
    assert [request for request in sent if any(secret in request for secret in SECRETS)] == []


def test_two_kinds_cannot_share_a_wrap(add_kind: Callable[..., Path]) -> None:
    """An envelope would not show which of them it is."""
    add_kind("cse_toy", wrap="AES_GCM")
    with pytest.raises(TypeError, match="only one kind can have AES_GCM in its wraps"):
        load("module_utils.model.kinds.registry")


def without(source: str, name: str) -> str:
    """The source of a kind, without one of its methods or values."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.body = [each for each in node.body if getattr(each, "name", "") != name]
        elif isinstance(node, ast.Call):
            node.keywords = [each for each in node.keywords if each.arg != name]
    return ast.unparse(tree)


def run_kind(source: str) -> ModuleType:
    """Import the source of a kind that is not in a file."""
    module = ModuleType("new_kind")
    module.__package__ = f"{PLUGINS}.module_utils.model.kinds"
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, "new_kind", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return module


METHODS = ["expected_after_write", "is_satisfied", "keep", "recognise", "write_parameters"]
VALUES = ["encrypted_by", "key_holder", "name", "side", "source", "summary"]
# The methods of a client-side kind are those of all of them.
NEEDED = [*(("sse_toy", name) for name in (*METHODS, *VALUES)), *(("cse_toy", name) for name in (*VALUES, "wraps"))]


def test_the_abstract_methods_of_a_kind() -> None:
    """The next test removes each of them."""
    kind = load("module_utils.model.kinds.kind").Kind
    assert sorted(kind.__abstractmethods__) == METHODS


@pytest.mark.parametrize(("stem", "missing"), NEEDED)
def test_an_incomplete_kind_cannot_be_defined(stem: str, missing: str) -> None:
    """The error at its definition names the missing method or value. There are no defaults."""
    source = (NEW_KINDS / f"{stem}.py").read_text()
    assert run_kind(source).KIND.choosable
    with pytest.raises(TypeError, match=rf"\b{missing}\b"):
        run_kind(without(source, missing))
