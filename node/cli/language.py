"""The language in which results are put: Chinese, or English by `--lang en`.

Set once for each command, before it runs (`node.cli.options.LanguageOption`).
"""

from __future__ import annotations

from contextvars import ContextVar
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """Languages of what people read."""

    ZH = "zh"
    EN = "en"


_SPOKEN: Final = ContextVar("language", default=Language.ZH)


def speak(language: Language) -> Language:
    """Put results in this language from now on; returns it."""
    _SPOKEN.set(language)
    return language


def english() -> bool:
    """Whether results are put in English."""
    return _SPOKEN.get() is Language.EN


def say_in(text: str) -> str:
    """Of a text `中文 / English` the half that is spoken; another text as it stands."""
    text = text.replace("见 see ", "see " if english() else "见 ")
    chinese, divided, other = text.partition(" / ")
    if not divided or not any("一" <= one <= "鿿" for one in chinese):
        return text
    return other if english() else chinese
