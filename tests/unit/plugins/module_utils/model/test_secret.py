# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Customer keys: their text forms, and their protection against disclosure."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_C
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import Properties
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    WriteCustomerKeyFile,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey, Secret

TEXT = "12345678901234567890123456789012"
HEX = TEXT.encode().hex()
BASE64 = base64.b64encode(TEXT.encode()).decode()
MD5 = "dnF5x6K/8ZZRzpfSlMMM+w=="

KEYS = st.binary(min_size=32, max_size=32)
# Keys that differ from other text: a key of zeros could be found by chance.
RECOGNISABLE = KEYS.filter(lambda key: len(set(key)) > 8)
FEW = settings(max_examples=10)


@pytest.mark.parametrize("written", [TEXT, HEX, HEX.upper(), BASE64], ids=["text", "hex", "HEX", "base64"])
def test_the_text_forms_give_the_same_key(written: str) -> None:
    """The length determines the form, and each form gives the same 32 bytes."""
    key = CustomerKey.parse(written)
    assert key.reveal() == TEXT.encode()
    assert key.base64 == BASE64
    assert key.md5 == MD5


@pytest.mark.parametrize("written", [TEXT, HEX, BASE64], ids=["text", "hex", "base64"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"], ids=repr)
def test_a_text_may_be_a_line(written: str, end: str) -> None:
    """As in a file: a value that was encrypted with Ansible Vault often ends in a line end."""
    assert CustomerKey.parse(written + end).md5 == MD5


@pytest.mark.parametrize("size", [30, 31])
def test_a_line_end_is_no_part_of_a_key(size: int) -> None:
    """A shorter text does not become a key by its line end."""
    with pytest.raises(OperationError, match=f"{size} characters"):
        CustomerKey.parse(TEXT[:size] + "\n\n"[: 32 - size])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode(), id="32 raw bytes"),
        pytest.param(TEXT.encode() + b"\n", id="text and a line end"),
        pytest.param(BASE64.encode(), id="base64"),
        pytest.param(BASE64.encode() + b"\r\n", id="base64 and a line end"),
        pytest.param(HEX.encode() + b"\n", id="hex and a line end"),
    ],
)
def test_the_forms_of_a_file_give_the_same_key(data: bytes) -> None:
    """A file contains raw bytes or a text form, with or without a line end."""
    assert CustomerKey.from_file(data).md5 == MD5


def test_raw_bytes_may_end_with_a_line_end() -> None:
    """Bytes that are not ASCII are a raw key, including the last one."""
    data = bytes(range(223, 255))[:31] + b"\n"
    assert CustomerKey.from_file(data).reveal() == data


@given(KEYS)
def test_every_key_is_parsed_from_each_of_its_forms(key: bytes) -> None:
    """Base64, hex and raw file, for any bytes."""
    written = (base64.b64encode(key).decode(), key.hex())
    assert [CustomerKey.parse(text).reveal() for text in written] == [key, key]
    assert [CustomerKey.from_file(f"{text}\n".encode()).reveal() for text in written] == [key, key]
    assert CustomerKey.from_file(key).reveal() == key


INVALID_KEYS = [
    pytest.param("", "0 characters", id="empty"),
    pytest.param(TEXT[:-1], "31 characters", id="a character short"),
    pytest.param(TEXT + "3", "33 characters", id="a character long"),
    pytest.param(base64.b64encode(b"x" * 16).decode(), "24 characters", id="base64 of 128 bits"),
    pytest.param(base64.b64encode(b"x" * 31).decode(), "31 bytes", id="base64 of 31 bytes"),
    pytest.param(base64.b64encode(b"x" * 33).decode(), "33 bytes", id="base64 of 33 bytes"),
    pytest.param("*" + BASE64[1:], "not base64", id="not base64, with its length"),
    pytest.param("g" + HEX[1:], "not hexadecimal", id="not hex, with its length"),
    pytest.param("ü" + TEXT[1:], "32 characters", id="text that is not ASCII"),
    pytest.param("ü" + BASE64[1:], "not base64", id="base64 that is not ASCII"),
    pytest.param("  " * 16 + TEXT, "16 bytes", id="hex with blanks"),
]


@pytest.mark.parametrize(("written", "expected"), INVALID_KEYS)
def test_an_invalid_key_is_refused(written: str, expected: str) -> None:
    """The message says what is wrong, and the advice what to give."""
    with pytest.raises(OperationError) as error:
        CustomerKey.parse(written)
    assert error.value.failure.kind is FailureKind.INVALID
    assert expected in error.value.failure.message
    assert "256 bits" in error.value.failure.sentence()


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_has_32_bytes(length: int) -> None:
    """Any other length is refused."""
    with pytest.raises(OperationError, match=f"{length} bytes long"):
        CustomerKey(b"x" * length)


def test_a_file_is_named_in_the_refusal() -> None:
    """By the option of the task, the only name that the user knows."""
    with pytest.raises(OperationError, match="The file of previous_customer_key_file is 3 characters long"):
        CustomerKey.from_file(b"abc\n", "previous_customer_key_file")


