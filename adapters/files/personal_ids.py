"""What in a text is, or may be, a citizen's ID number 公民身份号码 (GB 11643).

    F37 a number that a department gives is not taken for somebody's: 17 digits are no ID number;
        one of 18 whose birth date would be a child's is one only with the right check character;
        15 digits are none after 注册号, 编号, 文号 and the like, nor with the check digit of a
        registration number, nor in keys and document numbers; a child's is none there at all. Else
        the shape is enough: one with a typing error is still somebody's

Number: region (6 digits), birth date (8; before 1999 6), sequence (3), check character (18 only).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_YOUNGEST: Final = 2012
"""Who is born later is no party to a decision that is exchanged."""
_DATE: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_REGION: Final = r"(?:[1-6][0-9]|[78][123])[0-9]{4}"
_MODERN: Final = re.compile(
    rf"(?<![0-9]){_REGION}((?:19|20)[0-9]{{2}}){_DATE}[0-9]{{3}}[0-9Xx](?![0-9A-Za-z])"
)
_OLD: Final = re.compile(rf"(?<![0-9]){_REGION}[0-9]{{2}}{_DATE}[0-9]{{3}}(?![0-9A-Za-z])")
_MASKED: Final = re.compile(r"[0-9]{3,14}\*{2,}[0-9Xx]{0,6}")
_NOT_OF_PERSONS: Final = re.compile(
    "(?:注册|登记|许可证?|执照|案件?|文书?|档案|流水|记录|立案|合同|订单|发票|税务?|识别|备案|证书|公告|项目|批次|信用代码?)"
    "(?:编|证|书)?[号码]?码?(?:为|是)?[:]?$|编号(?:为|是)?[:]?$|[账帐]号(?:为|是)?[:]?$"
)
_OF_PERSONS: Final = re.compile("身份|证件|公民|护照")
_BEFORE: Final = 16
"""Characters before a number that say what it is."""
_LONG_NUMBER: Final = re.compile(r"[0-9０-９]{14}")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"


def holds_personal_id(text: str) -> bool:
    """Whether there is something in the text that may be a citizen's ID number."""
    if "**" not in text and _LONG_NUMBER.search(text) is None:
        return False  # nearly every text; several times faster than the whole pattern
    normal = unicodedata.normalize("NFKC", text)
    return (
        _MASKED.search(normal) is not None
        or any(_may_be_modern(match, normal) for match in _MODERN.finditer(normal))
        or any(_may_be_old(match, normal) for match in _OLD.finditer(normal))
    )


def is_personal_id(text: str) -> bool:
    """Whether a key or document number is, or holds, somebody's ID number rather than its own."""
    if "**" not in text and _LONG_NUMBER.search(text) is None:
        return False
    normal = unicodedata.normalize("NFKC", text)
    return _MASKED.search(normal) is not None or any(
        int(match[1]) <= _YOUNGEST for match in _MODERN.finditer(normal)
    )


def has_registration_check(text: str) -> bool:
    """Whether 15 digits have the check digit of a registration number (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in text[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(text[14])


def _may_be_modern(match: re.Match[str], text: str) -> bool:
    if _checked(match[0]):
        return True
    return int(match[1]) <= _YOUNGEST and not _is_named_otherwise(match, text)


def _may_be_old(match: re.Match[str], text: str) -> bool:
    return not (has_registration_check(match[0]) or _is_named_otherwise(match, text))


def _is_named_otherwise(match: re.Match[str], text: str) -> bool:
    before = "".join(text[max(0, match.start() - _BEFORE) : match.start()].split())
    return _OF_PERSONS.search(before) is None and _NOT_OF_PERSONS.search(before) is not None


def _checked(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == number[17].upper()
