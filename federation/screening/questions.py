"""A question 核查请求 as a department asks it: read once, normalised, and what was changed is said.

    CK1 every field is one text; what is an array, a number, an object or missing is refused
        (`question.form`). No refusal repeats what was asked
    CK2 fields are bounded before and after they are normalised, so that ten thousand characters
        cost nothing (`question.request-id`, `question.matter`, `question.case-no`,
        `question.purpose`, `question.scheme`, `question.code`, `question.name`)
    CK3 code and case number are taken in NFKC, the code without blanks and in upper case; what
        cannot be seen (marks of direction, U+200B, U+FEFF, controls) is dropped from every field.
        Of each field that was changed is said how. A text with characters that have no common
        meaning is refused
    CK4 what has the shape of a citizen's ID number 公民身份号码, and is no unified code, is a
        natural person: refused before anything is looked up or kept (`question.natural-person`)

A code that breaks GB 32100 is no refusal: it is answered, with `insufficient`
(`federation.screening.checks`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.charters.values import PURPOSES
from federation.errors import StatementError
from federation.reconcile.identity import USCC, code_fault
from federation.subject_names import normal_name

RAW_LONGEST: Final = 1024
"""Characters of a field that are looked at, before it is normalised."""
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch
MATTER: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}").fullmatch
CASE_NO_LONGEST: Final = 128
CODE_LONGEST: Final = 64
NAME_LONGEST: Final = 256

CASE, WIDTH, INVISIBLE, BLANK = "case", "width", "invisible", "blank"
"""What was changed: letters made upper or lower case, other forms of characters made plain, what
cannot be seen and blanks dropped."""

_UNSEEN: Final = frozenset({"Cf", "Cc"})
_MEANINGLESS: Final = frozenset({"Co", "Cn", "Cs"})
_BREAKS: Final = frozenset({"Zl", "Zp"})
_EMPTY: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0")
"""Letters, marks and a symbol, as Unicode has it, that show nothing."""
_PERSON: Final = re.compile(
    r"(?<![0-9])[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[0-9]{3}[0-9X](?![0-9A-Z])"
)
_FORMER_PERSON: Final = re.compile(
    r"[1-8][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
)


class QuestionError(StatementError):
    """The asker's fault: the field is named, what stood in it is not; nothing was looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: about one subject, for one matter and one case."""

    request_id: str
    """The caller's: asked again under the same one, the same question gets the same number."""
    matter: str
    case_no: str
    """办件编号, as normalised."""
    purpose: str
    scheme: str
    code: str
    """Upper case and half width; it may break GB 32100."""
    name: str
    """As asked, without what cannot be seen."""
    normalised: tuple[str, ...] = ()
    """`field:change` for each change (CK3)."""

    @property
    def subject(self) -> tuple[str, ...]:
        """All that makes it this question and no other."""
        return (
            self.matter,
            self.case_no,
            self.purpose,
            self.scheme,
            self.code,
            normal_name(self.name),
        )


def read(raw: Mapping[str, Any]) -> Question:
    """Read what was asked.

    Args:
        raw: the fields of `Question` by name, `scheme` may be left out; others are not looked at.

    Raises:
        QuestionError: CK1, CK2, CK3, CK4.
    """
    texts = {field: _text(raw, field) for field in _FIELDS}
    changed: list[str] = []

    def cleaned(field: str, *changes: Callable[[str], tuple[str, str]]) -> str:
        text = texts[field]
        for change in changes:
            text, how = change(text)
            if how and f"{field}:{how}" not in changed:
                changed.append(f"{field}:{how}")
        if not text.isprintable() and any(
            unicodedata.category(char) in _MEANINGLESS for char in text
        ):
            raise _refused(field)
        return text

    request_id = cleaned("request_id", _seen, _trimmed)
    matter = cleaned("matter", _seen, _plain, _trimmed, _lower)
    case_no = cleaned("case_no", _seen, _plain, _trimmed)
    purpose = cleaned("purpose", _seen, _plain, _trimmed, _lower)
    scheme = cleaned("scheme", _seen, _trimmed) or USCC
    code = cleaned("code", _seen, _plain, _closed, _upper)
    name = cleaned("name", _seen, _trimmed)
    _check("request_id", REQUEST_ID(request_id) is not None)
    _check("matter", MATTER(matter) is not None)
    _check("case_no", 1 <= len(case_no) <= CASE_NO_LONGEST)
    _check("purpose", purpose in PURPOSES)
    _check("scheme", scheme == USCC)
    _check("code", 1 <= len(code) <= CODE_LONGEST)
    _check("name", len(name) <= NAME_LONGEST and bool(normal_name(name)))
    if _is_person(code) or _PERSON.search(unicodedata.normalize("NFKC", name).upper()):
        message = (
            "仅受理法人和非法人组织，不受理自然人；查询内容未予保存 / only organisations are asked "
            "about, expected a unified social credit code; nothing of the question was kept"
        )
        raise QuestionError("question.natural-person", message)
    return Question(
        request_id=request_id,
        matter=matter,
        case_no=case_no,
        purpose=purpose,
        scheme=scheme,
        code=code,
        name=name,
        normalised=tuple(changed),
    )


