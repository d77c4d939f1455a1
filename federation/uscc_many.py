"""Unified social credit codes, many at once: which of them keep GB 32100 (`federation.uscc`).

The rules are U1 to U6, and `check_uscc` says which of them a code breaks. Here one expression reads
the form of all codes, and each sum of a check character is added up for all codes in one number,
whose bytes are the sums: a tenth of the time, and the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress
from typing import Final

from federation.uscc import ALPHABET, DEPARTMENTS, INNER_WEIGHTS, ORGANISATION_ALPHABET

_SIZE: Final = 18
_INNER: Final = range(8, 17)
_FORM: Final = f"(?:{'|'.join(DEPARTMENTS)})[0-9]{{6}}[{ALPHABET}]{{8}}[0-9X][{ALPHABET}]"
_FORMED: Final = re.compile(f"^{_FORM}$", re.MULTILINE).findall
_ADDED: Final = 8
"""Columns of remainders of 31 whose sum stays below 256."""


def _remainders(values: str, weight: int, modulus: int) -> bytes:
    """What each character adds to a sum, by its byte."""
    table = bytearray(256)
    for value, char in enumerate(values):
        table[ord(char)] = value * weight % modulus
    return bytes(table)


_OUTER_TABLES: Final = (
    *(_remainders(ALPHABET, 3**at, 31) for at in range(_SIZE - 1)),
    _remainders(ALPHABET, 1, 31),
)
_INNER_TABLES: Final = (
    *(_remainders(ORGANISATION_ALPHABET, weight, 11) for weight in INNER_WEIGHTS),
    _remainders("0123456789X", 1, 11),
)
_MOD_31: Final = bytes(byte % 31 for byte in range(256))
_IS_0_MOD_31: Final = bytes(byte % 31 == 0 for byte in range(256))
_IS_0_MOD_11: Final = bytes(byte % 11 == 0 for byte in range(256))


def sound_places(codes: Sequence[str]) -> list[int]:
    """Which of these codes keep U1 to U6, by their places in order."""
    text = "\n".join(codes)
    formed = _FORMED(text)
    if len(formed) == len(codes) and len(text) == (_SIZE + 1) * len(codes) - 1:
        places: Sequence[int] = range(len(codes))
    else:
        known = frozenset(formed)
        places = [at for at, code in enumerate(codes) if code in known]
        formed = [codes[at] for at in places]
    return list(compress(places, _summed(formed)))


def _summed(codes: Sequence[str]) -> bytes:
    """Which of these codes have the right check characters (U5, U6), a byte each."""
    raw, count = "".join(codes).encode(), len(codes)
    columns = [raw[at::_SIZE] for at in range(_SIZE)]

    def total(tables: Sequence[bytes], first: int) -> bytes:
        made = sum(
            int.from_bytes(columns[at].translate(table), "little")
            for at, table in enumerate(tables, first)
        )
        return made.to_bytes(count, "little")

    outer = 0
    for first in range(0, _SIZE, _ADDED):
        some = total(_OUTER_TABLES[first : first + _ADDED], first).translate(_MOD_31)
        outer += int.from_bytes(some, "little")
    right = int.from_bytes(outer.to_bytes(count, "little").translate(_IS_0_MOD_31), "little")
    inner = total(_INNER_TABLES, _INNER[0]).translate(_IS_0_MOD_11)
    return (right & int.from_bytes(inner, "little")).to_bytes(count, "little")
