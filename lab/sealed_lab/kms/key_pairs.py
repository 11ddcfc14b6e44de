# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Key pairs: they are generated, loaded and exported by key spec."""

from __future__ import annotations

import importlib
import weakref
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ..errors import not_implemented

_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}
EDWARDS = "ECC_NIST_EDWARDS25519"
# The classes of the specs that only newer versions of cryptography have.
_POST_QUANTUM = {
    "ML_DSA_44": ("mldsa", "MLDSA44PrivateKey"),
    "ML_DSA_65": ("mldsa", "MLDSA65PrivateKey"),
    "ML_DSA_87": ("mldsa", "MLDSA87PrivateKey"),
    "ML_KEM_768": ("mlkem", "MLKEM768PrivateKey"),
    "ML_KEM_1024": ("mlkem", "MLKEM1024PrivateKey"),
}


def curve_of(spec: str) -> ec.EllipticCurve | None:
    """Return the elliptic curve of a spec, or None."""
    curve = _CURVES.get(spec)
    return None if curve is None else curve()


def rsa_bits(spec: str) -> int:
    """Return the size of the modulus of an RSA spec, 0 for another spec."""
    return int(spec.removeprefix("RSA_")) if spec.startswith("RSA_") else 0


def _generate(spec: str) -> Any:
    bits, curve = rsa_bits(spec), curve_of(spec)
    if bits:
        return rsa.generate_private_key(65537, bits)
    if curve is not None:
        return ec.generate_private_key(curve)
    if spec == EDWARDS:
        return ed25519.Ed25519PrivateKey.generate()
    return _generate_post_quantum(spec)


def _generate_post_quantum(spec: str) -> Any:
    module, name = _POST_QUANTUM.get(spec, ("", ""))
    try:
        if module:
            package = importlib.import_module(f"cryptography.hazmat.primitives.asymmetric.{module}")
            return getattr(package, name).generate()
    except (ImportError, AttributeError, UnsupportedAlgorithm):
        pass
    raise not_implemented(f"key pairs of the spec {spec} with this version of cryptography")


def _matches(spec: str, private: Any) -> bool:
    curve = curve_of(spec)
    if rsa_bits(spec):
        return isinstance(private, rsa.RSAPrivateKey) and private.key_size == rsa_bits(spec)
    if curve is not None:
        return isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name == curve.name
    if spec == EDWARDS:
        return isinstance(private, ed25519.Ed25519PrivateKey)
    return type(private).__name__ == _POST_QUANTUM.get(spec, ("", ""))[1]


# RSA keys of KMS keys that no longer exist, because the lab was emptied: generating others would take long.
_unused: dict[str, list[Any]] = {}


class KeyPair:
    """The private key of one KMS key. It is generated at its first use, since an RSA key takes long.

    With ``of_kms_key``, an RSA key may be that of a KMS key that no longer exists.
    """

    def __init__(self, spec: str, private: Any = None, *, of_kms_key: bool = False) -> None:
        self.spec = spec
        self._private = private
        self._of_kms_key = of_kms_key and rsa_bits(spec) > 0

    @classmethod
    def load(cls, spec: str, der: bytes) -> KeyPair:
        """Return the key pair of a PKCS #8 document. Raise ValueError if it is not of this spec."""
        try:
            private: Any = serialization.load_der_private_key(der, None)
        except (TypeError, UnsupportedAlgorithm) as exc:
            raise ValueError("not an unencrypted private key") from exc
        if not _matches(spec, private):
            raise ValueError(f"not a private key of the spec {spec}")
        return cls(spec, private)

    def __deepcopy__(self, memo: dict[int, Any]) -> KeyPair:
        """Return the pair itself: a snapshot of the state has the same keys."""
        return self

    @property
    def private(self) -> Any:
        """The private key, an object of cryptography."""
        if self._private is None:
            unused = _unused.setdefault(self.spec, [])
            self._private = unused.pop() if self._of_kms_key and unused else _generate(self.spec)
            if self._of_kms_key:
                weakref.finalize(self, unused.append, self._private)
        return self._private

    @property
    def public(self) -> Any:
        """The public key, an object of cryptography."""
        return self.private.public_key()

    def private_der(self) -> bytes:
        """Return the private key as PKCS #8."""
        return bytes(
            self.private.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def public_der(self) -> bytes:
        """Return the public key as SubjectPublicKeyInfo."""
        return bytes(
            self.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
