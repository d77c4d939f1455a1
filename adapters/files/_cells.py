"""Cells of an allow-listed column turned into values; what does not fit raises `CellError`.

Full width is undone where the meaning is not in doubt: a code or date may hold only ASCII letters
and digits, so NFKC gives back what was meant. Names, document numbers and texts stay as written;
`（演示）` and `(演示)` are compared where identity is settled, not here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files.faults import holds_personal_id
from federation.errors import StatementError
from federation.payloads import SubjectKind
from federation.uscc import check_organisation_code, check_uscc, kind_of

LONGEST: Final = {
    "name": 256,
    "authority": 64,
    "authority_name": 128,
    "document": 256,
    "document_type": 64,
    "basis": 2048,
    "reason": 4096,
    "exit_path": 1024,
    "remedy": 1024,
    "key": 512,
    "violation_type": 256,
    "facts": 4096,
    "content": 2048,
    "licence": 256,
    "data_source": 128,
    "notice_number": 256,
    "category": 64,
}
"""Characters that a payload holds per field (protos/huxin/v1/payload.proto)."""

_SURELY_SHORT: Final = 256
"""No longer than any of the fields for which `are_plain` is asked."""

_MULTI_LINE: Final = frozenset({"basis", "reason", "exit_path", "remedy", "facts", "content"})
_USCC_LENGTH: Final = 18
_ORGANISATION_LENGTH: Final = 9


_ERROR: Final = re.compile(r"#N/A|#[\w/]{1,16}[!?]|#GETTING_DATA|#{2,}|Err:[0-9]{3}", re.IGNORECASE)


def is_error(text: str) -> bool:
    """Whether a cell is an error of a spreadsheet (`#N/A`, `#REF!`, `Err:502`), not a value (F24).

    Taken as text it would be somebody's name; as empty, a field that nobody stated.
    """
    if text[0] not in "#＃Ee":
        return False
    return _ERROR.fullmatch("".join(unicodedata.normalize("NFKC", text).split())) is not None


def broken(text: str) -> CellError:
    """The error of such a cell."""
    message = f"单元格为错误值 / the cell is an error of the spreadsheet, {text[:20]!r}, no value"
    return CellError("cell.error", "a value", message)


def missing() -> CellError:
    """The error of an empty cell that must be filled."""
    return CellError("field.missing", "not empty", "必填项为空 / this cell must be filled")


def natural_person() -> CellError:
    """The error of a row about a natural person; nothing of the row is repeated."""
    message = (
        "自然人记录不交换 / a row about a natural person: these are not exchanged; "
        "leave such rows out of the file"
    )
    return CellError("subject.natural-person", "organisation", message, secret=True)


def are_plain(*texts: str) -> bool:
    """Whether `read_text` has surely nothing to say: short, printable, no long number.

    The quick way for nearly every row; a no means only that each text must be looked at.
    """
    together = " ".join(texts)
    return (
        len(together) <= _SURELY_SHORT
        and together.isprintable()
        and not holds_personal_id(together)
    )


def read_text(field: str, text: str) -> str:
    """Check a text that may be published.

    Raises:
        CellError: `field.long`, `field.control`, or `field.personal-id` where it holds a citizen's
            ID number.
    """
    if len(text) > LONGEST[field]:
        message = f"过长 / expected at most {LONGEST[field]} characters, got {len(text)}"
        raise CellError("field.long", f"≤ {LONGEST[field]}", message)
    if not text.isprintable() and _has_control(text, allowed="\n\r\t" * (field in _MULTI_LINE)):
        message = "含控制字符或换行 / expected no control characters and no line ends"
        raise CellError("field.control", "printable text", message)
    if holds_personal_id(text):
        message = (
            "含公民身份号码 / the text holds what looks like a citizen's ID number; "
            "take it out of the text"
        )
        raise CellError("field.personal-id", "no ID number", message, secret=True)
    return text


def read_code(text: str, schemes: tuple[str, ...]) -> tuple[str, str, SubjectKind]:
    """Read a subject's code: scheme, code as stored, and the kind of subject that it names.

    An organisation code names no kind; it gives OTHER_ORGANISATION. Whether the code had to be
    normalised shows by comparing it with the text.

    Raises:
        CellError: `subject.natural-person`, or a code of `federation.uscc`.
    """
    code = text
    if not (code.isascii() and code.isalnum() and not code.islower()):
        code = "".join(unicodedata.normalize("NFKC", text).split())
    code = code.upper()
    try:
        if len(code) != _USCC_LENGTH and "organisation-code" in schemes:
            plain = code.replace("-", "")
            if len(plain) == _ORGANISATION_LENGTH:
                check_organisation_code(plain)
                return "organisation-code", plain, SubjectKind.OTHER_ORGANISATION
        check_uscc(code)
    except StatementError as error:
        if holds_personal_id(code):
            raise natural_person() from None
        raise CellError(error.code, _expected_code(schemes), str(error)) from None
    return "uscc", code, kind_of(code)


def _expected_code(schemes: tuple[str, ...]) -> str:
    return " / ".join(
        {"uscc": "GB 32100, 18", "organisation-code": "GB 11714, 9"}[name] for name in schemes
    )


def _has_control(text: str, allowed: str) -> bool:
    return any(
        unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} and char not in allowed
        for char in text
    )
