# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A copy of another object: each kind to each other, judged without our code.

`make soak kinds` has all rows of all kinds, at AWS and at another endpoint.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import OBJECT_KINDS

from . import scale
from .kind_rows import ROWS, KindRow
from .test_kinds import METADATA, World, after, title, world

__all__ = ["world"]

EVERY_ROW = [row for rows in ROWS.values() for row in rows]
SOURCES = EVERY_ROW if scale.IS_SOAK else [ROWS[name][0] for name in OBJECT_KINDS]
TARGETS = EVERY_ROW if scale.IS_SOAK else [ROWS[name][-1] for name in OBJECT_KINDS]

SOURCE, KEY, CONTENT = "in/été 1.txt", "out/2.txt", "the content"


def copy_of(world: World, row: KindRow, key: str = SOURCE, **more: Any) -> dict[str, Any]:
    """The option copy_src for an object of this kind."""
    own = {"customer_key": row.customer_key} if row.customer_key else {}
    return {"copy_src": {"bucket": world.bucket, "key": key, **own, **more}}


@pytest.mark.parametrize("source", SOURCES, ids=title)
def test_each_kind_to_each_other(world: World, source: KindRow) -> None:
    """A check run reports the same as the real run, a second run changes nothing, and other clients read the copy."""
    source = world.complete(source)
    source.write(world.client, world.bucket, SOURCE, CONTENT.encode(), Metadata=METADATA, Tagging="team=blue")
    for number, row in enumerate(TARGETS):
        target, key = world.complete(row), f"{number} {row.title}"
        world.ensure(key, check=True, **copy_of(world, source), **target.written)
        world.judge(after(source, target), CONTENT, key=key)
