# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A host without the package cryptography."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope import cryptography_package
from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.envelope.key_wrap import (
    unwrap_data_key,
    wrap_data_key,
)
from ansible_collections.sealed.s3.plugins.module_utils.envelope.serializing import serialize_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    DATA_KEY,
    MESSAGE_ID,
    OBJECTS,
    OWN_KEY,
    parse,
    refusal,
)

STORED = {format_: make() for format_, make in OBJECTS.items()}
CIPHERS = {format_: ContentCipher.open(parse(stored), DATA_KEY) for format_, stored in STORED.items()}


@pytest.fixture(autouse=True)
def without_the_package() -> Iterator[None]:
    """Its import fails, as it does on such a host. Afterwards the module has the classes that others imported."""
    module = vars(cryptography_package)
    before = dict(module)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
            patch.setitem(sys.modules, name, None)
        importlib.reload(cryptography_package)
        yield
    module.clear()
    module.update(before)


@pytest.mark.parametrize("format_", OBJECTS)
def test_an_envelope_is_read_and_written(format_: Format) -> None:
    """So that objects can be described without the package."""
    envelope = parse(STORED[format_])
    assert envelope.format is format_
    if format_ is Format.V3:
        assert dict(serialize_envelope(envelope)[0]) == STORED[format_].metadata


def uses_of(format_: Format) -> dict[str, Callable[[], object]]:
    return {
        f"open {format_.value}": lambda: ContentCipher.open(parse(STORED[format_]), DATA_KEY),
        f"unwrap {format_.value}": lambda: unwrap_data_key(parse(STORED[format_]), OWN_KEY),
        f"encrypt {format_.value}": lambda: list(CIPHERS[format_].encrypt([b"a"])),
        f"decrypt {format_.value}": lambda: list(CIPHERS[format_].decrypt([bytes(32)])),
    }


USES: dict[str, Callable[[], object]] = {
    "create": lambda: ContentCipher.create(DATA_KEY, MESSAGE_ID),
    "wrap": lambda: wrap_data_key(DATA_KEY, OWN_KEY),
    "encrypt a piece": lambda: CIPHERS[Format.V3].encrypt_at(b"a", 0),
    **{name: use for format_ in OBJECTS for name, use in uses_of(format_).items()},
}


@pytest.mark.parametrize("use", USES)
def test_every_use_of_a_cipher_says_what_to_install(use: str) -> None:
    failure = refusal(USES[use])
    assert failure.kind is FailureKind.UNSUPPORTED
    assert failure.message.startswith("Client-side encryption needs the Python package cryptography")
    assert "python3-cryptography" in failure.advice
    assert "on the host that runs the task" in failure.advice
