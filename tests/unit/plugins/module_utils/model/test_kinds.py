# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption kinds: listed literally, completely, and each only once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, Refused
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds import registry
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import Kind
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    BUCKET_DEFAULT_KINDS,
    BY_NAME,
    BY_WIRE,
    KINDS,
    OBJECT_KINDS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
    require_options_taken,
)

FOLDER = Path(registry.__file__).parent
NOT_KINDS = {"__init__", "kind", "registry"}


def test_every_file_of_a_kind_is_listed() -> None:
    """A kind that nobody imports would not reach a target."""
    imported = {
        alias.name
        for node in ast.walk(ast.parse((FOLDER / "registry.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module is None
        for alias in node.names
    }
    files = {path.stem for path in FOLDER.glob("*.py")} - NOT_KINDS
    assert imported == files
    assert len(KINDS) == len(files)


def test_names_are_unique() -> None:
    """A name finds its kind."""
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert {name: kind.name for name, kind in BY_NAME.items()} == {kind.name: kind.name for kind in KINDS}


def test_wire_values_are_unique() -> None:
    """A header finds its kind; kinds without the header are not found by it."""
    wires = [kind.wire for kind in KINDS if kind.wire]
    assert sorted(wires) == sorted(set(wires)) == sorted(BY_WIRE)


def test_strengths_are_an_order() -> None:
    """No two kinds are equally strong, or a floor would not know what to do."""
    strengths = [kind.strength for kind in KINDS if kind.strength is not None]
    assert len(strengths) == len(set(strengths))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_tells_what_it_is(kind: Kind) -> None:
    """Documentation is made from these."""
    assert kind.summary.endswith(".")
    assert kind.key_held_by
    assert kind.encrypted_by
    assert kind.source.startswith("https://docs.aws.amazon.com/")


def test_what_a_playbook_may_write() -> None:
    """The vocabulary of the interface, in its order; the reported kinds are not asked for."""
    assert OBJECT_KINDS == ("SSE-S3", "SSE-KMS", "DSSE-KMS", "SSE-C")
    assert BUCKET_DEFAULT_KINDS == ("SSE-S3", "SSE-KMS", "DSSE-KMS")
    assert [BY_NAME[name].wire for name in OBJECT_KINDS] == ["AES256", "aws:kms", "aws:kms:dsse", ""]


OPTIONS = sorted(set().union(*(kind.options for kind in KINDS)))


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_option_is_taken_or_refused(kind: Kind, option: str) -> None:
    """A refusal names the option, and the kinds that take it."""
    if option in kind.options:
        require_options_taken(kind, frozenset({option}))
        return
    with pytest.raises(Refused) as refused:
        require_options_taken(kind, frozenset({option}))
    failure = refused.value.failure
    assert failure.kind is FailureKind.INVALID
    assert failure.message.startswith(f"{option} has no effect")
    takers = [taker.name for taker in KINDS if option in taker.options]
    assert failure.advice == f"Leave it out, or set encryption: {' or '.join(takers)}."


def test_refusals_in_words() -> None:
    """As a person reads them."""
    with pytest.raises(Refused) as of_kind:
        require_options_taken(SSE_S3, frozenset({"kms_key"}))
    assert str(of_kind.value) == (
        "kms_key has no effect with encryption: SSE-S3. Leave it out, or set encryption: SSE-KMS or DSSE-KMS."
    )
    with pytest.raises(Refused) as of_default:
        require_options_taken(BUCKET_DEFAULT, frozenset({"customer_key"}))
    assert str(of_default.value) == (
        "customer_key has no effect without encryption. Leave it out, or set encryption: SSE-C."
    )


def test_no_option_is_no_reason_to_refuse() -> None:
    """Every option may be omitted."""
    for kind in (*KINDS, SSE_C, SSE_KMS):
        require_options_taken(kind, frozenset())
