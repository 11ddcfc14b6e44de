# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `select` of objects: what each value means, and which are refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption.select import (
    EncryptionEntry,
    parse_select,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.selection import (
    ObjectSelection,
    SelectedEncryption,
)

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=timezone.utc)
NOTHING: dict[str, Any] = {
    **{"prefix": "", "suffix": "", "older_than": None, "newer_than": None, "larger_than": None, "smaller_than": None},
    **{"storage_classes": None, "encryption": None},
}
ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def at(*parts: int) -> datetime:
    """A time in UTC."""
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", at(2026, 1, 31)),
        (" 2026-01-31 ", at(2026, 1, 31)),
        ("2026-01-31T10:15", at(2026, 1, 31, 10, 15)),
        ("2026-01-31 10:15:20", at(2026, 1, 31, 10, 15, 20)),
        ("2026-01-31T10:15:20Z", at(2026, 1, 31, 10, 15, 20)),
        ("2026-01-31T10:15:20+02:00", at(2026, 1, 31, 8, 15, 20)),
        ("2026-01-31T10:15:20.000Z", at(2026, 1, 31, 10, 15, 20)),
        ("1s", NOW - timedelta(seconds=1)),
        ("5 m", NOW - timedelta(minutes=5)),
        ("12h", NOW - timedelta(hours=12)),
        ("30d", NOW - timedelta(days=30)),
        ("2w", NOW - timedelta(weeks=2)),
        ("0d", NOW),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    """ISO 8601 as S3 and other tools print it, in UTC unless a zone is named, and durations before now."""
    assert parse_select({**NOTHING, "older_than": text}, NOW).selection.older_than == expected
    assert parse_select({**NOTHING, "newer_than": text}, NOW).selection.newer_than == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("100", 100), ("1KiB", 1024), ("1MiB", 1024**2), ("5GiB", 5 * 1024**3)]
)
def test_sizes(text: str, expected: int) -> None:
    """In bytes, or with a unit."""
    assert parse_select({**NOTHING, "larger_than": text}, NOW).selection.larger_than == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("SSE-S3", EncryptionEntry("SSE-S3")),
        ("AES256", EncryptionEntry("SSE-S3")),
        ("aws:kms", EncryptionEntry("SSE-KMS")),
        ("aws:kms:dsse", EncryptionEntry("DSSE-KMS")),
        ("SSE-C", EncryptionEntry("SSE-C")),
        ("NONE", EncryptionEntry("NONE")),
        ("alias/app", EncryptionEntry(None, KeyRef.parse("alias/app"))),
        (ARN, EncryptionEntry(None, KeyRef.parse(ARN))),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", EncryptionEntry(None, KeyRef.parse(ARN.partition("/")[2]))),
        ({"encryption": "SSE-KMS"}, EncryptionEntry("SSE-KMS")),
        ({"encryption": "DSSE-KMS", "kms_key": "alias/app"}, EncryptionEntry("DSSE-KMS", KeyRef.parse("alias/app"))),
        ({"kms_key": ARN, "encryption": None}, EncryptionEntry(None, KeyRef.parse(ARN))),
    ],
)
def test_encryptions(value: Any, expected: EncryptionEntry) -> None:
    """A kind in our words or those of AWS, a key, or both."""
    (entry,) = parse_select({**NOTHING, "encryption": [value]}, NOW).encryption
    assert entry == expected


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("older_than", "yesterday"),
        ("older_than", ""),
        ("older_than", "2026-02-30"),
        ("older_than", "-3d"),
        ("older_than", "3y"),
        ("newer_than", "9999999w"),
        ("newer_than", "999999w"),
        ("larger_than", "big"),
        ("larger_than", "-1"),
        ("larger_than", ""),
        ("storage_classes", []),
        ("encryption", []),
        ("encryption", ["SSE-S4"]),
        ("encryption", ["sse_s3"]),
        ("encryption", [""]),
        ("encryption", [None]),
        ("encryption", [7]),
        ("encryption", [["SSE-S3"]]),
        ("encryption", [{}]),
        ("encryption", [{"encryption": "CSE-KMS"}]),
        ("encryption", [{"kms_key": 7}]),
        ("encryption", [{"kms_key": "alias/app", "algorithm": "AES256"}]),
        ("prefix", "a" * 1025),
    ],
)
def test_what_is_no_value_is_refused(option: str, value: Any) -> None:
    """By the name of the option, before any call."""
    with pytest.raises(OperationError) as raised:
        parse_select({**NOTHING, option: value}, NOW)
    assert raised.value.failure.kind is FailureKind.INVALID
    assert option in raised.value.failure.sentence()


