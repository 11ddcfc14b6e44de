# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The tags of a session. Transitive ones are passed on to the sessions that it creates.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..call import Call
from ..errors import ServiceError


@dataclass(frozen=True, slots=True)
class SessionTags:
    """The tags that a request names, all tags of the new session, and those that it passes on."""

    requested: Mapping[str, str]
    own: Mapping[str, str]
    transitive: Mapping[str, str]

    def request_context(self) -> dict[str, list[str]]:
        """Return the condition keys of the request that creates the session."""
        if not self.requested:
            return {}
        found = {f"aws:requesttag/{name.lower()}": [value] for name, value in self.requested.items()}
        passed_on = [name for name in self.requested if name in self.transitive]
        return {**found, "aws:tagkeys": list(self.requested), "sts:transitivetagkeys": passed_on}

    def principal_context(self) -> dict[str, list[str]]:
        """Return the condition keys of the requests of the session."""
        return {f"aws:principaltag/{name.lower()}": [value] for name, value in self.own.items()}


def read_session_tags(call: Call) -> SessionTags:
    """Return the tags of a request. Keys are compared without regard to case, and transitive ones cannot be changed."""
    tags = {each["Key"]: each["Value"] for each in call.get("Tags") or []}
    lowered = [each["Key"].lower() for each in call.get("Tags") or []]
    if len(set(lowered)) != len(lowered):
        raise _invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    names = {name.lower() for name in call.get("TransitiveTagKeys") or []}
    if not names <= set(lowered):
        raise _invalid("The specified transitive tag key must be included in the requested tags.")
    inherited = call.caller.session.transitive_tags
    if {name.lower() for name in inherited} & set(lowered):
        raise _invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session."
        )
    transitive = {name: value for name, value in tags.items() if name.lower() in names}
    return SessionTags(tags, {**inherited, **tags}, {**inherited, **transitive})


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message, 400)
