# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Calls of S3 that some stores other than AWS accept only in another form."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId, Properties
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import CopyObject

botocore = pytest.importorskip("botocore.exceptions")

OBJECT = ObjectId("bucket", "key", None, None)


class RefusingClients:
    """Clients of a store that refuses copies with these errors, one after the other."""

    def __init__(self, *responses: tuple[str, str] | None) -> None:
        self.responses = list(responses)
        self.copies: list[dict[str, Any]] = []

    def get(self, service: str) -> RefusingClients:
        return self

    def custom_endpoint(self, service: str) -> bool:
        return True

    def copy_object(self, **parameters: Any) -> None:
        self.copies.append(parameters)
        response = self.responses.pop(0)
        if response:
            error = {"Error": {"Code": response[0], "Message": response[1]}}
            raise botocore.ClientError(error, "CopyObject")


NO_CHANGE = (
    "InvalidRequest",
    "This copy request is illegal because it is trying to copy an object to itself without …",
)


def copy(replace_properties: bool = False) -> CopyObject:
    properties = Properties("text/plain", metadata=(("a", "b"),), storage_class="STANDARD")
    return CopyObject(properties, replace_properties, DesiredEncryption(SSE_S3), None, '"e"')


def test_a_copy_that_counts_as_no_change_names_the_properties() -> None:
    """The copy is sent again, with all properties."""
    store = RefusingClients(NO_CHANGE, None)
    S3Objects(store).copy_object(OBJECT, copy())  # type: ignore[arg-type]
    first, second = store.copies
    assert (first["MetadataDirective"], first.get("Metadata")) == ("COPY", None)
    assert (second["MetadataDirective"], second["Metadata"], second["ContentType"]) == (
        "REPLACE",
        {"a": "b"},
        "text/plain",
    )
    assert {second["ServerSideEncryption"], first["ServerSideEncryption"]} == {"AES256"}
    assert second["CopySourceIfMatch"] == '"e"'


@pytest.mark.parametrize(
    ("response", "replace_properties"),
    [(("InvalidRequest", "The key is not a key."), False), (("PreconditionFailed", ""), False), (NO_CHANGE, True)],
    ids=["another cause", "another code", "named already"],
)
def test_any_other_refusal_is_raised(response: tuple[str, str], replace_properties: bool) -> None:
    """The copy is not sent again."""
    store = RefusingClients(response)
    with pytest.raises(OperationError):
        S3Objects(store).copy_object(OBJECT, copy(replace_properties))  # type: ignore[arg-type]
    assert len(store.copies) == 1
