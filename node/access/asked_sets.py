"""About whom many were asked at once, as a set that tells only whether somebody is in it.

A set has 8 bytes of a hash for each code and each name, in order. It stands sealed: without the key
it says how many were asked about and nothing more. Somebody who was not asked about seems to be in
a set of a million with a chance of one in nine billion.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from node.access.query_log import Subject

SIZE: Final = 8
"""Bytes of one value."""


def asked_set(subjects: Iterable[Subject]) -> bytes:
    """Make the set of these subjects."""
    values = {
        _value(kind, text)
        for one in subjects
        for kind, text in ((b"c", one.code), (b"n", one.name))
        if text
    }
    return b"".join(sorted(values))


def is_asked(held: bytes, subject: Subject) -> bool:
    """Whether a set has the code or the name of a subject."""
    wanted = [
        _value(kind, text) for kind, text in ((b"c", subject.code), (b"n", subject.name)) if text
    ]
    return any(_holds(held, value) for value in wanted)


def _holds(held: bytes, value: bytes) -> bool:
    low, high = 0, len(held) // SIZE
    while low < high:
        middle = (low + high) // 2
        found = held[middle * SIZE : (middle + 1) * SIZE]
        if found == value:
            return True
        if found < value:
            low = middle + 1
        else:
            high = middle
    return False


def _value(kind: bytes, text: str) -> bytes:
    return blake2b(kind + text.encode(), digest_size=SIZE).digest()
