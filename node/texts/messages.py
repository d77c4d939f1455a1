"""What an error or problem says, in the one language that is spoken.

Messages are made where a rule is, in English, or in both as `中文 / English`; the stable code has a
Chinese text. In Chinese a message is its Chinese half, else the text of its code and after it what
the message has of values: names, ids, paths, what was expected and what came, and the commands that
it points to. A number alone says nothing where its words are left out, and is left out with them;
`is_cut` tells of such messages, so that who shows one can say where the whole of it is. In English
it is the English half, or the message. Texts of the system and of libraries are quoted whole.
"""

from __future__ import annotations

import re
from typing import Final

from node.texts.codes import chinese
from node.texts.keyed import keyed

_HAN: Final = re.compile("[一-鿿]")
_DIVIDED: Final = re.compile(r" / (?=[^/]*[A-Za-z`])")
_QUOTED: Final = re.compile(
    r"(?<![\w])(?P<quote>['\"`])(?P<text>(?:(?!(?P=quote)\W|(?P=quote)$).){1,400})(?P=quote)(?!\w)",
    re.DOTALL,
)
_COMMAND: Final = re.compile(r"\bhuxin [a-z-]+")
"""What is to be run, in either language."""
_ALONE: Final = re.compile(r"/|[0-9]{1,5}")
"""Short numbers, and what divides: nothing without their words."""
_WORD: Final = re.compile(r"[A-Za-z]{3,}")
_SENTENCE: Final = re.compile(r"\b[a-z]+ [a-z]+ [a-z]+\b")
"""So many words in a row are no name that stands before a message."""
_FEW: Final = 6
"""So many English words are taken for said by the text of the code."""
_VALUE: Final = re.compile(r"\S*(?:[0-9_=@]|[一-鿿]|\w/\w|^/|^--|\w\.\w)\S*")
_GOT: Final = re.compile(r"\bgot\b")
_MOST: Final = 12
"""So many values are repeated in Chinese."""
FOREIGN: Final = frozenset({"config.invalid", "store.failed", "system.failed", "program.failed"})
"""Codes under which texts of others are quoted whole."""
KEYED: Final = frozenset({"mapping.invalid", "catalog.file"})
"""Codes of files that name their keys by words: what is wrong with which key is put in Chinese by
its form (`node.texts.keyed`), else quoted whole."""


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
        return f"{chinese(code)}：{keyed(other or text)}"
    if own:
        named = _values(before)
        said = f"{named}：{own}" if named else own
        left = [value for value in _found(other) if value not in said]
        values = _compared(other) if left else ""
        return _told(said, values, other)
    said = chinese(code)
    if not said:
        return text
    return f"{said}：{text}" if code in FOREIGN and text else _told(said, _compared(text), text)


def is_cut(code: str, text: str) -> bool:
    """Whether a message says more in English than it does in Chinese."""
    if code in FOREIGN | KEYED or _halves(text)[1] or not chinese(code):
        return False
    return len(_WORD.findall(_QUOTED.sub("", text))) > _FEW


def _told(said: str, values: str, text: str) -> str:
    named = [one["text"] for one in _QUOTED.finditer(text) if _COMMAND.match(one["text"])]
    bare = _COMMAND.findall(_QUOTED.sub("", text))
    commands = "、".join(c for c in dict.fromkeys([*named, *bare]) if c not in said)
    said = f"{said}：{values}" if values else said
    return f"{said}；见 {commands}" if commands else said


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
    if not divided and (_HAN.match(rest) is None or _SENTENCE.search(before)):
        return "", "", ""  # an English message in which something is named in Chinese
    return (before + colon if colon else ""), rest, other


def _compared(text: str) -> str:
    """The values of a message; what was expected and what came where it says so."""
    got = _GOT.search(text)
    if got is None or "expected" not in text[: got.start()]:
        return _values(text)
    about, _, wanted = text[: got.start()].partition("expected")
    came, _, more = text[got.end() :].partition(";")
    if not _values(came, numbers=True):
        came, more = text[got.end() :], ""
    parts = [
        _values(about),
        f"应为 {wants}" if (wants := _values(wanted, numbers=True)) else "",
        f"实为 {found}" if (found := _values(came, numbers=True)) else "",
    ]
    said = "，".join(filter(None, parts))
    left = [value for value in dict.fromkeys(_found(more)) if value not in said]
    return f"{said}；{'、'.join(left[:_MOST])}" if left else said


def _values(text: str, *, numbers: bool = False) -> str:
    """What in a text is no word of English, joined; numbers alone only where they are compared."""
    found = dict.fromkeys(_found(text, numbers=numbers))
    return "、".join(list(found)[:_MOST])


def _found(text: str, *, numbers: bool = False) -> list[str]:
    found: list[str] = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        found += _bare(text[at : quoted.start()], numbers=numbers)
        if not _COMMAND.match(quoted["text"]):
            found.append(quoted["text"])
        at = quoted.end()
    return found + _bare(text[at:], numbers=numbers)


def _bare(text: str, *, numbers: bool) -> list[str]:
    words = (word.strip(".,;:()[]{}!?") for word in _COMMAND.sub(" ", text).split())
    return [
        word
        for word in words
        if word
        and _VALUE.fullmatch(word)
        and (not _ALONE.fullmatch(word) or (numbers and word.isdecimal()))
    ]
