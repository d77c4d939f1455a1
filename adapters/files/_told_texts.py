"""Names and document numbers of listings that are none, whatever stands in their cells (F62).

    F62 a name with a mark for lost or hidden characters (`?`, `*`, U+FFFD, a character of private
        use, 锟斤拷), or without any letter, is nobody's; a document number without a numeral, or
        that is only a day or a fraction (as a spreadsheet makes of `2026-3`), is none: nobody is
        listed by it. What several columns say of one subject must agree

Only what lists somebody is asked: a relief is matched by what it says, and nobody is hurt by it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from adapters.files._cell_error import CellError

_LOST: Final = re.compile("[?？*＊□■\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]|锟斤拷|烫烫烫")
_NOT_NAMES: Final = frozenset(
    (
        "TRUE",
        "FALSE",
        "未知",
        "不详",
        "不明",
        "待补",
        "待定",
        "待核实",
        "测试",
        "某公司",
        "某企业",
        "某单位",
    )
)
_NUMERAL: Final = re.compile("[0-9０-９〇一二三四五六七八九十百]")
_NO_NUMBER: Final = re.compile(
    r"(?:19|20)?[0-9]{2}[-/.年][0-9]{1,2}(?:[-/.月][0-9]{1,2}日?)?(?:[T ]*[0-9]{1,2}:[0-9:.]+)?"
    r"|[0-9]+\.[0-9]+|(?:详?见|参见|另附|待补|待定).{0,12}"
)


def none_told(name: str, document: str) -> list[tuple[str, str, CellError]]:
    """Tell of a name and a document number, where there are such, that they are none (F62).

    Returns:
        Field, value and what is wrong.
    """
    found: list[tuple[str, str, CellError]] = []
    for field, text, check in (("name", name, check_name), ("document", document, check_document)):
        try:
            if text:
                check(text)
        except CellError as error:
            found.append((field, text, error))
    return found


def check_name(name: str) -> None:
    """See that a name may be somebody's.

    Raises:
        CellError: `name.lost`.
    """
    lost = _LOST.search(name)
    letters = name[0].isalpha() or any(map(str.isalpha, name))
    if lost is None and letters and name not in _NOT_NAMES:
        return
    message = (
        "名称不全：含丢失、遮盖或造字的字符，或没有文字，请按营业执照填写 / the name has "
        "characters that were lost or hidden, or no letters: enter it as on the licence"
    )
    raise CellError("name.lost", "", message)


def check_document(number: str) -> None:
    """See that a document number may be one.

    Raises:
        CellError: `document.no-number`.
    """
    plain = unicodedata.normalize("NFKC", number).strip()
    if _NUMERAL.search(plain) and _NO_NUMBER.fullmatch(plain) is None:
        return
    message = (
        "不是文书号：没有编号，或被表格软件改成了日期、数值，请按文书填写，并设为文本格式 / no "
        "number of a document: it has no numeral, or a spreadsheet made a day or a number of it; "
        "enter it as on the document, in a cell formatted as text"
    )
    raise CellError("document.no-number", "泸市监严列〔2026〕1号", message)


def differs(one: str, other: str) -> CellError:
    """The error of two columns that name two subjects."""
    message = (
        f"两列所写的主体不同：{one}；{other}。请核对，并删去不是主体的一列，或在映射中写明 / two "
        "columns name different subjects: nobody guesses which is meant; correct them, or let a "
        "mapping say which column counts"
    )
    return CellError("field.differs", one, message)
