# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The documentation of the encryption options matches the kinds and the argument specs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.sealed.s3.plugins.doc_fragments.encryption import ModuleDocFragment
from ansible_collections.sealed.s3.plugins.module_utils.frontend.arguments import (
    bucket_encryption_arguments,
    customer_key_arguments,
    kind_arguments,
    legacy_arguments,
    object_encryption_arguments,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import KINDS

ROOT = Path(__file__).resolve().parents[4]
GENERATOR = ROOT / "scripts" / "generate_doc_fragments.py"
DOCUMENTED = {
    "DOCUMENTATION": object_encryption_arguments,
    "BUCKET": bucket_encryption_arguments,
    "CUSTOMER_KEY": customer_key_arguments,
    "KIND": kind_arguments,
    "LEGACY_FORMATS": legacy_arguments,
}
COMPARED = ("type", "elements", "choices", "default", "aliases")


def options(fragment: str) -> dict[str, Any]:
    documented: dict[str, Any] = yaml.safe_load(getattr(ModuleDocFragment, fragment))["options"]
    return documented


def compared(options: dict[str, Any], inner: str) -> dict[str, Any]:
    """What the documentation and the argument spec both have. `inner` is the name of the suboptions of an option."""
    return {
        name: {
            **{field: option[field] for field in COMPARED if field in option},
            **({"inside": compared(option[inner], inner)} if inner in option else {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("fragment", DOCUMENTED)
def test_a_fragment_documents_the_options_that_the_modules_accept(fragment: str) -> None:
    assert compared(options(fragment), "suboptions") == compared(DOCUMENTED[fragment](), "options")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.choosable], ids=lambda kind: kind.name)
def test_the_fragment_lists_each_kind_and_its_options(kind: Any) -> None:
    documented = options("DOCUMENTATION")
    assert f"V({kind.name}) - {kind.summary}" in documented["encryption"]["description"]
    listed = {
        name for name, option in documented.items() if f"O(encryption={kind.name})" in " ".join(option["description"])
    }
    assert listed == set(kind.options)


@pytest.mark.skipif(not GENERATOR.exists(), reason="the generator is not part of the collection")
def test_generated_documentation_is_up_to_date() -> None:
    checked = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
