# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""How a request was sent: over http, or over https with a version of TLS."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

_VERSIONS = ("1.0", "1.1", "1.2", "1.3")


@dataclass(frozen=True, slots=True)
class Transport:
    """The transport of a request, for policies and for the rules of S3 about encrypted objects.

    ``Transport()`` is https with TLS 1.3, ``Transport("https", "1.2")`` has another version, and ``Transport("http")``
    has none.
    """

    scheme: str = "https"
    tls_version: str = ""

    def __post_init__(self) -> None:
        """Check the values, and set the version of https. Raise ValueError for other values."""
        if self.scheme == "https":
            object.__setattr__(self, "tls_version", self.tls_version or "1.3")
        valid = _VERSIONS if self.scheme == "https" else ("",)
        if self.scheme not in ("http", "https") or self.tls_version not in valid:
            raise ValueError(f"no transport: {self.scheme} with the TLS version {self.tls_version!r}")

    @property
    def secure(self) -> bool:
        """Whether it is https."""
        return self.scheme == "https"

    def conditions(self) -> dict[str, list[str]]:
        """Return the condition key of all services."""
        return {"aws:securetransport": ["true" if self.secure else "false"]}

    def s3_conditions(self) -> dict[str, list[str]]:
        """Return the condition key of S3. A request over http does not have it.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
        """
        return {"s3:tlsversion": [self.tls_version]} if self.secure else {}

    def as_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)
