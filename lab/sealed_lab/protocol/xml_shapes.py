# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""XML bodies by botocore's shapes: serialization and parsing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..errors import ServiceError
from .values import InvalidValue, parse_text, write_text

_UNSAFE = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f]')
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
# S3 accepts a document without these members. The operations check these enumerations, with errors of their own.
_NOT_REQUIRED = {("Tagging", "TagSet")}
_OPEN_ENUMERATIONS = {
    "BucketLocationConstraint", "BucketLogsPermission", "BucketAccelerateStatus", "Event", "FilterRuleName",
    "Protocol",
}  # fmt: skip
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def escape(text: str) -> str:
    """Escape text for an XML element. Carriage returns become character references, so that they are preserved."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(lambda m: _NAMED.get(m.group()) or f"&#x{ord(m.group()):X};", text)


def malformed_xml() -> ServiceError:
    """Return S3's error for a body that does not match its schema."""
    return ServiceError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
        400,
    )


def malformed_acl() -> ServiceError:
    """Return S3's error for an ACL that does not match its schema."""
    return ServiceError("MalformedACLError", malformed_xml().message, 400)


# ---------------------------------------------------------------- writing


def element_name(member_name: str, shape: Any) -> str:
    """Return the element name of a structure's member. A flattened list has the name of its items."""
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        item = shape.member.serialization.get("name")
        if item:
            return str(item)
    return str(shape.serialization.get("name", member_name))


def write_members(shape: Any, value: Mapping[str, Any], out: list[str], *, lists_last: bool = False) -> None:
    """Append the elements of a structure's body members, in the order of the model."""
    for name, element, member, kind in _body_members(shape, lists_last):
        member_value = value.get(name)
        if member_value is None:
            continue
        if kind == "string" and type(member_value) is str:
            out.append(f"<{element}>{escape(member_value)}</{element}>")
        else:
            write_element(element, member, member_value, out)


@cache
def _body_members(shape: Any, lists_last: bool) -> tuple[tuple[str, str, Any, str], ...]:
    """Return the members of a structure that are elements: name, element, shape and type."""
    members = [
        (name, element_name(name, member), member, str(member.type_name))
        for name, member in shape.members.items()
        if not member.serialization.get("location") and not member.serialization.get("xmlAttribute")
    ]
    return tuple(sorted(members, key=lambda each: each[3] == "list") if lists_last else members)


@cache
def _attribute_members(shape: Any) -> tuple[tuple[str, str], ...]:
    """Return the members of a structure that are attributes: name and attribute."""
    return tuple(
        (name, str(member.serialization.get("name", name)))
        for name, member in shape.members.items()
        if member.serialization.get("xmlAttribute")
    )


def write_element(name: str, shape: Any, value: Any, out: list[str]) -> None:
    """Append one element, or the repeated elements of a flattened list."""
    kind = shape.type_name
    if kind == "structure":
        out.append(f"<{name}{_attributes(shape, value)}>")
        write_members(shape, value, out)
        out.append(f"</{name}>")
    elif kind == "list":
        if shape.serialization.get("flattened"):
            for item in value:
                write_element(name, shape.member, item, out)
        else:
            item_name = shape.member.serialization.get("name", "member")
            out.append(f"<{name}>")
            for item in value:
                write_element(item_name, shape.member, item, out)
            out.append(f"</{name}>")
    elif kind == "map":
        out.append(f"<{name}>")
        for key, item in value.items():
            out.append("<entry>")
            write_element(shape.key.serialization.get("name", "key"), shape.key, key, out)
            write_element(shape.value.serialization.get("name", "value"), shape.value, item, out)
            out.append("</entry>")
        out.append(f"</{name}>")
    else:
        out.append(f"<{name}>{escape(write_text(shape, value))}</{name}>")


def _attributes(shape: Any, value: Mapping[str, Any]) -> str:
    text = ""
    for name, attribute in _attribute_members(shape):
        if value.get(name) is not None:
            text += ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            text += f' {attribute}="{escape(str(value[name]))}"'
    return text


# ---------------------------------------------------------------- reading


def parse_document(data: bytes, shape: Any) -> dict[str, Any]:
    """Parse an XML document as a structure. Raise ``MalformedXML`` for anything that the schema does not have."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as exc:
        raise malformed_xml() from exc
    result: dict[str, Any] = parse_element(shape, root)
    return result


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def parse_element(shape: Any, node: ElementTree.Element) -> Any:
    """Parse one element by its shape. Enumerations and required members are checked."""
    kind = shape.type_name
    if kind == "structure":
        return _parse_structure(shape, node)
    if kind == "list":
        item_name = shape.member.serialization.get("name", "member")
        items = []
        for child in node:
            if _local_name(child.tag) != item_name:
                raise malformed_xml()
            items.append(parse_element(shape.member, child))
        return items
    if kind == "map":
        return _parse_map(shape, node)
    if len(node):
        raise malformed_xml()
    try:
        value = parse_text(shape, node.text or "")
    except InvalidValue as exc:
        raise malformed_xml() from exc
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed and shape.name not in _OPEN_ENUMERATIONS:
        raise malformed_xml()
    return value


def _parse_map(shape: Any, node: ElementTree.Element) -> dict[str, Any]:
    result = {}
    for entry in node:
        fields = {_local_name(child.tag): child for child in entry}
        key = fields.get(shape.key.serialization.get("name", "key"))
        value = fields.get(shape.value.serialization.get("name", "value"))
        if key is None or value is None:
            raise malformed_xml()
        result[parse_element(shape.key, key)] = parse_element(shape.value, value)
    return result


def _parse_structure(shape: Any, node: ElementTree.Element) -> dict[str, Any]:
    by_element: dict[str, tuple[str, Any]] = {}
    result: dict[str, Any] = {}
    for name, member in shape.members.items():
        if member.serialization.get("location"):
            continue
        if member.serialization.get("xmlAttribute"):
            member_value = node.get(_XSI + member.serialization["name"].rpartition(":")[2])
            if member_value is not None:
                result[name] = member_value
            continue
        by_element[element_name(name, member)] = (name, member)
        by_element.setdefault(member.serialization.get("name", name), (name, member))
    for child in node:
        known = by_element.get(_local_name(child.tag))
        if known is None:
            raise malformed_xml()
        name, member = known
        if member.type_name == "list" and member.serialization.get("flattened"):
            result.setdefault(name, []).append(parse_element(member.member, child))
        elif name in result:
            raise malformed_xml()
        else:
            result[name] = parse_element(member, child)
    for name in shape.metadata.get("required", ()):
        if (shape.name, name) in _NOT_REQUIRED:
            continue
        if name not in result and not shape.members[name].serialization.get("location"):
            raise malformed_xml()
    return result
