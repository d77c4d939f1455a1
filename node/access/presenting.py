"""Credentials as people see them, and certificates as people bring them.

A document of a credential never has its token, nor what is kept of it.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.sql.credentials import StoredCredential, StoredStop, Used
from federation.errors import RefusedError
from federation.ids import Date
from node.access.credentials import Credential


def document(
    credential: Credential, *, today: Date, used: Used, stop: StoredStop | None
) -> dict[str, Any]:
    """One credential.

    Args:
        credential: it.
        today: in China.
        used: what it asked today.
        stop: why it is stopped, if it is.
    """
    stored = credential.stored
    state = credential.state(today)
    return {
        "id": stored.id,
        "department": stored.department,
        "state": "stopped" if stop is not None and state == "valid" else state,
        "roles": list(stored.roles),
        "matters": list(stored.matters),
        "purposes": list(stored.purposes),
        "budget": stored.budget,
        "case_subjects": stored.case_subjects,
        "expires_on": stored.expires_on,
        "by": _way(stored),
        "certificate_sha256": "" if stored.digest is None else stored.digest.hex(),
        "asked_today": used.asked,
        "answered_today": used.answered,
        "stopped": None if stop is None else {"code": stop.code, "at": stop.at},
        "created_at": stored.created_at,
        "created_by": stored.created_by,
        "revoked_at": stored.revoked_at,
        "revoked_by": stored.revoked_by,
    }


def _way(stored: StoredCredential) -> str:
    """How it is presented."""
    if stored.certificate is not None:
        return "certificate"
    return "token" if stored.token is not None else "account"


def certificate_of(data: bytes) -> bytes:
    """The certificate in a file, DER.

    Args:
        data: PEM with one certificate, or DER.

    Raises:
        RefusedError: `access.certificate`: not one certificate.
    """
    try:
        if b"-----BEGIN" in data:
            found = x509.load_pem_x509_certificates(data)
        else:
            found = [x509.load_der_x509_certificate(data)]
    except (ValueError, x509.InvalidVersion):
        found = []
    if len(found) != 1:
        message = (
            "须为一份 PEM 或 DER 证书，不含私钥和上级证书 / expected one certificate, PEM or DER, "
            f"got {len(found)}"
        )
        raise RefusedError("access.certificate", message)
    return found[0].public_bytes(Encoding.DER)
