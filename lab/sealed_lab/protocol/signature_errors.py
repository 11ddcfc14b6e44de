# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The errors of S3 for a request whose signature is not valid."""

from __future__ import annotations

from ..errors import ServiceError
from .authorization import Authorization


def signature_does_not_match(authorization: Authorization, text: str, canonical: str = "") -> ServiceError:
    """Return the error for a wrong signature. It has what the server has signed, also as bytes."""
    fields = {
        "AWSAccessKeyId": authorization.access_key,
        "StringToSign": text,
        "SignatureProvided": authorization.signature,
        "StringToSignBytes": _bytes(text),
    }
    if canonical:
        fields |= {"CanonicalRequest": canonical, "CanonicalRequestBytes": _bytes(canonical)}
    return ServiceError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
        403,
        fields=fields,
    )


def headers_not_signed(names: list[str]) -> ServiceError:
    """Return the error for headers of S3 that the signature does not include."""
    return ServiceError(
        "AccessDenied",
        "There were headers present in the request which were not signed",
        403,
        fields={"HeadersNotSigned": ", ".join(names)},
    )


def _bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex(" ")
