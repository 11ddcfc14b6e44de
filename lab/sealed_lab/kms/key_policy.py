# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The policy of a key: its text, and what it means while users and roles are deleted and created again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..identity.directory import Directory
from ..identity.policy_principals import StoredPrincipals
from ..policy_language import Policy, PolicyKind, key_policy_form, parse_policy


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """A stored policy. ``parsed`` decides about requests: it has unique ids in place of the ARNs of users and roles."""

    text: str
    parsed: Policy
    principals: StoredPrincipals

    @classmethod
    def store(cls, text: str, policy: Policy, directory: Directory) -> KeyPolicy:
        """Return the policy of a request, with the users and roles that exist now."""
        principals = StoredPrincipals.of(policy, directory)
        if principals.ids:
            policy = parse_policy(json.dumps(principals.for_evaluation(json.loads(text))), PolicyKind.KEY)
        return cls(text, policy, principals)

    def shown(self, directory: Directory, partition: str) -> str:
        """Return the text as KMS returns it. A user or role that was deleted has its unique id there."""
        document = self.principals.for_reading(json.loads(self.text), directory)
        return _text(key_policy_form(document, partition))


def _text(value: Any, indent: str = "") -> str:
    """Return a JSON text with the white space of KMS: one line for each member of an object."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        members = (
            f"{inner}{json.dumps(name, ensure_ascii=False)} : {_text(member, inner)}" for name, member in value.items()
        )
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return f"[ {', '.join(_text(item, indent) for item in value)} ]"
    return json.dumps(value, ensure_ascii=False)
