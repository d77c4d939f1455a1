"""Values taken out of a text: a document number or a day inside a cell, or in a title.

A mapping names the pattern by one of the words of `NAMED`, or writes one of its own: a regular
expression with one group, the value. Cells are hostile, and an expression tries every way in which
it may fit, from every place of the text: so one thing in it may repeat a number of times that is
not fixed (`*`, `+`, `{2,4}`), it has at most `CHOICES_MAX` choices (`?`, `|`), no group of it
repeats, and of a text the first `TEXT_MAX` characters are looked at: 2^3 times the square of these.

A text in which a pattern finds several values says none of them: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._dates import FORMATS

TEXT_MAX: Final = 2048
PATTERN_MAX: Final = 200
REPEATS_MAX: Final = 1
CHOICES_MAX: Final = 3
SEVERAL: Final = "extract.several"
NONE: Final = "extract.none"

_YEAR: Final = r"[〔［\[（(【] ?(?:19|20)[0-9]{2} ?[〕］\]）)】]"
_DOCUMENT: Final = re.compile(
    rf"([A-Za-z一-鿿]{{0,32}}{_YEAR}[A-Za-z一-鿿]{{0,16}}[0-9]{{0,6}}[A-Za-z一-鿿]{{0,8}}"
    r"[-—－]?[0-9]{1,6}(?:[-—－][0-9]{1,4})?号(?:之[一二三四五六七八九十]{1,3})?)"
)
"""泸财采罚〔2026〕1号, (2025)川0502执123号."""
_LEADING: Final = (
    "依据",
    "根据",
    "按照",
    "依照",
    "参照",
    "详见",
    "文号",
    "字号",
    "编号",
    "决定书",
    "通知书",
    "告知书",
    "公告",
    "通报",
    "文件",
    "关于",
    "印发",
    "下发",
    "作出",
)
"""Words before a document number that are not part of it."""
_DATE: Final = re.compile(
    "("
    + "|".join(rf"(?<![0-9]){re.sub(r'[(](?![?])', '(?:', p)}(?![0-9])" for p in FORMATS.values())
    + ")"
)
_CHARACTER: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""What stands for one character: an escape, or a class."""
_EXTENSION: Final = re.compile(r"\(\?[^)]")
_VARIES: Final = re.compile(r"(?:[*+]|\{[0-9]*,[0-9]*\})[?+]?")
_CHOICE: Final = re.compile(r"[?|]")
_GROUP_REPEATS: Final = re.compile(r"\)(?:[*+?]|\{)")

NAMED: Final = {"document-number": _DOCUMENT, "date": _DATE}


def compiled(text: str) -> re.Pattern[str]:
    """Return a pattern by its name or as a mapping writes it.

    Raises:
        ValueError: it is none that may be used; the message says what is expected.
    """
    if text in NAMED:
        return NAMED[text]
    names = ", ".join(NAMED)
    if len(text) > PATTERN_MAX:
        raise ValueError(f"{names}, or an expression of at most {PATTERN_MAX} characters")
    plain = _EXTENSION.sub("(", _CHARACTER.sub("x", text))
    repeats = len(_VARIES.findall(plain))
    choices = len(_CHOICE.findall(_VARIES.sub("", plain)))
    if repeats > REPEATS_MAX or choices > CHOICES_MAX or _GROUP_REPEATS.search(plain):
        raise ValueError(
            f"{names}, or an expression with at most {REPEATS_MAX} repeat (*, +, {{2,4}}), "
            f"{CHOICES_MAX} choices (?, |) and no group that repeats"
        )
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ValueError(f"{names}, or a regular expression ({error})") from None
    if pattern.groups != 1:
        raise ValueError(f"{names}, or an expression with one group, the value")
    return pattern


def extracted(pattern: re.Pattern[str], text: str) -> str:
    """Return the value that a pattern finds in a text; empty where it finds none.

    Raises:
        CellError: `extract.several`.
    """
    found = values(pattern, text)
    if len(found) > 1:
        shown = "、".join(found[:3])
        message = (
            f"文本中有多个可能的值：{shown} / the text has several values that fit: write a "
            "pattern that finds one, or a column of its own"
        )
        raise CellError(SEVERAL, "", message)
    return found[0] if found else ""


def not_found(pattern: re.Pattern[str]) -> CellError:
    """The error of a text in which a pattern finds nothing that stands nowhere else either."""
    example = {_DOCUMENT: "泸财采罚〔2026〕1号", _DATE: "2026年3月5日"}.get(
        pattern, pattern.pattern
    )
    message = (
        f"文本中未找到应有的值，如 {example} / the text has no value that fits, such as {example}: "
        "ask for a column of its own, or mend the pattern of the mapping"
    )
    return CellError(NONE, example, message)


def values(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """Return the different values that a pattern finds in a text."""
    looked_at = text[:TEXT_MAX]
    if pattern is _DATE:
        looked_at = unicodedata.normalize("NFKC", looked_at)
    found = [match[1] for match in pattern.finditer(looked_at)]
    if pattern is _DOCUMENT:
        found = list(map(_without_leading, found))
    return tuple(dict.fromkeys(filter(None, (one.strip() for one in found))))


def _without_leading(number: str) -> str:
    year = re.search(_YEAR, number)
    before = number[: year.start()] if year else ""
    begin = max((before.rfind(word) + len(word) for word in _LEADING if word in before), default=0)
    return number[begin:]
