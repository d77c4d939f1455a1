"""About whom many were asked at once, as a set that tells only whether somebody is in it.

A set has 8 bytes of a hash for each code and each name. It stands sealed: without the key it says
how many were asked about and nothing more. Somebody who was not asked about seems to be in a set of
a million with a chance of one in nine billion.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

SIZE: Final = 8
"""Bytes of one value."""
_CODE, _NAME = b"c", b"n"


def asked_set(subjects: Iterable[tuple[str, str]]) -> bytes:
    """Make the set of these subjects, each a code and a name."""
    of_code, of_name = (blake2b(kind, digest_size=SIZE).copy for kind in (_CODE, _NAME))
    values: list[bytes] = []
    for code, name in subjects:
        begun, other = of_code(), of_name()
        begun.update(code.encode())
        other.update(name.encode())
        values += (begun.digest(), other.digest())
    return b"".join(values)


def is_asked(held: bytes, *, code: str, name: str) -> bool:
    """Whether a set has the code or the name of a subject; what is empty is not looked for."""
    return any(
        text and _holds(held, blake2b(kind + text.encode(), digest_size=SIZE).digest())
        for kind, text in ((_CODE, code), (_NAME, name))
    )


def _holds(held: bytes, value: bytes) -> bool:
    at = held.find(value)
    while at >= 0 and at % SIZE:
        at = held.find(value, at + 1)
    return at >= 0
