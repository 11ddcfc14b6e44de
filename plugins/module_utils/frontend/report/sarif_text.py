# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Names and messages in the forms that SARIF wants: as messages, as Markdown, and as relative URIs."""

from __future__ import annotations

import re
from urllib.parse import quote

from ...model.report.fields import plain_text
from ...model.report.observation import Resource, ResourceKind
from .sentences import UNKNOWN

# What Markdown or HTML could interpret. Braces are doubled instead.
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&!])")
_PLURALS = {
    ResourceKind.ACCOUNT: "accounts",
    ResourceKind.REGION: "regions",
    ResourceKind.BUCKET: "buckets",
    ResourceKind.KMS_KEY: "kms-keys",
    ResourceKind.OBJECT: "objects",
}


def message_text(text: str) -> str:
    """The text as a message that has no placeholder and no link.

    Braces are doubled, and a bracket that would end the text of a link is escaped.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html (3.11.5 and 3.11.6)
    """
    return _double_braces(plain_text(text)).replace("](", "\\](")


def message_markdown(text: str) -> str:
    """The text as Markdown that shows it as it is."""
    return _double_braces(_MARKDOWN.sub(r"\\\1", plain_text(text)))


def _double_braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def resource_uri(resource: Resource) -> str:
    """A relative URI that is the same in every report: `buckets/ACCOUNT/NAME`, and alike for the other kinds.

    It names no file. A name is one segment, in which everything but letters, digits and `-._~` is encoded.
    """
    plural, account = _PLURALS[resource.kind], _segment(resource.account_id)
    if resource.kind is ResourceKind.ACCOUNT:
        return f"{plural}/{_segment(resource.name)}"
    if resource.kind is ResourceKind.KMS_KEY:
        return f"{plural}/{account}/{_segment(resource.region)}/{_segment(resource.name)}"
    return f"{plural}/{account}/{_segment(resource.name)}"


def _segment(name: str) -> str:
    # A reader resolves a segment of dots, also an encoded one, so that is encoded twice.
    encoded = quote(plain_text(name), safe="") or UNKNOWN
    return encoded.replace(".", "%252E") if encoded in (".", "..") else encoded
