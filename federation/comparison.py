"""The comparison form of document numbers (SPEC §6.1): which records may be one.

One decision is written `川税罚〔2026〕12号` in one file and `川稅罰二〇二六第012號` in the next.
Their record keys differ, and rightly so: a key merges and relieves. What is equal in this form is
only *similar*, and similarity only ever holds: a listing that is similar to a relieved record does
not punish until a person has looked. So the form may be coarse, and must be total.

    C1  characters: NFKD, without the categories Cf, Mn and Me, upper case; then 繁 → 简, by a
        committed table; decimal digits of any script as ASCII. A character's image does not depend
        on what stands beside it, so the form of a form is itself.
    C2  Chinese numerals: a longest run of 〇零一二三四五六七八九十百千 (with ○ and ◯ as 〇) that is
        not all circles. Without 十百千 digit by digit (二〇二六 is 2026); with them a number, where
        of digits that follow each other the last counts and a unit without a digit is one of it.
    C3  号, 第, 字 and whatever is neither letter nor number are breaks between tokens: longest
        runs of ASCII digits, without leading zeros (all zeros are 0), and of other characters
    C4  tokens are joined, two of digits that follow each other by a hyphen
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from federation._traditional import SIMPLIFIED, TRADITIONAL
from federation.record_key import (
    RecordKey,
    former_key,
    normalise_document,
    pack_subject,
    record_tag,
)

TWIN: Final = b"\xff\xff"
"""Before a comparison key where its suppression tag is made: no record key begins so."""

_DROPPED: Final = frozenset({"Cf", "Mn", "Me"})
_SIMPLE: Final = str.maketrans(TRADITIONAL, SIMPLIFIED)
_CIRCLES: Final = "○◯"
_VALUES: Final = {c: n for n, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("零○◯", 0)
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_NUMERALS: Final = re.compile(f"[{''.join((*_VALUES, *_UNITS))}]+")
_TOKENS: Final = re.compile(f"[0-9]+|[^0-9 号第字{_CIRCLES}]+")
_BREAK: Final = " "
_IMAGES_MAX: Final = 1 << 14
"""Characters whose image is remembered; numbers of documents use some hundreds."""


class _Images(dict[int, str]):
    """The image of each character (C1), made when it is met."""

    def __missing__(self, code: int) -> str:
        image = _image(chr(code))
        if len(self) < _IMAGES_MAX:
            self[code] = image
        return image


_images: Final = _Images()


@lru_cache(maxsize=4096)  # as the normal form: asked for several times within a batch
def comparison_form(number: str) -> str:
    """Return a document number as it is compared for similarity; total, and idempotent."""
    text = _NUMERALS.sub(_numeral, number.translate(_images))
    joined, before_is_number = "", False
    for token in _TOKENS.findall(text):
        is_number = "0" <= token[0] <= "9"
        part = (token.lstrip("0") or "0") if is_number else token
        joined += f"-{part}" if is_number and before_is_number else part
        before_is_number = is_number
    return joined


def comparison_key(key: bytes, document: str) -> bytes:
    """Return the key by which similar records are equal.

    Args:
        key: `RecordKey.pack()`.
        document: the document number from which it was made, as written.
    """
    number = normalise_document(document).encode()
    form = comparison_form(document).encode()
    return key[: -2 - len(number)] + len(form).to_bytes(2, "big") + form


class Spelt(NamedTuple):
    """A record's key, and how its origin wrote what the key was made of."""

    key: bytes
    scheme: str
    code: str
    document: str

    @classmethod
    def of(cls, record: RecordKey) -> Spelt:
        """Return it for a record."""
        return cls(record.pack(), record.scheme, record.code, record.document)

    @property
    def compared(self) -> bytes:
        """What the twin of a suppression tag is made of."""
        return TWIN + comparison_key(self.key, self.document)

    @property
    def former(self) -> bytes:
        """What suppression tags were made of before subjects stood by their organisation code."""
        return former_key(self.key, self.scheme, self.code)

    @property
    def subject(self) -> bytes:
        """The beginning of the key."""
        return pack_subject(self.scheme, self.code)

    def tag(self, lookup: Callable[[bytes], bytes]) -> bytes:
        """The record's lookup tag (`record_key.record_tag`)."""
        return record_tag(lookup, self.subject, self.key)

    def former_tag(self, lookup: Callable[[bytes], bytes]) -> bytes:
        """What it was before subjects stood by their organisation code."""
        subject = former_key(self.subject, self.scheme, self.code)
        return record_tag(lookup, subject, self.former)


def _image(character: str) -> str:
    if character in _CIRCLES:
        return character
    plain = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in plain if unicodedata.category(c) not in _DROPPED)
    return "".join(map(_settled, kept.upper().translate(_SIMPLE)))


def _settled(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return character if character.isalnum() else _BREAK


def _numeral(match: re.Match[str]) -> str:
    """The digits that a run of Chinese numerals stands for (C2)."""
    run = match[0]
    if not run.strip(_CIRCLES):
        return _BREAK
    if _UNITS.keys().isdisjoint(run):
        return "".join(str(_VALUES[c]) for c in run)
    total, digit = 0, None
    for c in run:
        if c in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[c]
            digit = None
        else:
            digit = _VALUES[c]
    return str(total + (digit or 0))
