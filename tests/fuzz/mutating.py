"""Mutations of bytes from a seed, where no coverage is measured: many, fast and repeatable."""

from __future__ import annotations

import random
from collections.abc import Sequence

WORDS: tuple[bytes, ...] = (
    *(b"\n\n", b"\r\n", b"=", b"-1", b'"', b",", b"9" * 20, "— ".encode()),
    *(b"\x00", b"\x80", b"\xff" * 4, b"\x7f" + b"\xff" * 7, b"\xed\xa0\x80", b"\xef\xbb\xbf"),
)


def mutate(chosen: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change bytes in one to six places."""
    made = bytearray(data)
    for _ in range(chosen.choice((1, 1, 1, 2, 3, 6))):
        at = chosen.randrange(len(made) + 1)
        length = min(chosen.choice((1, 1, 2, 4, 16, 64)), len(made) - at)
        match chosen.randrange(8):
            case 0 if at < len(made):
                made[at] ^= 1 << chosen.randrange(8)
            case 1 if at < len(made):
                made[at] = chosen.randrange(256)
            case 2:
                del made[at : at + length]
            case 3:
                made[at:at] = made[at : at + length] * chosen.choice((1, 2, 9))
            case 4:
                made[at:at] = chosen.choice(WORDS)
            case 5:
                made[at : at + length] = chosen.randbytes(length)
            case 6:
                other = chosen.choice(others)
                begin = chosen.randrange(len(other) + 1)
                made[at:] = other[begin:]
            case _:
                del made[at:]
    return bytes(made)
