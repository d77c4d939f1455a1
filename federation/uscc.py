"""Unified social credit codes 统一社会信用代码 (GB 32100-2015) and organisation codes (GB 11714).

A code has 18 characters of an alphabet of 31 (no I, O, S, V, Z):

     1      department that registers 登记管理部门
     2      class of organisation 机构类别
     3-8    region of the registering authority when the code was given (GB/T 2260), digits
     9-17   organisation code 组织机构代码 (GB 11714), its own check character last
    18      check character

Letters are as valid as digits at 1 and in 9-17. Whether a region exists is not asked: regions are
abolished, codes stay valid for ever.

Rules, in the order in which they are asked:

    U1  identity.code-length             18 characters
    U2  identity.code-alphabet           characters of the alphabet only
    U3  identity.code-department         department and class stand in the standard's table
    U4  identity.code-region             positions 3-8 are digits
    U5  identity.code-check-digit        check character 18
    U6  identity.code-inner-check-digit  check character 17, that of the organisation code
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from federation.errors import StatementError
from federation.payloads import SubjectKind

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters, each at its value."""

ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_CHECK: Final = "0123456789X"
INNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_ENTERPRISE: Final = SubjectKind.ENTERPRISE
_SOCIAL: Final = SubjectKind.SOCIAL_ORGANISATION
_PUBLIC: Final = SubjectKind.PUBLIC_BODY
_OTHER: Final = SubjectKind.OTHER_ORGANISATION

DEPARTMENTS: Final[dict[str, SubjectKind]] = {
    **dict.fromkeys(("11", "12", "13", "19"), _PUBLIC),  # 机构编制
    **dict.fromkeys(("21", "29"), _OTHER),  # 外交
    **dict.fromkeys(("31", "32", "33", "34", "35", "39"), _OTHER),  # 司法行政
    **dict.fromkeys(("41", "49"), _OTHER),  # 文化
    **dict.fromkeys(("51", "52", "53", "59"), _SOCIAL),  # 民政
    **dict.fromkeys(("61", "62", "69"), _OTHER),  # 旅游
    **dict.fromkeys(("71", "72", "79"), _OTHER),  # 宗教
    **dict.fromkeys(("81", "89"), _SOCIAL),  # 工会
    "91": _ENTERPRISE,
    "92": SubjectKind.SOLE_TRADER,
    "93": SubjectKind.COOPERATIVE,  # 农民专业合作社
    "A1": _PUBLIC,  # 中央军委: 军队事业单位
    "A9": _OTHER,
    **dict.fromkeys(("N1", "N2", "N3", "N9"), _OTHER),  # 农业: 农村集体经济组织
    "Y1": _OTHER,
}
"""Department and class (table 1 of the standard) to the kind of subject."""

_ALSO: Final[dict[str, tuple[SubjectKind, ...]]] = {
    "13": (_SOCIAL, _OTHER),
    **dict.fromkeys(("19", "59", "79", "89"), (_OTHER,)),
}
"""What else an organisation of that class may rightly be called."""

# The check is a polynomial: GB 32100 weighs position i with 3^(i-1) mod 31. Since 34 ≡ 3 mod 31,
# the weighted sum of the first 17 characters is the number that their values, last one first,
# write in base 34, which int() computes in C. Whatever is not in the alphabet becomes a character
# that int() refuses.
_BASE_34: Final = bytes(
    ORGANISATION_ALPHABET.encode()[ALPHABET.index(chr(byte))] if chr(byte) in ALPHABET else 0x7E
    for byte in range(256)
)
# Likewise GB 11714: its weights 3,7,9,10,5,8,4,2 are 2^8 … 2^1 mod 11, and 35 ≡ 2 mod 11, so the
# sum is twice the number that the 8 characters write in base 35 (Z, 35, is not in ALPHABET).
_VALUES: Final = {char: value for value, char in enumerate(ALPHABET)}


