# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The check of the names of regions in the options of a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..aws.session import SDK_VERSION, Clients
from ..model.errors import invalid_input


def require_regions(clients: Clients, option: str, regions: Sequence[str], warn: Callable[[str], object]) -> None:
    """Raise OperationError for an empty name, and for a region that AWS does not have.

    The regions of another store are not known: warn.
    """
    if "" in regions:
        raise invalid_input(f"{option} has an empty entry.", "Give it a value, or leave it out.")
    unknown = clients.unknown_regions(regions)
    if not unknown:
        return
    sentence = f"{option}: the SDK's data of AWS partitions does not know {', '.join(unknown)}"
    if not clients.custom_endpoint("s3"):
        raise invalid_input(
            f"{sentence} (boto3 {SDK_VERSION}).",
            "Check the name. For a region that is newer than this boto3, install a newer one on the host that runs the "
            "task.",
        )
    warn(f"{sentence}. This is right only if the store has a region of that name.")
