# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the formats say of a resource besides its findings."""

from __future__ import annotations

# What results do not say, such as their account.
UNKNOWN = "unknown"

NO_RESOURCE = "No resource was inspected."
NOTHING_EXPECTED = "Nothing was expected of it."
NO_REASON = "It is not as expected. The result does not say what differs."
PARTLY_READ = "Not all of it could be read."
