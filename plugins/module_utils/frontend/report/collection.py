# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a report says of the collection that wrote it."""

from __future__ import annotations

NAME = "sealed.s3"
# `scripts/release.py` writes it, with the other places that name the version.
VERSION = "0.2.0"
HOMEPAGE = "https://github.com/sealed-s3/sealed.s3"
