"""The one source of randomness: the operating system's."""

from __future__ import annotations

import secrets


def token(size: int) -> bytes:
    """Return `size` bytes of the system's randomness, fit for keys and salts."""
    return secrets.token_bytes(size)
