# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The file of a module is its documentation and one call."""

from __future__ import annotations

import importlib
import types
from pathlib import Path

import pytest

import ansible_collections.sealed.s3.plugins.modules as modules

pytest.importorskip("boto3")

(FOLDER,) = (Path(place) for place in modules.__path__)
NAMES = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_module_calls_its_entry_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"{modules.__name__}.{name}")
    (frontend,) = (
        each for each in vars(module).values() if isinstance(each, types.ModuleType) and hasattr(each, "main")
    )
    called: list[str] = []
    for entry in ("main", "main_info"):
        monkeypatch.setattr(frontend, entry, lambda entry=entry: called.append(entry), raising=False)
    module.main()
    shares_a_frontend = frontend.__name__.rpartition(".")[2] != name
    assert called == ["main_info" if shares_a_frontend else "main"]
