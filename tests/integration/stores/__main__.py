# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run the matrix against one store, and print it as JSON: the outcome of each row for each kind of encryption.

python -m ansible_collections.sealed.s3.tests.integration.stores CONNECTION.json [--sample]

The file has the variables `aws`, `kms_options` and `client_kms_options`, the KMS for client-side encryption at a store
that has none. `make soak stores` starts the stores and runs the matrix. The session `stores` runs a sample of it: each
row and each kind, but not every pair of them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from . import buckets, keys, objects, policies
from .kinds import BUCKET, kinds
from .outcome import Outcome
from .store import connect, sdk_data_is_read_once


def run(connection: Path, *, sample: bool) -> dict[str, dict[str, Outcome]]:
    """All rows. A row that has no kinds has the one column `all`."""
    with tempfile.TemporaryDirectory() as folder:
        store = connect(json.loads(connection.read_text()), Path(folder))
        key_arn, created = keys.create_key(store) if store.kms else ("", None)
        store.s3.create_bucket(Bucket=BUCKET)
        rows = objects.run_rows(store, kinds(store, key_arn), sample=sample)
        others = {**buckets.run_rows(store, key_arn), **policies.run_rows(store)}
        if created:
            others = {**others, "key: create": created, **keys.run_rows(store)}
    return {**rows, **{title: {"all": outcome} for title, outcome in others.items()}}


if __name__ == "__main__":
    with sdk_data_is_read_once():
        table = run(Path(sys.argv[1]), sample="--sample" in sys.argv)
    print(json.dumps({row: {kind: asdict(cell) for kind, cell in cells.items()} for row, cells in table.items()}))
