"""Names of subjects 主体名称 in the form in which they are compared.

Names are compared in a normal form. NFKC alone is not enough: it leaves 〇, ○ and 零 apart, the
many middle dots, and invisible characters. A name with characters that have no common meaning
(private use, unassigned) has no normal form and agrees with nothing, itself included.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_DROPPED: Final = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Me"})
"""Categories without a meaning in a name: invisible, blank, combining marks (selectors too)."""
_UNREADABLE: Final = frozenset({"Co", "Cn", "Cs"})

PLAIN: Final = "[一-鿿0-9A-Za-z()（）]"
"""A character of most names: nothing to drop and nothing unreadable, one character when folded."""
_PLAIN: Final = re.compile(f"{PLAIN}+").fullmatch

_SAME: Final = str.maketrans(
    {
        **dict.fromkeys("〇○◯⚪零", "〇"),
        **dict.fromkeys("·•・‧∙⋅⸱ꞏ᛫●.。", "·"),
        **dict.fromkeys("([{【〔〖《〈「『", "("),
        **dict.fromkeys(")]}】〕〗》〉」』", ")"),
        **dict.fromkeys("-‐‑‒–—―−﹣", "-"),
        **dict.fromkeys(",、﹐", ","),
        "ㄧ": "一",
    }
)


def is_plain(name: str) -> bool:
    """Whether a name has nothing to fold: letters, digits, Chinese characters, brackets."""
    return _PLAIN(name) is not None


def normal_name(name: str) -> str:
    """Return a name's normal form for comparison; empty where it has none.

    The original is what is kept and shown; the normal form is compared and thrown away.
    """
    if is_plain(name):  # as nearly all are, and ten times faster
        return _folded(name)
    folded = unicodedata.normalize("NFKC", name)
    if not is_plain(folded):
        kept = []
        for char in folded:
            category = unicodedata.category(char)
            if category in _UNREADABLE:
                return ""
            if category not in _DROPPED:
                kept.append(char)
        folded = "".join(kept)
    return folded.translate(_SAME).upper()


def normal_names(names: Sequence[str]) -> list[str]:
    """Return the normal forms of names that are all plain, many at once."""
    return _folded("\n".join(names)).split("\n") if names else []


def _folded(plain: str) -> str:
    return plain.replace("（", "(").replace("）", ")").replace("零", "〇").upper()
