# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A certificate authority of the lab's own, and its certificates for AWS's host names and for the loopback address."""

from __future__ import annotations

import datetime
import shutil
import ssl
import tempfile
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_NAME = "sealed-lab, not for use outside of tests"
_VALIDITY = datetime.timedelta(days=30)
_SKEW = datetime.timedelta(days=1)


class Authority:
    """A new authority: its certificate in a file, and the TLS settings of a server for each endpoint.

    Its key stays in memory. Every certificate has the same key, in a file that only this user can read until the lab
    is closed.
    """

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
        self._server_key = ec.generate_private_key(ec.SECP256R1())
        self._folder = Path(tempfile.mkdtemp(prefix="sealed-lab-tls-"))
        self.server_context = lru_cache(maxsize=None)(self._new_context)
        self.certificate = self._own_certificate()
        self.file = self._folder / "authority.pem"
        self.file.write_bytes(self.certificate)

    def close(self) -> None:
        """Delete the files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def loopback_context(self) -> ssl.SSLContext:
        """The settings of a server at the loopback address."""
        return self._context("loopback", [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])

    def _new_context(self, endpoint: str) -> ssl.SSLContext:
        """The settings of a server with the name of an endpoint, and with all names one level below, as AWS has."""
        return self._context(endpoint, [x509.DNSName(endpoint), x509.DNSName(f"*.{endpoint}")])

    def _context(self, name: str, names: list[x509.GeneralName]) -> ssl.SSLContext:
        builder = self._builder("sealed-lab", self._server_key.public_key())
        certificate = (
            builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        key = self._server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / f"{name}.pem"
        file.write_bytes(key + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _own_certificate(self) -> bytes:
        builder = self._builder(_NAME, self._key.public_key())
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _builder(self, subject: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        """A certificate of this authority, with what OpenSSL demands of every certificate."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _SKEW)
            .not_valid_after(now + _VALIDITY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
