"""Makes official documents 公文 as DOCX, one layout for all of them.

Measures are those of GB/T 9704-2012 as far as they are known here: A4, 37 mm above and 28 mm on the
left of a text area of 156 mm by 225 mm with 22 lines; text 仿宋 3号 (16 pt), title 小标宋 2号
(22 pt), headings 黑体 3号; a red line under issuer and number; pages counted outside below. Faces
are named, not embedded: where a machine has none of them, its word processor takes another.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from typing import Any, Final

from docx import Document
from docx.document import Document as Written
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from node.texts.letters import (
    NO_ADDRESSEE,
    NO_DAY,
    NO_NUMBER,
    SEAL,
    STEPS,
    Closing,
    Facts,
    Grid,
    Hand,
    Heading,
    Items,
    Letter,
    Part,
    Text,
    clean,
    written_day,
    written_moment,
)

_TEXT, _HEADING, _TITLE = "仿宋", "黑体", "方正小标宋简体"
_BODY, _TITLE_SIZE, _ISSUER_SIZE, _CELL = Pt(16), Pt(22), Pt(30), Pt(12)
_WIDTH, _NAMES = Mm(156), Mm(42)
_ROOM: Final = Pt(3)
"""Above and below what stands in a cell."""
_LINE: Final = Pt(28.95)
"""225 mm over 22 lines."""
_RED: Final = RGBColor(0xFF, 0, 0)
_SHEET: Final = "发文办理单（存档，不随文送达）"
_HANDLED: Final = "办理情况"
_PAGE_FIELDS: Final = (("begin", ""), ("", "PAGE"), ("end", ""))


def docx_of(letter: Letter) -> bytes:
    """Make a letter; what stands in it is text, never markup."""
    document = Document()
    _set_page(document)
    _head(document, letter)
    for part in letter.body:
        _add(document, part)
    if letter.enclosures:
        _add_enclosures(document, letter.enclosures)
    if letter.sealed:
        _add_seal(document, letter)
    if letter.sheet:
        _add_sheet(document, letter)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document: Written) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.right_margin, section.bottom_margin = Mm(26), Mm(35)
    section.footer_distance = Mm(28)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _TEXT, _BODY
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _TEXT)
    style.paragraph_format.space_after = Pt(0)
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.rPr.append(language)
    _count_pages(document)


def _count_pages(document: Written) -> None:
    """— 1 — outside below: on the right, and on the left of even pages."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        _run(paragraph, "— ", "宋体", Pt(14))
        run = _run(paragraph, "", "宋体", Pt(14))
        for sort, text in _PAGE_FIELDS:
            run._element.append(_field(sort, text))  # noqa: SLF001 - no other way
        _run(paragraph, " —", "宋体", Pt(14))


def _field(sort: str, text: str) -> Any:  # noqa: ANN401 - an element of lxml
    element = OxmlElement("w:fldChar" if sort else "w:instrText")
    if sort:
        element.set(qn("w:fldCharType"), sort)
    element.text = text or None
    return element


def _head(document: Written, letter: Letter) -> None:
    given = letter.elements
    if letter.numbered:
        if given.issuer:
            line = _line(document, given.issuer, _TITLE, _ISSUER_SIZE, exact=False)
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            line.runs[0].font.color.rgb = _RED
        number = _line(document, given.number or NO_NUMBER)
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _underline_red(number)
    for text in letter.title:
        _line(
            document, text, _TITLE, _TITLE_SIZE, exact=False
        ).alignment = WD_ALIGN_PARAGRAPH.CENTER
    if letter.to is not None:
        _line(document, "")
        _line(document, f"{clean(letter.to) or NO_ADDRESSEE}：")


def _underline_red(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.space_after = Mm(4)
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "11"), ("color", "FF0000")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    paragraph._element.get_or_add_pPr().append(border)  # noqa: SLF001 - no other way


