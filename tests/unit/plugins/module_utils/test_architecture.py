# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The house: which room imports what, and the few rules that keep a room what it is. Read from the source alone."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws import error_codes
from ansible_collections.sealed.s3.plugins.module_utils.model import secret
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import KINDS
from ansible_collections.sealed.s3.plugins.module_utils.model.operations import Operation

MODULE_UTILS = Path(secret.__file__).parents[1]
PLUGINS = MODULE_UTILS.parent
OWN = "ansible_collections.sealed.s3.plugins."

# What each room may import beside the standard library and itself: rooms, packages, or one file of a room.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "envelope": {"cryptography", "model"},
    "aws": {"boto3", "botocore", "model"},
    "engine": {
        "awscrt",
        "model",
        "envelope",
        "aws.objects.ports",
        "aws.buckets.ports",
        "aws.keys.ports",
        "aws.accounts.ports",
    },
    "frontend": {"ansible", "ansible_collections.amazon.aws", "model", "envelope", "aws", "engine"},
    "modules": {"frontend"},
    # on the controller
    "action": {"ansible", "plugin_utils"},
    "plugin_utils": {"ansible", "frontend", "model"},
}

# What one folder of a room may not import of the others. A folder stands for itself in every room.
KEPT_APART: dict[str, set[str]] = {"buckets": {"objects"}, "keys": {"objects"}}
# The folders that are machinery for any resource, with all that they may import of ours.
MACHINERY: dict[str, set[str]] = {"engine.transfer": {"model"}, "engine.fleet": {"model"}}

# A model is a function of its arguments: it has no clock, no chance, no threads, no files and no log.
NOT_IN_MODEL = {
    *("threading", "concurrent", "asyncio", "multiprocessing", "queue", "time", "os", "logging", "random", "secrets"),
    *("uuid", "tempfile", "pathlib", "io", "socket", "subprocess", "urllib", "http", "sys"),
}
# Code reaches a target through imports that are read and not run.
DYNAMIC = {"importlib", "pkgutil", "runpy", "imp"}


def room_of(path: Path) -> str:
    """The first folder below plugins/module_utils, or below plugins."""
    inside = path.relative_to(MODULE_UTILS if MODULE_UTILS in path.parents else PLUGINS)
    return inside.parts[0]


def sources() -> list[Path]:
    """Every Python file of every room."""
    rooms = [folder / room for folder in (MODULE_UTILS, PLUGINS) for room in MAY_IMPORT]
    return sorted(path for room in rooms for path in room.rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(PLUGINS).as_posix()


SOURCES = sources()
EVERY_SOURCE = pytest.mark.parametrize("path", SOURCES, ids=shown)
ROOM_FILES = [path for path in SOURCES if path.name != "__init__.py" and MODULE_UTILS in path.parents]


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """The full dotted names that a file imports, wherever in it; relative ones made absolute."""
    package = [*OWN.rstrip(".").split("."), *path.relative_to(PLUGINS).parts[:-1]]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_of_rooms(path: Path) -> Iterator[str]:
    """What a file imports, as room.file for our own and as the plain name for all else."""
    for name in imported(path):
        yield name.removeprefix(OWN).removeprefix("module_utils.") if name.startswith(OWN) else name


def is_allowed(name: str, room: str) -> bool:
    if name.split(".")[0] in sys.stdlib_module_names:
        return True
    return any(name == allowed or name.startswith(f"{allowed}.") for allowed in {*MAY_IMPORT[room], room})


def test_every_room_is_in_the_table() -> None:
    """A new room needs a line in the table."""
    rooms = {path.name for path in MODULE_UTILS.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert rooms == set(MAY_IMPORT) - {"modules", "action", "plugin_utils"}


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_a_room_imports_what_the_table_lets_it(path: Path) -> None:
    """The dependencies point one way: model, then envelope and aws, then engine, then frontend, then modules."""
    room = room_of(path)
    assert [name for name in imports_of_rooms(path) if not is_allowed(name, room)] == []


def folder_of(path: Path) -> str:
    """The folder inside the room; empty for a file at the top of the room."""
    inside = path.relative_to(MODULE_UTILS if MODULE_UTILS in path.parents else PLUGINS).parts
    return inside[1] if len(inside) > 2 else ""


@pytest.mark.parametrize("path", [path for path in ROOM_FILES if folder_of(path) in KEPT_APART], ids=shown)
def test_buckets_and_keys_do_not_import_objects(path: Path) -> None:
    """An object needs its bucket and its key, and neither needs an object."""
    ours = [name.split(".") for name in imports_of_rooms(path) if name.split(".")[0] in MAY_IMPORT]
    assert [".".join(parts) for parts in ours if parts[1] in KEPT_APART[folder_of(path)]] == []


@pytest.mark.parametrize(
    "path", [path for path in ROOM_FILES if f"{room_of(path)}.{folder_of(path)}" in MACHINERY], ids=shown
)
def test_machinery_knows_no_resource_but_its_values(path: Path) -> None:
    """A transfer, or a fleet, is the same for every resource, and is handed the calls that it makes."""
    own = f"{room_of(path)}.{folder_of(path)}"
    ours = [name for name in imports_of_rooms(path) if name.split(".")[0] in MAY_IMPORT]
    allowed = tuple(f"{room}." for room in {*MACHINERY[own], own})
    assert [name for name in ours if not name.startswith(allowed)] == []


@pytest.mark.parametrize("path", [path for path in SOURCES if room_of(path) == "model"], ids=shown)
def test_the_model_is_pure(path: Path) -> None:
    """No clock, no chance, no threads, no files, no log: not even the standard library's."""
    assert [name for name in imported(path) if name.split(".")[0] in NOT_IN_MODEL] == []
    clocks = ("now", "utcnow", "today", "fromtimestamp")
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in clocks]
    assert [ast.unparse(call) for call in calls] == []
    open_source = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Name) and node.id in ("open", "print")]
    assert [ast.unparse(name) for name in open_source] == []