def check_uscc(code: str) -> None:
    """Check a unified social credit code, rules U1 to U6.

    Args:
        code: exactly as it shall be stored: half-width, upper case, no blanks.

    Raises:
        StatementError: the first rule that the code breaks; messages never repeat the code.
    """
    if len(code) != 18:
        zh, en = f"应为 18 位，实为 {len(code)}", f"expected 18 characters, got {len(code)}"
        raise _error("length", zh, en)
    try:
        total = int(code[16::-1].encode().translate(_BASE_34), 34)
        last = _VALUES[code[17]]
    except (ValueError, KeyError):
        raise _alphabet_error(code) from None
    if code[:2] not in DEPARTMENTS:
        zh = f"前两位应为登记管理部门和机构类别，实为 {code[:2]}"
        raise _error("department", zh, f"expected department and class, got {code[:2]}")
    if not code[2:8].isdigit():
        raise _error("region", "第 3-8 位应为数字", "expected digits at positions 3-8")
    if (total + last) % 31:
        expected = ALPHABET[-total % 31]
        zh = f"校验码应为 {expected}，实为 {code[17]}"
        raise _error("check-digit", zh, f"expected check character {expected}, got {code[17]}")
    expected = _INNER_CHECK[-2 * int(code[8:16], 35) % 11]
    if code[16] != expected:
        zh = f"第 17 位（组织机构代码校验码）应为 {expected}，实为 {code[16]}"
        en = f"expected character {expected} at position 17, got {code[16]}"
        raise _error("inner-check-digit", zh, en)


def kind_of(code: str) -> SubjectKind:
    """Return the kind of subject that a valid code names by its department and class."""
    return DEPARTMENTS[code[:2]]


@lru_cache(maxsize=256)
def _kinds(head: str) -> tuple[SubjectKind, ...]:
    first = DEPARTMENTS.get(head)
    if first is None:
        return ()
    return tuple(dict.fromkeys((first, *_ALSO.get(head, ()))))


def kinds_of(code: str) -> tuple[SubjectKind, ...]:
    """Return the kinds of subject that a unified code allows, the usual one first.

    Empty where department and class stand in no table (U3). Class 9 其他 says no kind, so that
    another organisation fits as well; mass organisations 群众团体 (13) are called social ones too.
    """
    return _kinds(code[:2])


def make_uscc(prefix8: str, organisation8: str) -> str:
    """Complete a code: add both check characters.

    Args:
        prefix8: department, class and region, 8 characters.
        organisation8: organisation code without its check character, 8 characters.

    Raises:
        StatementError: the parts do not make a valid code.
    """
    if len(prefix8) != 8 or len(organisation8) != 8:
        got = f"{len(prefix8)} + {len(organisation8)}"
        raise _error(
            "length", f"应为 8 + 8 位，实为 {got}", f"expected 8 + 8 characters, got {got}"
        )
    body = prefix8 + organisation8
    if any(char not in _VALUES for char in body):
        raise _alphabet_error(body)
    body += organisation_check(organisation8)
    total = int(body[::-1].encode().translate(_BASE_34), 34)
    code = body + ALPHABET[-total % 31]
    check_uscc(code)
    return code


def organisation_check(organisation8: str) -> str:
    """Return the check character of an organisation code (GB 11714).

    Args:
        organisation8: 8 characters, digits and capital letters.
    """
    values = map(ORGANISATION_ALPHABET.index, organisation8)
    total = sum(value * weight for value, weight in zip(values, INNER_WEIGHTS, strict=True))
    return _INNER_CHECK[-total % 11]


def check_organisation_code(code: str) -> None:
    """Check an old organisation code 组织机构代码 (GB 11714), 9 characters without its hyphen.

    Raises:
        StatementError: `identity.code-length`, `identity.code-alphabet` or
            `identity.code-inner-check-digit`.
    """
    if len(code) != 9:
        zh, en = f"应为 9 位，实为 {len(code)}", f"expected 9 characters, got {len(code)}"
        raise _error("length", zh, en)
    if any(char not in ORGANISATION_ALPHABET for char in code):
        zh, en = "应为数字和大写字母", "expected digits and capital letters"
        raise _error("alphabet", zh, en)
    expected = organisation_check(code[:8])
    if code[8] != expected:
        zh = f"组织机构代码校验码应为 {expected}，实为 {code[8]}"
        en = f"expected check character {expected}, got {code[8]}"
        raise _error("inner-check-digit", zh, en)


def _alphabet_error(code: str) -> StatementError:
    position = next(at for at, char in enumerate(code, 1) if char not in _VALUES)
    zh = f"第 {position} 位应为数字或大写字母，不用 I、O、S、V、Z"
    en = f"position {position}: expected a digit or capital letter except I, O, S, V, Z"
    return _error("alphabet", zh, en)


def _error(code: str, zh: str, en: str) -> StatementError:
    return StatementError(f"identity.code-{code}", f"代码{zh} / code: {en}")