def _text(raw: Mapping[str, Any], field: str) -> str:
    value = raw.get(field, "" if field == "scheme" else None)
    if not isinstance(value, str):
        shown = "nothing" if value is None else type(value).__name__
        message = f"{field}: 应为一个文本 / expected one text, got {shown}"
        raise QuestionError("question.form", message)
    if len(value) > RAW_LONGEST:
        raise _refused(field)
    return value


def _check(field: str, right: bool) -> None:  # noqa: FBT001 - what was asked of the field
    if not right:
        raise _refused(field)


def _refused(field: str) -> QuestionError:
    return QuestionError(f"question.{field.replace('_', '-')}", f"{field}: {_FIELDS[field]}")


_FIELDS: Final[Mapping[str, str]] = {
    "request_id": "1 至 64 个字母、数字、. _ - / expected 1 to 64 letters, digits, . _ -",
    "matter": "应为本市目录中的事项代码 / expected the code of a matter of this region's catalog",
    "case_no": f"1 至 {CASE_NO_LONGEST} 个字符 / expected 1 to {CASE_NO_LONGEST} characters",
    "purpose": f"应为 {'、'.join(PURPOSES)} / expected one of {', '.join(PURPOSES)}",
    "scheme": f"应为 {USCC} / expected {USCC}",
    "code": f"统一社会信用代码 / expected a unified social credit code, 1 to {CODE_LONGEST} "
    "characters",
    "name": f"1 至 {NAME_LONGEST} 个可读字符 / expected 1 to {NAME_LONGEST} characters that have a "
    "common meaning",
}
"""What is expected of each field."""


def _seen(text: str) -> tuple[str, str]:
    """Drop what cannot be seen; tabs and line ends become blanks."""
    if text.isprintable() and not _EMPTY.intersection(text):
        return text, ""
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\t\n\r" or category in _BREAKS:
            kept.append(" ")
        elif category not in _UNSEEN and char not in _EMPTY:
            kept.append(char)
    made = "".join(kept)
    return made, INVISIBLE if made != text else ""


def _plain(text: str) -> tuple[str, str]:
    """Make full width and other forms of characters plain."""
    made = unicodedata.normalize("NFKC", text)
    return made, WIDTH if made != text else ""


def _trimmed(text: str) -> tuple[str, str]:
    made = " ".join(text.split())
    return made, BLANK if made != text else ""


def _closed(text: str) -> tuple[str, str]:
    made = "".join(text.split())
    return made, BLANK if made != text else ""


def _upper(text: str) -> tuple[str, str]:
    made = unicodedata.normalize("NFKC", text.upper())
    return made, CASE if made != text else ""


def _lower(text: str) -> tuple[str, str]:
    return text.lower(), CASE if text.lower() != text else ""


def _is_person(code: str) -> bool:
    """Whether a code is somebody's ID number: its shape is enough, unless it is a unified code."""
    if _FORMER_PERSON.fullmatch(code):
        return True
    return _PERSON.fullmatch(code) is not None and bool(code_fault(USCC, code))
