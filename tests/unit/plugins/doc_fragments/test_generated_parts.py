# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The check of generated documentation fails if a generated part of a module was edited by hand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
SCRIPTS = ROOT / "scripts"
MODULES = sorted(path.name for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
OBJECT_MODULE = "s3_encrypted_object.py"
SIZE = "      description:\n        - The size in bytes, as S3 stores the object. "

pytestmark = pytest.mark.skipif(not SCRIPTS.exists(), reason="the generator is not part of the collection")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a copy of what the generator reads and writes."""
    for name in ("plugins/modules", "plugins/doc_fragments", "plugins/module_utils/model", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    names = ("generate_doc_fragments", "reencryption_tables", "return_blocks", "role_policies", "rules_guide")
    scripts = (*(f"scripts/{name}.py" for name in names), "tests/contract/permissions.py")
    for name in (*scripts, "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def generate(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the generator of a copy."""
    script = repository / "scripts" / "generate_doc_fragments.py"
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        pytest.param(OBJECT_MODULE, SIZE, SIZE.replace("bytes", "octets"), id="a description"),
        pytest.param(OBJECT_MODULE, "    # end of generated\n", "    extra:\n    # end of generated\n", id="a field"),
        pytest.param("kms_key_for_s3_info.py", "sample: Enabled", "sample: Disabled", id="a sample"),
        pytest.param("bucket_default_encryption_info.py", "          - DSSE-KMS\n", "", id="a choice"),
    ],
)
def test_an_edit_of_a_generated_part_is_reported_and_undone(repository: Path, module: str, old: str, new: str) -> None:
    path = repository / "plugins" / "modules" / module
    before = path.read_text()
    edit(path, old, new)
    edited = path.read_text()
    checked = generate(repository, "--check")
    assert (checked.returncode, f"plugins/modules/{module}" in checked.stdout) == (1, True)
    assert path.read_text() == edited
    assert generate(repository).returncode == 0
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("# generated: written object\n", "# generated: unknown object\n", "'unknown object'"),
        ("# end of generated\n", "", "no line '# end of generated'"),
        ("    # end of generated\n", "  # end of generated\n", "no line '# end of generated'"),
    ],
)
def test_a_wrong_mark_is_an_error(repository: Path, old: str, new: str, reason: str) -> None:
    edit(repository / "plugins" / "modules" / OBJECT_MODULE, old, new)
    checked = generate(repository, "--check")
    assert checked.returncode == 1
    assert OBJECT_MODULE in checked.stderr
    assert reason in checked.stderr


def test_every_block_is_used() -> None:
    """A block that no module uses any more is removed from the source."""
    blocks = (SCRIPTS / "return_blocks.py").read_text().partition("\nBLOCKS: ")[2]
    defined = set(re.findall(r'^    "([^"]+)":', blocks, re.MULTILINE))
    sources = [(ROOT / "plugins" / "modules" / name).read_text() for name in MODULES]
    used = {name for source in sources for name in re.findall(r"^ *# generated: (.+)$", source, re.MULTILINE)}
    assert used == defined


@pytest.mark.parametrize("module", MODULES)
def test_return_values_are_valid_yaml(module: str) -> None:
    source = (ROOT / "plugins" / "modules" / module).read_text()
    documented = yaml.safe_load(source.partition('RETURN = r"""')[2].partition('"""')[0])
    assert all(isinstance(each["description"], (list, str)) for each in documented.values())
