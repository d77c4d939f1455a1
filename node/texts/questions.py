"""What the fields of a question are called, and what was changed in them (CK3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from federation.screening.questions import BLANK, CASE, INVISIBLE, WIDTH
from node.texts.fields import Pair

FIELDS: Final[Mapping[str, Pair]] = {
    "request_id": ("请求号", "request"),
    "matter": ("事项", "matter"),
    "case_no": ("办件编号", "case"),
    "purpose": ("用途", "purpose"),
    "scheme": ("代码种类", "scheme"),
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "scenario": ("场景", "scenario"),
    "place": ("地点", "place"),
}
CHANGES: Final[Mapping[str, Pair]] = {
    CASE: ("统一大小写", "case of letters"),
    WIDTH: ("全角改半角", "full width made plain"),
    INVISIBLE: ("去掉看不见的字符", "what cannot be seen dropped"),
    BLANK: ("去掉空格", "blanks dropped"),
}


def made_plain(normalised: Iterable[str], *, english: bool) -> str:
    """What was changed in a question, in words; empty where nothing was.

    Args:
        normalised: `field:change` of each change, as the answer has it.
        english: else Chinese.
    """
    changes: dict[str, list[str]] = {}
    for one in normalised:
        field, _, change = one.partition(":")
        changes.setdefault(field, []).append(change)
    if english:
        return "; ".join(
            f"{_said(FIELDS, field)[1]} ({', '.join(_said(CHANGES, one)[1] for one in how)})"
            for field, how in changes.items()
        )
    return "；".join(
        f"{_said(FIELDS, field)[0]}（{'、'.join(_said(CHANGES, one)[0] for one in how)}）"
        for field, how in changes.items()
    )


def _said(table: Mapping[str, Pair], word: str) -> Pair:
    """The words of a code; the code where a newer node has one that is not known here."""
    return table.get(word, (word, word))
