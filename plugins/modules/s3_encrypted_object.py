#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.module_utils.frontend import s3_encrypted_object


def main() -> None:
    s3_encrypted_object.main()


if __name__ == "__main__":
    main()
