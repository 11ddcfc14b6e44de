# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""pytest plugin, loaded first: the module that localstack's build would write."""

from __future__ import annotations

import sys
import types

_version = types.ModuleType("localstack.version")
_version.__dict__.update(__version__="0", __version_tuple__=(0,))
sys.modules.setdefault("localstack.version", _version)