def _add(document: Written, part: Part) -> None:
    match part:
        case Text(text):
            for line in text.split("\n"):
                _indented(document, line)
        case Heading(text):
            _indented(document, text, _HEADING)
        case Items(items):
            for at, text in enumerate(items, 1):
                _indented(document, f"{at}．{text}")
        case Facts(rows):
            _table(document, None, rows)
        case Grid(headings, rows):
            _table(document, headings, rows)
        case Closing(lines):
            for line in lines:
                _line(document, line).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _indented(document: Written, text: str, font: str = _TEXT) -> None:
    """A paragraph that begins two characters in."""
    _line(document, text, font).paragraph_format.first_line_indent = 2 * _BODY


def _add_enclosures(document: Written, enclosures: Sequence[str]) -> None:
    _line(document, "")
    for at, text in enumerate(enclosures, 1):
        _indented(document, f"{'附件：' if at == 1 else '      '}{at}．{text}")


def _add_seal(document: Written, letter: Letter) -> None:
    """Who signs, seal and date; never on a page without text, as the standard asks."""
    given = letter.elements
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    dated = written_day(given.dated) or NO_DAY
    for text in ("", given.issuer, SEAL, dated):
        line = _line(document, text)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = 2 * _BODY
        line.paragraph_format.keep_with_next = text != dated


def _add_sheet(document: Written, letter: Letter) -> None:
    """Who prepared, reviewed and issued it, with room for those unknown.

    Of a letter on a page of its own, which stays at the office; a form has it at its end.
    """
    heading = _line(document, _SHEET if letter.numbered else _HANDLED, _HEADING)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading.paragraph_format.page_break_before = letter.numbered
    rows = []
    for step, words in STEPS.items():
        done = [hand for hand in letter.elements.hands if hand.step == step]
        rows += [_handled(words[0], hand) for hand in done] or [(words[0], "", "", "", "")]
    if letter.numbered:
        number = letter.elements.number or NO_NUMBER
        _table(document, None, (("文件标题", "".join(letter.title)), ("文号", number)))
        _line(document, "")
    _table(document, ("环节", "姓名", "单位", "岗位", "时间"), rows)


def _handled(step: str, hand: Hand) -> Sequence[str]:
    at = written_moment(hand.at) if hand.at else ""
    return (step, hand.name, hand.unit, hand.post, at)


def _line(
    document: Written, text: str, font: str = _TEXT, size: Pt = _BODY, *, exact: bool = True
) -> Paragraph:
    paragraph = document.add_paragraph()
    if exact:
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        paragraph.paragraph_format.line_spacing = _LINE
    _run(paragraph, clean(text), font, size)
    return paragraph


def _run(paragraph: Paragraph, text: str, font: str, size: Pt) -> Run:
    run = Run(deepcopy(_written_in(font, size)), paragraph)
    run.text = text
    paragraph._element.append(run._element)  # noqa: SLF001 - no other way
    return run


@cache
def _written_in(font: str, size: Pt) -> Any:  # noqa: ANN401 - an element of lxml
    """A run without text, to be copied: to make one takes several times as long."""
    run = Document().add_paragraph().add_run()
    run.font.name, run.font.size = font, size
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001 - no other way
    fonts.set(qn("w:eastAsia"), font)
    return run._element  # noqa: SLF001 - no other way


def _table(
    document: Written, headings: Sequence[str] | None, rows: Sequence[Sequence[str]]
) -> None:
    columns = len(headings) if headings is not None else 2
    made = document.add_table(rows=0, cols=columns, style="Table Grid")
    for at, row in enumerate((headings, *rows) if headings is not None else rows):
        for column, (cell, value) in enumerate(zip(made.add_row().cells, row, strict=True)):
            heads = at == 0 if headings is not None else column == 0
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = _ROOM
            _run(paragraph, clean(str(value)), _HEADING if heads else _TEXT, _CELL)
    if headings is None:
        made.autofit = False
        for column, width in zip(made.columns, (_NAMES, _WIDTH - _NAMES), strict=True):
            column.width = width
            for cell in column.cells:
                cell.width = width
