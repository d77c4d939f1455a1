"""Passwords: what one must be, and what is kept of it (argon2id, RFC 9106).

Under what is kept a secret of the node's own lies as well (the row is sealed under a key outside
the database): a copy of the database alone tries no passwords.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from nacl import pwhash

from federation.errors import RefusedError

SALT_SIZE: Final = pwhash.argon2id.SALTBYTES
SHORTEST: Final = 12
LONGEST: Final = 128
DIFFERENT: Final = 5
"""Characters that must differ: no 111111111111."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one try costs: passes, and bytes of memory."""

    passes: int
    memory: int


COST: Final = Cost(passes=3, memory=64 * 1024 * 1024)
"""RFC 9106 §4, the second recommended choice, with one lane: some 100 ms of one core."""


def hashed(password: str, salt: bytes, cost: Cost) -> bytes:
    """What is kept of a password; 32 bytes."""
    typed = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return pwhash.argon2id.kdf(32, typed, salt, opslimit=cost.passes, memlimit=cost.memory)


def check_password(password: str, name: str) -> None:
    """See that a new password is hard to guess.

    Raises:
        RefusedError: `access.password`; the message never has it.
    """
    plain, own = password.casefold(), name.casefold()
    if (
        not SHORTEST <= len(password) <= LONGEST
        or not password.isprintable()
        or len(set(password)) < DIFFERENT
        or (own and own in plain)
    ):
        message = (
            f"口令须为 {SHORTEST} 至 {LONGEST} 个字符，至少 {DIFFERENT} 个不同，不含用户名 / "
            f"expected a password of {SHORTEST} to {LONGEST} characters, {DIFFERENT} of them "
            "different, without the name in it"
        )
        raise RefusedError("access.password", message)
