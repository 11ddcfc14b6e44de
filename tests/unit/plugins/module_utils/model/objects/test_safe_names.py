# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which keys can be the paths of files."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.safe_names import (
    find_conflicts,
    same_case,
    unsafe_path,
)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("..", "leads to another directory"),
        ("../a", "leads to another directory"),
        ("a/../b", "leads to another directory"),
        ("a/..", "leads to another directory"),
        (".", "leads to another directory"),
        ("a/./b", "leads to another directory"),
        ("/a", "absolute"),
        ("//a", "absolute"),
        ("/", "absolute"),
        ("", "slash"),
        ("a/", "ends with a slash"),
        ("a//b", "empty part"),
        ("a\0", "NUL"),
        ("n" * 256, "255 bytes"),
        ("ü" * 128, "255 bytes"),
        ("a/" + "n" * 256 + "/b", "255 bytes"),
        ("\ud800", "cannot have"),
    ],
)
def test_unsafe_paths(path: str, reason: str) -> None:
    """Each with its reason."""
    found = unsafe_path(path, "/dest", os.fsencode)
    assert found
    assert reason in found


@pytest.mark.parametrize(
    "path", ["a", "a/b", "...", ".a", "a..", "-rf", "~", "a\nb", "a\\..\\b", "n" * 255, "é/ü", " "]
)
def test_safe_paths(path: str) -> None:
    """Odd, and files all the same."""
    assert unsafe_path(path, "/dest", os.fsencode) == ""


def test_a_path_is_as_long_as_the_system_accepts() -> None:
    """With the directory, in bytes."""
    directory = "/" + "/".join(["d" * 200] * 20)
    rest = 4095 - len(directory) - 1
    assert unsafe_path("n" * rest, directory, os.fsencode) == ""
    assert "4095 bytes" in unsafe_path("n" * (rest + 1), directory, os.fsencode)


def test_an_encoding_that_has_not_all_characters() -> None:
    """Such as ASCII on a target without a locale."""
    assert "cannot have" in unsafe_path("ü", "/dest", lambda text: text.encode("ascii"))
    assert unsafe_path("u", "/dest", lambda text: text.encode("ascii")) == ""


@given(st.text(alphabet="ab./\0é", max_size=12))
def test_a_safe_path_stays_below_the_directory(path: str) -> None:
    """As the system resolves it, and no other text names the same file."""
    if unsafe_path(path, "/dest", os.fsencode):
        return
    assert os.path.normpath(f"/dest/{path}") == f"/dest/{path}"
    assert PurePosixPath("/dest", path).parts[:2] == ("/", "dest")
    assert "\0" not in path


@given(st.lists(st.text(alphabet="aA/b", min_size=1, max_size=5), unique=True))
@pytest.mark.parametrize("fold", [str, same_case], ids=["cases differ", "cases are the same"])
def test_what_remains_can_be_files_at_the_same_time(fold: type[str], paths: list[str]) -> None:
    """No two have one name, and none is below another. What is refused has another one in its way."""
    paths = [path for path in paths if not unsafe_path(path, "/", os.fsencode)]
    conflicts = find_conflicts(paths, fold)
    kept = [fold(path) for path in paths if path not in conflicts]
    assert len(set(kept)) == len(kept)
    assert not any(one.startswith(f"{other}/") for one in kept for other in kept)
    for path, other in conflicts.items():
        assert fold(path) == fold(other) or fold(path).startswith(f"{fold(other)}/")


def test_the_longer_keys_and_the_later_names_fail() -> None:
    """In whatever order they are listed."""
    assert find_conflicts(["a/b", "a", "a-b", "c"]) == {"a/b": "a"}
    assert find_conflicts(["A", "a", "É", "é", "e\u0301"], same_case) == {"a": "A", "é": "É", "e\u0301": "É"}
