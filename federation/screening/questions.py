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
from federation.ids import WRITTEN_CODE_FORM
from federation.reconcile.identity import USCC, code_fault
from federation.subject_names import normal_name

RAW_LONGEST: Final = 1024
"""Characters of a field that are looked at, before it is normalised."""
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch
MATTER: Final = re.compile(WRITTEN_CODE_FORM).fullmatch
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
class Field:
    """What is expected of a field of a question, and how it is normalised (CK2, CK3)."""

    expected: str
    """In Chinese and English; a refusal says this and never what stood there."""
    changes: tuple[Callable[[str], tuple[str, str]], ...]
    """Each gives the text and what it changed."""
    right: Callable[[str], bool]
    empty: str = ""
    """What a field stands for that is left out; empty: it may not be."""


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
    texts, changed = read_fields(raw, _FIELDS)
    return Question(**texts, normalised=changed)


def read_fields(
    raw: Mapping[str, Any], fields: Mapping[str, Field]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read fields of a question, in their order (CK1 to CK4).

    Args:
        raw: the fields by name; others are not looked at.
        fields: what is expected of each; `code` and `name` are a subject's.

    Returns:
        Each as normalised, and `field:change` for each change.

    Raises:
        QuestionError: CK1, CK2, CK3, CK4.
    """
    texts = {name: _text(raw, name, field) for name, field in fields.items()}
    changed: list[str] = []
    for name, field in fields.items():
        text = texts[name]
        for change in field.changes:
            text, how = change(text)
            if how and f"{name}:{how}" not in changed:
                changed.append(f"{name}:{how}")
        if not text.isprintable() and any(
            unicodedata.category(char) in _MEANINGLESS for char in text
        ):
            raise _refused(name, field)
        texts[name] = text or field.empty
    for name, field in fields.items():
        if not field.right(texts[name]):
            raise _refused(name, field)
    named = unicodedata.normalize("NFKC", texts.get("name", "")).upper()
    if _is_person(texts.get("code", "")) or _PERSON.search(named):
        message = (
            "仅受理法人和非法人组织，不受理自然人；查询内容未予保存 / only organisations are asked "
            "about, expected a unified social credit code; nothing of the question was kept"
        )
        raise QuestionError("question.natural-person", message)
    return texts, tuple(changed)


def _text(raw: Mapping[str, Any], name: str, field: Field) -> str:
    value = raw.get(name, "" if field.empty else None)
    if not isinstance(value, str):
        shown = "nothing" if value is None else type(value).__name__
        message = f"{name}: 应为一个文本 / expected one text, got {shown}"
        raise QuestionError("question.form", message)
    if len(value) > RAW_LONGEST:
        raise _refused(name, field)
    return value


def _refused(name: str, field: Field) -> QuestionError:
    return QuestionError(f"question.{name.replace('_', '-')}", f"{name}: {field.expected}")


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


REQUEST_FIELD: Final = Field(
    expected="1 至 64 个字母、数字、. _ - / expected 1 to 64 letters, digits, . _ -",
    changes=(_seen, _trimmed),
    right=lambda text: REQUEST_ID(text) is not None,
)
SUBJECT_FIELDS: Final[Mapping[str, Field]] = {
    "case_no": Field(
        expected=f"1 至 {CASE_NO_LONGEST} 个字符 / expected 1 to {CASE_NO_LONGEST} characters",
        changes=(_seen, _plain, _trimmed),
        right=lambda text: 1 <= len(text) <= CASE_NO_LONGEST,
    ),
    "purpose": Field(
        expected=f"应为 {'、'.join(PURPOSES)} / expected one of {', '.join(PURPOSES)}",
        changes=(_seen, _plain, _trimmed, _lower),
        right=lambda text: text in PURPOSES,
    ),
    "scheme": Field(
        expected=f"应为 {USCC} / expected {USCC}",
        changes=(_seen, _trimmed),
        right=lambda text: text == USCC,
        empty=USCC,
    ),
    "code": Field(
        expected=f"统一社会信用代码 / expected a unified social credit code, 1 to {CODE_LONGEST} "
        "characters",
        changes=(_seen, _plain, _closed, _upper),
        right=lambda text: 1 <= len(text) <= CODE_LONGEST,
    ),
    "name": Field(
        expected=f"1 至 {NAME_LONGEST} 个可读字符 / expected 1 to {NAME_LONGEST} characters that "
        "have a common meaning",
        changes=(_seen, _trimmed),
        right=lambda text: len(text) <= NAME_LONGEST and bool(normal_name(text)),
    ),
}
"""Of every question about a subject, in the order in which they are looked at."""
MATTER_FIELD: Final = Field(
    expected="应为本市目录中的事项代码 / expected the code of a matter of this region's catalog",
    changes=(_seen, _plain, _trimmed, _lower),
    right=lambda text: MATTER(text) is not None,
)
_FIELDS: Final[Mapping[str, Field]] = {
    "request_id": REQUEST_FIELD,
    "matter": MATTER_FIELD,
    **SUBJECT_FIELDS,
}