@pytest.mark.parametrize(
    "options",
    [
        {"older_than": "2026-01-01", "newer_than": "2026-02-01"},
        {"older_than": "1d", "newer_than": "1d"},
        {"larger_than": "10", "smaller_than": "11"},
        {"larger_than": "1MiB", "smaller_than": "1KiB"},
    ],
)
def test_what_selects_nothing_is_refused(options: dict[str, Any]) -> None:
    """Two limits with nothing between them."""
    with pytest.raises(OperationError) as raised:
        parse_select({**NOTHING, **options}, NOW)
    assert raised.value.failure.kind is FailureKind.INVALID


def test_nothing_selects_everything() -> None:
    """The option is omitted, or has no values."""
    listed = ListedObject("any key", 0, '"e"', "2026-01-31T10:00:00+00:00")
    for options in (None, NOTHING):
        selection = parse_select(options, NOW).selection
        assert selection.selects(listed)
        assert selection.selects_encryption(ObjectEncryption("SSE-C"))


LISTED = ListedObject("photos/a.jpg", 100, '"e"', "2026-01-31T10:00:00+00:00", "STANDARD_IA")


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (ObjectSelection(suffix=".jpg"), True),
        (ObjectSelection(suffix=".JPG"), False),
        (ObjectSelection(larger_than=99), True),
        (ObjectSelection(larger_than=100), False),
        (ObjectSelection(smaller_than=101), True),
        (ObjectSelection(smaller_than=100), False),
        (ObjectSelection(older_than=at(2026, 1, 31, 10, 0, 1)), True),
        (ObjectSelection(older_than=at(2026, 1, 31, 10)), False),
        (ObjectSelection(newer_than=at(2026, 1, 31, 9, 59, 59)), True),
        (ObjectSelection(newer_than=at(2026, 1, 31, 10)), False),
        (ObjectSelection(storage_classes=("STANDARD", "STANDARD_IA")), True),
        (ObjectSelection(storage_classes=("STANDARD",)), False),
        (ObjectSelection(suffix=".jpg", larger_than=100), False),
    ],
)
def test_what_a_list_tells(selection: ObjectSelection, expected: bool) -> None:
    """All limits are exclusive, and all conditions have to hold."""
    assert selection.selects(LISTED) is expected


def test_what_a_store_does_not_list() -> None:
    """No storage class is STANDARD, and an object without a time is not selected by one."""
    bare = ListedObject("a", 1, "", "")
    assert ObjectSelection(storage_classes=("STANDARD",)).selects(bare)
    assert ObjectSelection().selects(bare)
    assert not ObjectSelection(older_than=NOW).selects(bare)
    assert not ObjectSelection(newer_than=NOW).selects(bare)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((SelectedEncryption("SSE-KMS"),), True),
        ((SelectedEncryption("SSE-KMS", ARN),), True),
        ((SelectedEncryption(None, ARN),), True),
        ((SelectedEncryption("SSE-S3"), SelectedEncryption(None, ARN)), True),
        ((SelectedEncryption("DSSE-KMS", ARN),), False),
        ((SelectedEncryption("SSE-KMS", ARN.replace("1234abcd", "5678abcd")),), False),
    ],
)
def test_the_encryption_that_objects_have(entries: tuple[SelectedEncryption, ...], expected: bool) -> None:
    """One of the entries has to hold, with all that it names."""
    found = ObjectEncryption("SSE-KMS", ARN, bucket_key_enabled=True)
    assert ObjectSelection(encryption=entries).selects_encryption(found) is expected
