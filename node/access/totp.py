"""Codes of six digits that an authenticator shows for 30 seconds (RFC 6238, with HMAC-SHA-1).

SHA-1 and six digits because every authenticator application speaks them; that SHA-1 is broken for
signatures says nothing about it in an HMAC. The code is the second of two factors, tried at most
five times in a quarter of an hour (AC20).
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from typing import Final
from urllib.parse import quote

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECRET_SIZE: Final = 20
"""Bytes, as RFC 4226 recommends."""
DRIFT: Final = 1
"""Steps before and after this one that count: clocks of telephones go wrong."""


def code_at(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """The code of a step (RFC 4226 §5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(at: int) -> int:
    """The step of a moment, in seconds UTC."""
    return at // STEP_SECONDS


def step_shown(secret: bytes, code: str, at: int) -> int:
    """The step whose code this is, within the drift; 0 where it is none. Takes as long either way.

    Args:
        secret: of the account.
        code: as typed.
        at: seconds UTC.
    """
    found = 0
    for step in range(step_of(at) - DRIFT, step_of(at) + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def uri(secret: bytes, name: str, issuer: str) -> str:
    """The address that an authenticator reads as a QR code (`otpauth://`)."""
    shown = b32encode(secret).decode().rstrip("=")
    label = f"{quote(issuer, safe='')}:{quote(name, safe='')}"
    return f"otpauth://totp/{label}?secret={shown}&issuer={quote(issuer, safe='')}"
