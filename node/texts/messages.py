"""What an error or problem says, in the one language that is spoken.

Messages are made where a rule is, in English, or in both as `中文 / English`; the stable code has a
Chinese text. In Chinese a message is its Chinese half, else the text of its code and after it what
the message has of values: names, numbers, ids, paths, what was expected and what came. In English
it is the English half, or the message. Texts of the system and of libraries are quoted whole.
"""

from __future__ import annotations

import re
from typing import Final

from node.texts.codes import chinese

_HAN: Final = re.compile("[一-鿿]")
_DIVIDED: Final = re.compile(r" / (?=[^/]*[A-Za-z`])")
_QUOTED: Final = re.compile(
    r"(?<![\w])(?P<quote>['\"`])(?P<text>(?:(?!(?P=quote)\W|(?P=quote)$).){1,400})(?P=quote)(?!\w)",
    re.DOTALL,
)
_COMMAND: Final = re.compile(r"\bhuxin [a-z-]+")
"""What is to be run, in either language."""
_VALUE: Final = re.compile(r"\S*(?:[0-9_=@\0]|[一-鿿]|\w/\w|^/|^--|\w\.\w)\S*")
_GOT: Final = re.compile(r"\bgot\b")
_MOST: Final = 12
"""So many values are repeated in Chinese."""
FOREIGN: Final = frozenset({"config.invalid", "store.failed", "system.failed", "program.failed"})
"""Codes under which texts of others are quoted whole."""
KEYED: Final = frozenset({"mapping.invalid"})
"""Codes of files that name their keys by words: what is wrong with which key is quoted whole."""


def spoken(code: str, text: str, *, english: bool) -> str:
    """Put a message in one language.

    Args:
        code: its stable code.
        text: as it was made.
        english: which language.
    """
    before, own, other = _halves(text)
    if english:
        return before + other if other else text
    if code in KEYED:
        return f"{chinese(code)}：{other or text}"
    if own:
        named = _values(before)
        said = f"{named}：{own}" if named else own
        left = [value for value in _found(other) if value not in said]
        return f"{said}：{_compared(other)}" if left else said
    said = chinese(code)
    if not said:
        return text
    values = text if code in FOREIGN else _compared(text)
    return f"{said}：{values}" if values else said


def _halves(text: str) -> tuple[str, str, str]:
    """What stands before a message in two languages, its Chinese, and its English half."""
    divided = _DIVIDED.search(text)
    own, other = (text[: divided.start()], text[divided.end() :]) if divided else (text, "")
    first = _HAN.search(own)
    if first is None:
        return "", "", ""
    before, colon, rest = own.rpartition(": ") if own.find(": ") < first.start() else ("", "", own)
    while colon and not _HAN.search(rest):
        before, colon, after = before.rpartition(": ")
        rest = f"{after}: {rest}"
    if _HAN.match(rest) is None and not divided:
        return "", "", ""  # an English message in which something is named in Chinese
    return (before + colon if colon else ""), rest, other


def _compared(text: str) -> str:
    """The values of a message; what was expected and what came where it says so."""
    got = _GOT.search(text)
    if got is None or "expected" not in text[: got.start()]:
        return _values(text)
    about, _, wanted = text[: got.start()].partition("expected")
    parts = [
        _values(about),
        f"应为 {wants}" if (wants := _values(wanted)) else "",
        f"实为 {came}" if (came := _values(text[got.end() :])) else "",
    ]
    return "，".join(filter(None, parts))


def _values(text: str) -> str:
    """What in a text is no word of English, joined."""
    return "、".join(dict.fromkeys(_found(text)[:_MOST]))


def _found(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        found += _bare(text[at : quoted.start()])
        found.append(quoted["text"])
        at = quoted.end()
    return found + _bare(text[at:])


def _bare(text: str) -> list[str]:
    words = (word.strip(".,;:()[]{}!?") for word in _COMMAND.sub(_as_one, text).split())
    return [word.replace("\0", " ") for word in words if word and _VALUE.fullmatch(word)]


def _as_one(command: re.Match[str]) -> str:
    return command[0].replace(" ", "\0")