@pytest.mark.parametrize("path", [path for path in SOURCES if room_of(path) == "modules"], ids=shown)
def test_a_module_is_its_documentation_and_one_resource(path: Path) -> None:
    """A module imports one file of the frontend, and nothing else of ours."""
    own = [name for name in imports_of_rooms(path) if name.startswith("frontend")]
    assert len(own) == 1, own


@EVERY_SOURCE
def test_imports_are_static(path: Path) -> None:
    """What is not imported by name does not reach a target."""
    assert [name for name in imported(path) if name.split(".")[0] in DYNAMIC] == []
    names = [node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)]
    assert [name for name in names if name in ("__import__", "exec", "eval")] == []
    starred = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    assert [ast.unparse(star) for star in starred] == []


@pytest.mark.parametrize(
    "folder", sorted({folder for path in ROOM_FILES for folder in (path.parent, MODULE_UTILS)}), ids=shown
)
def test_every_init_is_there_and_empty(folder: Path) -> None:
    """A package runs nothing when it is imported."""
    assert (folder / "__init__.py").read_bytes() == b""


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name != "__init__.py"], ids=shown)
def test_public_things_have_a_docstring(path: Path) -> None:
    """Modules aside, whose documentation is DOCUMENTATION: every file, and every public class, function and method."""
    named = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    silent: list[str] = []

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if not isinstance(node, named) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node) and not (room_of(path) == "modules" and node.name == "main"):
                silent.append(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{prefix}{node.name}.")

    source = tree(path)
    if room_of(path) != "modules" and not ast.get_docstring(source):
        silent.append("the file")
    visit(source.body, "")
    assert silent == []


def is_frozen(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and any(
        keyword.arg == "frozen" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in decorator.keywords
    )


# The classes that change: caches and locks of a run, pools, and the work inside one call. Secrets have no setter, and
# are no dataclasses, whose repr would show them.
MUTABLE = {
    "engine/buckets/bucket_settings.py": {"_Slot", "_PerBucket", "BucketSettings"},
    "engine/clock.py": {"SystemClock"},
    "engine/fleet/circuit_breaker.py": {"RegionCircuitBreaker"},
    "engine/fleet/fleet.py": {"_Listing"},
    "engine/fleet/worker_pool.py": {"FairQueue"},
    "engine/keys/caller_identity.py": {"CallerIdentity"},
    "engine/keys/cloudtrail_usage.py": {"KeyUsageReader"},
    "engine/keys/key_resolver.py": {"_Slot", "KeyResolver"},
    "engine/objects/comparison.py": {"StoredContent"},
    "engine/reconcile.py": {"_Progress"},
    "engine/transfer/atomic_file.py": {"NewFile", "_Reader"},
    "engine/transfer/checksum_calculator.py": {"ChecksumCalculator"},
    "engine/transfer/digests.py": {"CrcDigest", "XxhDigest"},
    "engine/transfer/upload_body.py": {"SourceReader", "FileSlice"},
    "model/secret.py": {"Secret", "CustomerKey"},
}


@pytest.mark.parametrize("path", [path for path in ROOM_FILES if room_of(path) in ("model", "engine")], ids=shown)
def test_values_and_resources_are_frozen(path: Path) -> None:
    """A value does not change after it was compared. What a run finds is in its context, and not in the resource."""
    values = re.compile(r"(Protocol|NamedTuple|TypedDict|KeyParameters|Enum|str|\w*Error|Exception)\b")
    found = {
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        if not any(map(is_frozen, node.decorator_list)) and not any(values.match(ast.unparse(b)) for b in node.bases)
    }
    assert found == MUTABLE.get(shown(path).removeprefix("module_utils/"), set())
    setters = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "__setattr__"]
    assert not setters or shown(path) == "module_utils/model/objects/crc.py"  # a table that __post_init__ computes


def test_frontends_read_nothing_out_of_a_resource() -> None:
    """The outcome has everything that a result needs."""

    def reads(path: Path) -> Iterator[str]:
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        resources = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "reconcile"}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in resources:
                yield ast.unparse(node)

    assert broken(reads, [path for path in ROOM_FILES if room_of(path) == "frontend"]) == []


