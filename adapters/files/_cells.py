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
from adapters.files.headings import plain
from adapters.files.personal_ids import (
    has_registration_check,
    holds_personal_id,
    is_personal_id,
)
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
    "commitment_type": 64,
    "text": 4096,
    "grade": 16,
    "grade_method": 64,
    "grade_edition": 64,
}
"""Characters that a payload holds per field (protos/huxin/v1/payload.proto)."""

_SURELY_SHORT: Final = 256
"""No longer than any of the fields for which `are_plain` is asked."""

_MULTI_LINE: Final = frozenset(
    {"basis", "reason", "exit_path", "remedy", "facts", "content", "text"}
)
_NUMBERS: Final = frozenset({"document", "key"})
"""Fields whose texts are numbers that a department gives (F37)."""
_IN_POWERS: Final = re.compile(
    r"[0-9](?:\.[0-9]+)?E\+[0-9]{1,3}|[0-9]\.[0-9]+E[0-9]{1,3}|[0-9]{15,}\.0+"
)
"""Numbers of more digits than a program kept, as spreadsheets, Java and Python print them."""
_COPY: Final = re.compile(r"\([0-9]{1,2}-[0-9]{1,2}\)$")
_HYPHENS: Final = dict.fromkeys(map(ord, "-‐‑‒–—―−_·."))
_TOKEN: Final = re.compile(r"[0-9A-Z]{6,}")
_REGISTRATION: Final = re.compile(r"[0-9]{13}|[0-9]{15}")
_USCC_LENGTH: Final = 18
_ORGANISATION_LENGTH: Final = 9


_ERROR: Final = re.compile(r"#N/A|#[\w/]{1,16}[!?]|#GETTING_DATA|#{2,}|Err:[0-9]{3}", re.IGNORECASE)


DAMAGED: Final = "\0"
"""A cell whose number has lost digits, as readers of workbooks give it (F38)."""
STRUCK: Final = "#划掉!"
"""A cell that is struck through, as readers of workbooks give it (F61)."""
SHAPED: Final = "#自定义格式!"
"""A number that only the format of its cell turns into a document number, likewise."""
_DITTO: Final = re.compile(r"同(?:上|前|左)(?:行|一行|栏|格)?[。.]?|[〃々\"'′″“”‘’]+")
MAYBE_ERROR: Final = f"#＃Ee同〃々\"'′″＂＇“”‘’{DAMAGED}"
"""With which each of these begins, as each error of a spreadsheet does."""


def is_error(text: str) -> bool:
    """Whether a cell is an error of a spreadsheet (`#N/A`, `#REF!`, `Err:502`), not a value (F24).

    Taken as text it would be somebody's name; as empty, a field that nobody stated. So is a number
    that has lost digits, what is struck through, and a ditto mark (F61): rows are sorted, and then
    it is of another row.
    """
    if text[:1] not in MAYBE_ERROR or not text:
        return False
    if text in (DAMAGED, STRUCK, SHAPED):
        return True
    plain_text = "".join(unicodedata.normalize("NFKC", text).split())
    return (_ERROR.fullmatch(plain_text) or _DITTO.fullmatch(plain_text)) is not None


def is_ditto(text: str) -> bool:
    """Whether a cell says that it is as the one above it."""
    return bool(text) and _DITTO.fullmatch("".join(text.split())) is not None


def broken(text: str) -> CellError:
    """The error of such a cell."""
    if text[0] == DAMAGED:
        return damaged_number()
    if text == STRUCK:
        message = (
            "单元格带删除线，不知是否还算数：删去该行，或去掉删除线后重新报送 / the cell is struck "
            "through, and nobody knows whether it counts: delete the row, or take the line away"
        )
        return CellError("cell.struck", "", message)
    if text == SHAPED:
        message = (
            "编号靠单元格的自定义格式显示，格内只是一个数，请粘贴为文本 / a number that only the "
            "format of its cell shows as a document number: enter it as text"
        )
        return CellError("cell.damaged-number", "", message)
    if text[0] not in "#＃Ee":
        message = (
            "“同上”不是取值，排序后就指向别的行，请逐行填写 / a ditto mark is no value: once rows "
            "are sorted it is of another one; fill the cell in"
        )
        return CellError("cell.ditto", "", message)
    message = f"单元格为错误值 / the cell is an error of the spreadsheet, {text[:20]!r}, no value"
    return CellError("cell.error", "", message)


def damaged_number() -> CellError:
    """The error of a long number that was kept as a number, or shown in powers of ten."""
    message = (
        "长数字以数值存储，或成了科学计数法，末位已丢失 / a number of more than 15 digits in a "
        "number cell, or in scientific notation, has lost its last digits; format the column as "
        "text and enter it again"
    )
    return CellError("cell.damaged-number", "", message)


def missing() -> CellError:
    """The error of an empty cell that must be filled."""
    return CellError("field.missing", "", "必填项为空 / this cell must be filled")


def natural_person() -> CellError:
    """The error of a row about a natural person; nothing of the row is repeated."""
    message = (
        "自然人记录不交换 / a row about a natural person: these are not exchanged; "
        "leave such rows out of the file"
    )
    return CellError("subject.natural-person", "", message, secret=True)


