# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the policies promise is what the code and the metadata have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.sealed.s3.plugins.module_utils.aws.session import COLLECTION, OLDEST_SDK
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.statements import DENIALS
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.policy_statements import OWNED_SIDS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.envelope_fields import INSTRUCTION_SUFFIX

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def load(name: str) -> Any:
    return yaml.safe_load(read(name))


def table(name: str) -> dict[str, list[str]]:
    """Return the rows of a table between two comments of the policies, by their first cell."""
    found = re.search(rf"<!-- {name}:begin.*?-->\n(.*?)<!-- {name}:end -->", read("docs/policies.md"), re.DOTALL)
    assert found
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].strip().splitlines()]
    return {row[0]: row[1:] for row in rows[2:]}


def test_what_is_written_to_aws() -> None:
    """A name that the code changes breaks what earlier versions have written."""
    documented = {name for cell in table("written") for name in re.findall(r"`([^`]+)`", cell)}
    user_agent = COLLECTION.partition("/")[0] + "/"
    assert documented == {*OWNED_SIDS, *DENIALS, UNFINISHED_TAG, INSTRUCTION_SUFFIX, user_agent}


def test_kinds_of_errors() -> None:
    kinds = read("docs/errors.md").partition("## Kinds")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", kinds, re.MULTILINE)[1:] == [kind.value for kind in FailureKind]


@pytest.mark.skipif(not (ROOT / "galaxy.yml").exists(), reason="an installed collection has a manifest instead")
def test_oldest_versions() -> None:
    required = dict(re.findall(r"^(\w+)>=(\S+)$", read("requirements.txt"), re.MULTILINE))
    assert required["boto3"] == OLDEST_SDK
    oldest = {
        "ansible-core": load("meta/runtime.yml")["requires_ansible"],
        "Python, on the host that runs the tasks": load("tests/config.yml")["modules"]["python_requires"],
        "boto3 and botocore": f">={required['boto3']}",
        "cryptography, for client-side encryption": f">={required['cryptography']}",
        "amazon.aws": load("galaxy.yml")["dependencies"]["amazon.aws"],
    }
    assert {name: f">={cells[0]}" for name, cells in table("supported").items()} == oldest


def test_oldest_versions_in_the_readme() -> None:
    cells = dict(re.findall(r"^\| (.*?) \| ([\d., ]+) \|", read("README.md"), re.MULTILINE))
    oldest = [row[0] for row in table("supported").values()]
    core, python, boto3, cryptography, amazon_aws = oldest
    assert cells["ansible-core, Python"] == f"{core.removesuffix('.0')}, {python}"
    assert [cells[name] for name in ("`boto3`", "`cryptography`", "`amazon.aws`")] == [boto3, cryptography, amazon_aws]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[\w/]+\.py)`", read("SECURITY.md")))))
def test_proofs_of_the_promises_about_keys(name: str) -> None:
    assert (ROOT / name).is_file()
