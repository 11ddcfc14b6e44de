# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan of a file that is to equal an object."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import Archive
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.download_plan import AttributeChange
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.pull_plan import (
    plan_deletion,
    plan_pull,
    pull_warnings,
)

OBJECT = ObjectState("bucket", "a", 3, ObjectEncryption("SSE-KMS", "arn"))
COLD = ObjectState("bucket", "a", 3, ObjectEncryption("SSE-S3"), archive=Archive("GLACIER"))
CHANGE = AttributeChange((("mode", "0644"),), (("mode", "0600"),))


@pytest.mark.parametrize(
    ("exists", "is_same", "change", "operations"),
    [
        (False, False, None, ("GetObject",)),
        (True, False, None, ("GetObject",)),
        (True, False, CHANGE, ("GetObject", "SetFileAttributes")),
        (True, True, CHANGE, ("SetFileAttributes",)),
        (True, True, None, ()),
    ],
)
def test_what_differs_is_changed(
    exists: bool, is_same: bool, change: AttributeChange | None, operations: tuple[str, ...]
) -> None:
    """A plan without steps shows no difference, and one after it has none."""
    plan = plan_pull(OBJECT, exists=exists, is_same=is_same, change=change)
    assert plan.operations == operations
    assert (plan.before == plan.after) == (operations == ())
    assert plan_pull(OBJECT, exists=True, is_same=True, change=None).steps == ()


def test_plans_that_do_the_same_are_equal() -> None:
    """So that a report groups them."""
    other = ObjectState("bucket", "b", 5, ObjectEncryption("SSE-KMS", "arn"))
    plans = [plan_pull(each, exists=False, is_same=False, change=None) for each in (OBJECT, other)]
    assert (plans[0].before, plans[0].after) == (plans[1].before, plans[1].after)
    assert plan_deletion().operations == ("DeleteFile",)


def test_an_archived_object_is_refused_where_its_bytes_are_needed() -> None:
    """A file that is the same already needs none of them."""
    for exists in (False, True):
        with pytest.raises(OperationError, match="cannot be downloaded: it is archived"):
            plan_pull(COLD, exists=exists, is_same=False, change=None)
    assert plan_pull(COLD, exists=True, is_same=True, change=None).steps == ()


def test_warnings() -> None:
    """About a context that an object cannot have, and about an instruction file without use."""
    none = ObjectState("bucket", "a", 3, ObjectEncryption("SSE-S3"))
    assert pull_warnings(OBJECT, names_context=True, has_file=False) == ()
    assert pull_warnings(none, names_context=False, has_file=False) == ()
    (context,) = pull_warnings(none, names_context=True, has_file=False)
    assert "SSE-S3" in context
    (unused,) = pull_warnings(none, names_context=False, has_file=True)
    assert "bucket/a.instruction" in unused
