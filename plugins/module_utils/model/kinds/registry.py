# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption kinds, listed literally: the single place to add one.

A module's code reaches a target through static imports only, so there is no discovery.
"""

from __future__ import annotations

from ..errors import invalid
from . import bucket_default, dsse_kms, none, sse_c, sse_kms, sse_s3
from .kind import Kind

BUCKET_DEFAULT = bucket_default.KIND
SSE_S3 = sse_s3.KIND
SSE_KMS = sse_kms.KIND
DSSE_KMS = dsse_kms.KIND
SSE_C = sse_c.KIND
NONE = none.KIND

KINDS: tuple[Kind, ...] = (BUCKET_DEFAULT, SSE_S3, SSE_KMS, DSSE_KMS, SSE_C, NONE)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_WIRE = {kind.wire: kind for kind in KINDS if kind.wire}

# What a playbook may write, for an object and for a bucket's default.
OBJECT_KINDS = tuple(kind.name for kind in KINDS if kind.choosable)
BUCKET_DEFAULT_KINDS = tuple(kind.name for kind in KINDS if kind.choosable and kind.strength is not None)


def require_options_taken(kind: Kind, given: frozenset[str]) -> None:
    """Raise Refused, before any call, for an encryption option that `kind` does not take."""
    for option in sorted(given - kind.options):
        takers = " or ".join(taker.name for taker in KINDS if option in taker.options)
        where = "without encryption" if kind is BUCKET_DEFAULT else f"with encryption: {kind.name}"
        raise invalid(f"{option} has no effect {where}.", f"Leave it out, or set encryption: {takers}.")
