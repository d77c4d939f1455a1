"""Numbers and base64 in exactly one spelling.

Two verifiers agree only if each value has one spelling. Python's own readers are too kind:
``int()`` takes Arabic-Indic digits, underscores and surrounding blanks, and
``b64decode(validate=True)`` takes encodings whose unused bits are set.
"""

from __future__ import annotations

import binascii
import re

from crypto.errors import FormatError

MAX_SIZE = 2**63 - 1
"""Largest tree size, index and timestamp (tlog-checkpoint: fits a signed 64-bit integer)."""

_U16_SIZE = 2
_U16_LIMIT = 1 << 16
_URL_SAFE = str.maketrans("-_", "+/")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def parse_decimal(text: str) -> int:
    """Read a size, index or timestamp (C2SP tlog-checkpoint: ASCII, no leading zeroes).

    Args:
        text: the digits and nothing else.

    Returns:
        A number from 0 to ``MAX_SIZE``.

    Raises:
        FormatError: any other spelling, or a number that is too large.
    """
    if _DECIMAL.fullmatch(text) is None or (value := int(text)) > MAX_SIZE:
        msg = f"expected a decimal number of at most {MAX_SIZE}, got {text[:32]!r}"
        raise FormatError(msg)
    return value


def b64(data: bytes) -> str:
    """Encode in the standard alphabet with padding (RFC 4648 §4), on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def b64_strict(text: str) -> bytes:
    """Decode standard base64 in its canonical spelling only (RFC 4648 §§3.5, 4).

    Args:
        text: the encoding, without line breaks.

    Returns:
        The bytes, whose ``b64`` is ``text`` again.

    Raises:
        FormatError: another alphabet, missing padding, stray characters, or unused bits
            that are set (``AB==``).
    """
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError as error:
        msg = f"expected canonical base64, got {text[:32]!r}"
        raise FormatError(msg) from error
    if b64(data) != text:
        msg = f"expected canonical base64, got unused bits set in {text[:32]!r}"
        raise FormatError(msg)
    return data


def b64_either(text: str) -> bytes:
    """Decode base64 in the standard or the URL-safe alphabet (RFC 4648 §§4, 5), else as strictly.

    Raises:
        FormatError: both alphabets in one text, or see ``b64_strict``.
    """
    if "-" not in text and "_" not in text:
        return b64_strict(text)
    if "+" in text or "/" in text:
        msg = f"expected one alphabet of base64, got two in {text[:32]!r}"
        raise FormatError(msg)
    return b64_strict(text.translate(_URL_SAFE))


def require_length(what: str, data: bytes, length: int) -> None:
    """Refuse ``data`` unless it has exactly ``length`` bytes.

    Raises:
        FormatError: with both lengths and the name ``what``; the bytes are not shown,
            since they may be secret.
    """
    if len(data) != length:
        msg = f"{what}: expected {length} bytes, got {len(data)}"
        raise FormatError(msg)


def require_range(what: str, value: int, low: int, high: int) -> None:
    """Refuse ``value`` unless ``low <= value <= high``.

    Raises:
        FormatError: with the value and both bounds.
    """
    if not low <= value <= high:
        msg = f"{what}: expected {low} to {high}, got {value}"
        raise FormatError(msg)


def length_prefixed(part: bytes) -> bytes:
    """Put a big-endian u16 length in front, so that neighbours cannot trade bytes.

    Raises:
        FormatError: longer than 65,535 bytes.
    """
    if len(part) >= _U16_LIMIT:
        msg = f"expected at most 65535 bytes, got {len(part)}"
        raise FormatError(msg)
    return len(part).to_bytes(_U16_SIZE, "big") + part
