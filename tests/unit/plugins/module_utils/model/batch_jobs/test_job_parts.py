# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which jobs a wish needs, and what no job can do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_parts import (
    COPY_CLASSES,
    decide_for_job,
    generated_parts,
    part_name,
    parts_of,
    require_job_can_write,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_request import (
    CopyObjects,
    ManifestFilter,
    UpdateEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import find_kind
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState, Properties
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.decision import (
    Decision,
    ReencryptionRules,
    Route,
    SkipReason,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.selection import (
    ObjectSelection,
    SelectedEncryption,
)

NEW = "arn:aws:kms:us-east-1:111122223333:key/new"
OLD = "arn:aws:kms:us-east-1:111122223333:key/old"
TARGET = DesiredEncryption(find_kind("SSE-KMS"), NEW, bucket_key_enabled=True)
SSE_S3 = DesiredEncryption(find_kind("SSE-S3"))


def rules(*sources: SelectedEncryption, target: DesiredEncryption = TARGET, **changes: Any) -> ReencryptionRules:
    selection = ObjectSelection(encryption=sources, storage_classes=changes.pop("storage_classes", ()))
    return ReencryptionRules(target, target, selection, **changes)


def source(kind: str | None, key: str | None = None) -> SelectedEncryption:
    return SelectedEncryption(kind, key)


@pytest.mark.parametrize(
    ("target", "method", "expected"),
    [
        (TARGET, ChangeMethod.AUTO, 1 + len(COPY_CLASSES)),
        (TARGET, ChangeMethod.UPDATE, 1),
        (TARGET, ChangeMethod.COPY, len(COPY_CLASSES)),
        (SSE_S3, ChangeMethod.AUTO, len(COPY_CLASSES)),
        (SSE_S3, ChangeMethod.UPDATE, 0),
    ],
)
def test_parts_of_listed_objects(target: DesiredEncryption, method: ChangeMethod, expected: int) -> None:
    """One in place, and one copy for each storage class, each with a name of its own."""
    parts = parts_of(rules(target=target, method=method))
    assert len({part.name for part in parts}) == len(parts) == expected


def test_a_target_that_no_job_can_write() -> None:
    """S3 Batch Operations has no operation for it."""
    with pytest.raises(OperationError, match="cannot encrypt objects under DSSE-KMS"):
        require_job_can_write(find_kind("DSSE-KMS"))
    require_job_can_write(find_kind("SSE-S3"))


def found(kind: str = "SSE-KMS", size: int = 1, **properties: Any) -> ObjectState:
    return ObjectState("b", "k", size, ObjectEncryption(kind, OLD), Properties(**properties))


@pytest.mark.parametrize(
    ("route", "state", "expected"),
    [
        (Route.AS_ASKED, found(), Decision(Route.AS_ASKED)),
        (Route.UPDATE, found(website_redirect_location="/x", storage_class="GLACIER"), Decision(Route.UPDATE)),
        (Route.PARTS, found(), Decision(skipped=SkipReason.TOO_LARGE)),
        (Route.COPY, found("SSE-C"), Decision(skipped=SkipReason.NO_CUSTOMER_KEY)),
        (Route.COPY, found(website_redirect_location="/x"), Decision(skipped=SkipReason.WEBSITE_REDIRECT)),
        (Route.COPY, found(storage_class="REDUCED_REDUNDANCY"), Decision(skipped=SkipReason.STORAGE_CLASS)),
        (Route.COPY, found(storage_class="GLACIER_IR"), Decision(Route.COPY)),
    ],
)
def test_what_a_job_cannot_copy(route: Route, state: ObjectState, expected: Decision) -> None:
    """It is left out, with the reason."""
    assert decide_for_job(Decision(route), state) == expected


def test_the_part_of_an_object() -> None:
    """By its route, and for a copy by its storage class."""
    names = {part.name for part in parts_of(rules())}
    cases = [
        (Route.UPDATE, found()),
        (Route.COPY, found()),
        (Route.COPY, found(storage_class="STANDARD_IA")),
    ]
    parts = [part_name(Decision(route), state) for route, state in cases]
    assert parts == ["update", "copy STANDARD", "copy STANDARD_IA"]
    assert set(parts) <= names


def test_generated_manifests_in_place() -> None:
    """One job for each source. Under the target's key, only those with another bucket key."""
    chosen = (source("SSE-S3"), source("SSE-KMS", OLD), source("SSE-KMS", NEW))
    parts = generated_parts(rules(*chosen, storage_classes=("STANDARD",)))
    assert [part.operation for part in parts] == [UpdateEncryption(TARGET)] * 3
    assert [part.filter for part in parts] == [
        ManifestFilter("SSE-S3", storage_classes=("STANDARD",)),
        ManifestFilter("SSE-KMS", OLD, storage_classes=("STANDARD",)),
        ManifestFilter("SSE-KMS", NEW, bucket_key_enabled=False, storage_classes=("STANDARD",)),
    ]


def test_generated_manifests_of_copies() -> None:
    """One job for each storage class, without objects that are too large."""
    classes = ("STANDARD", "STANDARD_IA")
    parts = generated_parts(rules(source("SSE-KMS"), target=SSE_S3, storage_classes=classes))
    assert [part.operation for part in parts] == [CopyObjects(SSE_S3, each) for each in classes]
    limit = 5 * 1024**3 + 1
    assert [part.filter for part in parts] == [
        ManifestFilter("SSE-KMS", smaller_than=limit, storage_classes=(each,)) for each in classes
    ]
    smaller = replace(
        rules(source("SSE-KMS"), target=SSE_S3),
        selection=ObjectSelection(
            encryption=(source("SSE-KMS"),), smaller_than=9, prefix="p", suffix="s", storage_classes=("STANDARD",)
        ),
    )
    (part,) = generated_parts(smaller)
    expected = ManifestFilter("SSE-KMS", smaller_than=9, prefix="p", suffix="s", storage_classes=("STANDARD",))
    assert part.filter == expected


FOREIGN = DesiredEncryption(find_kind("SSE-KMS"), NEW.replace("111122223333", "444455556666"), bucket_key_enabled=True)
REFUSED = {
    "nothing named": (rules(), "select.encryption is missing"),
    "a key without a kind": (rules(source(None, OLD)), "without a kind of encryption"),
    "a kind with the target": (rules(source("SSE-KMS")), "includes the objects that have the key already"),
    "what is as asked": (rules(source("SSE-S3"), target=SSE_S3), "are as asked"),
    "any key is as asked": (
        rules(source("SSE-KMS", OLD), target=DesiredEncryption(find_kind("SSE-KMS"))),
        "are as asked",
    ),
    "stronger than the minimum": (rules(source("DSSE-KMS"), minimum=True), "as asked with minimum"),
    "a customer key": (rules(source("SSE-C")), "cannot read objects under SSE-C"),
    "client-side": (rules(source("CSE-C")), "no encryption that a generated manifest can select"),
    "not in place": (rules(source("DSSE-KMS"), method=ChangeMethod.UPDATE), "cannot be changed in place"),
    "no storage class": (rules(source("DSSE-KMS")), "select.storage_classes is missing"),
    "a copy without classes": (rules(source("SSE-S3"), method=ChangeMethod.COPY), "select.storage_classes is missing"),
    "an archive class": (
        rules(source("SSE-KMS"), target=SSE_S3, storage_classes=("GLACIER",)),
        "cannot copy objects of GLACIER",
    ),
    "a foreign key": (
        rules(source("SSE-S3"), target=FOREIGN, bucket_owner="111122223333"),
        "select.storage_classes is missing",
    ),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_a_filter_cannot_say(case: str) -> None:
    """It is refused, with what to write instead."""
    asked, message = REFUSED[case]
    with pytest.raises(OperationError, match=message):
        generated_parts(asked)
