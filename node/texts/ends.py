"""What the end of a listing is called: each list has its own word, from the text that makes it.

Courts delete 删除 what stands of a judgment defaulter; from other lists a subject is removed, early
提前移出 or when due 到期移出; publication of a penalty is repaired 修复. The states themselves, and
the words by which programs and platforms know them, are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from federation.payloads import PENALTY_LIST_TYPE

Pair = tuple[str, str]


class Manner(StrEnum):
    """How listings end."""

    COURT = "court"
    LIST = "list"
    PUBLICATION = "publication"


_COURT_LISTS: Final = frozenset({"judgment-defaulter"})

ENDS: Final[Mapping[Manner, Mapping[str, Pair]]] = {
    Manner.COURT: {
        "repaired": ("删除", "deleted"),
        "expired": ("到期删除", "deleted when due"),
        "withdrawn": ("撤销", "withdrawn"),
    },
    Manner.LIST: {
        "repaired": ("提前移出", "removed early"),
        "expired": ("到期移出", "removed when due"),
        "withdrawn": ("撤销", "withdrawn"),
    },
    Manner.PUBLICATION: {
        "repaired": ("修复", "repaired"),
        "expired": ("公示到期", "published until due"),
        "withdrawn": ("撤销", "withdrawn"),
    },
}
"""The word of each end, by what ends so; held against docs/glossary.md by a test."""


def manner_of(list_type: str) -> Manner:
    """How listings of a list end."""
    if list_type in _COURT_LISTS:
        return Manner.COURT
    return Manner.PUBLICATION if list_type.startswith(PENALTY_LIST_TYPE) else Manner.LIST


def end_word(state: str, list_type: str, *, english: bool) -> str:
    """The word of an end (`repaired`, `expired`, `withdrawn`), without 已."""
    return ENDS[manner_of(list_type)][state][english]


def ended_state(state: str, list_type: str, *, english: bool) -> str:
    """The state of a listing that has ended, in its list's words; empty for other states."""
    if not list_type or state not in ENDS[Manner.LIST]:
        return ""
    word = end_word(state, list_type, english=english)
    return word if english else f"已{word}"


def state_of(word: str) -> str:
    """The state that a list calls so, with or without 已; empty where none does."""
    asked = word.removeprefix("已")
    named = {pair[0]: state for ends in ENDS.values() for state, pair in ends.items()}
    return named.get(asked, "")
