"""What cannot be seen is shown: marks of direction, invisible and control characters in texts.

Texts of other cities' files and logs are shown to people who decide by them. U+202E turns what
follows it around, a zero-width mark makes two names look like one, an escape character speaks to
the terminal. Each is written out, as `<U+202E>`; in JSON as an escape, which is the same value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

_KEPT: Final = frozenset("\n\t")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_UNPRINTED: Final = _HIDDEN - {"Co", "Cn"}
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and a symbol, as Unicode has it, that show nothing."""
_SELECTORS: Final = (
    ("\u180b", "\u180d"),
    ("\u180f", "\u180f"),
    ("\ufe00", "\ufe0f"),
    ("\U000e0100", "\U000e01ef"),
)


def visible(text: str) -> str:
    """Write out what cannot be seen; line feeds and tabs stay."""
    return _with(text, _is_hidden, _written_out)


def visible_in_print(text: str) -> str:
    """Write out what cannot be seen on paper either, or stand in a document at all.

    Characters that this program does not know, of private use or younger, and variants of known
    ones stay: names have them, and whoever prints may have their font.
    """
    return _with(text, _is_unfit_for_print, _written_out)


def visible_json(text: str) -> str:
    """Escape what cannot be seen in a JSON text, whose value stays as it is."""
    return _with(text, _is_hidden, _escape)


def _with(text: str, hides: Callable[[str], bool], put: Callable[[str], str]) -> str:
    if text.isascii() and text.isprintable():
        return text
    hidden = {ord(char): put(char) for char in set(text) if hides(char)}
    return text.translate(hidden) if hidden else text


def _written_out(char: str) -> str:
    return f"<U+{ord(char):04X}>"


def _is_hidden(char: str) -> bool:
    if unicodedata.category(char) in _HIDDEN:
        return char not in _KEPT
    return char in _BLANK or any(first <= char <= last for first, last in _SELECTORS)


def _is_unfit_for_print(char: str) -> bool:
    if unicodedata.category(char) in _UNPRINTED:
        return char not in _KEPT
    return ord(char) & 0xFFFE == 0xFFFE or char in _BLANK


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
