# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A strict stand-in for S3, KMS, STS, IAM, Organizations and their neighbours in AWS, on the loopback interface.

* ``RunningLab`` is a lab in this process. ``RemoteLab`` is a client for a lab in another process.
* ``aws_client`` is a boto3 client for a lab. ``aws_environment`` leads every SDK to a lab in the place of AWS.

These names are the public API. The modules of the package are not: they can change in every release.
"""

from __future__ import annotations

from .aws_clients import aws_client, aws_environment
from .call_log import CallLog, CallRecord
from .clock import Clock
from .faults import Fault, FaultKind, FaultOptions
from .remote import RemoteLab
from .running import RunningLab
from .transport import Transport

__all__ = [
    "CallLog",
    "CallRecord",
    "Clock",
    "Fault",
    "FaultKind",
    "FaultOptions",
    "RemoteLab",
    "RunningLab",
    "Transport",
    "aws_client",
    "aws_environment",
]
__version__ = "0.2.0"
