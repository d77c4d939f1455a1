"""The two languages of the console, and how days, moments and numbers are put in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from federation.charters.values import PURPOSES
from node.system.clock import CHINA

Pair = tuple[str, str]
"""Chinese, English."""
NONE: Final = "—"
BETWEEN: Final[Mapping[str, Pair]] = {
    "list": ("、", ", "),
    "then": ("；", "; "),
    "colon": ("：", ": "),
    "stop": ("。", ". "),
}
"""What stands between words that a template puts beside each other."""
_DIVIDERS: Final = re.compile(r"[\s,，、;；]+")


class Language(StrEnum):
    """Of who looks."""

    ZH = "zh"
    EN = "en"

    @property
    def tag(self) -> str:
        """As HTML names it."""
        return "zh-CN" if self is Language.ZH else "en"

    def of(self, pair: Pair) -> str:
        """Its part of a pair."""
        return pair[0 if self is Language.ZH else 1]


def day(value: object) -> str:
    """YYYYMMDD as 2026-11-29; a dash where there is none."""
    said = str(value or "")
    return f"{said[:4]}-{said[4:6]}-{said[6:]}" if len(said) == 8 and said.isdecimal() else NONE


def day_typed(said: str) -> int | str:
    """A day of a form as YYYYMMDD, 0 where none was typed.

    What is no day stays as it was typed: the API says what is wrong with it, and nothing is done
    without the day that somebody meant.
    """
    plain = said.replace("-", "")
    if plain.isascii() and plain.isdecimal() and len(plain) == 8:
        return int(plain)
    return said or 0


def lines_typed(text: str) -> list[str]:
    """Lines of a table as it was typed or handed in, but for empty ones; each machine ends its own.

    A name keeps whatever else a line may be thought to end with.
    """
    ended = text.replace("\r\n", "\n").replace("\r", "\n")
    return [line for line in ended.split("\n") if line.strip()]


def number_typed(said: str) -> int | str:
    """A number of a form; what is none stays as it was typed, for the API to refuse."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else said


def codes_typed(said: str) -> list[str]:
    """Codes of a form, typed one after another, however they are divided."""
    return [one for one in _DIVIDERS.split(said) if one]


def moment(value: object) -> str:
    """Seconds UTC as a minute in China; a dash where there is none."""
    if not isinstance(value, int) or value <= 0:
        return NONE
    return datetime.fromtimestamp(value, CHINA).strftime("%Y-%m-%d %H:%M")


def light_of_log(state: str) -> str:
    """The light of a log's state: it is well, it waits for something, or somebody must look."""
    return {"ok": "good", "stale": "wait", "waiting": "wait"}.get(state, "bad")


def purpose(code: str, language: Language) -> str:
    """The name of a purpose; in English the words of its code, which are English."""
    return PURPOSES.get(code, code) if language is Language.ZH else code.replace("-", " ")


def count(value: object) -> str:
    """A number with its thousands apart."""
    return f"{value:,}" if isinstance(value, int) else NONE


def span(value: object, language: Language) -> str:
    """Seconds as people say them."""
    if not isinstance(value, int | float):
        return NONE
    seconds = int(value)
    for size, zh, en in ((86_400, "天", "d"), (3600, "小时", "h"), (60, "分", "min")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {zh}" if language is Language.ZH else f"{number} {en}"
    return f"{seconds} 秒" if language is Language.ZH else f"{seconds} s"


def half(text: str, language: Language) -> str:
    """The part in a language of a text that is `中文 / English`; one that is not stays whole."""
    zh, divider, en = text.partition(" / ")
    if not divider or zh.isascii():
        return text
    return zh if language is Language.ZH else en
