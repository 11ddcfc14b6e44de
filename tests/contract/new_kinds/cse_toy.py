# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A kind as a contributor would add it: its data key is encrypted in a way that nothing here can do."""

from __future__ import annotations

from dataclasses import dataclass

# Relative, as in the other kinds: a test copies this file into their folder, and imports them without the collection.
from ..envelope import KeyWrap
from .client_side import ClientSideKind
from .kind import Answer, KeyHolder, ObjectEncryption, Side


@dataclass(frozen=True, eq=False, kw_only=True)
class CseToyKind(ClientSideKind):
    """Claims objects by their metadata, which is no proof."""

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """By metadata that anybody can write."""
        return ObjectEncryption(self.name) if "toy" in answer.get("Metadata", {}) else None


KIND = CseToyKind(
    name="CSE-TOY",
    key_holder=KeyHolder.CALLER,
    side=Side.CLIENT,
    encrypted_by="this collection, for a test",
    summary="We encrypt with a toy.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingClientSideEncryption.html",
    options=("customer_key", "customer_key_file", "envelope"),
    choosable=True,
    has_annotations=True,
    wraps=(KeyWrap.RSA,),
)
