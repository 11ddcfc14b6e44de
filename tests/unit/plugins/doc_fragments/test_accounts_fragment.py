# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The documentation of the options for other accounts matches the argument specs, and each module has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.sealed.s3.plugins.doc_fragments.accounts import ModuleDocFragment
from ansible_collections.sealed.s3.plugins.module_utils.frontend.arguments import (
    ArgumentSpec,
    account_arguments,
    assume_role_arguments,
)

MODULES = sorted((Path(__file__).resolve().parents[4] / "plugins" / "modules").glob("[!_]*.py"))
# Those that work in many accounts.
FLEETS = re.compile(r"(bucket_default_encryption|bucket_encryption_policy|kms_key_for_s3)(_info)?")
# Those that call nothing of AWS.
WITHOUT_AWS = {"encryption_report"}
COMPARED = ("type", "elements", "choices", "default", "aliases", "required")


def compared(options: dict[str, Any], inner: str) -> dict[str, Any]:
    """What the documentation and the argument spec both have. `inner` is the name of the suboptions of an option."""
    return {
        name: {
            **{field: option[field] for field in COMPARED if field in option},
            **({"inside": compared(option[inner], inner)} if inner in option else {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize(
    ("fragment", "arguments"),
    [("DOCUMENTATION", account_arguments), ("ASSUME_ROLE", assume_role_arguments)],
)
def test_a_fragment_documents_the_options_that_the_modules_accept(
    fragment: str, arguments: Callable[[], ArgumentSpec]
) -> None:
    documented = yaml.safe_load(getattr(ModuleDocFragment, fragment))["options"]
    assert compared(documented, "suboptions") == compared(arguments(), "options")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_each_module_has_its_fragments(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ("\n  - sealed.s3.accounts.assume_role\n" in source) == (path.stem not in WITHOUT_AWS)
    assert ("\n  - sealed.s3.accounts\n" in source) == (FLEETS.fullmatch(path.stem) is not None)
