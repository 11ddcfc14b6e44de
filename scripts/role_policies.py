# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The policies of a job's role in docs/permissions.md, as the check of a role needs them.

generate_doc_fragments.py writes them. The model imports only the standard library, so it can be imported from its
folder, without Ansible.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "module_utils"))
_role_policy = importlib.import_module("model.batch_jobs.role_policy")

_ACCOUNT = "111122223333"
_NEW_KEY = f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_FORMER_KEY = f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/0987dcba-09fe-87dc-65ba-ab0987654321"

_UPDATE = _role_policy.JobAccess(
    task=_role_policy.RoleTask.UPDATE,
    partition="aws",
    bucket="BUCKET",
    prefix="PREFIX",
    manifest=_role_policy.JobFiles("MANIFESTS", "jobs"),
    report=_role_policy.JobFiles("REPORTS", "reports"),
    source_keys=(_FORMER_KEY,),
    target_key=_NEW_KEY,
)


def render_role_policies() -> str:
    """The trust policy, and a policy for each operation."""
    copy = replace(_UPDATE, task=_role_policy.RoleTask.COPY)
    generated = replace(_UPDATE, manifest_is_generated=True)
    written = {each.purpose for each in _role_policy.needed_permissions(_UPDATE)}
    more = [each for each in _role_policy.needed_permissions(generated) if each.purpose not in written]
    sections = (
        ("The trust policy:", _role_policy.trust_policy()),
        ("A job that changes objects in place (`S3UpdateObjectEncryption`):", _policy(_UPDATE)),
        ("A job that copies objects (`S3PutObjectCopy`):", _policy(copy)),
        ("With `generated` in `batch.manifest`, also:", {"Statement": [each.statement() for each in more]}),
    )
    return "\n\n".join(f"{title}\n\n```json\n{_indented(document)}\n```" for title, document in sections)


def _policy(access: Any) -> dict[str, Any]:
    document: dict[str, Any] = _role_policy.permissions_policy(_role_policy.needed_permissions(access))
    return document


def _indented(document: dict[str, Any]) -> str:
    """A policy with a line for each element of a statement."""
    lines = ["{"]
    if "Version" in document:
        lines.append(f'  "Version": {json.dumps(document["Version"])},')
    lines.append('  "Statement": [')
    statements = document["Statement"]
    for number, statement in enumerate(statements, 1):
        lines.append("    {")
        elements = list(statement.items())
        for place, (name, value) in enumerate(elements, 1):
            comma = "," if place < len(elements) else ""
            lines.append(f"      {json.dumps(name)}: {json.dumps(value)}{comma}")
        lines.append("    }" + ("," if number < len(statements) else ""))
    return "\n".join([*lines, "  ]", "}"])
