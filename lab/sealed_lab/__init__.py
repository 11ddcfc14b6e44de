# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A strict stand-in for S3, S3 Control, KMS, STS, IAM, the tagging API and CloudTrail, on the loopback interface.

* ``RunningLab`` is a lab in this process. ``RemoteLab`` is a client for a lab in another process.
* ``Lab`` is the lab without a network.
"""

from __future__ import annotations

from .aws_clients import aws_client
from .lab import Lab
from .remote import RemoteLab
from .running import RunningLab

__all__ = ["Lab", "RemoteLab", "RunningLab", "aws_client"]
__version__ = "0.1.0"
