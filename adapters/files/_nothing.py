r"""Cells that people and programs fill with something that says nothing (F60).

    F60 a cell of nothing but strokes and dots (`/`, `——`, `…`), of a word for nothing (无,
        暂无, 不适用, N/A, NULL, NaN, None, \N), or of the day zero of a database (0000-00-00) is
        empty, in every table: in a column of removals it removes nobody, in one of numbers it is
        no number

A tick (√, ○), an asterisk or a ditto mark (〃) says something, and is not among them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_WORDS: Final = frozenset(
    (
        *(
            "无",
            "暂无",
            "没有",
            "空",
            "空白",
            "空值",
            "不适用",
            "无内容",
            "无数据",
            "暂缺",
            "未填",
            "未填写",
        ),
        *("null", "none", "nan", "nat", "nil", "n/a", "undefined", "\\n"),
        *("(null)", "<null>", "[null]", "(空)", "(无)", "(blank)", "(none)"),
    )
)
_STROKES: Final = re.compile(r"[-‐‑‒–—―−─━_/\\|.…。·・,、~〜]+")
_ZERO_DAY: Final = re.compile(r"0000[-/.年]?00[-/.月]?00日?(?:[T ]?00:00(?::00(?:\.0+)?)?)?")
_LONGEST: Final = 24
MAYBE_NOTHING: Final = frozenset(
    "无暂没空不未nN\\(（<＜[［uUｎＮ-‐‑‒–—―−─━＿_/／＼|｜.．…。·・,，、~～〜－﹣﹘0０"
)
"""With which each of these begins."""


def says_nothing(cell: str) -> bool:
    """Whether a cell that is filled says nothing."""
    return len(cell) <= _LONGEST and cell[0] in MAYBE_NOTHING and _is_nothing(cell)


def filled(text: str) -> str:
    """Return a cell without blanks around it; empty where it says nothing (F60)."""
    cell = text.strip()
    return "" if cell and says_nothing(cell) else cell


@lru_cache(1024)
def _is_nothing(cell: str) -> bool:
    plain = "".join(unicodedata.normalize("NFKC", cell).split())
    return (
        plain.casefold() in _WORDS
        or _STROKES.fullmatch(plain) is not None
        or _ZERO_DAY.fullmatch(plain) is not None
    )