STARTS_THREADS = {"Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor"}
# The pool whose results come as they finish, the pool whose results come in order, and the display of progress.
POOLS = {"module_utils/engine/fleet/worker_pool.py", "module_utils/engine/transfer/ordered_map.py"}
DISPLAYS = {"plugin_utils/progress.py"}


@EVERY_SOURCE
def test_there_are_two_pools(path: Path) -> None:
    """Other code starts no thread and no process."""
    names = [name.rpartition(".")[2] for name in imported(path)]
    names += [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    assert bool(STARTS_THREADS.intersection(names)) == (shown(path) in POOLS | DISPLAYS)
    processes = ("_thread", "asyncio", "multiprocessing", "subprocess")
    assert [name for name in imported(path) if name.split(".")[0] in processes] == []


# The clock itself; the bound for threads that end, which is real time in tests, too; the display of progress.
TIME = {"module_utils/engine/clock.py", "module_utils/engine/transfer/ordered_map.py", "plugin_utils/progress.py"}


@EVERY_SOURCE
def test_time_comes_from_a_clock(path: Path) -> None:
    """So that a test decides what the time is, and does not wait."""
    found = [name for name in imported(path) if name.split(".")[0] == "time"]
    found += [
        ast.unparse(node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        if re.fullmatch(r"(datetime\.)?(datetime|date)\.(now|utcnow|today)", ast.unparse(node))
    ]
    assert not found or shown(path) in TIME, found


def test_only_the_type_for_arns_splits_them() -> None:
    """The fields of an ARN have names; a resource may contain colons, too."""

    def splits(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(("split", "partition")):
                continue
            separators = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(part, ast.Constant) and part.value == ":" for part in separators):
                yield ast.unparse(node)

    assert broken(splits, [path for path in ROOM_FILES if shown(path) != "module_utils/model/arn.py"]) == []


@pytest.mark.parametrize("path", [path for path in ROOM_FILES if room_of(path) != "frontend"], ids=shown)
def test_only_the_gate_knows_of_check_mode(path: Path) -> None:
    """One place in the engine decides that nothing is written; nobody below it can forget to."""
    nodes = list(ast.walk(tree(path)))
    words = {node.arg for node in nodes if isinstance(node, ast.arg)}
    words |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    words |= {node.id for node in nodes if isinstance(node, ast.Name)}
    assert ("check_mode" in words) == (shown(path) == "module_utils/engine/reconcile.py")


@pytest.mark.parametrize("path", [path for path in ROOM_FILES if room_of(path) != "frontend"], ids=shown)
def test_only_the_frontend_ends_a_module(path: Path) -> None:
    """Failures are values until the last line."""
    attributes = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    assert attributes & {"exit_json", "fail_json", "fail_json_aws"} == set()


def with_parents(path: Path) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every node of a file, and what it stands in."""
    for parent in ast.walk(tree(path)):
        for child in ast.iter_child_nodes(parent):
            yield child, parent


def broken(rule: Callable[[Path], Iterator[str]], paths: list[Path]) -> list[str]:
    """Where files break a rule, which yields the places in one of them."""
    return [f"{shown(path)}: {place}" for path in paths for place in rule(path)]


OUTSIDE_AWS = [path for path in SOURCES if room_of(path) != "aws"]

# Where a code or message is neither told to a person nor handed on, and yet nothing is decided by it: equal causes are
# told together, and what a bucket cannot comply with is a finding.
NOT_DECIDED_BY = {
    "(failure.kind.value, failure.code, failure.advice)",
    "Finding(failure.message, KMS_KEY_CONTROL)",
}


TOLD = (".sentence()", ".action", ".layer")


def test_only_aws_goes_by_codes_and_sentences_of_aws() -> None:
    """Every other room goes by the kind and the reason of a failure, and shows the rest to a person as it is."""

    def decides(path: Path) -> Iterator[str]:
        raised = ("str(error)",) if "OperationError" in path.read_text(encoding="utf-8") else ()
        for node, parent in with_parents(path):
            place = ast.unparse(parent) if isinstance(parent, ast.expr) else ast.unparse(node)
            if isinstance(node, ast.Attribute) and node.attr in ("code", "message"):
                is_shown = isinstance(parent, (ast.FormattedValue, ast.keyword, ast.Dict))
                if not is_shown and place not in NOT_DECIDED_BY:
                    yield place
            elif isinstance(node, ast.Call) and re.match(r"getattr\(.*, '(code|message)'", ast.unparse(node)):
                yield ast.unparse(node)
            elif isinstance(parent, (ast.Compare, ast.Attribute)) and ast.unparse(node).endswith((*TOLD, *raised)):
                yield place

    assert broken(decides, OUTSIDE_AWS) == []


def codes_of_aws() -> set[str]:
    """The codes and statuses that `aws/` knows: those of its tables, and those that it compares."""
    compared = {
        part.value
        for name in ("service_errors.py", "objects/update_encryption_errors.py", "objects/s3_objects.py")
        for node in ast.walk(tree(MODULE_UTILS / "aws" / name))
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    operations = {part for union in get_args(Operation) for part in get_args(union) or (union,)}
    named = filter(re.compile(r"[A-Z]\w+").fullmatch, compared)
    return {*error_codes.ERROR_CODES, *error_codes.STATUSES, *error_codes.REASONS, *named} - operations


def test_only_aws_knows_codes_of_aws() -> None:
    """But for a failure that is foretold, which has the code that S3 would give."""
    codes = codes_of_aws()
    assert {"404", "NoSuchKey", "InvalidRequest", "MalformedPolicyDocumentException", "InvalidRange"} <= codes

    def names_one(path: Path) -> Iterator[str]:
        for node, parent in with_parents(path):
            foretold = isinstance(parent, ast.keyword) and parent.arg == "code"
            if isinstance(node, ast.Constant) and node.value in codes and not foretold:
                yield str(node.value)

    assert broken(names_one, OUTSIDE_AWS) == []


def test_advice_is_added_by_a_method() -> None:
    """Not by a context manager around the call, and not by taking a failure apart."""

    def takes_apart(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "replace":
                if {keyword.arg for keyword in node.keywords} & {"advice", "resource"}:
                    yield ast.unparse(node)
            elif isinstance(node, ast.FunctionDef) and "contextmanager" in map(ast.unparse, node.decorator_list):
                handlers = [part for part in ast.walk(node) if isinstance(part, ast.ExceptHandler)]
                if any("OperationError" in ast.unparse(handler) for handler in handlers):
                    yield node.name

    above = [path for path in ROOM_FILES if room_of(path) != "aws" and path.name != "errors.py"]
    assert broken(takes_apart, above) == []


# Where a match handles some members of a union itself, and hands the others to whoever takes just those.
HANDS_ON = {
    "return Applied(replace(context, primary=self.primary.apply(step, context.primary).context))",
    "replicated = self._wait_until_replicated(region, context)\n"
    "applied = self._in_region(region, replica.desired).apply(step, replicated)\n"
    "return replace(replica, context=applied.context)",
}


def test_every_match_is_closed() -> None:
    """So that a forgotten member of a union is a type error, and nothing is done for it."""

    def is_open(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Match):
                last, subject = node.cases[-1], ast.unparse(node.subject)
                body = "\n".join(ast.unparse(line) for line in last.body)
                handed_on = shown(path) == "module_utils/engine/keys/replicas.py" and body in HANDS_ON
                is_closed = ast.unparse(last.pattern) == "_" and last.guard is None
                if not is_closed or not (handed_on or body == f"assert_never({subject})"):
                    yield subject

    assert broken(is_open, SOURCES) == []


def defined(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The name that a line of a class defines, if it does, and its type."""
    if isinstance(statement, ast.FunctionDef):
        yield statement.name, ast.unparse(statement.returns) if statement.returns else ""
    elif isinstance(statement, ast.AnnAssign):
        yield ast.unparse(statement.target), ast.unparse(statement.annotation)


def steps_of_the_model() -> dict[str, dict[str, str]]:
    """All classes of steps with what they define: those that say what their operations are."""
    classes = {
        node.name: dict(name for line in node.body for name in defined(line))
        for path in ROOM_FILES
        if room_of(path) == "model"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    }
    not_steps = ("Step", "Plan", "Outcome")
    return {name: lines for name, lines in classes.items() if "operations" in lines and name not in not_steps}


STEPS = steps_of_the_model()


def test_operations_are_no_free_strings() -> None:
    """They are the Literals of model/operations.py, so that a mistake is a type error."""
    assert {"PutObject", "DeleteObject", "PutBucketEncryption", "CreateKey", "InRegion", "Download"} <= set(STEPS)
    assert {lines["operations"] for lines in STEPS.values()} == {"Operations", "ClassVar[Operations]"}
    assert "str" not in {lines.get("operation") for lines in STEPS.values()}


def test_steps_are_told_apart_by_a_match() -> None:
    """What isinstance does not ask for falls through: once, that was the deletion of an object."""

    def tells_apart(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            parts: list[ast.expr | None] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
                parts = [*node.args[1:]]
            elif isinstance(node, ast.Compare):
                parts = [node.left, *node.comparators]
                if "__name__" in ast.unparse(node):
                    yield ast.unparse(node)
            elif isinstance(node, ast.Dict):
                parts = node.keys
            # a step that is made is a value to compare with, and tells nothing of the others
            classes = [part for part in parts if part and not isinstance(part, ast.Call)]
            if {name.id for part in classes for name in ast.walk(part) if isinstance(name, ast.Name)} & set(STEPS):
                yield ast.unparse(node)

    assert broken(tells_apart, ROOM_FILES) == []


KINDS_FOLDER = MODULE_UTILS / "model" / "kinds"
OUTSIDE_KINDS = [path for path in SOURCES if KINDS_FOLDER not in path.parents]
# Kinds by the part that they play, which is not to name them.
ROLES = {"OMITTED", "S3_DEFAULT", "CUSTOMER_KEY", "UNENCRYPTED"}
# What else there is to have of the registry.
LISTS = {"KINDS", "OBJECT_KINDS", "BUCKET_DEFAULT_KINDS", "BLOCKABLE_KINDS"}
ASKED = {"find_kind", "find_kind_by_wire", "recognise", "kinds_with_option", "require_options_taken"}
FACTS = {"NOTHING_BLOCKED", "CUSTOMER_KEYS_MAY_BE_CLIENT_SIDE"}


def texts(path: Path) -> Iterator[str]:
    """The strings of a file, docstrings among them; but not the documentation of a module, which is for people."""
    documentation = [
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("DOCUMENTATION", "EXAMPLES", "RETURN")
    ]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
            yield node.value


def test_only_kinds_imports_a_kind() -> None:
    """The rest has of the registry what it asks, under its own name, and nothing of the files of kinds."""

    def imports_one(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom):
                continue
            module = (node.module or "").split(".")
            for alias in node.names:
                of_registry = module[-1] == "registry" and alias.name in ROLES | LISTS | ASKED | FACTS
                if ("kinds" in module or alias.name == "kinds") and (
                    alias.asname or not (of_registry or module[-1] == "kind")
                ):
                    yield ast.unparse(node)

    assert broken(imports_one, OUTSIDE_KINDS) == []


def test_only_kinds_names_a_kind() -> None:
    """By no word and no piece of a word: the rest asks a kind, so that a new one is a file and a line."""
    words = "|".join(re.escape(name) for kind in KINDS for name in (kind.name, kind.wire) if name)
    named = re.compile(rf"(?<![\w:-])({words})(?![\w:-])|(?i:(?<![\w/#-])(d?sse|cse)-)|(?<!arn:)aws:kms(?!:[A-Z])")
    assert broken(lambda path: filter(named.search, texts(path)), OUTSIDE_KINDS) == []


def test_no_kind_is_told_by_its_identity() -> None:
    """A role is asked for what it is or has, or is a default; it is compared with nothing. Nor is a place in a list."""

    def holds_one(path: Path) -> Iterator[str]:
        for node, parent in with_parents(path):
            if isinstance(node, ast.Name):
                is_asked = isinstance(parent, (ast.Attribute, ast.AnnAssign))
                if (node.id in ROLES and not is_asked) or (node.id in LISTS and isinstance(parent, ast.Subscript)):
                    yield ast.unparse(parent)

    assert broken(holds_one, OUTSIDE_KINDS) == []
