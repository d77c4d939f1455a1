"""Regions 行政区划 (GB/T 2260): six digits, of which pairs of zeros at the end leave open the rest.

510000 is a province, 510500 a city of it, 510502 a district of that. 000000 is no region.
"""

from __future__ import annotations

import re
from typing import Final

_TRAILING: Final = re.compile(r"(?:00)+$").sub
"""Pairs of zeros at the end of a region: what stands before them is common to all within it."""

_REGION: Final = slice(2, 8)
"""Characters 3-8 of a unified code: where the subject was registered when the code was given."""


def lies_within(seat: str, region: str) -> bool:
    """Whether a region is another one or lies within it.

    Args:
        seat: six digits; empty lies nowhere.
        region: six digits.
    """
    return seat.startswith(_TRAILING("", region) or region)


_UNIFIED: Final = re.compile(r"[0-9A-Z]{2}(\d{6})[0-9A-Z]{10}").fullmatch
_REGIONAL: Final = re.compile(r"(\d{6})(?!\d)").match


def seat_of(authority: str) -> str:
    """The region in which an authority has its seat; empty where its code does not say.

    Args:
        authority: its code. One that begins with a region, or is a unified code, names its seat.
    """
    named = _UNIFIED(authority) or _REGIONAL(authority)
    return named[1] if named else ""


def registered_in(scheme: str, code: str) -> str:
    """The region in which a subject was registered; empty where its code does not say.

    Args:
        scheme: `uscc` says it, the former identifiers do not.
        code: valid (GB 32100).
    """
    return code[_REGION] if scheme == "uscc" else ""
