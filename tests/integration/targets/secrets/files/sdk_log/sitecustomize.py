# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Write the log of the SDK in a Python process to the file that SDK_LOG names, like boto3.set_stream_logger.

Python imports this file at startup if its folder is in PYTHONPATH. The root logger is not changed: Ansible uses it.
"""

from __future__ import annotations

import logging
import os

if "SDK_LOG" in os.environ:
    handler = logging.FileHandler(os.environ["SDK_LOG"])
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    for name in ("boto3", "botocore", "s3transfer", "urllib3"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.DEBUG)
