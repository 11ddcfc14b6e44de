# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Pages of lists of objects, as the SDK's parser returns them, at a fifth of its cost for each object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from .timestamps import parse_time

# The elements of the objects of a page, and the members of the output with them.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html, and API_ListObjectVersions.html
_ROWS = {"ListObjectsV2": ("Contents", "Contents"), "ListObjectVersions": ("Version", "Versions")}
_FIELDS: dict[str, Callable[[str], Any]] = {
    "ChecksumType": str,
    "ETag": str,
    "IsLatest": lambda text: text == "true",
    "Key": str,
    "LastModified": parse_time,
    "Size": int,
    "StorageClass": str,
    "VersionId": str,
}
_OWNER = ("DisplayName", "ID")


def take_rows(operation: str, body: bytes) -> tuple[bytes, dict[str, list[dict[str, Any]]]] | None:
    """The page without its objects, which is left to the SDK's parser, and the objects by the name of their member.

    None for a page that is not plain, such as one whose objects have fields of which nothing is known here.
    """
    if operation not in _ROWS:
        return None
    name, member = _ROWS[operation]
    try:
        page = fromstring(body)
        namespace = page.tag[: page.tag.find("}") + 1]
        found = [element for element in page if element.tag == f"{namespace}{name}"]
        rows = [_row(element, len(namespace)) for element in found]
    except (KeyError, ValueError, ParseError):
        return None
    if not rows:
        return None
    page[:] = [element for element in page if element.tag != f"{namespace}{name}"]
    return tostring(page), {member: rows}


def _row(element: Element, start: int) -> dict[str, Any]:
    """The fields of an object, whose names begin at a place in their tags. Raises KeyError or ValueError."""
    row: dict[str, Any] = {}
    for child in element:
        name, text = child.tag[start:], child.text or ""
        if name == "ChecksumAlgorithm":
            row.setdefault(name, []).append(text)
        elif name in row or (len(child) and name != "Owner"):
            raise ValueError("a field that has more than one value")
        elif name == "Owner":
            row[name] = _owner(child, start)
        else:
            row[name] = _FIELDS[name](text)
    return row


def _owner(element: Element, start: int) -> dict[str, str]:
    owner = {child.tag[start:]: child.text or "" for child in element}
    if len(owner) != len(element) or not set(_OWNER).issuperset(owner):
        raise ValueError("an owner of whom more is said")
    return owner
