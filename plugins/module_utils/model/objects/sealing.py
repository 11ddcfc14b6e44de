# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The data key of client-side encryption in a plan: opened, kept for new content, or encrypted again."""

from __future__ import annotations

from dataclasses import dataclass

from ..envelope import Envelope, EnvelopePlace
from ..kinds.encryption import DesiredEncryption
from ..secret import CustomerKey, Secret
from .object_state import InstructionFile


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """A data key, and the key that decrypted it: a KMS key, or an own one."""

    data_key: Secret
    kms_key_arn: str | None = None
    customer_key: CustomerKey | None = None


@dataclass(frozen=True, slots=True)
class FoundFile:
    """The instruction file that is there already, and its data key, if that can be kept for new content.

    Otherwise `problem` completes a sentence: why it cannot be kept.
    """

    file: InstructionFile
    envelope: Envelope | None = None
    opened: OpenedKey | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the content of an upload is encrypted: where its data key lies, and which one it is.

    `kept` is the data key of an instruction file. None: a new one, or that which the step before has made.
    """

    place: EnvelopePlace
    kept: OpenedKey | None = None


@dataclass(frozen=True, slots=True)
class Rewrap:
    """The same data key, in an envelope at this place, encrypted under another key or context.

    Content, message id and commitment stay. `encryption` names the key and the context; None: both stay, too, and the
    data key need not be `opened`.
    """

    envelope: Envelope
    opened: OpenedKey | None
    place: EnvelopePlace
    encryption: DesiredEncryption | None = None
