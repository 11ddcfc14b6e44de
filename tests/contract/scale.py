# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How much the tests with random input do: little in `make test`, much in `make soak`, with the same code."""

from __future__ import annotations

import os

# `make soak` sets both variables. The seed is the same in every `make test`, so a failure can be repeated.
IS_SOAK = os.environ.get("SEALED_SOAK") == "1"
SEED = int(os.environ.get("SEALED_SEED") or 20_261_126)


def number(usual: int, soak: int) -> int:
    """The number of random cases: `usual` in `make test`, `soak` in `make soak`."""
    return soak if IS_SOAK else usual
