"""Which TLS certificates a charter may name (SPEC §9.1).

Identity is the exact certificate, compared per call. But the TLS library takes every pinned
certificate as an issuer, and confuses two of one subject unless each says by SKI and AKI which
key it is of. So: ECDSA P-256, both identifiers, own subject, signed by itself.
"""

from __future__ import annotations

from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from federation.charters.values import Terms
from federation.errors import CharterError


def check_certificates(terms: Terms) -> None:
    """Check every certificate of a charter.

    Raises:
        CharterError: `charter.certificate`, or `charter.certificate-subject` where two
            certificates have one subject.
    """
    subjects: dict[bytes, str] = {}
    for member in terms.members:
        for der in member.certificates:
            subject = _check(der, member.id)
            if subject in subjects:
                message = (
                    "charter: expected certificates of different subjects, "
                    f"got one subject for {subjects[subject]!r} and {member.id!r}"
                )
                raise CharterError("charter.certificate-subject", message)
            subjects[subject] = member.id


def _check(der: bytes, member: str) -> bytes:
    """Check one certificate and return its subject, DER."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        public = certificate.public_key()
        own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        certificate.verify_directly_issued_by(certificate)
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ) as error:
        _refuse(member, str(error))
    except InvalidSignature:
        _refuse(member, "one that it did not sign itself")
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, SECP256R1):
        _refuse(member, f"a {type(public).__name__}")
    if issuer.key_identifier != own.digest:
        _refuse(member, "an authority key identifier of another key")
    if not names.get_values_for_type(x509.DNSName):
        _refuse(member, "one without a DNS name")
    return certificate.subject.public_bytes()


def _refuse(member: str, got: str) -> NoReturn:
    message = (
        f"charter: {member}: expected a self-signed ECDSA P-256 certificate (DER) with subject "
        f"and authority key identifiers and a DNS name, got {got}"
    )
    raise CharterError("charter.certificate", message)