def are_plain(*texts: str) -> bool:
    """Whether `read_text` has surely nothing to say: short, printable, no long number.

    The quick way for nearly every row; a no means only that each text must be looked at.
    """
    together = " ".join(texts)
    return (
        len(together) <= _SURELY_SHORT
        and together.isprintable()
        and not holds_personal_id(together)
        and "E+" not in together
    )


def read_text(field: str, text: str) -> str:
    """Check a text that may be published; what cannot be seen is left out (F35).

    Raises:
        CellError: `field.long`, `field.control`, `cell.damaged-number`, or `field.personal-id`
            where it holds a citizen's ID number.
    """
    if len(text) > LONGEST[field]:
        message = f"过长 / expected at most {LONGEST[field]} characters, got {len(text)}"
        raise CellError("field.long", f"≤ {LONGEST[field]}", message)
    if not text.isprintable():
        if _has_control(text, allowed="\n\r\t" * (field in _MULTI_LINE)):
            message = "含控制字符或换行 / expected no control characters and no line ends"
            raise CellError("field.control", "", message)
        text = "".join([char for char in text if unicodedata.category(char) != "Cf"])
    if field in _NUMBERS:
        if _IN_POWERS.fullmatch(text):
            raise damaged_number()
        holds = is_personal_id(text)
    else:
        holds = holds_personal_id(text)
    if holds:
        message = (
            "含公民身份号码 / the text holds what looks like a citizen's ID number; "
            "take it out of the text"
        )
        raise CellError("field.personal-id", "", message, secret=True)
    return text


def read_code(
    text: str, schemes: tuple[str, ...], *, registration: bool = False
) -> tuple[str, str, SubjectKind]:
    """Read a subject's code: scheme, code as stored, and the kind of subject that it names.

    An organisation code names no kind; it gives OTHER_ORGANISATION. Whether the code had to be
    normalised shows by comparing it with the text.

    Args:
        text: of the cell, not empty.
        schemes: that the layout takes.
        registration: the column may by its name hold a registration number 注册号.

    Raises:
        CellError: `subject.natural-person`, `identity.registration-number`, `cell.damaged-number`,
            or a code of `federation.uscc`.
    """
    code = text
    if "." in text and _IN_POWERS.fullmatch(plain(text).upper()):
        raise damaged_number()
    if not (code.isascii() and code.isalnum() and not code.islower()):
        code = plain_code(text)
    code = code.upper()
    try:
        if len(code) != _USCC_LENGTH and "organisation-code" in schemes:
            plain_text = code.replace("-", "")
            if len(plain_text) == _ORGANISATION_LENGTH:
                check_organisation_code(plain_text)
                return "organisation-code", plain_text, SubjectKind.OTHER_ORGANISATION
        check_uscc(code)
    except StatementError as error:
        if (inside := _only_code(code)) is not None:
            return "uscc", inside, kind_of(inside)
        raise _no_code(code, schemes, error, registration=registration) from None
    return "uscc", code, kind_of(code)


def plain_code(text: str) -> str:
    """Return a code without what people and programs put around it and into it (F35).

    An apostrophe or `="…"` that makes a spreadsheet keep it as text, quotes, hyphens, the number of
    a copy of the licence `（1-1）`. A code has a check character, so nothing else becomes one.
    """
    code = plain(text).upper()
    if code.startswith('="') and code.endswith('"'):
        code = code[2:-1]
    code = _COPY.sub("", code.strip("'\"`‘’“”"))
    bare = code.translate(_HYPHENS)
    return bare if len(bare) == _USCC_LENGTH else code


def _only_code(text: str) -> str | None:
    """The one valid code among labels (`统一社会信用代码：…`), where nothing else is a number."""
    found: list[str] = _TOKEN.findall(text)
    codes = [token for token in found if len(token) == _USCC_LENGTH]
    if len(codes) != 1 or len(found) != 1:
        return None
    try:
        check_uscc(codes[0])
    except StatementError:
        return None
    return codes[0]


def _no_code(
    code: str, schemes: tuple[str, ...], error: StatementError, *, registration: bool
) -> CellError:
    """What a text is that is no code."""
    if _IN_POWERS.fullmatch(code):
        return damaged_number()
    number = _REGISTRATION.fullmatch(code)
    if "注册号" in code or (
        number and (registration or (len(code) == 15 and has_registration_check(code)))
    ):
        message = (
            "注册号不是统一代码，请补统一社会信用代码 / a registration number is no unified "
            "social credit code; look the firm's unified code up and enter that"
        )
        return CellError("identity.registration-number", "、".join(schemes), message)
    if holds_personal_id(code):
        return natural_person()
    message = str(error)
    if error.code == "identity.code-alphabet" and set(code) & set("OI"):
        message = f"字母 O、I 不用于代码，是否应为数字 0、1 / {message}"
    return CellError(error.code, "、".join(schemes), message)


def _has_control(text: str, allowed: str) -> bool:
    return any(
        unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} and char not in allowed
        for char in text
    )