def test_equality_is_that_of_the_bytes() -> None:
    """The same key from two forms is equal. A key is not equal to its bytes, and has no hash."""
    assert CustomerKey.parse(HEX) == CustomerKey.parse(BASE64)
    assert CustomerKey.parse(HEX) != CustomerKey(b"x" * 32)
    assert CustomerKey.parse(HEX) != TEXT.encode()
    with pytest.raises(TypeError):
        hash(CustomerKey.parse(HEX))


def representations(key: bytes) -> list[str]:
    """All texts that would reveal a key, or a large part of it."""
    half = key[4:20]
    return [
        key.decode("latin-1"),
        key.hex(),
        base64.b64encode(key).decode(),
        repr(key)[2:-1],
        half.hex(),
        base64.b64encode(key[3:21]).decode(),
        str(list(half))[1:-1],
    ]


def assert_hidden(key: bytes, text: str) -> None:
    assert [text_of_key for text_of_key in representations(key) if text_of_key.lower() in text.lower()] == []


@dataclass(frozen=True)
class Holder:
    """A value that has a key, as any value might."""

    name: str
    key: Secret


SHOWN: dict[str, Callable[[CustomerKey], str]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "format with a width": lambda key: f"{key:>80}",
    "f-string": lambda key: f"{key} {key!r} {key!s} {key!a}",
    "percent": lambda key: "%s %r" % (key, key),  # noqa: UP031
    "str.format": lambda key: "{} {!r} {0!s}".replace("{}", "{0}").replace("{!r}", "{0!r}").format(key),
    "json with default": lambda key: json.dumps({"key": key}, default=str),
    "list": lambda key: str([key, (key,), {"k": key}]),
    "a holder": lambda key: repr(Holder("x", key)),
    "a changed holder": lambda key: repr(replace(Holder("x", key), name="y")),
    "a desired state": lambda key: repr(DesiredEncryption(SSE_C, customer_key=key)),
    "a copy step": lambda key: repr(
        CopyObject(Properties(), False, DesiredEncryption(SSE_C, customer_key=key), key, '"e"')
    ),
    "a file step": lambda key: repr(WriteCustomerKeyFile("/key", key)),
    "the attributes": lambda key: str(getattr(key, "__dict__", "")),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
@FEW
@given(key=RECOGNISABLE)
def test_no_representation_reveals_a_key(show: Callable[[CustomerKey], str], key: bytes) -> None:
    """Neither of a key, nor of a value that contains it."""
    text = show(CustomerKey(key))
    assert_hidden(key, text)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_key_is_not_pickled(protocol: int) -> None:
    """Nor is any value that contains it. The error does not reveal it, either."""
    key = CustomerKey(TEXT.encode())
    for value in (key, Holder("x", key), [key]):
        with pytest.raises(TypeError) as error:
            pickle.dumps(value, protocol)
        assert_hidden(TEXT.encode(), str(error.value))


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda key: asdict(Holder("x", key))], ids=["copy", "deepcopy", "asdict"]
)
def test_a_key_is_not_duplicated(duplicate: Callable[[CustomerKey], object]) -> None:
    """Functions that copy a value through its state fail for a key."""
    with pytest.raises(TypeError, match="not serialised"):
        duplicate(CustomerKey(TEXT.encode()))


def full_traceback(error: BaseException | None) -> str:
    """An exception with its causes and contexts, as the most verbose logger would write it."""
    if error is None:
        return ""
    own = "".join([*traceback.format_exception(error), repr(error), str(error), repr(error.args), str(vars(error))])
    return own + full_traceback(error.__cause__) + full_traceback(error.__context__)


NEARLY_VALID_KEYS: dict[str, Callable[[bytes], object]] = {
    "hex with a wrong digit": lambda key: CustomerKey.parse("g" + key.hex()[1:]),
    "hex, cut": lambda key: CustomerKey.parse(key.hex()[:-1]),
    "base64 with a wrong letter": lambda key: CustomerKey.parse("*" + base64.b64encode(key).decode()[1:]),
    "base64 with a letter beyond ASCII": lambda key: CustomerKey.parse("ü" + base64.b64encode(key).decode()[1:]),
    "hex with a letter beyond ASCII": lambda key: CustomerKey.parse("ü" + key.hex()[1:]),
    "base64, cut": lambda key: CustomerKey.parse(base64.b64encode(key).decode()[:-1]),
    "one byte more": lambda key: CustomerKey(key + b"x"),
    "a file with one byte more": lambda key: CustomerKey.from_file(b"\xff" + key),
    "a file in base64 with a stray byte": lambda key: CustomerKey.from_file(base64.b64encode(key) + b"\xff"),
}


@pytest.mark.parametrize("read", NEARLY_VALID_KEYS.values(), ids=NEARLY_VALID_KEYS.keys())
@FEW
@given(key=RECOGNISABLE)
def test_a_refusal_does_not_reveal_a_nearly_valid_key(read: Callable[[bytes], object], key: bytes) -> None:
    """Neither in its message, nor in an exception that caused it."""
    with pytest.raises(OperationError) as error:
        read(key)
    assert_hidden(key, full_traceback(error.value))
