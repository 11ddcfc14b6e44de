# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The content of another object: each kind to each other, what a copy keeps, its conditions, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import OBJECT_KINDS

from . import scale
from .conftest import Task
from .kind_rows import ROWS, KindRow
from .test_kinds import METADATA, World, after, title

EVERY_ROW = [row for rows in ROWS.values() for row in rows]
SOURCES = EVERY_ROW if scale.IS_SOAK else [ROWS[name][0] for name in OBJECT_KINDS]
TARGETS = EVERY_ROW if scale.IS_SOAK else [ROWS[name][-1] for name in OBJECT_KINDS]

SOURCE, KEY, CONTENT = "in/été 1.txt", "out/2.txt", "the content"


@pytest.fixture(params=["AWS", "another store"])
def place(request: pytest.FixtureRequest) -> str:
    """The lab in the place of AWS, and as another store."""
    if request.param == "AWS":
        request.getfixturevalue("at_aws")
    return str(request.param)


@pytest.fixture
def world(task: Task, s3: Any, kms: Any, open_bucket: str, tmp_path: Path) -> World:
    """A bucket with two KMS keys, the modules, and another client."""
    return World(task, s3, kms, open_bucket, tmp_path)


def copy_of(world: World, row: KindRow, key: str = SOURCE, **more: Any) -> dict[str, Any]:
    """The option copy_src for an object of this kind."""
    own = {"customer_key": row.customer_key} if row.customer_key else {}
    return {"copy_src": {"bucket": world.bucket, "key": key, **own, **more}}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("source", SOURCES, ids=title)
def test_each_kind_to_each_other(world: World, source: KindRow) -> None:
    """A check run reports the same as the real run, a second run changes nothing, and other clients read the copy."""
    source = world.complete(source)
    source.write(world.client, world.bucket, SOURCE, CONTENT.encode(), Metadata=METADATA, Tagging="team=blue")
    for number, row in enumerate(TARGETS):
        target, key = world.complete(row), f"{number} {row.title}"
        world.ensure(key, check=True, **copy_of(world, source), **target.written)
        world.judge(after(source, target), CONTENT, key=key)
