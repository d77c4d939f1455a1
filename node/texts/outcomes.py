"""Words of outcomes 惩戒反馈 in tables: how a match stands, what was done, who reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

STATES: Final[Mapping[str, str]] = {
    "pending": "待反馈",
    "reported": "已反馈",
    "reopened": "须解除或复核",
    "undone": "已解除",
    "wrong": "命中错误，待核",
    "closed": "已办结",
}
RESULTS: Final[Mapping[str, str]] = {
    "applied": "已采取",
    "prompted": "已提示",
    "not-applied": "未采取",
    "proceeded": "继续办理",
    "wrong-subject": "命中错误（另一主体）",
    "undone": "已解除",
    "re-examined": "已复核",
    "benefit-used": "已享受激励",
}
SIDES: Final[Mapping[str, str]] = {"reported": "本地反馈", "received": "各地反馈"}
_WORDS: Final = {"state": STATES, "result": RESULTS, "side": SIDES}


def in_words(row: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A row of a table with its codes in words; English names are the codes."""
    if english:
        return dict(row)
    return {
        name: _WORDS[name].get(value, value) if name in _WORDS and isinstance(value, str) else value
        for name, value in row.items()
    }
