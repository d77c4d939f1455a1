"""Which certificates a charter may name (SPEC §7.1, §9.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from federation.charters.rules import check_terms
from federation.charters.verification import Member
from federation.errors import CharterError
from tests.support.charters import certificate, make_member, make_terms, tls_key

A, B = make_member("510300"), make_member("510500")


def terms_refused(code: str, *members: Member) -> None:
    with pytest.raises(CharterError) as caught:
        check_terms(make_terms(members))
    assert caught.value.code == f"charter.{code}"


def _certificate(
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    issuer: ec.EllipticCurvePrivateKey | None = None,
    subject_id: bool = True,
    authority: ec.EllipticCurvePrivateKey | None = None,
    name: x509.GeneralName | None = x509.DNSName("odd.example"),  # noqa: B008 - a constant
) -> bytes:
    key = key or tls_key("odd")
    issuer = issuer or key
    template = x509.load_der_x509_certificate(certificate("odd"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(template.subject)
        .issuer_name(template.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(template.not_valid_before_utc)
        .not_valid_after(template.not_valid_after_utc)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((authority or key).public_key()),
            critical=False,
        )
    )
    if name is not None:
        names = x509.SubjectAlternativeName([name])
        builder = builder.add_extension(names, critical=False)
    if subject_id:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
    return builder.sign(issuer, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "der",
    [
        b"not a certificate",
        certificate("odd") + b"\0",
        _certificate(subject_id=False),
        _certificate(authority=tls_key("other")),
        _certificate(issuer=tls_key("other")),
        _certificate(key=ec.derive_private_key(7, ec.SECP384R1())),
        _certificate(name=None),
        _certificate(name=x509.RFC822Name("a@odd.example")),
    ],
)
def test_certificates(der: bytes) -> None:
    terms_refused("certificate", replace(A, certificates=(der,)))


def test_a_plain_certificate_passes() -> None:
    check_terms(make_terms([replace(A, certificates=(_certificate(),))]))


def test_two_certificates_of_one_subject_are_refused() -> None:
    """They confuse the TLS library; old and new stand side by side at a rotation."""
    pair = (certificate("odd"), _certificate())
    terms_refused("certificate-subject", replace(A, certificates=pair))
    check_terms(
        make_terms([replace(A, certificates=(certificate("510300"), certificate("510300", 2)))])
    )


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_certificate_with_any_byte_changed_is_refused_by_its_code() -> None:
    """What reads certificates has errors of its own, of a strange version and of strange names."""
    good = A.certificates[0]
    for place in range(len(good)):
        for change in (0x01, 0x04, 0xFF):
            changed = good[:place] + bytes((good[place] ^ change,)) + good[place + 1 :]
            terms_refused("certificate", replace(A, certificates=(changed,)), B)
